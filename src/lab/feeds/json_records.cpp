#include "feeds/json_records.hpp"

#include <fmt/format.h>

#include <array>

#include "base/text.hpp"

namespace shirushi::feeds {
namespace {

constexpr std::size_t kLongestKey = longest_head;  // and scalar, outside of records
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

/// What matters inside a record: quotes and brackets.
constexpr std::array<bool, 256> marks = [] {
    std::array<bool, 256> table{};
    for (const char c : std::string_view("\"{}[]"))
        table[static_cast<unsigned char>(c)] = true;
    return table;
}();

}  // namespace

JsonCutter::JsonCutter(Layout layout, std::string_view array) : layout_(layout), array_(array) {}

std::unexpected<Error> JsonCutter::wrong(std::string_view what) const {
    return in_record_ ? fail(Errc::bad_input, fmt::format("record {}, which begins at byte {}: {} (byte {})", number_, record_offset_, what, offset_))
                      : fail(Errc::bad_input, fmt::format("behind record {}: {} (byte {})", number_, what, offset_));
}

Result<void> JsonCutter::push(std::string_view bytes) {
    if (offset_ == 0 && bytes.starts_with(kByteOrderMark)) {
        bytes.remove_prefix(kByteOrderMark.size());
        offset_ = kByteOrderMark.size();
    }
    while (!bytes.empty()) {
        if (in_record_) {
            const std::size_t taken = TRY(inside(bytes));
            bytes.remove_prefix(taken);
        } else {
            TRY(outside(bytes[0]));
            bytes.remove_prefix(1);
            ++offset_;
        }
    }
    return {};
}

/// The part of the bytes that belongs to the open record goes to the batch.
Result<std::size_t> JsonCutter::inside(std::string_view bytes) {
    std::size_t at = 0;
    const std::uint64_t start = offset_;
    while (at < bytes.size() && in_record_) {
        const char c = bytes[at++];
        offset_ = start + at;
        if (escaped_) {
            escaped_ = false;
        } else if (in_text_) {
            if (c == '\\')
                escaped_ = true;
            else if (c == '"')
                in_text_ = false;
        } else if (!marks[static_cast<unsigned char>(c)]) {
            continue;
        } else if (c == '"') {
            in_text_ = true;
        } else if (c == '{' || c == '[') {
            open_ += c;
            if (open_.size() - depth_outside_ > deepest_record)
                return wrong(fmt::format("more than {} brackets deep", deepest_record));
        } else {
            if ((open_.back() == '{') != (c == '}'))
                return wrong(fmt::format("'{}' closes '{}'", c, open_.back()));
            open_.pop_back();
            in_record_ = open_.size() != depth_outside_;
        }
    }
    batch_.text.append(bytes.substr(0, at));
    Batch::Record& record = batch_.records.back();
    record.size = batch_.text.size() - record.begin;
    if (record.size > largest_record)
        return fail(Errc::limit, fmt::format("record {}, which begins at byte {}, takes more than {} bytes", number_, record_offset_, largest_record));
    return at;
}

bool JsonCutter::record_begins() const {
    switch (layout_) {
        case Layout::values: return open_.empty();
        case Layout::array: return in_array_ && open_.size() == 2;
        case Layout::members: return open_ == "{" && !expects_key_;
        case Layout::rows:
        case Layout::elements: break;  // no JSON
    }
    return false;
}

Result<void> JsonCutter::open(char c) {
    if (record_begins()) {
        depth_outside_ = open_.size();
        open_ += c;
        in_record_ = true;
        record_begin_ = batch_.text.size();
        record_offset_ = offset_;
        batch_.text += c;
        batch_.records.push_back({.begin = record_begin_, .size = 1, .offset = offset_, .number = ++number_, .key = layout_ == Layout::members ? key_ : std::string()});
        return {};
    }
    if (top_done_)
        return wrong("something follows the end of the feed");
    if (open_.size() >= deepest_record)
        return wrong(fmt::format("more than {} brackets deep", deepest_record));
    open_ += c;
    expects_key_ = c == '{';
    if (layout_ == Layout::array && open_ == "{[" && key_ == array_)
        in_array_ = array_seen_ = true;
    return {};
}

Result<void> JsonCutter::close(char c) {
    TRY(end_scalar());
    if (open_.empty() || (open_.back() == '{') != (c == '}'))
        return wrong(fmt::format("'{}' closes nothing", c));
    open_.pop_back();
    if (in_array_ && open_.size() == 1)
        in_array_ = false;
    top_done_ = open_.empty();
    return {};
}

Result<void> JsonCutter::end_scalar() {
    if (token_.empty() && !is_text_)
        return {};
    if (record_begins() && layout_ != Layout::values)
        return wrong(fmt::format("\"{}\" where a record should stand", excerpt(token_, 40)));
    if (open_ == "{" && !expects_key_)
        head_[key_] = token_;
    token_.clear();
    is_text_ = false;
    return {};
}

Result<void> JsonCutter::outside_text(char c) {
    if (escaped_)
        escaped_ = false;
    else if (c == '\\')
        escaped_ = true;
    else if (c == '"') {
        in_text_ = false;
        if (expects_key_) {
            key_ = std::move(token_);
            token_.clear();
            is_text_ = false;
        }
        return {};
    }
    token_ += c;
    return token_.size() > kLongestKey ? Result<void>(wrong(fmt::format("a text of more than {} bytes", kLongestKey))) : Result<void>();
}

Result<void> JsonCutter::outside(char c) {
    if (in_text_)
        return outside_text(c);
    if (is_space(c))
        return {};
    switch (c) {
        case '{':
        case '[': return open(c);
        case '}':
        case ']': return close(c);
        case ':': expects_key_ = false; return {};
        case ',':
            TRY(end_scalar());
            expects_key_ = !open_.empty() && open_.back() == '{';
            return {};
        case '"':
            in_text_ = is_text_ = true;
            token_.clear();
            break;
        default: token_ += c;
    }
    if (open_.empty())
        return wrong(fmt::format("\"{}\" where JSON should begin", excerpt(std::string_view(&c, 1))));
    return token_.size() > kLongestKey ? Result<void>(wrong(fmt::format("a value of more than {} bytes", kLongestKey))) : Result<void>();
}

Result<void> JsonCutter::finish() {
    if (in_record_)
        return fail(Errc::bad_input, fmt::format("cut off in record {}, which begins at byte {} (it ends at byte {})", number_, record_offset_, offset_));
    if (!open_.empty() || in_text_)
        return fail(Errc::bad_input, fmt::format("cut off behind record {}, at byte {}", number_, offset_));
    if (layout_ == Layout::array && !array_seen_)
        return fail(Errc::bad_input, fmt::format("it has no list \"{}\"", array_));
    if (layout_ != Layout::values && !top_done_)
        return fail(Errc::bad_input, "it is empty");
    return {};
}

Batch JsonCutter::take() {
    Batch done = std::move(batch_);
    batch_ = {};
    if (in_record_) {  // what is not complete stays
        Batch::Record open = std::move(done.records.back());
        done.records.pop_back();
        batch_.text = done.text.substr(open.begin);
        done.text.resize(open.begin);
        open.begin = 0;
        batch_.records.push_back(std::move(open));
        record_begin_ = 0;
    }
    done.text.append(kPadding, '\0');
    return done;
}

}  // namespace shirushi::feeds
