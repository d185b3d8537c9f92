#include "inspect/web/shell_words.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "inspect/web/flow.hpp"

namespace shirushi::inspect::web {
namespace {

constexpr std::size_t kMaxLiteral = 1024;
constexpr std::size_t kMaxParts = 64;  // expansions of one word; words of one command; labels of one case
constexpr std::size_t kMaxSubstitution = 4096;
constexpr std::size_t kMaxDepth = 64;

bool starts_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool in_name(char c) {
    return starts_name(c) || (c >= '0' && c <= '9');
}

std::size_t name_length(std::string_view text) {
    if (text.empty())
        return 0;
    if (!starts_name(text.front()))
        return (text.front() >= '0' && text.front() <= '9') || text.front() == '@' || text.front() == '*' ? 1 : 0;
    return static_cast<std::size_t>(std::ranges::find_if_not(text, in_name) - text.begin());
}

bool is_assignment(std::string_view literal) {
    const auto end = std::ranges::find_if_not(literal, in_name);
    return end != literal.begin() && end != literal.end() && *end == '=' && starts_name(literal.front());
}

/// Reads one word, or a text as between double quotes, up to where it ends.
class WordReader {
public:
    WordReader(std::string_view text, std::size_t at) : text_(text), at_(at), begin_(at) {}

    /// A word of a command: ends at blanks and operators.
    ShellWord word() {
        while (at_ < text_.size() && std::string_view(" \t\r\n;&|<>()").find(text_[at_]) == std::string_view::npos)
            piece();
        return finish();
    }
    /// All of the text, with expansions as between double quotes.
    ShellWord document() {
        while (at_ < text_.size())
            inside_quotes();
        return finish();
    }
    [[nodiscard]] std::size_t end() const { return at_; }

private:
    ShellWord finish() {
        word_.raw = text_.substr(begin_, at_ - begin_);
        return std::move(word_);
    }
    void put(std::string_view piece) { word_.literal.append(piece.substr(0, kMaxLiteral - std::min(kMaxLiteral, word_.literal.size()))); }

    void piece() {
        const char c = text_[at_];
        if (c == '\\') {
            const std::string_view next = text_.substr(at_ + 1, 1);
            if (next != "\n")
                put(next);
            at_ = std::min(at_ + 2, text_.size());
        } else if (c == '\'') {
            const auto end = std::min(text_.find('\'', at_ + 1), text_.size());
            put(text_.substr(at_ + 1, end - at_ - 1));
            at_ = std::min(end + 1, text_.size());
        } else if (c == '"') {
            ++at_;
            while (at_ < text_.size() && text_[at_] != '"')
                inside_quotes();
            at_ = std::min(at_ + 1, text_.size());
        } else if (c == '$') {
            dollar(false);
        } else if (c == '`') {
            backticks(false);
        } else {
            put(text_.substr(at_++, 1));
        }
    }
    void inside_quotes() {
        const char c = text_[at_];
        if (c == '\\') {
            put(text_.substr(at_ + 1, 1));
            at_ = std::min(at_ + 2, text_.size());
        } else if (c == '$') {
            dollar(true);
        } else if (c == '`') {
            backticks(true);
        } else {
            put(text_.substr(at_++, 1));
        }
    }

    void expanded() { word_.starts_expanded |= word_.literal.empty() && word_.expansions.size() + word_.substitutions.size() == 1; }

    void backticks(bool quoted) {
        const auto end = text_.find('`', at_ + 1);
        const std::size_t length = std::min(end, text_.size()) - at_ - 1;
        if (word_.substitutions.size() < kMaxParts)
            word_.substitutions.push_back({text_.substr(at_ + 1, std::min(length, kMaxSubstitution)), quoted});
        expanded();
        at_ = std::min(at_ + length + 2, text_.size());
    }
    void dollar(bool quoted) {
        const std::string_view rest = text_.substr(at_ + 1);
        if (rest.starts_with('('))
            return parenthesis(quoted);
        if (rest.starts_with('{')) {
            const auto end = std::min(rest.find('}'), rest.size());
            std::string_view inner = rest.substr(1, end - 1);
            const bool length = inner.starts_with('#') && inner.size() > 1;
            const std::size_t name = length ? inner.size() : name_length(inner);
            expand(inner.substr(0, name), inner.substr(name), quoted);
            at_ = std::min(at_ + end + 2, text_.size());
            return;
        }
        const std::size_t length = name_length(rest);
        if (length == 0)
            put("$");
        else
            expand(rest.substr(0, length), {}, quoted);
        at_ += 1 + length;
    }
    void expand(std::string_view name, std::string_view rule, bool quoted) {
        if (word_.expansions.size() < kMaxParts)
            word_.expansions.push_back({name, rule, quoted});
        expanded();
    }
    void parenthesis(bool quoted) {
        std::size_t depth = 0;
        std::size_t i = at_ + 1;
        const std::size_t last = std::min(text_.size(), at_ + kMaxSubstitution);
        for (char quote = '\0'; i < last; ++i) {
            const char c = text_[i];
            if (quote == '\'' ? c != '\'' : c == '\\') {
                i += std::size_t(quote != '\'');
                continue;
            }
            if (c == '\'' || c == '"')
                quote = quote == c ? '\0' : quote == '\0' ? c : quote;
            depth += std::size_t(c == '(' && quote != '\'');
            if (c == ')' && quote != '\'' && --depth == 0)
                break;
        }
        const std::string_view inner = text_.substr(at_ + 2, std::min(i, text_.size()) - std::min(at_ + 2, std::min(i, text_.size())));
        if (!inner.starts_with('(') && word_.substitutions.size() < kMaxParts)
            word_.substitutions.push_back({inner, quoted});
        expanded();
        at_ = std::min(i + 1, text_.size());
    }

    std::string_view text_;
    std::size_t at_;
    std::size_t begin_;
    ShellWord word_;
};

/// Splits a script into commands.
class TextReader {
public:
    explicit TextReader(std::string_view text) : text_(text) {}

    ShellText run() {
        while (at_ < text_.size() && !result_.cut)
            step();
        end_statement();
        for (const Open& open : functions_)
            close_function(open, text_.size());
        return std::move(result_);
    }

private:
    struct Open {
        std::string_view name;
        std::size_t begin = 0;
        int depth = 0;
    };

    void step() {
        const char c = text_[at_];
        if (c == ' ' || c == '\t' || c == '\r') {
            ++at_;
        } else if (c == '\\' && (text_.substr(at_ + 1, 1) == "\n" || text_.substr(at_ + 1, 2) == "\r\n")) {
            at_ += 2;
        } else if (c == '#') {
            at_ = std::min(text_.find('\n', at_), text_.size());
        } else if (c == '\n') {
            end_statement();
            ++at_;
            here_documents();
        } else if (c == ';') {
            semicolon();
        } else if (c == '&' || c == '|') {
            operator_of(c);
        } else if (c == '(' || c == ')') {
            parenthesis(c);
        } else if (c == '<' || c == '>') {
            redirection(false);
        } else {
            word();
        }
    }

    void semicolon() {
        end_statement();
        ++at_;
        if (text_.substr(at_, 1) == ";") {
            ++at_;
            in_label_ = !cases_.empty();
        }
    }
    void operator_of(char c) {
        if (in_label_) {
            ++at_;
            return;
        }
        const bool twice = text_.substr(at_ + 1, 1) == std::string_view(&c, 1);
        if (c == '&' && text_.substr(at_ + 1, 1) == ">") {
            ++at_;
            return redirection(false);
        }
        const bool pipe = c == '|' && !twice;
        current_.condition |= twice;
        current_.piped_out = pipe;
        const bool condition = pipe && current_.condition;
        end_statement();
        current_.piped_in = pipe;
        current_.condition = condition;
        at_ += twice ? 2 : 1;
    }
    void parenthesis(char c) {
        ++at_;
        if (c == ')' && in_label_) {
            in_label_ = false;
            return;
        }
        if (c == '(' && in_label_)
            return;
        const auto next = text_.find_first_not_of(" \t", at_);
        if (c == '(' && next != std::string_view::npos && text_[next] == ')' && current_.words.size() == 1) {
            pending_function_ = current_.words[0].raw;
            current_ = {};
            at_ = next + 1;
            return;
        }
        end_statement();
    }

    void word() {
        WordReader reader(text_, at_);
        const std::size_t begin = at_;
        ShellWord read = reader.word();
        at_ = std::max(reader.end(), begin + 1);
        if (in_label_) {
            if (read.raw == "esac") {
                in_label_ = false;
                (void)keyword("esac");
                return;
            }
            auto& labels = result_.statements.at(cases_.back()).labels;
            if (labels.size() < kMaxParts)
                labels.push_back(read.raw);
            return;
        }
        if (!read.raw.empty() && std::ranges::all_of(read.raw, [](char d) { return d >= '0' && d <= '9'; }) && at_ < text_.size() &&
            (text_[at_] == '<' || text_[at_] == '>'))
            return redirection(read.raw == "2");
        if (current_.words.empty() && current_.assignments.empty())
            begin_ = begin;
        if (current_.words.empty() && is_assignment(read.literal) && !read.starts_expanded) {
            if (current_.assignments.size() < kMaxParts)
                current_.assignments.push_back(std::move(read));
            return;
        }
        if (current_.words.empty() && keyword(read.raw))
            return;
        if (current_.words.size() < kMaxParts)
            current_.words.push_back(std::move(read));
        if (current_.words.size() == 3 && current_.words[0].raw == "case" && current_.words[2].raw == "in") {
            end_statement();
            if (cases_.size() < kMaxDepth && !result_.statements.empty()) {
                cases_.push_back(result_.statements.size() - 1);
                in_label_ = true;
            }
        }
    }

    /// Whether the word opens or closes a compound command; a command follows it.
    bool keyword(std::string_view word) {
        if (word == "if" || word == "elif" || word == "while" || word == "until") {
            current_.condition = true;
            return true;
        }
        if (word == "{") {
            ++depth_;
            if (!pending_function_.empty() && functions_.size() < kMaxDepth)
                functions_.push_back({std::exchange(pending_function_, {}), at_, depth_});
            return true;
        }
        if (word == "}") {
            if (!functions_.empty() && functions_.back().depth == depth_) {
                close_function(functions_.back(), at_ - 1);
                functions_.pop_back();
            }
            --depth_;
            return true;
        }
        if (word == "esac" && !cases_.empty())
            cases_.pop_back();
        return word == "then" || word == "else" || word == "fi" || word == "do" || word == "done" || word == "esac" || word == "!" || word == "function";
    }
    void close_function(const Open& open, std::size_t end) {
        if (result_.functions.size() < kMaxVariables)
            result_.functions.push_back({open.name, text_.substr(open.begin, end - std::min(end, open.begin))});
    }

    void redirection(bool of_error) {
        const bool here = text_.substr(at_, 2) == "<<" && text_.substr(at_, 3) != "<<<";
        const char direction = text_[at_];
        while (at_ < text_.size() && (text_[at_] == '<' || text_[at_] == '>' || text_[at_] == '&' || (here && text_[at_] == '-')))
            ++at_;
        at_ = std::min(text_.find_first_not_of(" \t", at_), text_.size());
        WordReader reader(text_, at_);
        ShellWord target = reader.word();
        at_ = reader.end();
        if (here) {
            here_delimiter_ = target.literal;
            here_quoted_ = target.raw != target.literal;
        } else if (current_.redirections.size() < kMaxParts) {
            current_.redirections.push_back({direction, of_error, std::move(target)});
        }
    }
    void here_documents() {
        const std::string delimiter = std::exchange(here_delimiter_, "");
        if (delimiter.empty())
            return;
        const std::size_t begin = at_;
        std::size_t end = at_;
        while (at_ < text_.size()) {
            end = at_;
            const auto stop = std::min(text_.find('\n', at_), text_.size());
            const std::string_view line = trimmed(text_.substr(at_, stop - at_));
            at_ = std::min(stop + 1, text_.size());
            if (line == delimiter)
                break;
            end = at_;
        }
        if (!here_quoted_ && !result_.statements.empty() && result_.statements.back().here_texts.size() < kMaxParts)
            result_.statements.back().here_texts.push_back(read_shell_word(text_.substr(begin, end - begin)));
    }

    void end_statement() {
        if (current_.words.empty() && current_.assignments.empty() && current_.redirections.empty()) {
            current_ = {};
            return;
        }
        const std::string_view rest = text_.substr(std::min(begin_, text_.size()));
        current_.line = rest.substr(0, rest.find('\n'));
        current_.function = functions_.empty() ? std::string_view() : functions_.back().name;
        if (result_.statements.size() == kMaxStatements)
            result_.cut = true;
        else
            result_.statements.push_back(std::move(current_));
        current_ = {};
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t begin_ = 0;
    ShellText result_;
    ShellStatement current_;
    std::vector<std::size_t> cases_;  ///< statements whose labels are being read
    std::vector<Open> functions_;
    std::string_view pending_function_;
    std::string here_delimiter_;
    bool here_quoted_ = false;
    bool in_label_ = false;
    int depth_ = 0;
};

}  // namespace

ShellText read_shell_text(std::string_view text) {
    return TextReader(text).run();
}
ShellWord read_shell_word(std::string_view text) {
    return WordReader(text, 0).document();
}

}  // namespace shirushi::inspect::web
