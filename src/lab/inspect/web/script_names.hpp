#pragma once
// What functions and variables of PHP, Lua, Perl and Python mean for a request's data, by their names.

#include <string_view>

#include "inspect/web/flow.hpp"

namespace shirushi::inspect::web {

/// The last part of a name: "param" of "$q->param".
std::string_view last_part(std::string_view name);
/// The first: "$q" of "$q->param", "form" of "form.getvalue".
std::string_view first_part(std::string_view name);

/// Whether a variable holds a request's data from the start, or a call yields it.
bool is_request_variable(std::string_view name, WebLanguage language);
bool is_request_call(std::string_view name, WebLanguage language);

struct Sink {
    Sinks sinks = 0;
    unsigned first = 0;  ///< argument that counts
    unsigned last = 0;   ///< last one that counts; kAllArguments: all from `first` on
};
inline constexpr unsigned kAllArguments = 99;
/// What receives arguments of a call; no sinks for other functions.
Sink sink_of(std::string_view name, WebLanguage language);

struct Treatment {
    Sinks kept_away = 0;     ///< of what it returns
    Sinks doubted = 0;
    bool known = false;
};
/// What a function makes of its argument. Of unknown ones everything is in doubt.
Treatment treatment_of(std::string_view name, WebLanguage language);

/// How a call tests or rewrites with a pattern.
enum class PatternCall { none, matches, replaces, tests };
PatternCall pattern_call(std::string_view name, WebLanguage language);

/// Calls that only ask whether a value is there.
bool asks_for_presence(std::string_view name);

/// Calls that set something by their name alone: "uci:set", "luci.sys.reboot".
bool sets_something(std::string_view name, WebLanguage language);

}  // namespace shirushi::inspect::web
