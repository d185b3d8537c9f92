#pragma once
// PHP, Lua, Perl and Python as words: enough to follow values through assignments and calls. Strings keep the variables that are put
// into them; comments, and what stands in one, are gone. One pass; what stands inside a string's braces is read once more, no deeper.

#include <string_view>
#include <vector>

#include "model/facts.hpp"

namespace shirushi::inspect::web {

enum class WordKind {
    name,        ///< with what hangs on it: "$_GET", "luci.http.formvalue", "$q->param"; ".strip" where it hangs on a value
    text,        ///< a string's inside
    pattern,     ///< a regular expression: `text` inside, `change` how it is used
    number,
    sign,        ///< "=", "(", "=~" ...
    open_text,   ///< a string with values in it begins; they follow as words
    close_text,
    end,         ///< of a statement
};

struct Word {
    WordKind kind = WordKind::sign;
    std::string_view text;
    std::string_view at;       ///< from where it stands to the end of its line
    std::string_view replaced_by;  ///< of patterns that replace
    char use = 'm';            ///< of patterns: 'm' match, 's' replace, 't' transliterate; 'd': what the set does not name is deleted
    int depth = 0;             ///< braces, or columns, around the statement
};

struct ScriptWords {
    std::vector<Word> words;  ///< at most 400,000
    bool cut = false;
};

ScriptWords read_words(std::string_view text, WebLanguage language);

}  // namespace shirushi::inspect::web
