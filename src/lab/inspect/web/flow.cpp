#include "inspect/web/flow.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace shirushi::inspect::web {
namespace {

bool is_alnum(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// Length of the bracket expression at the start of `text`, with its brackets; 0 when it does not end.
std::size_t bracket_length(std::string_view text) {
    std::size_t i = 1 + std::size_t(text.substr(1).starts_with('^'));
    i += std::size_t(text.substr(i).starts_with(']'));
    for (; i < text.size(); ++i) {
        if (text.substr(i).starts_with("[:")) {
            const auto end = text.find(":]", i);
            if (end == std::string_view::npos)
                return 0;
            i = end + 1;
        } else if (text[i] == '\\') {
            ++i;
        } else if (text[i] == ']') {
            return i + 1;
        }
    }
    return 0;
}

}  // namespace

void add_flow(Reading& reading, Flow flow) {
    for (Flow& known : reading.flows)
        if (known.at.data() == flow.at.data() && known.sink == flow.sink) {
            if (flow.guard == WebGuard::none && known.guard != WebGuard::none)
                known = std::move(flow);
            return;
        }
    const auto same_doubt = [&](const Flow& known) {
        return known.guard == WebGuard::unclear && known.sink == flow.sink && known.input == flow.input && known.through == flow.through;
    };
    if (flow.guard == WebGuard::unclear && std::ranges::any_of(reading.flows, same_doubt))
        return;
    if (reading.flows.size() == kMaxFlows) {
        reading.cut = true;
        return;
    }
    reading.flows.push_back(std::move(flow));
}

void add_flows(Reading& reading, const Taint& taint, Sinks sinks, std::string_view through, std::string_view at) {
    for (const WebSink sink : {WebSink::command, WebSink::sql, WebSink::file, WebSink::output}) {
        if ((only(sink) & sinks & (taint.open | taint.unclear)) == 0)
            continue;
        const bool open = (taint.open & only(sink)) != 0;
        add_flow(reading, {.sink = sink, .guard = open ? WebGuard::none : WebGuard::unclear, .input = taint.input, .through = std::string(through), .at = at});
    }
}

Sinks kept_away_by_class(std::string_view inside) {
    Sinks away = kEverySink;
    for (std::size_t i = 0; i < inside.size(); ++i) {
        const char c = inside[i];
        if (inside.substr(i).starts_with("[:")) {
            const auto end = inside.find(":]", i);
            const std::string_view name = inside.substr(i + 2, std::min(end, inside.size()) - i - 2);
            if (end == std::string_view::npos ||
                (name != "alnum" && name != "alpha" && name != "digit" && name != "xdigit" && name != "upper" && name != "lower"))
                return 0;
            i = end + 1;
        } else if (c == '\\' || c == '%') {  // an escape; Lua's is '%'
            const char next = i + 1 < inside.size() ? inside[i + 1] : '\0';
            if (c == '\\' && (next == 's' || next == 'S' || next == 'W' || next == 'D' || next == 'n'))
                return 0;
            if (next == '/')
                away &= kButFile;
            i += std::size_t(next != '\0' && std::string_view("/.-_:@,+wdaxlu%^").find(next) != std::string_view::npos);
        } else if (c == '/') {
            away &= kButFile;
        } else if (!is_alnum(c) && std::string_view("._:@,+=- ").find(c) == std::string_view::npos) {
            return 0;
        } else if (c == '-' && i > 0 && i + 1 < inside.size() && !(is_alnum(inside[i - 1]) && is_alnum(inside[i + 1])) && is_alnum(inside[i + 1])) {
            return 0;  // a range that starts or ends among signs: " -z"
        }
    }
    return away;
}

Sinks kept_away_by_pattern(std::string_view pattern) {
    Sinks away = kEverySink;
    if (pattern.empty() || pattern.size() > 1024)
        return 0;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        const char c = pattern[i];
        const char next = i + 1 < pattern.size() ? pattern[i + 1] : '\0';
        if (c == '[') {
            const std::size_t length = bracket_length(pattern.substr(i));
            if (length == 0 || next == '^')
                return 0;
            away &= kept_away_by_class(pattern.substr(i + 1, length - 2));
            i += length - 1;
        } else if (c == '\\' || c == '%') {
            if (std::string_view("SWDsp").find(next) != std::string_view::npos || next == '\0')
                return 0;
            if (next == '/')
                away &= kButFile;
            ++i;
        } else if (c == '.') {
            return 0;
        } else if (c == '/') {
            away &= kButFile;
        } else if (!is_alnum(c) && std::string_view("^$*+?(){}|-_,:=@ ").find(c) == std::string_view::npos) {
            return 0;
        }
    }
    return away;
}

Sinks kept_away_by_whole(std::string_view pattern, bool tied_to_start) {
    if (pattern.size() >= 3 && pattern.front() == '/' && pattern.rfind('/') > 0)  // PHP's delimiters
        pattern = pattern.substr(1, pattern.rfind('/') - 1);
    const bool start = tied_to_start || pattern.starts_with('^') || pattern.starts_with("\\A");
    const bool end = pattern.ends_with('$') || pattern.ends_with("\\z") || pattern.ends_with("\\Z");
    if (!start || !end)
        return 0;
    pattern = pattern.substr(pattern.starts_with("\\A") ? 2 : 0);
    if (pattern.ends_with("\\z") || pattern.ends_with("\\Z"))
        pattern.remove_suffix(2);
    return kept_away_by_pattern(pattern);
}
Sinks kept_away_by_removal(std::string_view pattern, std::string_view replacement) {
    if (pattern.size() >= 3 && pattern.front() == '/' && pattern.rfind('/') > 0)
        pattern = pattern.substr(1, pattern.rfind('/') - 1);
    const auto end = pattern.find(']', 3);
    if (!pattern.starts_with("[^") || end == std::string_view::npos || replacement.find_first_not_of("_-") != std::string_view::npos)
        return 0;
    const std::string_view rest = pattern.substr(end + 1);
    return rest.empty() || rest == "+" || rest == "*" ? kept_away_by_class(pattern.substr(2, end - 2)) : 0;
}
std::string_view group_of(std::string_view pattern, std::size_t number) {
    std::size_t seen = 0;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] == '\\' || pattern[i] == '%') {
            ++i;
        } else if (pattern[i] == '(' && !pattern.substr(i + 1).starts_with('?') && ++seen == number) {
            const auto end = pattern.find(')', i);
            return end == std::string_view::npos ? std::string_view() : pattern.substr(i + 1, end - i - 1);
        }
    }
    return {};
}

bool changes_state(std::string_view command) {
    constexpr auto marks = std::to_array<std::string_view>(
        {"uci set",     "uci -q set",  "uci add",     "uci delete", "uci commit",    "nvram set",       "nvram_set",   "nvram commit", "nvram_commit",
         "nvram unset", "cfg_set",     "fw_setenv",   "reboot",     "poweroff",      "sysupgrade",      "firstboot",   "jffs2reset",   "mtd write",
         "mtd erase",   "mtd_write",   "chpasswd",    "passwd ",    "adduser",       "deluser",         "iptables -",  "ifconfig ",    "/etc/init.d/",
         "killall",     "kill -",      "wifi reload", "wifi up",    "crontab -",     "> /etc/",         ">/etc/",      ">> /etc/",     ">>/etc/",
         "rm -",        "insert into", "delete from", "uci_set",    "factory_reset", "restore_default", "hostname -F", "date -s",      "flashcp"});
    const std::string lower = lowered(command.substr(0, 512));
    if (std::ranges::any_of(marks, [&](std::string_view mark) { return lower.find(mark) != std::string::npos; }))
        return true;
    const auto update = lower.find("update ");
    return update != std::string::npos && lower.find(" set ", update) != std::string::npos;
}

}  // namespace shirushi::inspect::web
