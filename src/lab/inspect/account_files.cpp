#include "inspect/account_files.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace shirushi::inspect {
namespace {

constexpr std::size_t kMaxLines = 4096;  // a device has tens; the password work is shared among all of them
constexpr std::size_t kMaxLine = 2048;   // longer is no account; also keeps split() cheap

bool is_account_name(std::string_view name) {
    return !name.empty() && name.size() <= 64 && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || std::string_view("_-.$@+").find(c) != std::string_view::npos;
    });
}

}  // namespace

std::vector<PasswdLine> read_passwd(std::string_view text) {
    std::vector<PasswdLine> accounts;
    for (const std::string_view line : lines_of(text)) {
        if (line.size() > kMaxLine || accounts.size() == kMaxLines)
            continue;
        const auto fields = split(line, ':');
        if (fields.size() != 7 || !is_account_name(fields[0]))
            continue;
        const auto uid = to_integer<std::uint32_t>(fields[2]);
        if (uid && to_integer<std::uint32_t>(fields[3]))
            accounts.push_back({.name = fields[0], .password = fields[1], .uid = *uid, .shell = trimmed(fields[6]), .line = line});
    }
    return accounts;
}

std::vector<ShadowLine> read_shadow(std::string_view text) {
    std::vector<ShadowLine> accounts;
    for (const std::string_view line : lines_of(text)) {
        if (line.size() > kMaxLine || accounts.size() == kMaxLines)
            continue;
        const auto fields = split(line, ':');
        if (fields.size() >= 2 && fields.size() <= 9 && is_account_name(fields[0]))
            accounts.push_back({.name = fields[0], .password = fields[1], .line = line});
    }
    return accounts;
}

bool is_login_shell(std::string_view shell) {
    constexpr std::array<std::string_view, 8> none = {"nologin", "false", "sync", "true", "halt", "shutdown", "null", "git-shell"};
    const auto slash = shell.rfind('/');
    const std::string_view base = slash == std::string_view::npos ? shell : shell.substr(slash + 1);
    return std::ranges::find(none, base) == none.end();
}

}  // namespace shirushi::inspect
