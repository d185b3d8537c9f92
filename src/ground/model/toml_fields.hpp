#pragma once
// Strict TOML 1.0 of any type that has fields() or EnumNames: what people write by hand (catalogues, product.toml). Errors
// (bad_input) read "file:line: what is wrong; what to do". Heavy (toml++): include it in .cpp files only.

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <concepts>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "model/catalogue.hpp"
#include "model/facts.hpp"

namespace shirushi::toml_text {

/// Keys of T that a file may leave out (the member then keeps its default). All others must be there. A room specialises
/// it for the types it reads, in the one .cpp that reads them.
template <class T>
inline constexpr std::string_view optional_keys[] = {""};

/// TOML text to a table. Refused: more than `limit` bytes, text that is not UTF-8, keys of more than 32 dotted parts
/// (each part costs a level of recursion in the library when the table goes away).
Result<toml::table> parse(std::string_view text, std::string_view file, std::size_t limit);

/// "file:line: what" as a bad_input error; the line is where `at` begins.
std::unexpected<Error> wrong(std::string_view file, const toml::node& at, std::string_view what);

/// "unknown key "lebel"; did you mean "level"?" or, when nothing is near, "...; known keys are a, b".
std::string unknown_key(std::string_view key, const std::vector<std::string_view>& known);

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

/// A table of named tables instead of an array with a name in each: [messages.KEY] reads better than [[messages]].
Result<std::vector<MessageText>> read_messages(const toml::node& node, std::string_view file);
Result<std::vector<Parameter>> read_parameters(const toml::node& node, std::string_view file);
Result<Text> read_text(const toml::node& node, std::string_view file, std::string_view name);
Result<std::string> read_string(const toml::node& node, std::string_view file, std::string_view name);

template <class T>
Result<T> read(const toml::node& node, std::string_view file, std::string_view name);

template <class T>
Result<T> read_enum(const toml::node& node, std::string_view file, std::string_view name) {
    if constexpr (std::same_as<T, Answer>)
        if (const auto* truth = node.as_boolean())
            return truth->get() ? Answer::yes : Answer::no;
    if (const auto* word = node.as_string())
        for (std::size_t i = 0; i < std::size(EnumNames<T>::list); ++i)
            if (EnumNames<T>::list[i] == word->get())
                return static_cast<T>(i);
    return wrong(file, node, fmt::format("{} must be one of \"{}\"", name, fmt::join(EnumNames<T>::list, "\", \"")));
}

template <class T>
bool is_optional_key(std::string_view key) {
    for (const std::string_view optional : optional_keys<T>)
        if (optional == key)
            return true;
    return false;
}

template <class T>
Result<T> read_table(const toml::node& node, std::string_view file, std::string_view name) {
    const toml::table* table = node.as_table();
    if (table == nullptr)
        return wrong(file, node, fmt::format("{} must be a table", name));
    std::vector<std::string_view> known;
    std::apply([&](const auto&... field) { (known.push_back(field.name), ...); }, T::fields());
    for (const auto& [key, value] : *table)
        if (std::ranges::find(known, key.str()) == known.end())
            return wrong(file, value, unknown_key(key.str(), known));
    T value;
    std::optional<Error> error;
    const auto get = [&](const auto& field) {
        if (error)
            return;
        auto& member = value.*field.member;
        using Member = std::decay_t<decltype(member)>;
        const toml::node* at = table->get(field.name);
        if (at == nullptr) {
            if (!is_optional<Member> && !is_optional_key<T>(field.name))
                error = wrong(file, *table, fmt::format("{} lacks \"{}\"; add it", name, field.name)).error();
            return;
        }
        auto result = read<Member>(*at, file, field.name);
        if (result)
            member = std::move(*result);
        else
            error = std::move(result.error());
    };
    std::apply([&](const auto&... field) { (get(field), ...); }, T::fields());
    if (error)
        return std::unexpected(std::move(*error));
    return value;
}

template <class T>
Result<T> read(const toml::node& node, std::string_view file, std::string_view name) {
    if constexpr (std::same_as<T, Text>) {
        return read_text(node, file, name);
    } else if constexpr (std::same_as<T, std::string>) {
        return read_string(node, file, name);
    } else if constexpr (std::same_as<T, std::vector<MessageText>>) {
        return read_messages(node, file);
    } else if constexpr (std::same_as<T, std::vector<Parameter>>) {
        return read_parameters(node, file);
    } else if constexpr (HasNames<T>) {
        return read_enum<T>(node, file, name);
    } else if constexpr (is_optional<T>) {
        return T(TRY(read<typename T::value_type>(node, file, name)));
    } else if constexpr (is_vector<T>) {
        const toml::array* array = node.as_array();
        if (array == nullptr)
            return wrong(file, node, fmt::format("{} must be an array", name));
        T items;
        for (const toml::node& item : *array)
            items.push_back(TRY(read<typename T::value_type>(item, file, name)));
        return items;
    } else if constexpr (std::same_as<T, bool>) {
        if (const auto* truth = node.as_boolean())
            return truth->get();
        return wrong(file, node, fmt::format("{} must be true or false", name));
    } else if constexpr (std::integral<T>) {
        const auto* number = node.as_integer();
        if (number == nullptr || !std::in_range<T>(number->get()))
            return wrong(file, node, fmt::format("{} must be a whole number from {} to {}", name, std::numeric_limits<T>::min(),
                                                 std::numeric_limits<T>::max()));
        return static_cast<T>(number->get());
    } else {
        return read_table<T>(node, file, name);
    }
}

}  // namespace shirushi::toml_text
