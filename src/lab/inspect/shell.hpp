#pragma once
// As much of the shell command language (POSIX.1-2017 XCU 2) as start-up scripts need to be understood without running them: simple
// commands, quoting, assignments and their expansion, comments, here-documents, functions and case branches. Conditions are not
// decided: what may run is listed. Substituted commands are kept as their text. One pass, no recursion, bounded output.

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace shirushi::inspect {

using Variables = std::map<std::string, std::string, std::less<>>;

struct ShellCommand {
    std::vector<std::string> words;  ///< expanded, without assignments in front and without redirections; never empty
    bool background = false;         ///< ended by '&'
    bool at_start = true;            ///< false inside a branch or function that stops or queries ("stop)", "do_stop()")
    std::string_view line;           ///< where it starts; borrowed from the text
};

struct ShellScript {
    std::vector<ShellCommand> commands;  ///< in order, at most 20,000
    Variables variables;                 ///< last value of each
};

/// `known` are variables set before. The text must outlive the result.
ShellScript read_shell(std::string_view text, Variables known = {});

}  // namespace shirushi::inspect
