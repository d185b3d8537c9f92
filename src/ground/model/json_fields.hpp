#pragma once
// JSON of any type that has fields() or EnumNames. Heavy (nlohmann): include it in .cpp files only; everybody else uses
// model/json.hpp. Reading is strict: wrong types, missing and unknown keys are errors that name the JSON path.

#include <fmt/format.h>

#include <array>
#include <concepts>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "model/facts.hpp"

namespace shirushi::json {

using Json = nlohmann::ordered_json;

template <class T>
concept HasFields = requires { T::fields(); };
template <class T>
concept HasNames = std::is_enum_v<T> && requires { EnumNames<T>::list; };
template <class T>
inline constexpr bool is_vector = false;
template <class T>
inline constexpr bool is_vector<std::vector<T>> = true;
template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

/// JSON text as it grows: two-space indented, UTF-8 kept as it is, what is not UTF-8 replaced. No document is made of it first: a
/// report's facts have hundreds of thousands of values.
class TextWriter {
public:
    void begin(char bracket) {
        text_ += bracket;
        ++depth_;
        is_empty_ = true;
    }
    void end(char bracket) {
        --depth_;
        if (!is_empty_)
            break_line();
        text_ += bracket;
        is_empty_ = false;
    }
    /// Before each value of an array and each key of an object.
    void next() {
        if (!is_empty_)
            text_ += ',';
        break_line();
        is_empty_ = false;
    }
    void key(std::string_view name) {
        next();
        value(name);
        text_ += ": ";
    }
    void value(std::string_view text);
    void value(double number);
    void value(bool yes) { text_ += yes ? "true" : "false"; }
    template <std::integral Number>
    void value(Number number) { text_ += fmt::format_int(number).c_str(); }
    std::string take() && { return std::move(text_) + "\n"; }

private:
    void break_line() {
        text_ += '\n';
        text_.append(2 * depth_, ' ');
    }
    std::string text_;
    std::size_t depth_ = 0;
    bool is_empty_ = false;  // what was begun last
};

/// A member of a struct as the code that goes through members sees it: without types, so that it is compiled once.
struct Member {
    std::string_view name;
    bool optional;
    void (*write)(const void* object, std::string_view name, TextWriter& out);  ///< nothing where the object has none
    std::optional<Error> (*read)(const Json& json, const std::string& path, void* object);
};

void write_members(const void* object, std::span<const Member> members, TextWriter& out);
std::optional<Error> read_members(const Json& json, const std::string& path, void* object, std::span<const Member> members);

Error wrong(const std::string& path, std::string_view expected);
std::optional<Error> read_value(const Json& json, const std::string& path, Digest& value);
std::optional<Error> read_value(const Json& json, const std::string& path, bool& value);
std::optional<Error> read_value(const Json& json, const std::string& path, double& value);
std::optional<Error> read_value(const Json& json, const std::string& path, std::string& value);
/// `largest` is the largest value of the type that is read.
std::optional<Error> read_number(const Json& json, const std::string& path, std::uint64_t largest, std::uint64_t& value);
std::optional<Error> read_name(const Json& json, const std::string& path, std::span<const std::string_view> names, std::size_t& value);

template <class T>
std::span<const Member> members_of();

template <class T>
[[gnu::noinline]] void write(const T& value, TextWriter& out) {
    if constexpr (std::same_as<T, Digest>) {
        out.value(std::string_view(value.hex()));
    } else if constexpr (HasNames<T>) {
        out.value(std::string_view(name_of(value)));
    } else if constexpr (is_vector<T>) {
        out.begin('[');
        for (const auto& item : value) {
            out.next();
            write(item, out);
        }
        out.end(']');
    } else if constexpr (HasFields<T>) {
        write_members(&value, members_of<T>(), out);
    } else if constexpr (std::same_as<T, std::string>) {
        out.value(std::string_view(value));
    } else {
        out.value(value);
    }
}

/// The value's JSON text, with a line end.
template <class T>
std::string text_of(const T& value) {
    TextWriter out;
    write(value, out);
    return std::move(out).take();
}

template <class T>
[[gnu::noinline]] std::optional<Error> read_into(const Json& json, const std::string& path, T& value) {
    if constexpr (is_optional<T>) {
        return read_into(json, path, value.emplace());
    } else if constexpr (is_vector<T>) {
        if (!json.is_array())
            return wrong(path, "an array");
        value.clear();
        std::optional<Error> error;
        for (std::size_t i = 0; i < json.size() && !error; ++i)
            error = read_into(json[i], fmt::format("{}[{}]", path, i), value.emplace_back());
        return error;
    } else if constexpr (HasNames<T>) {
        std::size_t index = 0;
        auto error = read_name(json, path, EnumNames<T>::list, index);
        value = static_cast<T>(index);
        return error;
    } else if constexpr (std::integral<T> && !std::same_as<T, bool>) {
        std::uint64_t number = 0;
        auto error = read_number(json, path, static_cast<std::uint64_t>(std::numeric_limits<T>::max()), number);
        value = static_cast<T>(number);
        return error;
    } else if constexpr (HasFields<T>) {
        return read_members(json, path, &value, members_of<T>());
    } else {
        return read_value(json, path, value);
    }
}

template <class T>
Result<T> read(const Json& json, const std::string& path = "") {
    T value{};
    if (auto error = read_into(json, path, value))
        return std::unexpected(std::move(*error));
    return value;
}

template <class T, auto member>
void write_member(const void* object, std::string_view name, TextWriter& out) {
    const auto& value = static_cast<const T*>(object)->*member;
    if constexpr (is_optional<std::decay_t<decltype(value)>>) {
        if (!value)
            return;
        out.key(name);
        write(*value, out);
    } else {
        out.key(name);
        write(value, out);
    }
}

template <class T, auto member>
std::optional<Error> read_member(const Json& json, const std::string& path, void* object) {
    return read_into(json, path, static_cast<T*>(object)->*member);
}

template <class T>
std::span<const Member> members_of() {
    static constexpr auto kMembers = std::apply(
        []<auto... member>(const Field<member>&... field) {
            return std::array{Member{field.name, is_optional<std::decay_t<decltype(std::declval<T&>().*member)>>, write_member<T, member>,
                                     read_member<T, member>}...};
        },
        T::fields());
    return kMembers;
}

/// Strict JSON text to a document; nesting is bounded at 64 levels.
Result<Json> parse(std::string_view text);

/// A document's text, as TextWriter writes it.
std::string print(const Json& json);

}  // namespace shirushi::json
