// Files below a web root that are there by oversight, and pages that were made for the developers.

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "inspect/daemons.hpp"
#include "inspect/web/handlers.hpp"
#include "inspect/web/script.hpp"

namespace shirushi::inspect::web {
namespace {

template <std::size_t N>
bool is_any(std::string_view word, const std::array<std::string_view, N>& list) {
    return std::ranges::find(list, word) != list.end();
}

bool is_leftover(std::string_view name) {
    constexpr auto endings = std::to_array<std::string_view>({".bak", ".old", ".orig", ".swp", ".swo", ".save", ".rej", "~", ".bak2", ".backup"});
    constexpr auto names = std::to_array<std::string_view>({".ds_store", ".bash_history", ".ash_history", ".viminfo", "core", ".gitignore", ".env"});
    return is_any(name, names) || std::ranges::any_of(endings, [&](std::string_view ending) { return name.size() > ending.size() && name.ends_with(ending); });
}

/// The file of a working copy that stands for all of it.
bool is_version_control(std::string_view address) {
    constexpr auto files = std::to_array<std::string_view>({"/.git/head", "/.git/config", "/.svn/entries", "/.svn/wc.db", "/cvs/entries", "/.hg/requires"});
    return std::ranges::any_of(files, [&](std::string_view file) { return address.ends_with(file); });
}

std::string_view stem_of(std::string_view name) {
    return name.substr(0, name.find('.'));
}

bool is_page(std::string_view name) {
    constexpr auto endings = std::to_array<std::string_view>({".cgi", ".php", ".asp", ".htm", ".html", ".sh", ".lua", ".pl", ".py", ".lp", ".shtml", ".jsp"});
    return name.find('.') == std::string_view::npos || std::ranges::any_of(endings, [&](std::string_view ending) { return name.ends_with(ending); });
}

std::optional<WebExposureKind> page_kind(std::string_view name, std::string_view text) {
    constexpr auto consoles = std::to_array<std::string_view>(
        {"syscmd", "sys_cmd", "webshell", "web_shell", "runcmd", "cmdshell", "c99", "r57", "system_command", "systemcommand", "shellcmd"});
    constexpr auto inside = std::to_array<std::string_view>(
        {"phpinfo", "printenv", "test-cgi", "debug", "debuginfo", "debug_info", "adminer", "server-info", "env", "dbg", "hidden_debug"});
    if (is_any(stem_of(name), consoles) || text.find("formSysCmd") != std::string_view::npos || text.find("name=\"sysCmd\"") != std::string_view::npos)
        return WebExposureKind::command_page;
    if (is_any(stem_of(name), inside) || text.find("phpinfo(") != std::string_view::npos)
        return WebExposureKind::debug_page;
    return std::nullopt;
}

}  // namespace

std::optional<WebExposure> exposure_of(const Root& root, std::string_view address, unpack::NodeId id) {
    const std::string lower = lowered(address);
    const std::string_view name = base_name(lower);
    const auto found = [&](WebExposureKind kind, std::string_view line) {
        return WebExposure{.kind = kind,
                           .address = printable(address.substr(0, 512)),
                           .evidence = {.path = root.tree().path(id), .offset = std::nullopt, .excerpt = shown_line(line)}};
    };
    if (is_version_control(lower))
        return found(WebExposureKind::version_control, "");
    if (lower.find("/.git/") != std::string::npos || lower.find("/.svn/") != std::string::npos || lower.find("/.hg/") != std::string::npos)
        return std::nullopt;  // told by the one file
    if (is_leftover(name))
        return found(WebExposureKind::leftover, "");
    const std::string_view text = text_of(root.tree(), id).substr(0, 64 * 1024);
    if (!is_page(name))
        return std::nullopt;
    const bool readable = looks_like_text(text);
    const auto kind = page_kind(name, readable ? text : std::string_view());
    const auto mark = readable ? std::min(text.find("phpinfo("), text.find("formSysCmd")) : std::string_view::npos;
    const auto begin = mark == std::string_view::npos ? mark : text.rfind('\n', mark) + 1;
    return kind ? std::optional(found(*kind, begin == std::string_view::npos ? std::string_view() : text.substr(begin, text.find('\n', mark) - begin)))
                : std::nullopt;
}

}  // namespace shirushi::inspect::web
