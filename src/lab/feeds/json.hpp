#pragma once
// Reading a record: a view on parsed JSON that answers kindly for what is missing (real feeds leave out much, and write null) and notes
// what is there but of another type than its reader expects, with its name. One thread per parser.

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <simdjson.h>

#include "base/result.hpp"

namespace shirushi::feeds {

class Json {
public:
    Json() = default;
    Json(simdjson::dom::element value, std::string* problem) : value_(value), problem_(problem) {}

    [[nodiscard]] bool exists() const { return value_.has_value() && !value_->is_null(); }
    /// The member of an object; absent where there is none.
    [[nodiscard]] Json operator[](std::string_view key) const;
    /// The text; empty where it is absent.
    [[nodiscard]] std::string_view text() const;
    /// A number, also one written as a text ("0.00043").
    [[nodiscard]] std::optional<double> number() const;
    [[nodiscard]] bool is_true() const;
    [[nodiscard]] bool is_text() const { return value_ && value_->is_string(); }
    [[nodiscard]] bool is_object() const { return value_ && value_->is_object(); }

    /// Calls `visit` with each element of an array.
    template <class Visit>
    void each(const Visit& visit) const {
        if (!exists())
            return;
        simdjson::dom::array array;
        if (value_->get(array) != simdjson::SUCCESS)
            return expected("a list");
        for (const simdjson::dom::element element : array)
            visit(Json(element, problem_));
    }
    /// Calls `visit` with each key of an object and its value.
    template <class Visit>
    void members(const Visit& visit) const {
        if (!exists())
            return;
        simdjson::dom::object object;
        if (value_->get(object) != simdjson::SUCCESS)
            return expected("an object");
        for (const auto [key, value] : object)
            visit(std::string_view(key), Json(value, problem_));
    }

private:
    void expected(std::string_view what) const;

    std::optional<simdjson::dom::element> value_;
    std::string* problem_ = nullptr;
    std::string_view name_;
};

/// Parses records one after another in memory that it keeps.
class JsonParser {
public:
    JsonParser();
    /// `text` with kPadding readable bytes behind it; the result lives until the next call. What its readers find wrong goes to problem().
    /// Errors: bad_input (no JSON, a key twice in one object, too deep).
    Result<Json> parse(std::string_view text);
    [[nodiscard]] const std::string& problem() const { return problem_; }

private:
    simdjson::dom::parser parser_;
    std::string problem_;
};

}  // namespace shirushi::feeds
