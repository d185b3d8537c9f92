#pragma once
// The shape of a vocabulary type as JSON Schema (draft 7), from the very list of members its JSON form is written by. The
// hand-written schemas in docs/formats/schemas say more (patterns, meanings); the test holds that they say no less.

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/json_fields.hpp"

namespace shirushi::schemas {

template <class T>
json::Json schema_shape() {
    using json::Json;
    if constexpr (std::same_as<T, Digest>) {
        return {{"type", "string"}, {"pattern", "^[0-9a-f]{64}$"}};
    } else if constexpr (json::HasNames<T>) {
        Json names = Json::array();
        for (const std::string_view name : EnumNames<T>::list)
            names.push_back(std::string(name));
        return {{"enum", names}};
    } else if constexpr (json::is_vector<T>) {
        return {{"type", "array"}, {"items", schema_shape<typename T::value_type>()}};
    } else if constexpr (json::HasFields<T>) {
        Json required = Json::array();
        Json properties = Json::object();
        const auto add = [&]<class Field>(const Field& field) {
            using Member = std::decay_t<decltype(std::declval<T>().*field.member)>;
            const std::string name(field.name);
            if constexpr (json::is_optional<Member>) {
                properties[name] = schema_shape<typename Member::value_type>();
            } else {
                properties[name] = schema_shape<Member>();
                required.push_back(name);
            }
        };
        std::apply([&](const auto&... field) { (add(field), ...); }, T::fields());
        return {{"type", "object"}, {"additionalProperties", false}, {"required", required}, {"properties", properties}};
    } else if constexpr (std::same_as<T, bool>) {
        return {{"type", "boolean"}};
    } else if constexpr (std::integral<T>) {
        return {{"type", "integer"}, {"minimum", 0}};
    } else if constexpr (std::floating_point<T>) {
        return {{"type", "number"}};
    } else {
        return {{"type", "string"}};
    }
}

}  // namespace shirushi::schemas
