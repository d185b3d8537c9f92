#pragma once
// Reading a record of an XML feed: a small tree of its elements, under the names as they are written ("sec:identifier"). expat reads; it
// opens nothing, and a document type, where entities come from, is refused. What is missing counts as empty.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace shirushi::feeds {

class XmlElement {
public:
    std::string name;
    std::vector<std::pair<std::string, std::string>> attributes;
    std::string content;  ///< characters that stand directly in it, one after another
    std::vector<XmlElement> children;

    /// Without blanks around it.
    [[nodiscard]] std::string_view text() const;
    [[nodiscard]] std::string_view attribute(std::string_view key) const;
    /// The first child of that name; an empty element where there is none.
    [[nodiscard]] const XmlElement& operator[](std::string_view child) const;
    /// Calls `visit` with each child of that name.
    template <class Visit>
    void each(std::string_view child, const Visit& visit) const {
        for (const XmlElement& each : children)
            if (each.name == child)
                visit(each);
    }
};

inline constexpr std::size_t most_elements = 200'000;  ///< of one record; JVN's largest has some thousand

/// A record's text, from '<' to '>'. Errors: bad_input (no XML, a document type), limit (too deep, too many elements).
Result<XmlElement> parse_xml(std::string_view text);

}  // namespace shirushi::feeds
