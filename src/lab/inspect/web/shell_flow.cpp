// The shell: an expanded variable is not read again as shell text, so a request's data is a command only where something reads it anew
// (eval, sh -c, "| sh", source, the place of the command). Unquoted it is split into arguments: worth a person's look.

#include <algorithm>
#include <array>
#include <map>

#include "base/text.hpp"
#include "inspect/daemons.hpp"
#include "inspect/web/flow.hpp"
#include "inspect/web/shell_words.hpp"

namespace shirushi::inspect::web {
namespace {

constexpr std::size_t kMaxNested = 2'000;                    // substituted commands of one script
constexpr std::size_t kMaxReadAgain = std::size_t{8} << 20;  // bytes of substitutions and functions, each as often as it is used
constexpr int kMaxPasses = 3;                                // for what functions of the script are called with

template <std::size_t N>
bool is_any(std::string_view word, const std::array<std::string_view, N>& list) {
    return std::ranges::find(list, word) != list.end();
}

bool is_source(std::string_view name, bool form_variables) {
    constexpr auto sources = std::to_array<std::string_view>({"QUERY_STRING", "HTTP_COOKIE", "HTTP_USER_AGENT", "HTTP_REFERER", "HTTP_HOST", "PATH_INFO",
                                                              "REQUEST_URI", "HTTP_X_FORWARDED_FOR", "HTTP_AUTHORIZATION", "POST_DATA_RAW"});
    if (is_any(name, sources))
        return true;
    return form_variables && (name.starts_with("FORM_") || name.starts_with("GET_") || name.starts_with("POST_") || name.starts_with("COOKIE_"));
}

/// Programs that hand on what they read as it was.
bool passes_on(std::string_view program) {
    constexpr auto programs = std::to_array<std::string_view>({"awk",  "basename", "cat",  "cut",    "date",   "dd",    "dirname", "echo",  "gawk",   "grep",
                                                               "head", "httpd",    "jshn", "paste",  "printf", "read",  "rev",     "sed",   "sort",   "tac",
                                                               "tail", "tee",      "tr",   "uhttpd", "uniq",   "xargs", "egrep",   "fgrep", "busybox"});
    const std::string lower = lowered(program.substr(0, 64));
    return is_any(std::string_view(lower), programs) || lower.find("decode") != std::string::npos || lower.find("unescape") != std::string::npos;
}
/// Programs whose output is not what they were given.
bool digests(std::string_view program) {
    constexpr auto programs = std::to_array<std::string_view>(
        {"[", "cksum", "cmp", "expr", "hexdump", "let", "md5sum", "od", "sha1sum", "sha256sum", "sha512sum", "test", "wc", "xxd"});
    return is_any(program, programs);
}

/// What one command of a pipeline keeps away from what runs through it.
Sinks kept_away_by(const ShellStatement& statement) {
    const std::string_view program = base_name(statement.words[0].raw);
    if (digests(program))
        return kEverySink;
    if (program == "basename")
        return only(WebSink::file);
    std::string whole;
    for (const ShellWord& word : statement.words)
        whole += word.literal + "\n";
    if (program == "tr") {
        const bool complement = whole.find("-cd\n") != std::string::npos || whole.find("-dc\n") != std::string::npos ||
                                whole.find("-d\n-c\n") != std::string::npos || whole.find("-c\n-d\n") != std::string::npos;
        std::string set = complement ? statement.words.back().literal : std::string("/;");
        std::erase(set, '\n');
        if (set.size() > 2 && set.front() == '[' && set.back() == ']' && set[1] != ':')
            set = set.substr(1, set.size() - 2);
        return kept_away_by_class(set);
    }
    if (program == "grep" || program == "egrep") {
        const bool only_matching = std::ranges::any_of(statement.words, [](const ShellWord& word) {
            return word.raw.starts_with('-') && !word.raw.starts_with("--") && word.raw.find('o') != std::string_view::npos;
        });
        for (std::size_t i = 1; only_matching && i < statement.words.size(); ++i)
            if (!statement.words[i].raw.starts_with('-'))
                return kept_away_by_pattern(statement.words[i].literal);
    }
    if (program == "sed")  // s/[^0-9.]//g
        for (const ShellWord& word : statement.words) {
            const std::string& text = word.literal;
            const auto begin = text.find("[^");
            const auto end = begin == std::string::npos ? begin : text.find(']', begin + 3);
            if (end == std::string::npos || begin < 2 || text[begin - 2] != 's')
                continue;
            const std::string_view rest = std::string_view(text).substr(end + 1);
            const char separator = text[begin - 1];
            const std::string_view behind = rest.substr(std::size_t(rest.starts_with('*') || rest.starts_with('+')));
            if (behind.size() >= 3 && behind[0] == separator && behind[1] == separator && behind[2] == 'g')
                return kept_away_by_class(std::string_view(text).substr(begin + 2, end - begin - 2));
        }
    return 0;
}

class ShellFlow {
public:
    explicit ShellFlow(std::string_view text) : text_(text), script_(read_shell_text(text)) {
        form_variables_ = text.find("haserl") != std::string_view::npos || text.find("proccgi") != std::string_view::npos;
        reads_body_ = text.find("CONTENT_LENGTH") != std::string_view::npos || text.find("REQUEST_METHOD") != std::string_view::npos;
        const std::string lower = lowered(text);
        plain_answer_ =
            (lower.find("text/plain") != std::string::npos || lower.find("application/") != std::string::npos) && lower.find("text/html") == std::string::npos;
        for (const ShellFunction& function : script_.functions)
            functions_.emplace(function.name, function.body);
    }

    Reading run() {
        for (int pass = 0; pass < kMaxPasses; ++pass) {
            const auto before = called_with_;
            reading_ = {};
            variables_.clear();
            read_statements(script_.statements);
            if (called_with_ == before)
                break;
        }
        reading_.cut |= script_.cut;
        std::ranges::sort(reading_.flows, {}, [](const Flow& flow) { return std::pair(flow.at.data(), flow.sink); });
        return std::move(reading_);
    }

private:
    /// The commands of the script and, after each, those substituted in it.
    void read_statements(const std::vector<ShellStatement>& statements) {
        Taint input;
        for (const ShellStatement& statement : statements) {
            input = judge(statement, input, false);
            std::vector<std::string_view> pending = substituted_in(statement);
            for (std::size_t i = 0; i < pending.size() && nested_ < kMaxNested; ++i, ++nested_) {
                const ShellText inner = read_shell_text(pending[i]);
                Taint inner_input;
                for (ShellStatement one : inner.statements) {
                    one.function = statement.function;
                    one.line = statement.line;
                    inner_input = judge(one, inner_input, true);
                    const auto more = substituted_in(one);
                    if (pending.size() + more.size() < kMaxNested)
                        pending.insert(pending.end(), more.begin(), more.end());
                }
            }
        }
        nested_ = 0;
    }
    static std::vector<std::string_view> substituted_in(const ShellStatement& statement) {
        std::vector<std::string_view> texts;
        for (const auto* words : {&statement.assignments, &statement.words, &statement.here_texts})
            for (const ShellWord& word : *words)
                for (const Substitution& substitution : word.substitutions)
                    texts.push_back(substitution.text);
        return texts;
    }

    Taint source(std::string_view name) {
        if (reading_.inputs.size() < kMaxInputs)
            reading_.inputs.insert(printable(name.substr(0, 64)));
        return {.open = kEverySink, .unclear = 0, .input = printable(name.substr(0, 64))};
    }
    Taint value_of(std::string_view name) {
        if (is_source(name, form_variables_))
            if (const auto known = variables_.find(name); known == variables_.end())
                return source(name);
        const bool positional = name.size() == 1 && !((name[0] >= 'a' && name[0] <= 'z') || (name[0] >= 'A' && name[0] <= 'Z') || name[0] == '_');
        if (positional) {
            const auto given = called_with_.find(function_);
            return given == called_with_.end() || function_.empty() || name == "0" ? Taint() : given->second;
        }
        const auto known = variables_.find(name);
        return known == variables_.end() ? Taint() : known->second;
    }
    Taint value_of(const Expansion& expansion) {
        if (expansion.name.starts_with('#'))
            return {};
        Taint taint = value_of(expansion.name);
        if (expansion.rule.starts_with("##*/"))
            taint.clear(only(WebSink::file));
        else if (expansion.rule.starts_with("//[^") || expansion.rule.starts_with("//[!")) {
            const auto end = expansion.rule.find(']', 5);
            if (end != std::string_view::npos && expansion.rule.substr(end + 1).find_first_not_of("/") == std::string_view::npos)
                taint.clear(kept_away_by_class(expansion.rule.substr(4, end - 4)));
        } else if (expansion.rule.starts_with('/')) {
            taint.doubt();
        }
        return taint;
    }

    /// All that stands in a text, whatever its quotes: for substituted commands and function bodies.
    Taint value_of_pipeline(std::string_view text) {
        Taint all;
        read_again_ += text.size();
        if (read_again_ > kMaxReadAgain) {
            reading_.cut = true;
            return all;
        }
        const ShellText inner = read_shell_text(text);
        Taint flowing;
        for (const ShellStatement& statement : inner.statements) {
            Taint one = statement.piped_in ? flowing : Taint();
            for (const auto* words : {&statement.words, &statement.assignments, &statement.here_texts})
                for (const ShellWord& word : *words)
                    one.join(value_of_words_flat(word));
            if (!statement.words.empty())
                one = through_command(statement, std::move(one));
            flowing = one;
            const bool shown = statement.redirections.empty() && !statement.condition;
            if (!statement.piped_out && shown)
                all.join(flowing);
        }
        return all;
    }
    /// Expansions, and those of commands substituted directly inside.
    Taint value_of_words_flat(const ShellWord& word) {
        Taint all;
        for (const Expansion& expansion : word.expansions)
            all.join(value_of(expansion));
        for (const Substitution& substitution : word.substitutions)
            for (const Expansion& expansion : read_shell_word(substitution.text).expansions)
                all.join(value_of(expansion));
        return all;
    }
    Taint through_command(const ShellStatement& statement, Taint given) {
        const std::string_view name = statement.words[0].raw;
        const std::string_view program = base_name(name);
        if (const auto function = functions_.find(name); function != functions_.end() && depth_ < 2) {
            ++depth_;
            given.join(value_of_pipeline(function->second));
            --depth_;
            return given;
        }
        if (reads_body_ && !statement.piped_in && takes_body(statement))
            given.join(source("POST body"));
        given.clear(kept_away_by(statement));
        if (!passes_on(program))
            given.doubt();
        return given;
    }
    static bool takes_body(const ShellStatement& statement) {
        const std::string_view program = base_name(statement.words[0].raw);
        if (std::ranges::any_of(statement.redirections, [](const Redirection& one) { return one.direction == '<'; }))
            return false;
        if (program == "cat")
            return std::ranges::all_of(statement.words,
                                       [](const ShellWord& word) { return word.raw == "cat" || word.raw == "-" || word.raw.ends_with("/cat"); });
        const auto counts = [](const ShellWord& word) {
            return std::ranges::any_of(word.expansions, [](const Expansion& one) { return one.name == "CONTENT_LENGTH"; });
        };
        return (program == "dd" || program == "head") && std::ranges::any_of(statement.words, counts) &&
               std::ranges::none_of(statement.words, [](const ShellWord& word) { return word.raw.starts_with("if=") && word.raw != "if=/dev/stdin"; });
    }

    Taint value_of(const ShellWord& word, bool unquoted_only = false) {
        Taint all;
        for (const Expansion& expansion : word.expansions)
            if (!unquoted_only || !expansion.quoted)
                all.join(value_of(expansion));
        for (const Substitution& substitution : word.substitutions)
            if (!unquoted_only || !substitution.quoted)
                all.join(value_of_pipeline(substitution.text));
        return all;
    }

    void assign(const ShellWord& word) {
        const std::string name = word.literal.substr(0, word.literal.find('='));
        const std::string plain = name.ends_with('+') ? name.substr(0, name.size() - 1) : name;
        set_variable(plain, value_of(word));
    }
    void set_variable(std::string_view name, Taint taint) {
        const auto known = variables_.find(name);
        if (known != variables_.end())
            known->second = std::move(taint);
        else if (variables_.size() < kMaxVariables && (taint || is_source(name, form_variables_)))
            variables_.emplace(std::string(name), std::move(taint));
    }

    /// What the statement does with what reaches it; returns what flows on through its pipe.
    Taint judge(const ShellStatement& statement, const Taint& piped, bool substituted) {
        function_ = statement.function;
        for (const ShellWord& word : statement.assignments)
            assign(word);
        if (statement.words.empty())
            return {};
        const std::string_view program = base_name(statement.words[0].raw);
        if (reading_.change.empty() && changes_state(statement.line))
            reading_.change = statement.line;
        if (is_any(program, std::to_array<std::string_view>({"export", "local", "readonly", "declare", "typeset"}))) {
            for (const ShellWord& word : statement.words)
                if (word.literal.find('=') != std::string::npos)
                    assign(word);
            return {};
        }
        Taint given = statement.piped_in ? piped : Taint();
        const bool reads = program == "read";
        if (reads)
            return read_variables(statement, given);
        tested(statement, program, given);
        commands(statement, program, given);
        files(statement, program);
        queries(statement, program);
        call(statement);
        for (const ShellWord& word : statement.words)
            given.join(value_of(word));
        for (const ShellWord& word : statement.here_texts)
            given.join(value_of(word));
        if (!statement.piped_out && !substituted)
            output(statement, program, given);
        return through_command(statement, given);
    }

    Taint read_variables(const ShellStatement& statement, Taint given) {
        const bool redirected = std::ranges::any_of(statement.redirections, [](const Redirection& one) { return one.direction == '<'; });
        if (!given && reads_body_ && !redirected && !statement.piped_in && (!statement.condition || text_.find("done <") == std::string_view::npos))
            given = source("POST body");
        for (std::size_t i = 1; i < statement.words.size(); ++i)
            if (const std::string_view name = statement.words[i].raw; !name.starts_with('-') && statement.words[i].expansions.empty())
                set_variable(name, given);
        return {};
    }

    /// Tests that say what a variable may be: of those that do not hold everything off nobody can tell what they are worth.
    void tested(const ShellStatement& statement, std::string_view program, const Taint& piped) {
        if (program == "case" && statement.words.size() >= 2) {
            Sinks away = 0;
            bool doubtful = false;
            for (const std::string_view label : statement.labels) {
                const auto begin = label.find("[!") != std::string_view::npos ? label.find("[!") : label.find("[^");
                const auto end = begin == std::string_view::npos ? begin : label.find(']', begin + 3);
                if (end != std::string_view::npos)
                    away |= kept_away_by_class(label.substr(begin + 2, end - begin - 2));
                else if (label.find("..") != std::string_view::npos)
                    away |= only(WebSink::file);
                doubtful |= label != "*";
            }
            weaken(statement.words[1], away, doubtful);
            return;
        }
        if (!statement.condition && program != "[" && program != "[[" && program != "test")
            return;
        if (program == "[" || program == "[[" || program == "test") {
            test_brackets(statement);
        } else if (program == "grep" || program == "egrep") {
            const ShellWord* pattern = nullptr;
            for (std::size_t i = 1; i < statement.words.size(); ++i)
                if (!statement.words[i].raw.starts_with('-')) {
                    pattern = &statement.words[i];
                    break;
                }
            const bool whole = pattern != nullptr && pattern->literal.starts_with('^') && pattern->literal.ends_with('$');
            for (auto& [name, taint] : variables_)
                if (taint && piped && last_echoed_ == name) {
                    whole ? taint.clear(kept_away_by_pattern(pattern->literal)) : taint.doubt();
                }
        }
    }
    void test_brackets(const ShellStatement& statement) {
        const auto has = [&](std::string_view word) { return std::ranges::any_of(statement.words, [&](const ShellWord& one) { return one.raw == word; }); };
        const bool numeric = has("-eq") || has("-ge") || has("-gt") || has("-le") || has("-lt") || has("-ne");
        const bool compared = has("=") || has("==") || has("!=") || has("=~");
        const bool with_nothing =
            std::ranges::any_of(statement.words, [](const ShellWord& word) { return word.raw == "\"\"" || word.raw == "''" || word.literal == "x"; });
        Sinks away = numeric ? kEverySink : 0;
        if (has("=~") && statement.words.size() >= 4) {
            const std::string& pattern = statement.words[3].literal;
            if (pattern.starts_with('^') && pattern.ends_with('$'))
                away = kept_away_by_pattern(pattern);
        }
        if (numeric || (compared && !with_nothing))
            for (const ShellWord& word : statement.words)
                weaken(word, away, true);
    }
    void weaken(const ShellWord& word, Sinks away, bool doubtful) {
        for (const Expansion& expansion : word.expansions) {
            if (is_source(expansion.name, form_variables_) && !variables_.contains(expansion.name))
                continue;  // a source that is dispatched on stays what it is; what is cut out of it is judged by itself
            if (const auto known = variables_.find(expansion.name); known != variables_.end()) {
                known->second.clear(away);
                if (doubtful)
                    known->second.doubt();
            }
        }
    }

    void commands(const ShellStatement& statement, std::string_view program, const Taint& piped) {
        constexpr auto shells = std::to_array<std::string_view>({"sh", "ash", "bash", "dash", "su", "ssh"});
        const auto all_words = [&](std::size_t from) {
            Taint all;
            for (std::size_t i = from; i < statement.words.size(); ++i)
                all.join(value_of(statement.words[i]));
            return all;
        };
        const Sinks command = only(WebSink::command);
        if (statement.words[0].starts_expanded) {
            Taint place = value_of(statement.words[0]);
            if (!statement.words[0].substitutions.empty() && statement.words[0].raw.starts_with('`'))
                place.doubt();
            add_flows(reading_, place, command, "$", statement.line);
        } else if (program == "eval") {
            add_flows(reading_, all_words(1), command, "eval", statement.line);
        } else if (program == "." || program == "source") {
            add_flows(reading_, all_words(1), command, program, statement.line);
        } else if (is_any(program, shells)) {
            const bool text_follows = std::ranges::any_of(statement.words, [](const ShellWord& word) { return word.raw == "-c"; }) || program == "ssh";
            if (text_follows)
                add_flows(reading_, all_words(1), command, fmt_name(program), statement.line);
            if (statement.piped_in && statement.words.size() == 1)
                add_flows(reading_, piped, command, fmt_name(program), statement.line);
        } else if (is_any(program, std::to_array<std::string_view>({"awk", "gawk", "sed", "xargs"}))) {
            Taint program_text = all_words(1);
            program_text.doubt();
            add_flows(reading_, program_text, command, program, statement.line);
        } else if (!takes_any_words(program)) {
            Taint split;
            for (std::size_t i = 1; i < statement.words.size(); ++i)
                split.join(value_of(statement.words[i], true));
            split.doubt();
            add_flows(reading_, split, command, printable(program.substr(0, 40)), statement.line);
        }
    }
    static std::string fmt_name(std::string_view program) { return std::string(program) + " -c"; }
    /// Builtins and programs that no argument makes do something else.
    bool takes_any_words(std::string_view program) const {
        constexpr auto programs = std::to_array<std::string_view>(
            {"[",        "[[",      "test", "echo", "printf", "case", "for",   "return", "exit",  "shift", "set", "unset", "logger", "expr", "let",
             "basename", "dirname", "cut",  "tr",   "head",   "tail", "sleep", "true",   "false", ":",     "cat", "grep",  "read",   "break"});
        return is_any(program, programs) || functions_.contains(program);
    }

    void files(const ShellStatement& statement, std::string_view program) {
        constexpr auto readers =
            std::to_array<std::string_view>({"cat", "cp",    "dd",     "head", "less",   "ln",    "ls",    "mv",    "more",    "rm",      "sed", "tail",
                                             "tar", "touch", "unlink", "zcat", "gunzip", "chmod", "mkdir", "rmdir", "hexdump", "strings", "wc"});
        const Sinks file = only(WebSink::file);
        if (is_any(program, readers))
            for (std::size_t i = 1; i < statement.words.size(); ++i) {
                if (program == "sed" && i + 1 != statement.words.size())
                    continue;
                add_flows(reading_, value_of(statement.words[i]), file, program, statement.line);
            }
        for (const Redirection& redirection : statement.redirections)
            if (!redirection.of_error)
                add_flows(reading_, value_of(redirection.target), file, std::string(1, redirection.direction), statement.line);
    }

    void queries(const ShellStatement& statement, std::string_view program) {
        if (!is_any(program, std::to_array<std::string_view>({"sqlite", "sqlite3", "mysql", "mariadb", "psql"})))
            return;
        for (std::size_t i = 1; i < statement.words.size(); ++i)
            if (const std::string lower = lowered(statement.words[i].literal);
                lower.find("select") != std::string::npos || lower.find("insert") != std::string::npos || lower.find("update") != std::string::npos ||
                lower.find("delete") != std::string::npos)
                add_flows(reading_, value_of(statement.words[i]), only(WebSink::sql), program, statement.line);
    }

    void call(const ShellStatement& statement) {
        const std::string_view name = statement.words[0].raw;
        last_echoed_ = {};
        if (base_name(name) == "echo" || base_name(name) == "printf")
            for (const ShellWord& word : statement.words)
                for (const Expansion& expansion : word.expansions)
                    last_echoed_ = expansion.name;
        if (!functions_.contains(name))
            return;
        Taint given;
        for (std::size_t i = 1; i < statement.words.size(); ++i)
            given.join(value_of(statement.words[i]));
        if (given)
            called_with_[std::string(name)].join(given);
    }

    void output(const ShellStatement& statement, std::string_view program, const Taint& given) {
        if (plain_answer_ || !statement.redirections.empty() || statement.condition)
            return;
        if (program == "echo" || program == "printf")
            add_flows(reading_, given, only(WebSink::output), program, statement.line);
        if (program == "cat" && !statement.here_texts.empty()) {
            Taint shown;
            for (const ShellWord& word : statement.here_texts)
                shown.join(value_of(word));
            add_flows(reading_, shown, only(WebSink::output), "cat", statement.line);
        }
    }

    std::string_view text_;
    ShellText script_;
    Reading reading_;
    std::map<std::string, Taint, std::less<>> variables_;
    std::map<std::string_view, std::string_view> functions_;
    std::map<std::string, Taint, std::less<>> called_with_;  ///< of functions, all arguments together
    std::string_view function_;
    std::string_view last_echoed_;
    std::size_t nested_ = 0;
    std::size_t read_again_ = 0;
    int depth_ = 0;
    bool form_variables_ = false;
    bool reads_body_ = false;
    bool plain_answer_ = false;
};

}  // namespace

Reading read_shell_handler(std::string_view text) {
    Reading reading = ShellFlow(text.substr(0, kMaxScript)).run();
    reading.cut |= text.size() > kMaxScript;
    return reading;
}

}  // namespace shirushi::inspect::web
