#pragma once
// One line per struct says which members are part of its JSON form; json_fields.hpp does the rest. So a member cannot be
// written under one name and read under another, and unknown keys are refused everywhere in the same words.

#include <string_view>
#include <tuple>
#include <utility>

namespace shirushi {

template <auto Member>
struct Field {
    std::string_view name;
    static constexpr auto member = Member;
};

/// Specialised by SHIRUSHI_NAMES: the words an enumeration is written as, in the order of its values from 0.
template <class Enum>
struct EnumNames;

}  // namespace shirushi

#define SHIRUSHI_EXPAND_(...) SHIRUSHI_EXPAND1_(SHIRUSHI_EXPAND1_(SHIRUSHI_EXPAND1_(__VA_ARGS__)))
#define SHIRUSHI_EXPAND1_(...) SHIRUSHI_EXPAND2_(SHIRUSHI_EXPAND2_(SHIRUSHI_EXPAND2_(__VA_ARGS__)))
#define SHIRUSHI_EXPAND2_(...) SHIRUSHI_EXPAND3_(SHIRUSHI_EXPAND3_(SHIRUSHI_EXPAND3_(__VA_ARGS__)))
#define SHIRUSHI_EXPAND3_(...) __VA_ARGS__
#define SHIRUSHI_PARENS_ ()
#define SHIRUSHI_EACH_FIELD_(m, ...) \
    ::shirushi::Field<&Self_::m>{#m} __VA_OPT__(, SHIRUSHI_EACH_FIELD_AGAIN_ SHIRUSHI_PARENS_(__VA_ARGS__))
#define SHIRUSHI_EACH_FIELD_AGAIN_() SHIRUSHI_EACH_FIELD_

/// Inside a struct: SHIRUSHI_FIELDS(Evidence, path, offset). JSON keys are the members' names, in this order. At most 36. A template,
/// so that only files that write or read JSON pay for the tuples: nearly every file of the lab includes the vocabulary.
#define SHIRUSHI_FIELDS(T, ...)                                                     \
    template <class Self_ = T>                                                      \
    static constexpr auto fields() {                                                \
        return std::tuple{SHIRUSHI_EXPAND_(SHIRUSHI_EACH_FIELD_(__VA_ARGS__))};     \
    }

/// After an enumeration, in namespace shirushi: SHIRUSHI_NAMES(Kind, "pass", "fail").
#define SHIRUSHI_NAMES(Enum, ...)                                                          \
    template <>                                                                            \
    struct EnumNames<Enum> {                                                               \
        static constexpr std::string_view list[] = {__VA_ARGS__};                          \
    };                                                                                     \
    inline std::string_view name_of(Enum value) { return EnumNames<Enum>::list[std::to_underlying(value)]; }
