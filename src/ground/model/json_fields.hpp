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

/// A member of a struct as the code that goes through members sees it: without types, so that it is compiled once.
struct Member {
    std::string_view name;
    bool optional;
    bool (*write)(const void* object, Json& out);  ///< false: the object has none
    std::optional<Error> (*read)(const Json& json, const std::string& path, void* object);
};

Json write_members(const void* object, std::span<const Member> members);
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
[[gnu::noinline]] Json write(const T& value) {
    if constexpr (std::same_as<T, Digest>) {
        return value.hex();
    } else if constexpr (HasNames<T>) {
        return std::string(name_of(value));
    } else if constexpr (is_vector<T>) {
        Json array = Json::array();
        for (const auto& item : value)
            array.push_back(write(item));
        return array;
    } else if constexpr (HasFields<T>) {
        return write_members(&value, members_of<T>());
    } else {
        return value;
    }
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
bool write_member(const void* object, Json& out) {
    const auto& value = static_cast<const T*>(object)->*member;
    if constexpr (is_optional<std::decay_t<decltype(value)>>) {
        if (value)
            out = write(*value);
        return value.has_value();
    } else {
        out = write(value);
        return true;
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

/// Two-space indented text with a line end, UTF-8 kept as it is.
std::string print(const Json& json);

}  // namespace shirushi::json
