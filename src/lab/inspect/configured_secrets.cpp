#include "inspect/configured_secrets.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "inspect/configuration.hpp"
#include "inspect/daemons.hpp"
#include "inspect/uci.hpp"

namespace shirushi::inspect {
namespace {

using Found = std::vector<ConfiguredSecret>;

constexpr std::size_t kMaxFound = 1000;
constexpr std::size_t kMaxLine = 1024;

/// Not a secret: empty, disabled, a variable, or what a manual's example says.
bool is_placeholder(std::string_view value) {
    constexpr auto words = std::to_array<std::string_view>({"*", "-", "none", "null", "password_here", "x", "xxx", "xxxx", "xxxxxxxx", "your_password", "yourpassword"});
    return value.empty() || value.size() > 256 || std::ranges::binary_search(words, std::string_view(lowered(value))) || value.starts_with("$p$") || value.starts_with("${") ||
           value.starts_with("$(") || value.starts_with('<') || value.starts_with('%') || value.starts_with('@') ||
           (value.starts_with('$') && value.find('$', 1) == std::string_view::npos);
}

void add(Found& found, SecretKind kind, std::string_view format, std::string_view value, std::string_view line) {
    if (!is_placeholder(value) && found.size() < kMaxFound)
        found.push_back({.kind = kind, .format = format, .value = value, .line = line});
}

bool one_of(std::string_view key, std::initializer_list<std::string_view> keys) { return std::ranges::find(keys, key) != keys.end(); }

void hostapd(std::string_view text, Found& found) {
    for (const Setting& setting : read_settings(text))
        if (one_of(setting.key, {"wpa_passphrase", "wpa_psk", "sae_password", "wep_key0", "wep_key1", "wep_key2", "wep_key3"}))
            add(found, SecretKind::wifi_passphrase, "hostapd", setting.value, setting.line);
}

void wpa_supplicant(std::string_view text, Found& found) {
    for (const Setting& setting : read_settings(text)) {
        if (one_of(setting.key, {"psk", "sae_password", "wep_key0"}))
            add(found, SecretKind::wifi_passphrase, "wpa_supplicant", setting.value, setting.line);
        else if (setting.key == "password" || setting.key == "private_key_passwd")
            add(found, SecretKind::password, "wpa_supplicant", setting.value, setting.line);
    }
}

void uci(std::string_view path, std::string_view text, Found& found) {
    const bool wireless = path.ends_with("/wireless");
    for (const UciSection& section : read_uci(text))
        for (const UciOption& option : section.options) {
            const bool numbered = option.value.size() == 1;  // "option key 1" names one of key1 to key4
            if (wireless && !numbered && one_of(option.key, {"key", "key1", "key2", "key3", "key4", "sae_password"}))
                add(found, SecretKind::wifi_passphrase, "uci", option.value, option.line);
            else if (one_of(option.key, {"password", "passwd", "acs_password", "cpe_password", "connection_request_password"}))
                add(found, SecretKind::password, "uci", option.value, option.line);
        }
}

/// client server secret addresses (pppd(8)).
void ppp_secrets(std::string_view text, Found& found) {
    for (const std::string_view line : lines_of(text)) {
        const auto words = words_of(line.substr(0, kMaxLine));
        if (words.size() >= 3 && !words[0].starts_with('#'))
            add(found, SecretKind::password, "ppp", words[2].starts_with('"') ? trimmed(words[2].substr(1, words[2].find('"', 1) - 1)) : words[2], line);
    }
}

/// user:password, or user:realm:password of the digest form.
void password_list(std::string_view format, std::string_view text, Found& found) {
    for (const std::string_view line : lines_of(text)) {
        const std::string_view content = trimmed(line);
        const auto colon = content.rfind(':');
        if (content.size() > kMaxLine || content.starts_with('#') || colon == std::string_view::npos || colon == 0 || content.find_first_of(" \t=") != std::string_view::npos)
            continue;
        add(found, SecretKind::password, format, content.substr(colon + 1), line);
    }
}

/// BusyBox httpd's "/path:user:password".
void busybox_httpd(std::string_view text, Found& found) {
    for (const std::string_view line : lines_of(text)) {
        const auto parts = split(trimmed(line.substr(0, kMaxLine)), ':');
        if (parts.size() == 3 && parts[0].starts_with('/') && !parts[1].empty())
            add(found, SecretKind::password, "httpd", parts[2], line);
    }
}

void named_settings(std::string_view format, std::initializer_list<std::string_view> keys, std::string_view text, Found& found) {
    for (const Setting& setting : read_settings(text))
        if (one_of(lowered(setting.key.substr(0, 64)), keys))
            add(found, SecretKind::password, format, setting.value, setting.line);
}

}  // namespace

std::vector<ConfiguredSecret> configured_secrets(std::string_view path, std::string_view text) {
    Found found;
    const std::string_view name = base_name(path);
    const bool conf = name.ends_with(".conf");
    if (name.starts_with("hostapd") && (conf || name.ends_with(".wpa_psk") || name.ends_with(".template")))
        hostapd(text, found);
    else if (name.starts_with("wpa_supplicant") && conf)
        wpa_supplicant(text, found);
    else if (path.find("/etc/config/") != std::string_view::npos || path.find("/uci-defaults/config/") != std::string_view::npos)
        uci(path, text, found);
    else if (name == "chap-secrets" || name == "pap-secrets")
        ppp_secrets(text, found);
    else if (one_of(name, {".htpasswd", "htpasswd", ".htdigest", "htdigest"}))
        password_list("htpasswd", text, found);
    else if (name.starts_with("lighttpd") && one_of(name, {"lighttpd.user", "lighttpd-plain.user", "lighttpd-htdigest.user", "lighttpd.htpasswd"}))
        password_list("lighttpd", text, found);
    else if (path.find("mosquitto") != std::string_view::npos && one_of(name, {"passwd", "pwfile", "passwordfile", "mosquitto_passwd", "passwords"}))
        password_list("mosquitto", text, found);
    else if (name == "httpd.conf")
        busybox_httpd(text, found);
    else if (name == "mosquitto.conf")
        named_settings("mosquitto", {"remote_password", "bridge_psk"}, text, found);
    else if (one_of(name, {"ssmtp.conf", "msmtprc", ".msmtprc", "inadyn.conf", "ddclient.conf", "ez-ipupdate.conf", "fetchmailrc"}))
        named_settings(name, {"authpass", "password", "pass"}, text, found);
    else if (one_of(name, {"tr069.conf", "cwmp.conf", "cwmpd.conf", "cwmp_default.conf"}))
        named_settings("tr069", {"acs_password", "acspassword", "password", "connectionrequestpassword", "cpe_password"}, text, found);
    return found;
}

}  // namespace shirushi::inspect
