#include "inspect/web/script_words.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace shirushi::inspect::web {
namespace {

constexpr std::size_t kMaxWords = 400'000;
constexpr std::size_t kMaxValues = 200;  // in one string

bool starts_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool in_name(char c) {
    return starts_name(c) || is_digit(c);
}

char closing_of(char opening) {
    return opening == '(' ? ')' : opening == '{' ? '}' : opening == '[' ? ']' : opening == '<' ? '>' : opening;
}

class WordReader {
public:
    WordReader(std::string_view text, WebLanguage language, bool inner) : text_(text), language_(language), inner_(inner) {}

    ScriptWords run() {
        while (at_ < text_.size() && !result_.cut)
            step();
        put(WordKind::end, {});
        return std::move(result_);
    }

private:
    [[nodiscard]] bool is(WebLanguage language) const { return language_ == language; }
    [[nodiscard]] bool has_sigils() const { return is(WebLanguage::php) || is(WebLanguage::perl); }
    [[nodiscard]] bool by_lines() const { return is(WebLanguage::lua) || is(WebLanguage::python); }
    [[nodiscard]] char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
    [[nodiscard]] bool follows(std::string_view piece) const { return text_.substr(at_).starts_with(piece); }

    void put(WordKind kind, std::string_view text) {
        if (result_.words.size() >= kMaxWords) {
            result_.cut = true;
            return;
        }
        const std::size_t begin = text.data() >= text_.data() && text.data() < text_.data() + text_.size()
                                      ? static_cast<std::size_t>(text.data() - text_.data())
                                      : std::min(at_, text_.size());
        const std::string_view rest = text_.substr(begin, 1024);
        result_.words.push_back(
            {.kind = kind, .text = text, .at = rest.substr(0, rest.find('\n')), .replaced_by = {}, .use = 'm', .depth = by_lines() ? column_ : braces_});
    }
    void end_statement() {
        if (!result_.words.empty() && result_.words.back().kind != WordKind::end)
            put(WordKind::end, {});
    }

    void step() {
        const char c = peek();
        if (c == '\n') {
            newline();
        } else if (c == ' ' || c == '\t' || c == '\r') {
            ++at_;
        } else if (comment() || here_document() || quoted_word()) {
            return;
        } else if (c == '"' || c == '\'' || (c == '`' && has_sigils())) {
            quoted(c, c == '"' && has_sigils(), c == '`');
        } else if (starts_name(c) || ((c == '$' || c == '@' || c == '%') && has_sigils() && sigil())) {
            name();
        } else if (is_digit(c)) {
            const std::size_t begin = at_;
            while (in_name(peek()) || (peek() == '.' && is_digit(peek(1))))
                ++at_;
            put(WordKind::number, text_.substr(begin, at_ - begin));
        } else if (c == '/' && is(WebLanguage::perl) && operand_follows()) {
            pattern('m', '/');
        } else if (is(WebLanguage::lua) && follows("[[")) {
            const auto end = std::min(text_.find("]]", at_), text_.size());
            put(WordKind::text, text_.substr(at_ + 2, end - std::min(end, at_ + 2)));
            at_ = std::min(end + 2, text_.size());
        } else {
            sign();
        }
    }

    /// '$x', '@x', '%x' (and "%{$x}": a sign); a '%' between operands is one too.
    [[nodiscard]] bool sigil() const {
        if (peek() == '$')
            return starts_name(peek(1)) || (is(WebLanguage::perl) && is_digit(peek(1)));
        return is(WebLanguage::perl) && starts_name(peek(1)) && (peek() == '@' || operand_follows());
    }
    [[nodiscard]] bool operand_follows() const {
        if (result_.words.empty())
            return true;
        const Word& last = result_.words.back();
        if (last.kind == WordKind::name)
            return is_keyword_before(last.text);
        return last.kind == WordKind::end || (last.kind == WordKind::sign && last.text != ")" && last.text != "]" && last.text != "}");
    }
    static bool is_keyword_before(std::string_view word) {
        constexpr auto words = std::to_array<std::string_view>(
            {"split", "if", "unless", "and", "or", "not", "grep", "return", "while", "when", "my", "our", "local", "keys", "values", "each"});
        return std::ranges::find(words, word) != words.end();
    }

    void newline() {
        ++at_;
        if (skip_to_ != 0 && skip_to_ >= at_) {
            at_ = skip_to_;
            skip_to_ = 0;
        }
        if (!by_lines() || inner_)
            return;
        const auto first = std::min(text_.find_first_not_of(" \t\r", at_), text_.size());
        const bool goes_on = text_.substr(first).starts_with("..") || parentheses_ > 0 ||
                             (!result_.words.empty() && result_.words.back().kind == WordKind::sign && result_.words.back().text != ")" &&
                              result_.words.back().text != "]" && result_.words.back().text != "}" && result_.words.back().text != ":");
        if (!goes_on) {
            end_statement();
            if (first < text_.size() && text_[first] != '\n')
                column_ = static_cast<int>(std::min<std::size_t>(first - at_, 10'000));
        }
    }

    bool comment() {
        const bool hash = !is(WebLanguage::lua) && peek() == '#' && !inner_;
        if (hash || (is(WebLanguage::php) && follows("//"))) {
            at_ = std::min(text_.find('\n', at_), text_.size());
            return true;
        }
        if (is(WebLanguage::php) && follows("/*")) {
            at_ = std::min(text_.find("*/", at_ + 2), text_.size() - 2) + 2;
            return true;
        }
        if (is(WebLanguage::lua) && follows("--")) {
            const auto end = follows("--[[") ? text_.find("]]", at_) : text_.find('\n', at_);
            at_ = std::min(end, text_.size());
            return true;
        }
        const bool line_start = at_ == 0 || text_[at_ - 1] == '\n';
        if (is(WebLanguage::perl) && line_start && peek() == '=' && starts_name(peek(1))) {
            const auto end = std::min(text_.find("\n=cut", at_), text_.size());
            at_ = std::min(text_.find('\n', end + 1), text_.size());
            return true;
        }
        if (is(WebLanguage::perl) && line_start && (follows("__END__") || follows("__DATA__"))) {
            at_ = text_.size();
            return true;
        }
        return false;
    }

    /// "<<EOF": its text starts at the next line.
    bool here_document() {
        if (!has_sigils() || inner_ || !follows("<<") || skip_to_ != 0)
            return false;
        std::size_t i = at_ + 2 + std::size_t(is(WebLanguage::php) && follows("<<<"));
        i += std::size_t(i < text_.size() && text_[i] == '~');
        const char quote = i < text_.size() && (text_[i] == '"' || text_[i] == '\'') ? text_[i] : '\0';
        i += std::size_t(quote != '\0');
        const std::size_t begin = i;
        while (i < text_.size() && in_name(text_[i]))
            ++i;
        const std::string_view delimiter = text_.substr(begin, i - begin);
        if (delimiter.empty() || !starts_name(delimiter.front()))
            return false;
        const std::size_t body = std::min(text_.find('\n', i), text_.size());
        std::size_t line = body + 1;
        while (line < text_.size() && !trimmed(text_.substr(line, text_.find('\n', line) - line)).starts_with(delimiter))
            line = std::min(text_.find('\n', line), text_.size() - 1) + 1;
        const std::string_view inside = body + 1 < line ? text_.substr(body + 1, std::min(line, text_.size()) - body - 1) : std::string_view();
        at_ = std::min(i + std::size_t(quote != '\0'), text_.size());
        quote == '\'' ? put(WordKind::text, inside) : values_in(inside);
        skip_to_ = std::min(line + delimiter.size(), text_.size());
        return true;
    }

    /// Perl's q, qq, qw, qx, qr, m, s, tr, y; Python's prefixes of strings.
    bool quoted_word() {
        if (is(WebLanguage::python) && (peek(1) == '"' || peek(1) == '\'') && std::string_view("fFrRbBuU").find(peek()) != std::string_view::npos) {
            const bool formatted = peek() == 'f' || peek() == 'F';
            ++at_;
            quoted(peek(), formatted, false);
            return true;
        }
        if (!is(WebLanguage::perl) || !starts_name(peek()))
            return false;
        std::size_t length = 0;
        while (starts_name(peek(length)))
            ++length;
        const std::string_view word = text_.substr(at_, length);
        char opening = peek(length);
        if (opening == '\0' || in_name(opening) || opening == ',' || opening == ';' || opening == ')' || opening == '=' || opening == ' ' || opening == '\n' ||
            opening == '-' || opening == '>')
            return false;
        const bool is_key = !result_.words.empty() && result_.words.back().text == "{" && opening == '}';
        if (is_key)
            return false;
        if (word == "m" || word == "qr" || word == "s" || word == "tr" || word == "y") {
            at_ += length;
            pattern(word == "s" ? 's' : word == "tr" || word == "y" ? 't' : 'm', opening);
            return true;
        }
        if (word != "q" && word != "qq" && word != "qw" && word != "qx")
            return false;
        at_ += length;
        const std::string_view inside = delimited(opening);
        if (word == "qx")
            command(inside);
        else
            word == "qq" ? values_in(inside) : put(WordKind::text, inside);
        return true;
    }

    /// What stands between the delimiter here and its end; stops after it.
    std::string_view delimited(char opening) {
        const char closing = closing_of(opening);
        const std::size_t begin = ++at_;
        int depth = 1;
        for (; at_ < text_.size(); ++at_) {
            if (text_[at_] == '\\') {
                ++at_;
                continue;
            }
            if (text_[at_] == closing && --depth == 0)
                break;
            depth += int(text_[at_] == opening && opening != closing);
        }
        const std::size_t end = std::min(at_, text_.size());
        at_ = std::min(end + 1, text_.size());
        return text_.substr(std::min(begin, end), end - std::min(begin, end));
    }

    void pattern(char use, char opening) {
        const std::string_view inside = delimited(opening);
        std::string_view replacement;
        if (use != 'm') {
            if (closing_of(opening) != opening) {
                while (peek() == ' ' || peek() == '\n')
                    ++at_;
                replacement = delimited(peek());
            } else {
                --at_;
                replacement = delimited(opening);
            }
        }
        const std::size_t flags = at_;
        while (starts_name(peek()) && peek() != '_' && at_ - flags < 8 && std::string_view("msixgecdr").find(peek()) != std::string_view::npos)
            ++at_;
        const std::string_view set = text_.substr(flags, at_ - flags);
        put(WordKind::pattern, inside);
        Word& word = result_.words.back();
        if (word.kind != WordKind::pattern)
            return;
        word.replaced_by = replacement;
        word.use = use == 't' && set.find('c') != std::string_view::npos && set.find('d') != std::string_view::npos ? 'd' : use;
    }

    void quoted(char quote, bool has_values, bool runs) {
        std::string_view inside;
        if (is(WebLanguage::python) && peek(1) == quote && peek(2) == quote) {
            const auto end = std::min(text_.find(std::string(3, quote), at_ + 3), text_.size());
            inside = text_.substr(at_ + 3, end - std::min(end, at_ + 3));
            at_ = std::min(end + 3, text_.size());
        } else {
            inside = delimited(quote);
        }
        if (runs)
            command(inside);
        else
            has_values && !inner_ ? values_in(inside) : put(WordKind::text, inside);
    }
    void command(std::string_view inside) {
        put(WordKind::name, "shell_exec");
        put(WordKind::sign, "(");
        values_in(inside);
        put(WordKind::sign, ")");
    }

    /// The string and the values put into it.
    void values_in(std::string_view inside) {
        put(WordKind::open_text, inside);
        put(WordKind::text, inside);
        std::size_t values = 0;
        for (std::size_t i = 0; i < inside.size() && values < kMaxValues; ++i) {
            if (inside[i] == '\\') {
                ++i;
            } else if (is(WebLanguage::python) && inside[i] == '{') {
                const auto end = std::min(inside.find('}', i), inside.size());
                if (inner_)
                    continue;
                const std::string_view expression = inside.substr(i + 1, end - i - 1);
                for (const Word& word : WordReader(expression.substr(0, expression.find('!')), language_, true).run().words)
                    if (word.kind != WordKind::end && result_.words.size() < kMaxWords)
                        result_.words.push_back(word);
                i = end;
                ++values;
            } else if (has_sigils() && (inside[i] == '$' || (inside[i] == '@' && is(WebLanguage::perl)))) {
                const std::size_t brace = i + 1 < inside.size() && inside[i + 1] == '{' ? 1 : 0;
                std::size_t end = i + 1 + brace;
                if (end < inside.size() && inside[end] == '$')
                    ++end;
                const std::size_t begin = end;
                while (end < inside.size() && (in_name(inside[end]) || inside.substr(end).starts_with("::")))
                    end += inside[end] == ':' ? 2 : 1;
                if (end == begin)
                    continue;
                value_in_text(inside, i, begin, end, brace != 0);
                i = end - 1;
                ++values;
            }
        }
        put(WordKind::close_text, {});
    }
    /// "$name", "${name}", "$name{key}", "$name->{key}": `begin` to `end` is the name.
    void value_in_text(std::string_view inside, std::size_t sigil, std::size_t begin, std::size_t end, bool braced) {
        const std::string_view name = inside.substr(braced || begin != sigil + 1 ? begin - 1 : sigil, end - (braced || begin != sigil + 1 ? begin - 1 : sigil));
        put(WordKind::name, name);
        std::size_t i = end + std::size_t(inside.substr(end).starts_with("->") ? 2 : 0);
        if (i < inside.size() && (inside[i] == '{' || inside[i] == '[') && !braced) {
            const auto close = inside.find(closing_of(inside[i]), i);
            if (close == std::string_view::npos)
                return;
            put(WordKind::sign, "[");
            std::string_view key = inside.substr(i + 1, close - i - 1);
            if (key.size() >= 2 && (key.front() == '"' || key.front() == '\'') && key.back() == key.front())
                key = key.substr(1, key.size() - 2);
            put(WordKind::text, key);
            put(WordKind::sign, "]");
        }
    }

    /// Length of what joins a name to the one that hangs on it; 0: nothing.
    [[nodiscard]] std::size_t joint(std::size_t at) const {
        const std::string_view rest = text_.substr(at);
        const auto name_at = [&](std::size_t i) { return i < rest.size() && starts_name(rest[i]); };
        if (has_sigils())
            return (rest.starts_with("->") || rest.starts_with("::")) && name_at(2) ? 2 : 0;
        const bool point = rest.starts_with('.') || (rest.starts_with(':') && is(WebLanguage::lua));
        return point && name_at(1) ? 1 : 0;
    }
    void name() {
        const std::size_t begin = at_;
        at_ += std::size_t(!starts_name(peek()));
        while (true) {
            while (in_name(peek()))
                ++at_;
            const std::size_t length = joint(at_);
            if (length == 0)
                break;
            at_ += length;
        }
        const std::string_view text = text_.substr(begin, at_ - begin);
        put(WordKind::name, text);
        const bool block = is(WebLanguage::lua) && (text == "then" || text == "do" || text == "else" || text == "end" || text == "repeat");
        if (block && parentheses_ == 0)
            end_statement();
    }

    void sign() {
        if (const std::size_t length = joint(at_);
            length != 0 && !result_.words.empty() &&
            (result_.words.back().text == ")" || result_.words.back().text == "]" || result_.words.back().kind == WordKind::text)) {
            const std::size_t begin = at_;
            at_ += length;
            while (in_name(peek()))
                ++at_;
            put(WordKind::name, text_.substr(begin, at_ - begin));  // a method of what stands before
            return;
        }
        constexpr auto signs = std::to_array<std::string_view>(
            {"===", "!==", "<=>", "...", "=~", "!~", "==", "!=", "~=", "<=", ">=", "=>", "->", "&&", "||", ".=", "+=", "-=", "..", "::", "++", "--", "//"});
        const auto longest = std::ranges::find_if(signs, [&](std::string_view one) { return follows(one); });
        const std::string_view text = text_.substr(at_, longest == signs.end() ? 1 : longest->size());
        at_ += text.size();
        brackets(text);
    }
    void brackets(std::string_view text) {
        const bool hash_key =
            text == "{" && is(WebLanguage::perl) && !result_.words.empty() &&
            ((result_.words.back().kind == WordKind::name && (result_.words.back().text.starts_with('$') || result_.words.back().text.starts_with('@'))) ||
             result_.words.back().text == "->" || result_.words.back().text == "]");
        if (hash_key || (text == "}" && keys_ > 0 && key_depth_ == braces_)) {
            keys_ += hash_key ? 1 : -1;
            key_depth_ = hash_key ? braces_ : key_depth_;
            parentheses_ += hash_key ? 1 : -1;
            put(WordKind::sign, hash_key ? "[" : "]");
            return;
        }
        parentheses_ += int(text == "(" || text == "[" || (by_lines() && text == "{")) - int(text == ")" || text == "]" || (by_lines() && text == "}"));
        parentheses_ = std::max(parentheses_, 0);
        const bool ends = has_sigils() && (text == ";" || text == "{" || text == "}");
        if (ends) {
            put(WordKind::sign, text);
            end_statement();
            parentheses_ = text == ";" ? parentheses_ : 0;
            braces_ = std::clamp(braces_ + int(text == "{") - int(text == "}"), 0, 10'000);
            return;
        }
        put(WordKind::sign, text);
        if (by_lines() && text == ";")
            end_statement();
    }

    std::string_view text_;
    WebLanguage language_;
    bool inner_;
    std::size_t at_ = 0;
    std::size_t skip_to_ = 0;  ///< end of a here-document whose text was read already
    int braces_ = 0;
    int column_ = 0;
    int parentheses_ = 0;
    int keys_ = 0;
    int key_depth_ = 0;
    ScriptWords result_;
};

}  // namespace

ScriptWords read_words(std::string_view text, WebLanguage language) {
    return WordReader(text, language, false).run();
}

}  // namespace shirushi::inspect::web
