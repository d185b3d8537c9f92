#pragma once
// A shell script as commands whose words keep what decides over injection: which variables stand in them, and whether quoted. Start-up
// scripts are read by ../shell.hpp, which expands variables; here they must stay what they are. One pass, no recursion: the text of a
// substituted command is kept, for the caller to read in its turn.

#include <string>
#include <string_view>
#include <vector>

namespace shirushi::inspect::web {

struct Expansion {
    std::string_view name;  ///< "QUERY_STRING", "1", "@"; "#name" for a length
    std::string_view rule;  ///< what follows the name inside the braces: "##*/", "//[^0-9]/"
    bool quoted = false;
};

/// "$(...)", "`...`"; arithmetic keeps no text.
struct Substitution {
    std::string_view text;
    bool quoted = false;
};

struct ShellWord {
    std::string literal;   ///< what stands there but for expansions and quotes, at most 1 KiB
    std::string_view raw;  ///< as written
    std::vector<Expansion> expansions;
    std::vector<Substitution> substitutions;
    bool starts_expanded = false;  ///< its first character comes out of an expansion
};

struct Redirection {
    char direction = '>';
    bool of_error = false;  ///< "2>"
    ShellWord target;
};

struct ShellStatement {
    std::vector<ShellWord> assignments;  ///< "NAME=value"; the literal starts with "NAME="
    std::vector<ShellWord> words;
    std::vector<Redirection> redirections;
    std::vector<ShellWord> here_texts;       ///< here-documents whose variables are expanded
    std::vector<std::string_view> labels;    ///< of "case WORD in"
    std::string_view function;               ///< it stands in
    bool piped_in = false;
    bool piped_out = false;
    bool condition = false;                  ///< of if, elif, while, until, or before "&&" or "||"
    std::string_view line;
};

struct ShellFunction {
    std::string_view name;
    std::string_view body;
};

struct ShellText {
    std::vector<ShellStatement> statements;
    std::vector<ShellFunction> functions;
    bool cut = false;
};

ShellText read_shell_text(std::string_view text);

/// The inside of a word or a double-quoted text.
ShellWord read_shell_word(std::string_view text);

}  // namespace shirushi::inspect::web
