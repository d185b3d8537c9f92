#pragma once
// A feed's records, one by one, without the feed in memory: its text is cut at the borders of its records, each of which is then parsed by
// itself. Hostile input: depth and size of a record are bounded; every error says in which record, and at which byte.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace shirushi::feeds {

/// Where the records of a feed stand.
enum class Layout {
    values,    ///< JSON: one value after another: lines, or a file with a single one
    array,     ///< JSON: elements of an array that is a member of the top object
    members,   ///< JSON: members of the top object: each key with its value
    rows,      ///< CSV: rows below a heading
    elements,  ///< XML: elements of some names
};

/// Bytes of one record; the largest known (a kernel's package in Debian's tracker) take some ten million.
inline constexpr std::size_t largest_record = std::size_t{64} << 20;
inline constexpr std::size_t deepest_record = 64;
/// Bytes of a text that stands outside of records.
inline constexpr std::size_t longest_head = 4096;

/// What stands before a record: texts and numbers of the top object; a table's heading under `csv_heading`, and what its comments name;
/// attributes of an XML document's root, and the texts of elements before the first record.
using Head = std::map<std::string, std::string>;
inline constexpr const char* csv_heading = "#heading";

/// Some records, back to back. Behind the text are kPadding bytes that the parser may read.
struct Batch {
    struct Record {
        std::size_t begin = 0;  ///< in text
        std::size_t size = 0;
        std::uint64_t offset = 0;  ///< in the unpacked feed
        std::uint64_t number = 0;  ///< from 1
        std::string key;           ///< of a member
    };
    std::string text;
    std::vector<Record> records;
};
inline constexpr std::size_t kPadding = 64;

/// Cuts a stream of bytes into records. push() the bytes as they come, take() what is complete, finish() at the end.
class RecordCutter {
public:
    RecordCutter() = default;
    RecordCutter(const RecordCutter&) = delete;
    RecordCutter& operator=(const RecordCutter&) = delete;
    virtual ~RecordCutter() = default;

    /// Errors: bad_input (not of this form), limit (too deep, too large).
    virtual Result<void> push(std::string_view bytes) = 0;
    /// Errors: bad_input (cut off: in a record, or before the end of the feed).
    virtual Result<void> finish() = 0;
    /// Bytes of the records that take() would give.
    [[nodiscard]] virtual std::size_t complete_bytes() const = 0;
    /// The records completed since the last call.
    virtual Batch take() = 0;
    /// What stood before them.
    [[nodiscard]] virtual const Head& head() const = 0;
};

/// `name`: the list's, for Layout::array; the elements' with '|' between them ("Weakness|Category"), for Layout::elements.
std::unique_ptr<RecordCutter> record_cutter(Layout layout, std::string_view name);

}  // namespace shirushi::feeds
