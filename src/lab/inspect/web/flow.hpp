#pragma once
// Where the data of a request goes inside one script: variables are followed by name, statement after statement, from what a client
// sent to what runs, asks, opens or answers something. Nothing is run and no other file is looked into. One direction of error is
// preferred: what a test or function is worth, where that cannot be told, makes a flow `unclear`, and what holds it off makes it none.

#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/facts.hpp"

namespace shirushi::inspect::web {

/// Sinks as a set of bits.
using Sinks = unsigned;
constexpr Sinks only(WebSink sink) { return 1U << std::to_underlying(sink); }
inline constexpr Sinks kEverySink = 15;
inline constexpr Sinks kButFile = kEverySink & ~only(WebSink::file);

/// What a value may still do where it arrives.
struct Taint {
    Sinks open = 0;     ///< nothing was done against these
    Sinks unclear = 0;  ///< something was, but what it is worth cannot be told
    std::string input;  ///< where it comes from; the first source wins

    explicit operator bool() const { return (open | unclear) != 0; }
    bool operator==(const Taint&) const = default;
    void join(const Taint& other) {
        if (input.empty())
            input = other.input;
        open |= other.open;
        unclear = (unclear | other.unclear) & ~open;
    }
    void clear(Sinks sinks) {
        open &= ~sinks;
        unclear &= ~sinks;
    }
    void doubt(Sinks sinks = kEverySink) {
        unclear |= open & sinks;
        open &= ~sinks;
    }
};

struct Flow {
    WebSink sink = WebSink::command;
    WebGuard guard = WebGuard::none;
    std::string input;
    std::string through;
    std::string_view at;  ///< the statement, borrowed from the text
};

/// What one script does with a request.
struct Reading {
    std::set<std::string> inputs;
    std::vector<Flow> flows;   ///< in order of place; the same sink of the same statement once
    std::string_view change;   ///< the first statement that sets, writes or restarts something; empty: none
    bool cut = false;          ///< a bound was reached: the rest was not read
};

/// Bounds of one script. Real handlers stay far below; what is longer is said to be cut.
inline constexpr std::size_t kMaxScript = 256 * 1024;
inline constexpr std::size_t kMaxStatements = 20'000;
inline constexpr std::size_t kMaxVariables = 2'000;
inline constexpr std::size_t kMaxFlows = 100;
inline constexpr std::size_t kMaxInputs = 50;

/// Adds it unless that statement's sink is there; an open flow replaces an unclear one. Of unclear ones from one input through one
/// function the first stands for all: a person who looks at it sees the rest.
void add_flow(Reading& reading, Flow flow);
/// One flow for each sink of `sinks` that the value reaches.
void add_flows(Reading& reading, const Taint& taint, Sinks sinks, std::string_view through, std::string_view at);

Reading read_shell_handler(std::string_view text);
/// PHP, Lua, Perl or Python.
Reading read_script(std::string_view text, WebLanguage language);

/// What a regular expression that a whole value must match, or a set of characters that it is cut down to, keeps away: nothing where
/// it lets through what it does not name.
Sinks kept_away_by_pattern(std::string_view pattern);
Sinks kept_away_by_class(std::string_view inside_brackets);
/// The same of a test's pattern, which must be tied to both ends of the value.
Sinks kept_away_by_whole(std::string_view pattern, bool tied_to_start);
/// The same of "[^a-z0-9]" replaced by nothing.
Sinks kept_away_by_removal(std::string_view pattern, std::string_view replacement);
/// The inside of a pattern's n-th group, from 1; empty when there is none.
std::string_view group_of(std::string_view pattern, std::size_t number);

/// Whether a command line sets, writes or restarts something on the device.
bool changes_state(std::string_view command);

}  // namespace shirushi::inspect::web
