#include "feeds/csv.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"

namespace shirushi::feeds {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

}  // namespace

Result<void> CsvCutter::push(std::string_view bytes) {
    if (offset_ == 0 && bytes.starts_with(kByteOrderMark)) {
        bytes.remove_prefix(kByteOrderMark.size());
        offset_ = line_offset_ = kByteOrderMark.size();
    }
    while (!bytes.empty()) {
        const std::size_t at = bytes.find_first_of("\"\n");
        const std::size_t taken = std::min(bytes.size(), at == std::string_view::npos ? bytes.size() : at + 1);
        const char last = bytes[taken - 1];
        line_.append(bytes.substr(0, taken));
        offset_ += taken;
        bytes.remove_prefix(taken);
        if (line_.size() > largest_row)
            return fail(Errc::limit, fmt::format("the row behind record {}, which begins at byte {}, takes more than {} bytes", number_, line_offset_, largest_row));
        if (last == '"' && !line_.starts_with('#'))
            in_text_ = !in_text_;
        else if (last == '\n' && !in_text_)
            TRY(end_line());
    }
    return {};
}

Result<void> CsvCutter::end_line() {
    while (!line_.empty() && (line_.back() == '\n' || line_.back() == '\r'))
        line_.pop_back();
    if (line_.empty()) {
        // A blank line says nothing.
    } else if (!head_.contains(csv_heading) && line_[0] == '#') {
        take_comment();
    } else if (!head_.contains(csv_heading)) {
        head_[csv_heading] = line_;
    } else {
        batch_.records.push_back({.begin = batch_.text.size(), .size = line_.size(), .offset = line_offset_, .number = ++number_, .key = {}});
        batch_.text += line_;
    }
    line_.clear();
    line_offset_ = offset_;
    return {};
}

void CsvCutter::take_comment() {
    for (const std::string_view each : split(std::string_view(line_).substr(1), ','))
        if (const auto colon = each.find(':'); colon != std::string_view::npos && line_.size() <= longest_head)
            head_[std::string(trimmed(each.substr(0, colon)))] = trimmed(each.substr(colon + 1));
}

Result<void> CsvCutter::finish() {
    if (in_text_)
        return fail(Errc::bad_input, fmt::format("cut off in the row behind record {}, which begins at byte {}: a quote is not closed", number_, line_offset_));
    TRY(end_line());
    return head_.contains(csv_heading) ? Result<void>() : Result<void>(fail(Errc::bad_input, "it is empty"));
}

Batch CsvCutter::take() {
    Batch done = std::move(batch_);
    batch_ = {};
    done.text.append(kPadding, '\0');
    return done;
}

bool CsvRow::has(std::string_view column) const { return std::ranges::find(*columns_, column) != columns_->end(); }

std::string_view CsvRow::operator[](std::string_view column) const {
    const auto found = std::ranges::find(*columns_, column);
    return found == columns_->end() ? std::string_view() : std::string_view(fields_[static_cast<std::size_t>(found - columns_->begin())]);
}

Result<std::vector<std::string>> csv_fields(std::string_view row) {
    std::vector<std::string> fields(1);
    std::size_t at = 0;
    while (at < row.size()) {
        if (row[at] == ',') {
            fields.emplace_back();
            ++at;
        } else if (row[at] == '"' && fields.back().empty()) {
            for (++at; at < row.size() && (row[at] != '"' || row.substr(at, 2) == "\"\""); ++at) {
                fields.back() += row[at];
                at += row[at] == '"' ? 1 : 0;
            }
            if (at >= row.size())
                return fail(Errc::bad_input, fmt::format("the quote of field {} is not closed", fields.size()));
            if (++at < row.size() && row[at] != ',')
                return fail(Errc::bad_input, fmt::format("something follows the quotes of field {}", fields.size()));
        } else {
            fields.back() += row[at++];
        }
    }
    return fields;
}

Result<CsvRow> CsvParser::parse(std::string_view row, const Head& head) {
    const auto heading = head.find(csv_heading);
    if (heading == head.end())
        return fail(Errc::bad_input, "no heading stands above it");
    if (columns_.empty() || heading->second != heading_) {
        columns_ = TRY_WITHIN("heading", csv_fields(heading->second));
        heading_ = heading->second;
    }
    auto fields = TRY(csv_fields(row));
    while (fields.size() > columns_.size() && fields.back().empty())  // CWE's rows end with a comma
        fields.pop_back();
    if (fields.size() != columns_.size())
        return fail(Errc::bad_input, fmt::format("{} fields where the heading names {}", fields.size(), columns_.size()));
    return CsvRow(columns_, std::move(fields));
}

}  // namespace shirushi::feeds
