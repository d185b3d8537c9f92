// CycloneDX's XML in the shape of its JSON, so that one reader serves both. The two spell the same model: lists are wrapped in an element
// (<components><component/>...), some members are attributes, and a hash or a property is an attribute and a text. expat reads: it opens
// nothing, and a document type, where entities come from, is refused at its first word.

#include <expat.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>

#include "base/text.hpp"
#include "sbom/documents/reading.hpp"

namespace shirushi::sbom {
namespace {

using json::Foreign;

constexpr std::size_t kDepth = 128;  // JSON's 64: a list costs a level more here
constexpr std::size_t kElements = 8'000'000;
constexpr std::size_t kTextBytes = std::size_t{16} << 20;
constexpr std::size_t kDocumentBytes = std::size_t{256} << 20;
constexpr std::string_view kNamespace = "http://cyclonedx.org/schema/bom/";

/// Elements that hold nothing but a list; in JSON they are arrays. (Not <tools>, which since 1.5 holds lists of its own.)
constexpr std::array<std::string_view, 19> kLists = {"components", "services", "dependencies", "licenses", "hashes", "properties", "authors",
                                                     "externalReferences", "vulnerabilities", "ratings", "affects", "versions", "cwes", "occurrences",
                                                     "methods", "advisories", "references", "compositions", "annotations"};
/// Elements that stand once in their parent, of those that are read: a second one would hide the first.
constexpr std::array<std::string_view, 18> kSingle = {"name",      "version",    "group",    "purl",       "cpe",          "supplier",
                                                      "publisher", "timestamp",  "metadata", "components", "dependencies", "licenses",
                                                      "hashes",    "properties", "tools",    "id",         "expression",   "manufacturer"};

template <std::size_t N>
bool among(const std::array<std::string_view, N>& names, std::string_view name) {
    return std::ranges::find(names, name) != names.end();
}

struct Element {
    std::string name;
    Foreign members = Foreign::object();  ///< attributes and children; for a list, items
    bool has_members = false;
    std::string text;
};

class Converter {
public:
    explicit Converter(XML_Parser parser) : parser_(parser) {}

    Foreign document;
    std::optional<Error> error;

    void start(std::string_view qualified, const char** attributes) {
        if (skipped_ > 0) {
            ++skipped_;
            return;
        }
        if (++elements_ > kElements)
            return refuse(Errc::limit, fmt::format("more than {} elements; split the document", kElements));
        if (open_.size() == kDepth)
            return refuse(Errc::limit, fmt::format("nests deeper than {} levels; no known document does", kDepth));
        const auto bar = qualified.rfind('|');
        const std::string_view space = bar == std::string_view::npos ? std::string_view() : qualified.substr(0, bar);
        const std::string_view name = bar == std::string_view::npos ? qualified : qualified.substr(bar + 1);
        if (open_.empty() && !starts_document(space, name))
            return;
        if (space != space_) {  // an extension, a signature
            skipped_ = 1;
            return;
        }
        Element element{.name = std::string(name)};
        if (among(kLists, name))
            element.members = Foreign::array();
        else
            take_attributes(element, attributes);
        open_.push_back(std::move(element));
    }

    void text(std::string_view piece) {
        if (skipped_ > 0 || open_.empty() || error)
            return;
        std::string& text = open_.back().text;
        if (text.size() + piece.size() > kTextBytes)
            return refuse(Errc::limit, fmt::format("a text longer than the {} bytes that are read; shorten it", kTextBytes));
        text += piece;
    }

    void end() {
        if (skipped_ > 0) {
            --skipped_;
            return;
        }
        if (open_.empty() || error)  // expat may still call once after it was stopped
            return;
        Element element = std::move(open_.back());
        open_.pop_back();
        if (open_.empty())
            document = std::move(element.members);
        else
            add(open_.back(), element);
    }

    void refuse(Errc code, const std::string& what) {
        if (error)
            return;
        error = Error{code, fmt::format("line {}, byte {}: {}", XML_GetCurrentLineNumber(parser_), XML_GetCurrentByteIndex(parser_) + 1, what)};
        XML_StopParser(parser_, XML_FALSE);
    }

private:
    bool starts_document(std::string_view space, std::string_view name) {
        if (space.starts_with(kNamespace) && name == "bom") {
            space_ = space;
            return true;
        }
        if (name == "SoftwareIdentity")
            refuse(Errc::unsupported, "a SWID tag is not read; export the bill of materials as CycloneDX or SPDX");
        else if (name == "RDF")
            refuse(Errc::unsupported, "RDF is not read; export SPDX 2.3 as JSON or tag-value");
        else if (name == "Document")
            refuse(Errc::unsupported, "SPDX in XML is not read; export it as JSON or tag-value");
        else
            refuse(Errc::bad_input, fmt::format("<{}> is not CycloneDX, whose first element is <bom xmlns=\"{}1.6\">; export the document again",
                                                excerpt(name, 60), kNamespace));
        return false;
    }

    void take_attributes(Element& element, const char** attributes) {
        element.members[json::kLineMember] = XML_GetCurrentLineNumber(parser_);
        if (open_.empty()) {
            element.members["bomFormat"] = "CycloneDX";
            element.members["specVersion"] = space_.substr(kNamespace.size());
        }
        for (; *attributes != nullptr; attributes += 2) {
            const std::string_view name = attributes[0];
            if (name.find('|') != std::string_view::npos)
                continue;
            element.members[std::string(name)] = attributes[1];
            element.has_members = true;
        }
    }

    /// A finished element as its parent's member or item.
    void add(Element& parent, Element& element) {
        Foreign value = value_of(element);
        if (value.is_null())
            return;
        parent.has_members = true;
        if (parent.members.is_array()) {
            if (parent.name == "licenses")  // {"license": {...}} or {"expression": "..."}
                value = Foreign{{element.name, std::move(value)}, {json::kLineMember, XML_GetCurrentLineNumber(parser_)}};
            parent.members.push_back(std::move(value));
        } else if (parent.name == "dependency" && element.name == "dependency") {
            Foreign& list = parent.members["dependsOn"];
            if (value.is_object() && value.contains("ref"))
                list.push_back(value["ref"]);
        } else if (parent.name == "tools" && element.name == "tool") {
            parent.members["components"].push_back(std::move(value));
        } else if (!parent.members.contains(element.name)) {
            parent.members[element.name] = std::move(value);
        } else if (among(kSingle, element.name)) {
            refuse(Errc::bad_input, fmt::format("<{}> stands twice in <{}>; it is not clear which counts, remove one", element.name, parent.name));
        }
    }

    /// Text, an object or an array; null for an empty element, which says nothing.
    static Foreign value_of(Element& element) {
        const std::string_view text = trimmed(element.text);
        if (element.members.is_array())
            return std::move(element.members);
        if (element.name == "hash" || element.name == "property")
            element.members[element.name == "hash" ? "content" : "value"] = text;
        else if (element.name == "expression" || (!element.has_members && !text.empty()))
            return std::string(text);
        else if (!element.has_members)
            return nullptr;
        else if (!text.empty() && !element.members.contains("content"))
            element.members["content"] = text;
        return std::move(element.members);
    }

    XML_Parser parser_;
    std::vector<Element> open_;
    std::string space_;
    std::size_t skipped_ = 0;  ///< depth inside an element of another name space
    std::size_t elements_ = 0;
};

Converter& converter(void* user) { return *static_cast<Converter*>(user); }
void XMLCALL on_start(void* user, const char* name, const char** attributes) { converter(user).start(name, attributes); }
void XMLCALL on_end(void* user, const char*) { converter(user).end(); }
void XMLCALL on_text(void* user, const char* text, int size) { converter(user).text({text, static_cast<std::size_t>(size)}); }
void XMLCALL on_doctype(void* user, const char*, const char*, const char*, int) {
    converter(user).refuse(Errc::refused, "a document type (<!DOCTYPE) is not read, for entities can open files and swell without end; remove it");
}

}  // namespace

Result<Foreign> cyclonedx_from_xml(std::string_view text) {
    if (text.size() > kDocumentBytes)
        return fail(Errc::limit, fmt::format("{} bytes are more than the {} that are read; split the document", text.size(), kDocumentBytes));
    const std::unique_ptr<XML_ParserStruct, decltype(&XML_ParserFree)> parser(XML_ParserCreateNS(nullptr, '|'), XML_ParserFree);
    if (!parser)
        return fail(Errc::internal, "no memory for the XML parser");
    Converter state(parser.get());
    XML_SetUserData(parser.get(), &state);
    XML_SetElementHandler(parser.get(), on_start, on_end);
    XML_SetCharacterDataHandler(parser.get(), on_text);
    XML_SetStartDoctypeDeclHandler(parser.get(), on_doctype);
    const XML_Status status = XML_Parse(parser.get(), text.data(), static_cast<int>(text.size()), XML_TRUE);
    if (state.error)
        return std::unexpected(std::move(*state.error));
    if (status != XML_STATUS_OK)
        return fail(Errc::bad_input, fmt::format("line {}, byte {}: not XML: {}; mend it there or export the document again",
                                                 XML_GetCurrentLineNumber(parser.get()), XML_GetCurrentByteIndex(parser.get()) + 1,
                                                 XML_ErrorString(XML_GetErrorCode(parser.get()))));
    return std::move(state.document);
}

}  // namespace shirushi::sbom
