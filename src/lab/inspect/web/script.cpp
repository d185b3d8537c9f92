#include "inspect/web/script.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "inspect/image.hpp"
#include "inspect/web/flow.hpp"

namespace shirushi::inspect::web {
namespace {

bool ends_with_any(std::string_view name, std::initializer_list<std::string_view> endings) {
    return std::ranges::any_of(endings, [&](std::string_view ending) { return name.ends_with(ending); });
}

/// Marks of code in a page, in the order they are looked for.
struct Marks {
    std::string_view opening;
    std::string_view shows;  ///< what follows the opening where the value is shown
    std::string_view closing;
    std::string_view output;  ///< the statement that shows it
    std::string_view end;     ///< what ends a statement
};

Marks marks_of(WebLanguage language, std::string_view text) {
    if (language == WebLanguage::php)
        return {"<?", "=", "?>", "echo ", ";"};
    if (language == WebLanguage::lua && text.find("<%") != std::string_view::npos)
        return {"<%", "=", "%>", "write(", ")"};
    if (language == WebLanguage::shell && text.find("<%") != std::string_view::npos && text.substr(0, 256).find("haserl") != std::string_view::npos)
        return {"<%", "=", "%>", "echo ", ";"};
    return {};
}

}  // namespace

std::optional<WebLanguage> language_of(std::string_view name, std::string_view content) {
    if (content.starts_with("\177ELF"))
        return WebLanguage::compiled;
    if (!looks_like_text(content))
        return std::nullopt;
    const std::string lower = lowered(name.substr(name.size() - std::min<std::size_t>(name.size(), 64)));
    if (content.starts_with("#!")) {
        const std::string_view first = content.substr(0, std::min<std::size_t>(content.find('\n'), 128));
        const auto names = [&](std::string_view program) { return first.find(program) != std::string_view::npos; };
        if (names("php"))
            return WebLanguage::php;
        if (names("lua") || names("cgilua"))
            return WebLanguage::lua;
        if (names("perl"))
            return WebLanguage::perl;
        if (names("python"))
            return WebLanguage::python;
        if (names("sh") || names("haserl"))
            return WebLanguage::shell;
        return std::nullopt;
    }
    if (ends_with_any(lower, {".php", ".php3", ".php4", ".php5", ".phtml", ".inc.php"}))
        return WebLanguage::php;
    if (ends_with_any(lower, {".lua", ".lp"}))
        return WebLanguage::lua;
    if (ends_with_any(lower, {".pl"}))
        return WebLanguage::perl;
    if (ends_with_any(lower, {".py"}))
        return WebLanguage::python;
    if (ends_with_any(lower, {".sh"}))
        return WebLanguage::shell;
    if (ends_with_any(lower, {".htm", ".html", ".shtml", ".asp"}) || (ends_with_any(lower, {".cgi"}) && content.find('<') != std::string_view::npos))
        return WebLanguage::html;
    return std::nullopt;
}

std::string code_of(std::string_view text, WebLanguage language) {
    text = text.substr(0, kMaxScript);
    const Marks marks = marks_of(language, text);
    if (marks.opening.empty())
        return std::string(text);
    std::string code;
    code.reserve(text.size());
    const auto blank = [&](std::string_view piece) {
        for (const char c : piece)
            code += c == '\n' ? '\n' : ' ';
    };
    std::size_t at = language == WebLanguage::shell ? std::min(text.find('\n'), text.size()) : 0;  // the first line says what reads the page
    code += text.substr(0, at);
    while (at < text.size()) {
        const auto begin = std::min(text.find(marks.opening, at), text.size());
        blank(text.substr(at, begin - at));
        if (begin == text.size())
            break;
        std::string_view inner = text.substr(begin + marks.opening.size());
        const auto end = std::min(inner.find(marks.closing), inner.size());
        inner = inner.substr(0, end);
        at = std::min(begin + marks.opening.size() + end + marks.closing.size(), text.size());
        if (inner.starts_with("php"))
            inner.remove_prefix(3);
        const bool shows = inner.starts_with(marks.shows);
        if (inner.starts_with('+') || inner.starts_with(':') || inner.starts_with('#') || inner.starts_with("xml")) {
            blank(inner);
            continue;  // an include, a translation, a comment, an XML declaration
        }
        code += shows ? marks.output : std::string_view(" ");
        code += shows ? inner.substr(marks.shows.size()) : inner;
        code += shows ? marks.end : std::string_view();
        code += language == WebLanguage::php ? " ; " : " ";
    }
    return code;
}

std::string shown_line(std::string_view line) {
    line = trimmed(line).substr(0, 512);
    const std::string lower = lowered(line);
    for (const std::string_view key : {"passw", "passphrase", "pwd", "secret", "psk", "apikey", "api_key"}) {
        const auto at = lower.find(key);
        const auto sign = at == std::string::npos ? at : lower.find_first_of("=:,", at);
        const auto begin = sign == std::string::npos ? sign : lower.find_first_not_of("=:,> \t(\"'", sign);
        if (begin == std::string::npos || line[begin] == '$')
            continue;
        const auto end = std::min(line.find_first_of("\"' \t;)&", begin), line.size());
        if (end - begin >= 3)
            return masked_excerpt(line, line.substr(begin, end - begin));
    }
    return excerpt(line);
}

}  // namespace shirushi::inspect::web
