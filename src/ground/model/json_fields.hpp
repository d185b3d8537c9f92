#pragma once
// JSON of any type that has fields() or EnumNames. Heavy (nlohmann): include it in .cpp files only; everybody else uses
// model/json.hpp. Reading is strict: wrong types, missing and unknown keys are errors that name the JSON path.

#include <fmt/format.h>

#include <concepts>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/text.hpp"
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

template <class T>
Json write(const T& value) {
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
        Json object = Json::object();
        const auto put = [&](const auto& field) {
            const auto& member = value.*field.member;
            if constexpr (is_optional<std::decay_t<decltype(member)>>) {
                if (member)
                    object[std::string(field.name)] = write(*member);
            } else {
                object[std::string(field.name)] = write(member);
            }
        };
        std::apply([&](const auto&... field) { (put(field), ...); }, T::fields());
        return object;
    } else {
        return value;
    }
}

inline std::unexpected<Error> wrong(const std::string& path, std::string_view expected) {
    return fail(Errc::bad_input, fmt::format("{}: expected {}", path.empty() ? "document" : path, expected));
}

template <class T>
Result<T> read(const Json& json, const std::string& path = "");

template <class T>
Result<T> read_object(const Json& json, const std::string& path) {
    if (!json.is_object())
        return wrong(path, "an object");
    T value;
    std::optional<Error> error;
    std::size_t known = 0;
    const auto get = [&](const auto& field) {
        if (error)
            return;
        auto& member = value.*field.member;
        using Member = std::decay_t<decltype(member)>;
        const std::string name(field.name);
        const auto at = json.find(name);
        const std::string place = path.empty() ? name : path + "." + name;
        if (at == json.end()) {
            if constexpr (!is_optional<Member>)
                error = Error{Errc::bad_input, place + " is missing"};
            return;
        }
        ++known;
        auto result = read<Member>(*at, place);
        if (result)
            member = std::move(*result);
        else
            error = std::move(result.error());
    };
    std::apply([&](const auto&... field) { (get(field), ...); }, T::fields());
    if (error)
        return std::unexpected(std::move(*error));
    if (known != json.size())
        for (const auto& [key, unused] : json.items()) {
            const bool is_known = std::apply([&](const auto&... field) { return ((field.name == key) || ...); }, T::fields());
            if (!is_known)
                return fail(Errc::bad_input, fmt::format("{}: unknown key \"{}\"", path.empty() ? "document" : path, excerpt(key, 60)));
        }
    return value;
}

template <class T>
Result<T> read(const Json& json, const std::string& path) {
    if constexpr (std::same_as<T, Digest>) {
        if (!json.is_string())
            return wrong(path, "64 hexadecimal digits");
        return TRY_WITHIN(path, Digest::from_hex(json.get_ref<const std::string&>()));
    } else if constexpr (HasNames<T>) {
        if (json.is_string())
            for (std::size_t i = 0; i < std::size(EnumNames<T>::list); ++i)
                if (EnumNames<T>::list[i] == json.get_ref<const std::string&>())
                    return static_cast<T>(i);
        return wrong(path, fmt::format("one of {}", fmt::join(EnumNames<T>::list, ", ")));
    } else if constexpr (is_optional<T>) {
        return T(TRY(read<typename T::value_type>(json, path)));
    } else if constexpr (is_vector<T>) {
        if (!json.is_array())
            return wrong(path, "an array");
        T items;
        items.reserve(json.size());
        for (std::size_t i = 0; i < json.size(); ++i)
            items.push_back(TRY(read<typename T::value_type>(json[i], fmt::format("{}[{}]", path, i))));
        return items;
    } else if constexpr (std::same_as<T, bool>) {
        if (!json.is_boolean())
            return wrong(path, "true or false");
        return json.get<bool>();
    } else if constexpr (std::integral<T>) {
        const auto limit = std::numeric_limits<T>::max();
        if (!json.is_number_unsigned() || json.get<std::uint64_t>() > static_cast<std::uint64_t>(limit))
            return wrong(path, fmt::format("a whole number from 0 to {}", limit));
        return static_cast<T>(json.get<std::uint64_t>());
    } else if constexpr (std::floating_point<T>) {
        if (!json.is_number())
            return wrong(path, "a number");
        return json.get<T>();
    } else if constexpr (std::same_as<T, std::string>) {
        if (!json.is_string())
            return wrong(path, "text");
        return json.get<std::string>();
    } else {
        return read_object<T>(json, path);
    }
}

/// Strict JSON text to a document; nesting is bounded at 64 levels.
Result<Json> parse(std::string_view text);

/// Two-space indented text with a line end, UTF-8 kept as it is.
std::string print(const Json& json);

}  // namespace shirushi::json
