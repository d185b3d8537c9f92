#include "feeds/xml.hpp"

#include <expat.h>
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "base/text.hpp"
#include "feeds/records.hpp"

namespace shirushi::feeds {
namespace {

class TreeBuilder {
public:
    explicit TreeBuilder(XML_Parser parser) : parser_(parser) {}

    XmlElement root;  // holds the record's element
    std::optional<Error> error;

    void start(const char* name, const char** attributes) {
        if (error)
            return;
        if (open_.size() > deepest_record)
            return refuse(Errc::limit, fmt::format("more than {} elements deep", deepest_record));
        if (++count_ > most_elements)
            return refuse(Errc::limit, fmt::format("more than {} elements", most_elements));
        XmlElement element;
        element.name = name;
        for (; *attributes != nullptr; attributes += 2)
            element.attributes.emplace_back(attributes[0], attributes[1]);
        open_.push_back(std::move(element));
    }
    void text(std::string_view piece) {
        if (!error && !open_.empty())
            open_.back().content += piece;
    }
    void end() {
        if (error || open_.empty())
            return;
        XmlElement element = std::move(open_.back());
        open_.pop_back();
        (open_.empty() ? root : open_.back()).children.push_back(std::move(element));
    }
    void refuse(Errc code, std::string what) {
        if (!error)
            error = Error{code, std::move(what)};
        XML_StopParser(parser_, XML_FALSE);
    }

private:
    XML_Parser parser_;
    std::vector<XmlElement> open_;
    std::size_t count_ = 0;
};

TreeBuilder& builder_of(void* data) { return *static_cast<TreeBuilder*>(data); }

extern "C" {
void shirushi_feeds_xml_start(void* data, const char* name, const char** attributes) { builder_of(data).start(name, attributes); }
void shirushi_feeds_xml_end(void* data, const char* /*name*/) { builder_of(data).end(); }
void shirushi_feeds_xml_text(void* data, const char* text, int size) { builder_of(data).text({text, static_cast<std::size_t>(size)}); }
void shirushi_feeds_xml_doctype(void* data, const char* /*name*/, const char* /*system*/, const char* /*id*/, int /*internal*/) {
    builder_of(data).refuse(Errc::bad_input, "it has a document type, which no feed has");
}
}

}  // namespace

std::string_view XmlElement::text() const { return trimmed(content); }

std::string_view XmlElement::attribute(std::string_view key) const {
    const auto found = std::ranges::find(attributes, key, [](const auto& each) { return std::string_view(each.first); });
    return found == attributes.end() ? std::string_view() : std::string_view(found->second);
}

const XmlElement& XmlElement::operator[](std::string_view child) const {
    static const XmlElement nothing;
    const auto found = std::ranges::find(children, child, [](const XmlElement& each) { return std::string_view(each.name); });
    return found == children.end() ? nothing : *found;
}

Result<XmlElement> parse_xml(std::string_view text) {
    if (text.size() > largest_record)
        return fail(Errc::limit, fmt::format("more than {} bytes", largest_record));
    const std::unique_ptr<std::remove_pointer_t<XML_Parser>, decltype(&XML_ParserFree)> parser(XML_ParserCreate("UTF-8"), &XML_ParserFree);
    if (!parser)
        return fail(Errc::internal, "no memory for the XML parser");
    TreeBuilder builder(parser.get());
    XML_SetUserData(parser.get(), &builder);
    XML_SetElementHandler(parser.get(), shirushi_feeds_xml_start, shirushi_feeds_xml_end);
    XML_SetCharacterDataHandler(parser.get(), shirushi_feeds_xml_text);
    XML_SetStartDoctypeDeclHandler(parser.get(), shirushi_feeds_xml_doctype);
    const bool parsed = XML_Parse(parser.get(), text.data(), static_cast<int>(text.size()), 1) == XML_STATUS_OK;
    if (builder.error)
        return std::unexpected(std::move(*builder.error));
    if (!parsed || builder.root.children.size() != 1)
        return fail(Errc::bad_input, fmt::format("no XML: {}", XML_ErrorString(XML_GetErrorCode(parser.get()))));
    return std::move(builder.root.children[0]);
}

}  // namespace shirushi::feeds
