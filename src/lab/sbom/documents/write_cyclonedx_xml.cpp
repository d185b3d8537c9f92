// CycloneDX's JSON as its XML: see cyclonedx_xml.cpp for how the two correspond.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "sbom/documents/writing.hpp"

namespace shirushi::sbom {
namespace {

using Json = OrderedJson;

/// A list's element and the element of each of its items.
constexpr std::array<std::pair<std::string_view, std::string_view>, 13> kItems = {{
    {"components", "component"}, {"authors", "author"}, {"hashes", "hash"}, {"licenses", "license"}, {"properties", "property"},
    {"dependencies", "dependency"}, {"vulnerabilities", "vulnerability"}, {"ratings", "rating"}, {"cwes", "cwe"}, {"affects", "target"},
    {"versions", "version"}, {"occurrences", "occurrence"}, {"methods", "method"}}};

/// Members that are attributes of the element, and the one that is its text.
bool is_attribute(std::string_view element, std::string_view member) {
    return member == "bom-ref" || (element == "component" && member == "type") || (element == "hash" && member == "alg") ||
           (element == "property" && member == "name") || (element == "dependency" && member == "ref");
}
bool is_text(std::string_view element, std::string_view member) {
    return (element == "hash" && member == "content") || (element == "property" && member == "value");
}

/// XML 1.0 2.2 has no U+FFFE and U+FFFF; control characters are not in our texts.
std::string escaped(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        switch (text[i]) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&quot;"; break;
            default:
                if (text.substr(i, 3) == "\xEF\xBF\xBE" || text.substr(i, 3) == "\xEF\xBF\xBF") {
                    out += "\xEF\xBF\xBD";
                    i += 2;
                } else {
                    out += text[i];
                }
        }
    }
    return out;
}

std::string text_of(const Json& value) { return value.is_string() ? value.get_ref<const std::string&>() : value.dump(); }

class Writer {
public:
    std::string whole(const Json& document, int minor) {
        out_ = fmt::format(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<bom xmlns=\"http://cyclonedx.org/schema/bom/1.{}\" serialNumber=\"{}\" "
            "version=\"{}\">\n",
            minor, escaped(text_of(document["serialNumber"])), text_of(document["version"]));
        for (const auto& [name, value] : document.items())
            if (value.is_structured())
                element(name, value, 1);
        return out_ + "</bom>\n";
    }

private:
    void indent(int depth) { out_.append(2 * static_cast<std::size_t>(depth), ' '); }

    void element(const std::string& name, const Json& value, int depth) {
        if (value.is_array())
            return list(name, value, depth);
        indent(depth);
        out_ += "<" + name;
        if (!value.is_object()) {
            out_ += fmt::format(">{}</{}>\n", escaped(text_of(value)), name);
            return;
        }
        std::string text;
        bool has_children = false;
        for (const auto& [member, content] : value.items()) {
            if (is_attribute(name, member))
                out_ += fmt::format(" {}=\"{}\"", member, escaped(text_of(content)));
            else if (is_text(name, member))
                text = escaped(text_of(content));
            else
                has_children = true;
        }
        if (!has_children) {
            out_ += fmt::format(">{}</{}>\n", text, name);
            return;
        }
        out_ += ">\n";
        for (const auto& [member, content] : value.items())
            if (!is_attribute(name, member))
                element(member, content, depth + 1);
        indent(depth);
        out_ += "</" + name + ">\n";
    }

    void list(const std::string& name, const Json& items, int depth) {
        if (name == "identity") {  // repeated without a wrapper
            for (const Json& item : items)
                element(name, item, depth);
            return;
        }
        if (name == "dependsOn") {
            for (const Json& ref : items) {
                indent(depth);
                out_ += fmt::format("<dependency ref=\"{}\"/>\n", escaped(text_of(ref)));
            }
            return;
        }
        indent(depth);
        out_ += "<" + name + ">\n";
        const auto known = std::ranges::find(kItems, std::string_view(name), &std::pair<std::string_view, std::string_view>::first);
        for (const Json& item : items) {
            if (name == "licenses")  // {"license": {...}} or {"expression": "..."}
                element(item.begin().key(), item.begin().value(), depth + 1);
            else
                element(known == kItems.end() ? "tool" : std::string(known->second), item, depth + 1);
        }
        indent(depth);
        out_ += "</" + name + ">\n";
    }

    std::string out_;
};

}  // namespace

std::string cyclonedx_xml(const OrderedJson& document, int minor) { return Writer().whole(document, minor); }

}  // namespace shirushi::sbom
