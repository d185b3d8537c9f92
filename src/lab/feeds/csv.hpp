#pragma once
// Tables of comma-separated values (RFC 4180): rows under a heading, a field in quotes may hold commas, quotes (doubled) and line ends.
// Lines before the heading that begin with '#' are comments, which may name things: "#model_version:v1,score_date:2025-12-26".

#include "feeds/records.hpp"

namespace shirushi::feeds {

inline constexpr std::size_t largest_row = std::size_t{1} << 20;

/// The records of a table are its rows; empty lines are none.
class CsvCutter final : public RecordCutter {
public:
    Result<void> push(std::string_view bytes) override;
    Result<void> finish() override;
    [[nodiscard]] std::size_t complete_bytes() const override { return batch_.text.size(); }
    Batch take() override;
    [[nodiscard]] const Head& head() const override { return head_; }

private:
    Result<void> end_line();
    void take_comment();

    Batch batch_;
    Head head_;
    std::string line_;
    std::uint64_t line_offset_ = 0;
    std::uint64_t offset_ = 0;
    std::uint64_t number_ = 0;
    bool in_text_ = false;
};

/// A row whose fields are asked for by the heading's names. Borrows the heading.
class CsvRow {
public:
    CsvRow(const std::vector<std::string>& columns, std::vector<std::string> fields) : columns_(&columns), fields_(std::move(fields)) {}
    /// The field; empty where the table has no such column.
    [[nodiscard]] std::string_view operator[](std::string_view column) const;
    [[nodiscard]] bool has(std::string_view column) const;

private:
    const std::vector<std::string>* columns_;
    std::vector<std::string> fields_;
};

/// Fields of one row. Errors: bad_input (text behind a quote, a quote that nothing closes).
Result<std::vector<std::string>> csv_fields(std::string_view row);

/// Reads rows one after another; the heading is taken apart when it changes.
class CsvParser {
public:
    /// The row lives until the heading changes. Errors: bad_input (no heading, another number of fields than it has).
    Result<CsvRow> parse(std::string_view row, const Head& head);

private:
    std::string heading_;
    std::vector<std::string> columns_;
};

}  // namespace shirushi::feeds
