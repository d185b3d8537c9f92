#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "model/toml_fields.hpp"

namespace shirushi::toml_text {
namespace {

/// Real keys have two or three parts; 32 leaves room and keeps the library's recursion harmless.
constexpr std::size_t max_key_parts = 32;
/// A hint further away than this is a guess, not a hint.
constexpr std::size_t max_hint_distance = 3;
/// Longer keys are no slips of the pen: comparing them costs time and helps nobody.
constexpr std::size_t max_hint_length = 64;

/// Walks over the text as TOML sees it, far enough to know what is a string and what is a comment.
class DotCounter {
public:
    explicit DotCounter(std::string_view text) : rest_(text) {}

    /// Line (from 1) of the first key with too many parts; 0: there is none.
    std::size_t first_deep_line() {
        while (!rest_.empty()) {
            const char c = rest_.front();
            if (c == '"' || c == '\'') {
                skip_string(c);
                continue;
            }
            if (c == '#') {
                take(std::min(rest_.find('\n'), rest_.size()));
                continue;
            }
            if (c == '.' && ++dots_ >= max_key_parts)
                return line_;
            if (std::string_view("\n=,[]{}").find(c) != std::string_view::npos)
                dots_ = 0;
            take(1);
        }
        return 0;
    }

private:
    void take(std::size_t count) {
        line_ += static_cast<std::size_t>(std::ranges::count(rest_.substr(0, count), '\n'));
        rest_.remove_prefix(count);
    }

    void skip_string(char quote) {
        const std::string triple(3, quote);
        const bool is_long = rest_.starts_with(triple);
        take(is_long ? 3 : 1);
        while (!rest_.empty()) {
            if (quote == '"' && rest_.front() == '\\') {
                take(std::min<std::size_t>(2, rest_.size()));
            } else if (is_long ? rest_.starts_with(triple) : rest_.front() == quote) {
                return take(is_long ? 3 : 1);
            } else if (!is_long && rest_.front() == '\n') {
                return;  // not TOML: the parser will say so
            } else {
                take(1);
            }
        }
    }

    std::string_view rest_;
    std::size_t line_ = 1;
    std::size_t dots_ = 0;
};

/// Levenshtein's distance, one row at a time.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j)
        row[j] = j;
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i + 1);
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t changed = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({changed, row[j] + 1, diagonal + 1});
        }
    }
    return row.back();
}

}  // namespace

Result<toml::table> parse(std::string_view text, std::string_view file, std::size_t limit) {
    if (text.size() > limit)
        return fail(Errc::limit, fmt::format("{}: {} bytes are more than the {} allowed; split or shorten it", file, text.size(), limit));
    if (!is_utf8(text))
        return fail(Errc::bad_input, fmt::format("{}: not UTF-8 text; save it as UTF-8", file));
    if (const std::size_t line = DotCounter(text).first_deep_line(); line != 0)
        return fail(Errc::bad_input, fmt::format("{}:{}: a key of more than {} parts; nothing here nests that deep", file, line, max_key_parts));
    try {
        return toml::parse(text, file);
    } catch (const toml::parse_error& error) {
        return fail(Errc::bad_input, fmt::format("{}:{}: not TOML: {}", file, error.source().begin.line, excerpt(error.description(), 200)));
    }
}

std::unexpected<Error> wrong(std::string_view file, const toml::node& at, std::string_view what) {
    const auto line = at.source().begin.line;
    return fail(Errc::bad_input, line == 0 ? fmt::format("{}: {}", file, what) : fmt::format("{}:{}: {}", file, line, what));
}

std::string unknown_key(std::string_view key, const std::vector<std::string_view>& known) {
    std::string_view nearest;
    std::size_t best = std::min(max_hint_distance, key.size() / 2) + 1;
    if (key.size() <= max_hint_length)
        for (const std::string_view candidate : known)
            if (const std::size_t d = distance(key, candidate); d < best) {
                best = d;
                nearest = candidate;
            }
    if (!nearest.empty())
        return fmt::format("unknown key \"{}\"; did you mean \"{}\"?", excerpt(key, 60), nearest);
    return fmt::format("unknown key \"{}\"; known keys are {}", excerpt(key, 60), fmt::join(known, ", "));
}

Result<std::string> read_string(const toml::node& node, std::string_view file, std::string_view name) {
    if (const auto* text = node.as_string())
        return text->get();
    if (const auto* date = node.as_date())
        return fmt::format("{:04}-{:02}-{:02}", date->get().year, date->get().month, date->get().day);
    return wrong(file, node, fmt::format("{} must be text in quotes", name));
}

Result<Text> read_text(const toml::node& node, std::string_view file, std::string_view name) {
    Text text = TRY(read_table<Text>(node, file, name));
    if (trimmed(text.en).empty())
        return wrong(file, node, fmt::format("{} has no English text; write it after en =", name));
    if (trimmed(text.ja).empty())
        return wrong(file, node, fmt::format("{} has no Japanese text; write it after ja =", name));
    return text;
}

Result<std::vector<MessageText>> read_messages(const toml::node& node, std::string_view file) {
    const toml::table* table = node.as_table();
    if (table == nullptr)
        return wrong(file, node, "messages must be tables: [messages.KEY]");
    std::vector<MessageText> messages;
    for (const auto& [key, value] : *table)
        messages.push_back({std::string(key.str()), TRY(read_text(value, file, key.str()))});
    std::ranges::sort(messages, {}, &MessageText::key);
    return messages;
}

Result<std::vector<Parameter>> read_parameters(const toml::node& node, std::string_view file) {
    const toml::table* table = node.as_table();
    if (table == nullptr)
        return wrong(file, node, "parameters must be a table of lists: name = [\"...\"]");
    std::vector<Parameter> parameters;
    for (const auto& [key, value] : *table)
        parameters.push_back({std::string(key.str()), TRY(read<std::vector<std::string>>(value, file, key.str()))});
    std::ranges::sort(parameters, {}, &Parameter::name);
    return parameters;
}

}  // namespace shirushi::toml_text
