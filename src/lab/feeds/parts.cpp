#include "feeds/parts.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace shirushi::feeds {
namespace {

/// Applets that advisories have named so far, and those next to them. A word counts only in a text on BusyBox.
constexpr std::array<std::string_view, 46> applets = {
    "ar",    "arping", "ash",   "awk",    "bunzip2", "bzip2", "cpio",   "dhcprelay", "dpkg",    "dumpleases", "ed",     "ftpd",
    "gunzip", "gzip",  "hush",  "httpd",  "ifup",    "inetd", "lpd",    "ls",        "lzma",    "man",        "modprobe", "netstat",
    "nslookup", "ntpd", "passwd", "ping", "rpm",     "rpm2cpio", "sed", "syslogd",   "tar",     "telnetd",    "tftp",   "tftpd",
    "udhcpc", "udhcpc6", "udhcpd", "unlzma", "unxz", "unzip", "vi",     "wget",      "xz",      "uncompress",
};

bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.'; }

/// Whether the word stands alone in the text.
bool names(std::string_view text, std::string_view word) {
    for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
        const bool left = at == 0 || (!is_word(text[at - 1]) && text[at - 1] != '/');
        const std::size_t end = at + word.size();
        const bool right = end == text.size() || (!is_word(text[end]) && text[end] != '/') || (text[end] == '.' && (end + 1 == text.size() || text[end + 1] == ' '));
        if (left && right)
            return true;
    }
    return false;
}

}  // namespace

void add_applets(std::string_view description, vuln::AdvisoryRecord& advisory) {
    if (lowered(description).find("busybox") == std::string::npos)
        return;
    for (const std::string_view applet : applets)
        if (names(description, applet) && std::ranges::find(advisory.parts, applet) == advisory.parts.end())
            advisory.parts.emplace_back(applet);
}

void keep_applets_of_busybox(vuln::AdvisoryRecord& advisory) {
    for (const vuln::Configuration& configuration : advisory.configurations)
        for (const auto& group : configuration.groups)
            for (const vuln::Operand& each : group)
                if (each.vulnerable && !each.product.ends_with(":busybox"))
                    advisory.parts.clear();
}

}  // namespace shirushi::feeds
