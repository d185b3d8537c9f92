#include "inspect/shell.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace shirushi::inspect {
namespace {

constexpr std::size_t kMaxCommands = 20'000;
constexpr std::size_t kMaxWords = 256;               // of one command; generated argument lists stay below it
constexpr std::size_t kMaxWord = 4096;               // longer words are cut; also keeps A=$A$A from growing without end
constexpr std::size_t kMaxExpanded = std::size_t{4} << 20;  // of all expansions together
constexpr std::size_t kMaxLookAhead = 1024;          // for the end of a substituted command
constexpr std::size_t kMaxBlocks = 64;               // nested functions and case statements

bool starts_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool in_name(char c) { return starts_name(c) || (c >= '0' && c <= '9'); }

/// Length of the NAME at the start of the text; 0 when there is none.
std::size_t name_length(std::string_view text) {
    if (text.empty() || !starts_name(text.front()))
        return 0;
    return static_cast<std::size_t>(std::ranges::find_if_not(text, in_name) - text.begin());
}

bool is_assignment(std::string_view word) {
    const std::size_t length = name_length(word);
    return length != 0 && length < word.size() && word[length] == '=';
}

/// Words that only open or close a compound command; what follows them is a command again.
bool is_keyword(std::string_view word) {
    constexpr auto words = std::to_array<std::string_view>({"!", "do", "done", "elif", "else", "fi", "if", "then", "time", "until", "while"});
    return std::ranges::binary_search(words, word);
}

bool stops(std::string_view label) {
    constexpr auto words = std::to_array<std::string_view>({"condrestart", "disable", "force-reload", "help", "kill", "off", "reload", "restart",
                                                            "shutdown", "status", "stop", "stopall", "try-restart", "usage"});
    const auto labels = split(label, '|');
    return std::ranges::all_of(labels, [&](std::string_view one) { return std::ranges::binary_search(words, trimmed(one)); });
}

bool function_stops(std::string_view name) {
    for (const std::string_view part : {"stop", "kill", "status", "reload", "shutdown", "usage", "disable", "restart"})
        if (name.find(part) != std::string_view::npos)
            return true;
    return false;
}

class ShellReader {
public:
    ShellReader(std::string_view text, Variables known) : text_(text) { script_.variables = std::move(known); }

    ShellScript run() {
        while (at_ < text_.size() && script_.commands.size() < kMaxCommands)
            step();
        end_command();
        return std::move(script_);
    }

private:
    struct Block {
        bool is_case = false;
        bool stops = false;
    };

    void step() {
        const char c = text_[at_];
        switch (c) {
            case ' ':
            case '\t':
            case '\r': end_word(); ++at_; break;
            case '#': in_word_ ? literal(c) : skip_line(); break;
            case '\\': escaped(); break;
            case '\'': single_quoted(); break;
            case '"': double_quoted(); break;
            case '$': dollar(false); break;
            case '`': substituted('`'); break;
            case '\n': end_word(); end_command(); ++at_; skip_here_document(); break;
            case ';': semicolon(); break;
            case '&': ampersand(); break;
            case '|': end_word(); pipe(); break;
            case '(': open_parenthesis(); break;
            case ')': close_parenthesis(); break;
            case '<':
            case '>': redirection(); break;
            default: literal(c); break;
        }
    }

    void put(std::string_view piece) {
        if (!in_word_ && words_.empty() && !assigned_)
            command_start_ = at_;
        in_word_ = true;
        word_.append(piece.substr(0, kMaxWord - std::min(kMaxWord, word_.size())));
    }
    void literal(char c) {
        put(std::string_view(&c, 1));
        ++at_;
    }
    void skip_line() { at_ = std::min(text_.find('\n', at_), text_.size()); }

    void escaped() {
        const std::string_view next = text_.substr(at_ + 1, 1);
        if (next == "\n" || (next == "\r" && text_.substr(at_ + 2, 1) == "\n")) {
            at_ += next == "\n" ? 2 : 3;
            return;
        }
        put(next);
        quoted_ = true;
        at_ = std::min(at_ + 2, text_.size());
    }

    void single_quoted() {
        const auto end = std::min(text_.find('\'', at_ + 1), text_.size());
        put(text_.substr(at_ + 1, end - at_ - 1));
        quoted_ = true;
        at_ = std::min(end + 1, text_.size());
    }

    void double_quoted() {
        put("");
        quoted_ = true;
        ++at_;
        while (at_ < text_.size() && text_[at_] != '"') {
            const char c = text_[at_];
            if (c == '$')
                dollar(true);
            else if (c == '`')
                substituted('`');
            else if (c == '\\' && at_ + 1 < text_.size() && std::string_view("$`\"\\\n").find(text_[at_ + 1]) != std::string_view::npos) {
                if (text_[at_ + 1] != '\n')
                    put(text_.substr(at_ + 1, 1));
                at_ += 2;
            } else {
                literal(c);
            }
        }
        at_ = std::min(at_ + 1, text_.size());
    }

    /// "$(...)" and "`...`" stand for what only running them would tell: their text is kept.
    void substituted(char opening) {
        const std::string_view ahead = text_.substr(at_, kMaxLookAhead);
        std::size_t length = 0;
        if (opening == '`') {
            const auto end = ahead.find('`', 1);
            length = end == std::string_view::npos ? 1 : end + 1;
        } else {
            int depth = 0;
            for (std::size_t i = 1; i < ahead.size() && length == 0; ++i) {
                depth += ahead[i] == '(' ? 1 : ahead[i] == ')' ? -1 : 0;
                if (depth == 0)
                    length = i + 1;
            }
            length = std::max<std::size_t>(length, 2);
        }
        put(ahead.substr(0, length));
        at_ += std::min(length, ahead.size());
    }

    void dollar(bool inside_quotes) {
        const std::string_view rest = text_.substr(at_ + 1, kMaxLookAhead);
        if (rest.starts_with('('))
            return substituted('(');
        if (rest.starts_with('{')) {
            const auto end = rest.find('}');
            if (end == std::string_view::npos)
                return literal('$');
            return expand(rest.substr(1, end - 1), rest.substr(0, end + 1), inside_quotes);
        }
        const std::size_t length = name_length(rest);
        if (length == 0)
            return literal('$');
        expand(rest.substr(0, length), rest.substr(0, length), inside_quotes);
    }

    /// `inner` is "NAME" or "NAME:-word"; `raw` what stands behind the '$'.
    void expand(std::string_view inner, std::string_view raw, bool inside_quotes) {
        const std::size_t length = name_length(inner);
        const std::string_view rule = inner.substr(length);
        const auto known = script_.variables.find(inner.substr(0, length));
        std::string value;
        const bool has_default = rule.starts_with(":-") || rule.starts_with(":=") || rule.starts_with('-') || rule.starts_with('=');
        if (length != 0 && known != script_.variables.end() && expanded_ < kMaxExpanded && (rule.empty() || has_default))
            value = known->second;
        else if (length != 0 && has_default)
            value = unquote(rule.substr(rule.find_first_of("-=") + 1));
        else
            value = "$" + std::string(raw);
        expanded_ += value.size();
        if (inside_quotes || is_assignment(word_))
            put(value);
        else
            put_split(value);
        at_ += 1 + raw.size();
    }

    static std::string unquote(std::string_view word) {
        if (word.size() >= 2 && (word.front() == '"' || word.front() == '\'') && word.back() == word.front())
            word = word.substr(1, word.size() - 2);
        return std::string(word);
    }

    void put_split(std::string_view value) {
        for (std::size_t i = 0; i < value.size();) {
            const auto end = std::min(value.find_first_of(" \t\n", i), value.size());
            if (end > i)
                put(value.substr(i, end - i));
            if (end < value.size())
                end_word();
            i = end + 1;
        }
    }

    void end_word() {
        if (!in_word_)
            return;
        std::string word = std::move(word_);
        word_.clear();
        const bool was_quoted = std::exchange(quoted_, false);
        in_word_ = false;
        if (std::exchange(skip_word_, false))
            return;
        if (std::exchange(here_word_, false)) {
            here_delimiter_ = std::move(word);
            return;
        }
        if (words_.empty() && is_assignment(word)) {
            assign(word);
            assigned_ = true;
            return;
        }
        if (words_.empty() && !was_quoted && (is_keyword(word) || word == "{" || word == "}" || word == "esac"))
            return keyword(word);
        if (words_.size() < kMaxWords)
            words_.push_back(std::move(word));
        if (words_.size() == 3 && words_[0] == "case" && words_[2] == "in") {
            push_block({.is_case = true});
            words_.clear();
            expect_label_ = true;
        }
    }

    void assign(std::string_view word) {
        const auto equals = word.find('=');
        script_.variables.insert_or_assign(std::string(word.substr(0, equals)), std::string(word.substr(equals + 1)));
    }

    void keyword(std::string_view word) {
        if (word == "{")
            push_block({.stops = std::exchange(function_stops_, false)});
        else if (word == "}" || word == "esac")
            pop_block();
    }
    void push_block(Block block) {
        if (blocks_.size() < kMaxBlocks)
            blocks_.push_back(block);
        else
            ++blocks_left_out_;
    }
    void pop_block() {
        if (blocks_left_out_ > 0)
            --blocks_left_out_;
        else if (!blocks_.empty())
            blocks_.pop_back();
    }

    void end_command(bool background = false) {
        end_word();
        if (!words_.empty()) {
            if (words_[0] == "export" || words_[0] == "local" || words_[0] == "readonly")
                for (const std::string& word : words_)
                    if (is_assignment(word))
                        assign(word);
            const std::string_view line = text_.substr(command_start_, kMaxLookAhead);
            const bool starts = std::ranges::none_of(blocks_, &Block::stops);
            script_.commands.push_back({.words = std::move(words_), .background = background, .at_start = starts,
                                        .line = line.substr(0, line.find('\n'))});
            words_.clear();
        }
        assigned_ = false;
        skip_word_ = false;
    }

    void semicolon() {
        end_command();
        ++at_;
        if (text_.substr(at_, 1) == ";") {
            ++at_;
            if (!blocks_.empty() && blocks_.back().is_case) {
                blocks_.back().stops = false;
                expect_label_ = true;
            }
        }
    }
    void ampersand() {
        const std::string_view next = text_.substr(at_ + 1, 1);
        end_word();
        if (next == ">") {  // "&> file"
            ++at_;
            return;
        }
        end_command(next != "&");
        at_ += next == "&" ? 2 : 1;
    }
    void pipe() {
        if (expect_label_) {
            if (!words_.empty())
                words_.push_back("|");
            ++at_;
            return;
        }
        end_command();
        at_ += text_.substr(at_ + 1, 1) == "|" ? 2 : 1;
    }
    void open_parenthesis() {
        end_word();
        const auto next = std::min(text_.find_first_not_of(" \t", at_ + 1), text_.size());
        if (text_.substr(next, 1) == ")" && !words_.empty()) {  // NAME ()
            function_stops_ = function_stops(words_.back());
            words_.clear();
            at_ = next + 1;
            return;
        }
        if (!expect_label_)
            end_command();
        ++at_;
    }
    void close_parenthesis() {
        end_word();
        if (expect_label_) {
            std::string label;
            for (const std::string& word : words_)
                label += word;
            words_.clear();
            expect_label_ = false;
            if (!blocks_.empty())
                blocks_.back().stops = stops(label);
        } else {
            end_command();
        }
        ++at_;
    }

    void redirection() {
        if (in_word_ && std::ranges::all_of(word_, [](char c) { return c >= '0' && c <= '9'; })) {
            word_.clear();  // "2>": the number names a descriptor
            in_word_ = false;
        }
        end_word();
        const bool here = text_.substr(at_, 2) == "<<" && text_.substr(at_, 3) != "<<<";
        while (at_ < text_.size() && (text_[at_] == '<' || text_[at_] == '>' || text_[at_] == '&'))
            ++at_;
        if (here) {
            if (at_ < text_.size() && text_[at_] == '-')
                ++at_;
            here_word_ = true;
        } else {
            skip_word_ = true;
        }
    }
    void skip_here_document() {
        here_word_ = false;
        const std::string delimiter = std::exchange(here_delimiter_, "");
        while (!delimiter.empty() && at_ < text_.size()) {
            const auto end = std::min(text_.find('\n', at_), text_.size());
            const std::string_view line = trimmed(text_.substr(at_, end - at_));
            at_ = std::min(end + 1, text_.size());
            if (line == delimiter)
                return;
        }
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t command_start_ = 0;
    ShellScript script_;
    std::string word_;
    std::vector<std::string> words_;
    std::vector<Block> blocks_;
    std::size_t blocks_left_out_ = 0;
    std::size_t expanded_ = 0;
    std::string here_delimiter_;
    bool in_word_ = false;
    bool quoted_ = false;
    bool assigned_ = false;
    bool skip_word_ = false;
    bool here_word_ = false;
    bool expect_label_ = false;
    bool function_stops_ = false;
};

}  // namespace

ShellScript read_shell(std::string_view text, Variables known) { return ShellReader(text, std::move(known)).run(); }

}  // namespace shirushi::inspect
