#include "inspect/web/handlers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "inspect/daemons.hpp"
#include "inspect/web/flow.hpp"
#include "inspect/web/script.hpp"

namespace shirushi::inspect::web {
namespace {

using Lines = std::vector<std::string_view>;

constexpr std::size_t kMaxIncluded = 16;
constexpr std::string_view kControllers = "/usr/lib/lua/luci/controller/";
constexpr std::string_view kTemplates = "/usr/lib/lua/luci/view/";

/// A word of the list that a line of code holds; what stands in a comment of its own does not count.
std::string_view line_with(const Lines& lines, std::span<const std::string_view> words, std::span<const std::string_view> but = {}) {
    for (const std::string_view whole : lines) {
        const std::string line = lowered(trimmed(whole.substr(0, 1024)));
        if (line.starts_with('#') || line.starts_with("//") || line.starts_with("--") || line.starts_with('*') || line.starts_with("/*"))
            continue;
        const auto has = [&](std::string_view word) {
            const auto at = line.find(word);
            return at != std::string::npos &&
                   std::ranges::none_of(but, [&](std::string_view other) { return std::string_view(line).substr(at).starts_with(other); });
        };
        if (std::ranges::any_of(words, has))
            return whole;
    }
    return {};
}

std::string_view authentication_line(const Lines& lines) {
    constexpr auto words =
        std::to_array<std::string_view>({"session", "auth", "login", "logged", "remote_user", "http_cookie", "$_cookie", "check_user", "checkuser", "is_admin",
                                         "isadmin", "check_pass", "verify_user", "sysauth", "htpasswd", "checkpriv", "check_priv"});
    constexpr auto but = std::to_array<std::string_view>({"author:", "author ", "authors", "session_name", "session_save", "logging", "session_write_close"});
    return line_with(lines, words, but);
}
std::string_view origin_line(const Lines& lines) {
    constexpr auto words = std::to_array<std::string_view>(
        {"csrf", "xsrf", "token", "http_referer", "http_origin", "nonce", "stok", "session_key", "sessionkey", "post_on(", "post(\"", "post('"});
    constexpr auto but = std::to_array<std::string_view>({"tokenize", "token_name", "token_get_all"});
    return line_with(lines, words, but);
}

/// The files of its own image that a script reads in, by whatever statement, as far as their names stand there.
struct Included {
    std::vector<std::string_view> texts;
    bool all_found = true;
};
Included included_by(const Root& root, std::string_view folder, const Lines& lines, WebLanguage language) {
    Included included;
    for (const std::string_view whole : lines) {
        const std::string_view line = trimmed(whole.substr(0, 512));
        const bool shell = language == WebLanguage::shell && (line.starts_with(". ") || line.starts_with("source "));
        const bool php = language == WebLanguage::php && (line.starts_with("include") || line.starts_with("require"));
        const bool other = (language == WebLanguage::perl && (line.starts_with("require ") || line.starts_with("do "))) ||
                           (language == WebLanguage::lua && line.starts_with("dofile"));
        if (!shell && !php && !other)
            continue;
        if (included.texts.size() == kMaxIncluded) {
            included.all_found = false;
            break;
        }
        auto begin = line.find_first_of("\"'");
        std::string_view name = shell && begin == std::string_view::npos ? line.substr(line.find(' '))
                                : begin == std::string_view::npos        ? std::string_view()
                                                                         : line.substr(begin + 1);
        name = trimmed(name).substr(0, trimmed(name).find_first_of("\"'; \t&|)"));
        auto text = name.empty() ? std::nullopt : root.text(name.starts_with('/') ? std::string(name) : fmt::format("{}/{}", folder, name));
        if (!text && php && name.starts_with('/'))  // dirname(__FILE__) . "/lib.php"
            text = root.text(fmt::format("{}{}", folder, name));
        included.all_found &= text.has_value();
        if (text)
            included.texts.push_back(*text);
    }
    return included;
}

/// Yes where the script or what it reads in has such a line, unknown where something it reads in was not found.
struct Asked {
    Answer answer = Answer::no;
    std::string_view line;
};
Asked asked(const Lines& lines, const Included& included, std::string_view (*find)(const Lines&)) {
    if (const std::string_view line = find(lines); !line.empty())
        return {Answer::yes, line};
    for (const std::string_view text : included.texts)
        if (const std::string_view line = find(lines_of(text.substr(0, kMaxScript))); !line.empty())
            return {Answer::yes, line};
    return {included.all_found ? Answer::no : Answer::unknown, {}};
}

/// "/admin/network/diag" of: entry({"admin", "network", "diag"}, ...
std::string first_entry(std::string_view text) {
    const auto at = text.find("entry({");
    const auto end = at == std::string_view::npos ? at : text.find('}', at);
    std::string address;
    if (end != std::string_view::npos)
        for (const std::string_view part : split(text.substr(at + 7, std::min<std::size_t>(end - at - 7, 256)), ','))
            address += "/" + printable(unquoted(trimmed(part)));
    return address;
}

Evidence evidence_at(const Root& root, unpack::NodeId id, std::string_view text, const Lines& lines, std::size_t line) {
    Evidence evidence{.path = root.tree().path(id), .offset = std::nullopt, .excerpt = ""};
    if (line >= 1 && line <= lines.size()) {
        evidence.offset = offset_in(text, lines[line - 1]);
        evidence.excerpt = shown_line(lines[line - 1]);
    }
    return evidence;
}

void judge_script(const Root& root, unpack::NodeId id, std::string_view text, WebHandler& row, std::string& gap) {
    const std::string code = code_of(text, row.language);
    const Lines lines = lines_of(text);
    const Reading reading = row.language == WebLanguage::shell ? read_shell_handler(code) : read_script(code, row.language);
    std::vector<std::size_t> starts = {0};
    for (std::size_t i = 0; i < code.size(); ++i)
        if (code[i] == '\n')
            starts.push_back(i + 1);
    const auto line_of = [&](std::string_view at) {
        return static_cast<std::size_t>(std::ranges::upper_bound(starts, static_cast<std::size_t>(at.data() - code.data())) - starts.begin());
    };
    row.inputs.assign(reading.inputs.begin(), reading.inputs.end());
    for (const Flow& flow : reading.flows) {
        const std::size_t line = line_of(flow.at);
        row.flows.push_back({.sink = flow.sink,
                             .guard = flow.guard,
                             .input = flow.input,
                             .through = flow.through,
                             .line = static_cast<std::uint32_t>(line),
                             .evidence = evidence_at(root, id, text, lines, line)});
    }
    row.changes_state = !reading.change.empty();
    if (row.changes_state)
        row.change = shown_line(reading.change.substr(0, reading.change.find('\n')));
    if (reading.cut || text.size() > kMaxScript)
        gap = fmt::format("{}: too long to be read to its end", row.path);
    const std::string inner = root.inner_path(id);
    const Included included = included_by(root, inner.substr(0, inner.rfind('/')), lines_of(code), row.language);
    row.checks_origin = asked(lines_of(code), included, origin_line).answer;
    if (row.authenticates != Answer::yes) {
        const Asked login = asked(lines_of(code), included, authentication_line);
        row.authenticates = login.answer;
        row.authentication_note = shown_line(login.line);
    }
}

/// A page: only its forms count. One that a script of the page may complete is not known.
bool judge_page(std::string_view text, WebHandler& row) {
    const std::string lower = lowered(text.substr(0, kMaxScript));
    const auto form = lower.find("<form");
    const auto end = form == std::string::npos ? form : std::min(lower.find('>', form), lower.size());
    if (form == std::string::npos || std::string_view(lower).substr(form, end - form).find("post") == std::string_view::npos)
        return false;
    row.changes_state = true;
    row.change = excerpt(text.substr(form, end - form + 1));
    row.inputs = {"form"};
    const bool token = std::ranges::any_of(std::to_array<std::string_view>({"csrf", "xsrf", "token", "nonce", "session"}),
                                           [&](std::string_view word) { return lower.find(word) != std::string::npos; });
    row.checks_origin = token ? Answer::yes : lower.find("<script") != std::string::npos ? Answer::unknown : Answer::no;
    return true;
}

/// Whether a script that lies here is called, not only read in by others.
bool is_called(std::string_view name, std::string_view address, std::string_view text, WebLanguage language) {
    if (language == WebLanguage::php || language == WebLanguage::html || text.starts_with("#!"))
        return true;
    return address.find("/cgi") != std::string_view::npos || name.ends_with(".cgi") || name.ends_with(".lp");
}

void luci(std::string_view text, WebHandler& row) {
    row.language = WebLanguage::lua;
    row.address = first_entry(text);
    const bool open = text.find("sysauth = false") != std::string_view::npos || text.find("sysauth=false") != std::string_view::npos;
    if (row.address.starts_with("/admin") && !open) {
        row.authenticates = Answer::yes;
        row.authentication_note = "entry below \"admin\"";
    }
}

}  // namespace

std::optional<WebHandler> handler_of(const Root& root, const Site& site, unpack::NodeId id, std::string& gap) {
    const std::string inner = root.inner_path(id);
    const std::string_view text = text_of(root.tree(), id);
    WebHandler row{.path = root.tree().path(id),
                   .address = printable(address_of(site, inner)),
                   .evidence = {.path = root.tree().path(id), .offset = std::nullopt, .excerpt = ""}};
    const bool controller = inner.starts_with(kControllers) && inner.ends_with(".lua");
    const bool view = inner.starts_with(kTemplates) && inner.ends_with(".htm");
    if (controller || view) {
        luci(text, row);
        judge_script(root, id, text, row, gap);
        if (view && row.inputs.empty())
            return std::nullopt;
        return row;
    }
    const auto language = row.address.empty() ? std::nullopt : language_of(base_name(inner), text);
    if (!language || !is_called(base_name(inner), row.address, text, *language))
        return std::nullopt;
    row.language = *language;
    if (const std::string note = protection_of(site, row.address); !note.empty()) {
        row.authenticates = Answer::yes;
        row.authentication_note = note;
    }
    if (row.language == WebLanguage::compiled) {
        gap = fmt::format("{}: a compiled program, what it does with a request was not read", row.path);
        return row;
    }
    if (row.language == WebLanguage::html)
        return judge_page(text, row) ? std::optional(std::move(row)) : std::nullopt;
    judge_script(root, id, text, row, gap);
    return row;
}

}  // namespace shirushi::inspect::web
