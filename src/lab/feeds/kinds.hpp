#pragma once
// The kinds of feeds there are, told by their first bytes.

#include <string_view>
#include <vector>

#include "feeds/readers.hpp"

namespace shirushi::feeds {

/// How a feed is cut into records, and who reads them.
struct Kind {
    std::string_view name;   ///< "nvd-1.1"; what --kind takes, and what the snapshot calls the feed
    std::string_view about;  ///< for people: "NVD JSON 1.1"
    Layout layout = Layout::values;
    std::string_view array;  ///< Layout::array: the list's name; Layout::elements: theirs
    RecordReader read;
    /// Texts that stand near the beginning of every such feed, all of them.
    std::vector<std::string_view> marks;
    /// What of the head says when the feed was made; empty: its records say so.
    std::string_view dated;
    bool may_be_empty = false;  ///< such a feed is published without records, too
};

/// In the order in which they are tried.
const std::vector<Kind>& kinds();

const Kind* kind_by_name(std::string_view name);

/// Of a feed that begins so (some ten thousand bytes are enough); nothing when it is none of them.
const Kind* kind_of(std::string_view beginning);

}  // namespace shirushi::feeds
