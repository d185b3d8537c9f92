#pragma once
// The records of a JSON feed.

#include "feeds/records.hpp"

namespace shirushi::feeds {

class JsonCutter final : public RecordCutter {
public:
    /// `array`: the member's name, for Layout::array.
    JsonCutter(Layout layout, std::string_view array);

    Result<void> push(std::string_view bytes) override;
    Result<void> finish() override;
    [[nodiscard]] std::size_t complete_bytes() const override { return in_record_ ? record_begin_ : batch_.text.size(); }
    Batch take() override;
    /// Texts and numbers beside the array: "CVE_data_timestamp".
    [[nodiscard]] const Head& head() const override { return head_; }

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
    Head head_;
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
