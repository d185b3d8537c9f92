#pragma once
// The records of a JSON feed, one by one, without the feed in memory: the text is cut at the borders of its records, each of which is then
// parsed by itself. Hostile input: depth, size of a record and of a key are bounded; every error says in which record, and at which byte.

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace shirushi::feeds {

/// Where the records of a feed stand.
enum class Layout {
    values,   ///< one JSON value after another: lines, or a file with a single one
    array,    ///< elements of an array that is a member of the top object
    members,  ///< members of the top object: each key with its value
};

/// Bytes of one record; the largest known (a kernel's package in Debian's tracker) take some ten million.
inline constexpr std::size_t largest_record = std::size_t{64} << 20;
inline constexpr std::size_t deepest_record = 64;

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
class JsonCutter {
public:
    /// `array`: the member's name, for Layout::array.
    JsonCutter(Layout layout, std::string_view array);

    /// Errors: bad_input (no JSON), limit (too deep, too large).
    Result<void> push(std::string_view bytes);
    /// Errors: bad_input (cut off: in a record, or before the end of the feed).
    Result<void> finish();
    /// Bytes of the records that take() would give.
    [[nodiscard]] std::size_t complete_bytes() const { return in_record_ ? record_begin_ : batch_.text.size(); }
    /// The records completed since the last call.
    Batch take();
    /// Texts and numbers beside the array: "CVE_data_timestamp".
    [[nodiscard]] const std::map<std::string, std::string>& head() const { return head_; }

private:
    [[nodiscard]] bool record_begins() const;
    Result<std::size_t> inside(std::string_view bytes);
    Result<void> outside(char c);
    Result<void> outside_text(char c);
    Result<void> open(char c);
    Result<void> close(char c);
    Result<void> end_scalar();
    [[nodiscard]] std::unexpected<Error> wrong(std::string_view what) const;

    Layout layout_;
    std::string array_;
    Batch batch_;
    std::map<std::string, std::string> head_;
    std::string open_;        // brackets that are open
    std::string token_;       // a key, text or scalar outside of records
    std::string key_;         // the last key outside of records
    std::uint64_t offset_ = 0;
    std::uint64_t number_ = 0;
    std::size_t record_begin_ = 0;
    std::uint64_t record_offset_ = 0;
    bool in_record_ = false;
    bool in_text_ = false;
    bool escaped_ = false;
    bool expects_key_ = false;  // outside of records
    bool is_text_ = false;      // token_ came in quotes
    bool in_array_ = false;    // the array of records is open
    bool array_seen_ = false;
    bool top_done_ = false;
    std::size_t depth_outside_ = 0;  // of what holds the open record
};

}  // namespace shirushi::feeds
