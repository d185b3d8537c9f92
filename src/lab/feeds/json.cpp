#include "feeds/json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <vector>

#include "base/text.hpp"
#include "feeds/json_records.hpp"

namespace shirushi::feeds {
namespace {

static_assert(kPadding >= simdjson::SIMDJSON_PADDING);

constexpr std::size_t kFewKeys = 12;
constexpr std::size_t kLeastRoom = std::size_t{1} << 20;
constexpr std::size_t kDepth = deepest_record + 1;

/// A key that stands twice: which of the two counts depends on who reads it, so neither does.
std::optional<std::string> double_key(const simdjson::dom::element& value) {
    simdjson::dom::array array;
    if (value.get(array) == simdjson::SUCCESS) {
        for (const simdjson::dom::element each : array)
            if ((each.is_object() || each.is_array()))
                if (auto found = double_key(each))
                    return found;
        return std::nullopt;
    }
    simdjson::dom::object object;
    if (value.get(object) != simdjson::SUCCESS)
        return std::nullopt;
    std::vector<std::string_view> keys;
    for (const auto [key, each] : object) {
        if (keys.size() < kFewKeys && std::ranges::find(keys, key) != keys.end())
            return std::string(key);
        keys.push_back(key);
        if (each.is_object() || each.is_array())
            if (auto found = double_key(each))
                return found;
    }
    if (keys.size() > kFewKeys) {
        std::ranges::sort(keys);
        if (const auto twice = std::ranges::adjacent_find(keys); twice != keys.end())
            return std::string(*twice);
    }
    return std::nullopt;
}

std::optional<double> number_in(std::string_view text) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

}  // namespace

Json Json::operator[](std::string_view key) const {
    if (!exists())
        return {};
    simdjson::dom::object object;
    if (value_->get(object) != simdjson::SUCCESS) {
        expected("an object");
        return {};
    }
    simdjson::dom::element member;
    if (object.at_key(key).get(member) != simdjson::SUCCESS)
        return {};
    Json found(member, problem_);
    found.name_ = key;
    return found;
}

std::string_view Json::text() const {
    if (!exists())
        return {};
    std::string_view text;
    if (value_->get(text) != simdjson::SUCCESS)
        expected("a text");
    return text;
}

std::optional<double> Json::number() const {
    if (!exists())
        return std::nullopt;
    double number = 0;
    if (value_->get(number) == simdjson::SUCCESS)
        return number;
    std::int64_t whole = 0;
    if (value_->get(whole) == simdjson::SUCCESS)
        return static_cast<double>(whole);
    if (const auto written = is_text() ? number_in(text()) : std::nullopt)
        return written;
    expected("a number");
    return std::nullopt;
}

bool Json::is_true() const {
    bool value = false;
    if (exists() && value_->get(value) != simdjson::SUCCESS)
        expected("true or false");
    return value;
}

void Json::expected(std::string_view what) const {
    if (problem_ != nullptr && problem_->empty())
        *problem_ = name_.empty() ? fmt::format("{} should stand where something else does", what) : fmt::format("\"{}\" is not {}", excerpt(name_, 60), what);
}

JsonParser::JsonParser() = default;

Result<Json> JsonParser::parse(std::string_view text) {
    problem_.clear();
    simdjson::dom::element value;
    if (text.size() > parser_.capacity() || parser_.max_depth() != kDepth)
        if (const auto error = parser_.allocate(std::max(text.size(), kLeastRoom), kDepth); error != simdjson::SUCCESS)
            return fail(Errc::limit, fmt::format("no memory for a record of {} bytes: {}", text.size(), simdjson::error_message(error)));
    if (const auto error = parser_.parse(text.data(), text.size(), false).get(value); error != simdjson::SUCCESS)
        return fail(Errc::bad_input, fmt::format("no JSON: {}", simdjson::error_message(error)));
    if (const auto twice = double_key(value))
        return fail(Errc::bad_input, fmt::format("\"{}\" stands twice in one object", excerpt(*twice, 60)));
    return Json(value, &problem_);
}

}  // namespace shirushi::feeds
