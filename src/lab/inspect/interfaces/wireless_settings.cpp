#include "inspect/interfaces/wireless_settings.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "base/text.hpp"
#include "inspect/configuration.hpp"
#include "inspect/image.hpp"
#include "inspect/interfaces/surroundings.hpp"
#include "inspect/uci.hpp"

namespace shirushi::inspect::interfaces {
namespace {

constexpr std::size_t kMaxNetworks = 200;  // of one file

/// The words of a list of ciphers or key managements, in capitals' stead in small letters.
bool has_word(std::string_view list, std::string_view word) {
    const std::string lower = lowered(list.substr(0, 512));
    return std::ranges::any_of(words_of(lower), [&](std::string_view one) { return one == word; });
}

Answer names_tkip(std::string_view ciphers) { return ciphers.empty() || is_placeholder(ciphers) ? Answer::unknown : has_word(ciphers, "tkip") ? Answer::yes : Answer::no; }

/// What key managements mean where the protocol is RSN: WPA2, WPA3 or both.
WirelessSecurity by_key_management(std::string_view list) {
    const std::string lower = lowered(list.substr(0, 512));
    bool third = false;
    bool second = false;
    bool enhanced = false;
    for (const std::string_view word : words_of(lower)) {
        if (word == "owe")
            enhanced = true;
        else if (word.starts_with("sae") || word == "ft-sae" || word == "ft-sae-ext-key" || word == "wpa-eap-suite-b-192" || word == "wpa-eap-suite-b" || word == "dpp")
            third = true;
        else if (word.starts_with("wpa-") || word.starts_with("ft-") || word.starts_with("osen") || word.starts_with("fils"))
            second = true;
    }
    if (third)
        return second ? WirelessSecurity::wpa2_wpa3 : WirelessSecurity::wpa3;
    return second ? WirelessSecurity::wpa2 : enhanced ? WirelessSecurity::owe : WirelessSecurity::unknown;
}

Answer frames(std::string_view value) { return value.empty() || value == "0" ? Answer::no : value == "1" || value == "2" ? Answer::yes : Answer::unknown; }

/// One network's settings, as views into the file. A key given again counts as given last.
class Settings {
public:
    void take(const Setting& setting) { values_[setting.key] = setting; }
    [[nodiscard]] std::string_view value(std::string_view key) const {
        const auto found = values_.find(key);
        return found == values_.end() ? std::string_view() : found->second.value;
    }
    [[nodiscard]] bool has(std::string_view key) const { return values_.contains(key); }
    /// The first of the keys that is set.
    [[nodiscard]] std::string_view line(std::initializer_list<std::string_view> keys) const {
        for (const std::string_view key : keys)
            if (const auto found = values_.find(key); found != values_.end())
                return found->second.line;
        return values_.empty() ? std::string_view() : values_.begin()->second.line;
    }
    [[nodiscard]] std::string_view wep_key() const {
        for (const std::string_view key : {"wep_key0", "wep_key1", "wep_key2", "wep_key3"})
            if (!value(key).empty())
                return value(key);
        return {};
    }
    [[nodiscard]] bool empty() const { return values_.empty(); }

private:
    std::map<std::string_view, Setting> values_;
};

std::string shown(std::string_view name) { return printable(unquoted(name).substr(0, 64)); }

Answer wps_by_pin(const Settings& bss) {
    const std::string_view state = bss.value("wps_state");
    if (state.empty() || state == "0")
        return Answer::no;
    if (bss.has("ap_pin"))
        return Answer::yes;
    const std::string methods = lowered(bss.value("config_methods").substr(0, 256));
    if (methods.empty())
        return Answer::unknown;
    const std::vector<std::string_view> words = words_of(methods);
    return std::ranges::any_of(words, [](std::string_view word) { return word == "keypad" || word == "label" || word.ends_with("display"); }) ? Answer::yes : Answer::no;
}

FoundNetwork hostapd_network(const Settings& bss) {
    FoundNetwork found{.network = {.role = WirelessRole::access_point, .ssid = shown(bss.has("ssid2") ? bss.value("ssid2") : bss.value("ssid")),
                                   .interface = shown(bss.has("bss") ? bss.value("bss") : bss.value("interface")), .configuration = "hostapd"}};
    WirelessNetwork& network = found.network;
    const std::string_view wpa = bss.value("wpa");
    const std::string_view key_management = bss.value("wpa_key_mgmt");
    const auto bits = to_integer<unsigned>(wpa);
    found.line = bss.line({"wpa", "wep_key0", "wep_key1", "wep_key2", "wep_key3", "wep_default_key", "ssid", "ssid2", "interface", "bss"});
    if (!wpa.empty() && (!bits || *bits > 3)) {
        network.security = WirelessSecurity::unknown;
    } else if (wpa.empty() || *bits == 0) {
        found.secret = bss.wep_key();
        const bool wep = !found.secret.empty() || (bss.has("wep_key_len_broadcast") && bss.value("ieee8021x") == "1");
        network.security = wep ? WirelessSecurity::wep : bss.value("ieee8021x") == "1" || bss.value("osen") == "1" ? WirelessSecurity::unknown : WirelessSecurity::open;
        if (wep)
            found.line = bss.line({"wep_key0", "wep_key1", "wep_key2", "wep_key3", "wep_key_len_broadcast"});
    } else if (*bits == 1 || *bits == 3) {
        network.security = *bits == 1 ? WirelessSecurity::wpa : WirelessSecurity::wpa_wpa2;
    } else {
        network.security = key_management.empty() ? WirelessSecurity::wpa2 : by_key_management(key_management);
    }
    if (bits && *bits != 0) {  // rsn_pairwise stands in for wpa_pairwise where it is not set
        const std::string_view for_wpa = bss.value("wpa_pairwise");
        const std::string_view for_rsn = bss.has("rsn_pairwise") ? bss.value("rsn_pairwise") : for_wpa;
        const Answer first = (*bits & 1U) != 0 ? names_tkip(for_wpa) : Answer::no;
        const Answer second = (*bits & 2U) != 0 ? names_tkip(for_rsn) : Answer::no;
        network.tkip = first == Answer::yes || second == Answer::yes ? Answer::yes : first == Answer::unknown || second == Answer::unknown ? Answer::unknown : Answer::no;
        network.frames_protected = frames(bss.value("ieee80211w"));
        if (network.tkip == Answer::yes && *bits == 2)
            found.line = bss.line({"rsn_pairwise", "wpa_pairwise"});
    } else {
        network.tkip = Answer::no;
    }
    network.wps_pin = wps_by_pin(bss);
    return found;
}

FoundNetwork supplicant_network(const Settings& block) {
    FoundNetwork found{.network = {.role = block.value("mode") == "2" ? WirelessRole::access_point : WirelessRole::station, .ssid = shown(block.value("ssid")), .configuration = "wpa_supplicant"}};
    WirelessNetwork& network = found.network;
    const std::string_view key_management = block.value("key_mgmt");
    const std::string_view protocols = block.value("proto");
    found.line = block.line({"key_mgmt", "proto", "pairwise", "ssid"});
    network.tkip = names_tkip(block.value("pairwise"));
    network.frames_protected = block.has("ieee80211w") ? frames(block.value("ieee80211w")) : Answer::unknown;
    if (has_word(key_management, "none") || (key_management.empty() && !block.wep_key().empty())) {
        found.secret = block.wep_key();
        network.security = found.secret.empty() ? WirelessSecurity::open : WirelessSecurity::wep;
        network.tkip = Answer::no;
        if (!found.secret.empty())
            found.line = block.line({"wep_key0", "wep_key1", "wep_key2", "wep_key3"});
    } else if (has_word(key_management, "ieee8021x") && words_of(key_management).size() == 1) {
        network.security = WirelessSecurity::wep;
    } else {
        const WirelessSecurity rsn = key_management.empty() ? WirelessSecurity::wpa2 : by_key_management(key_management);
        const bool second = has_word(protocols, "rsn") || has_word(protocols, "wpa2");
        const bool first = has_word(protocols, "wpa");
        if (first || second) {
            network.security = first ? second ? WirelessSecurity::wpa_wpa2 : WirelessSecurity::wpa : rsn;
            if (first)
                found.line = block.line({"proto"});
        } else {  // either is taken by default, and the access point decides: only what WPA does not know is certain
            network.security = rsn == WirelessSecurity::wpa3 || rsn == WirelessSecurity::owe ? rsn : WirelessSecurity::unknown;
        }
    }
    if (block.value("disabled") == "1")
        network.in_use = Answer::no;
    return found;
}

WirelessSecurity uci_security(std::string_view encryption) {
    const auto has = [&](std::string_view piece) { return encryption.find(piece) != std::string_view::npos; };
    if (encryption.empty() || encryption == "none" || encryption == "open")
        return WirelessSecurity::open;
    if (is_placeholder(encryption))
        return WirelessSecurity::unknown;
    if (encryption.starts_with("wep"))
        return WirelessSecurity::wep;
    if (encryption.starts_with("owe"))
        return WirelessSecurity::owe;
    if (encryption.starts_with("sae-mixed") || encryption.starts_with("psk3-mixed") || encryption.starts_with("wpa3-mixed") || (has("sae") && has("psk2")))
        return WirelessSecurity::wpa2_wpa3;
    if (encryption.starts_with("sae") || encryption.starts_with("wpa3") || encryption.starts_with("psk3"))
        return WirelessSecurity::wpa3;
    const bool second = has("psk2") || has("wpa2");
    if (has("mixed") || (second && (has("psk+") || has("psk/") || has("wpa+") || has("wpa/"))))
        return has("psk") || has("wpa") ? WirelessSecurity::wpa_wpa2 : WirelessSecurity::unknown;
    if (second)
        return WirelessSecurity::wpa2;
    return encryption.starts_with("psk") || encryption.starts_with("wpa") ? WirelessSecurity::wpa : WirelessSecurity::unknown;
}

FoundNetwork uci_network(const UciSection& section, bool radio_off) {
    const std::string_view mode = section.value("mode");
    FoundNetwork found{.network = {.role = mode == "sta" ? WirelessRole::station : WirelessRole::access_point, .ssid = shown(section.value("ssid")),
                                   .interface = shown(section.value("ifname").empty() ? section.value("device") : section.value("ifname")), .configuration = "uci"}};
    WirelessNetwork& network = found.network;
    const std::string encryption = lowered(section.value("encryption").substr(0, 64));
    network.security = uci_security(encryption);
    const bool names_aes = encryption.find("ccmp") != std::string::npos || encryption.find("aes") != std::string::npos || encryption.find("gcmp") != std::string::npos;
    const bool older = network.security == WirelessSecurity::wpa || network.security == WirelessSecurity::wpa_wpa2;
    network.tkip = encryption.find("tkip") != std::string::npos ? Answer::yes : names_aes || !older ? Answer::no : Answer::unknown;
    if (network.security == WirelessSecurity::unknown)
        network.tkip = Answer::unknown;
    const bool newer = network.security == WirelessSecurity::wpa3 || network.security == WirelessSecurity::wpa2_wpa3 || network.security == WirelessSecurity::owe;
    const std::string_view protection = section.value("ieee80211w");
    network.frames_protected = protection.empty() && newer ? Answer::yes : frames(protection);
    const bool label = is_yes(section.value("wps_label")) || !section.value("wps_pin").empty() || section.value("wps_config").find("label") != std::string_view::npos ||
                       section.value("wps_config").find("display") != std::string_view::npos || is_yes(section.value("ext_registrar"));
    network.wps_pin = label ? Answer::yes : Answer::no;
    if (radio_off || is_yes(section.value("disabled")))
        network.in_use = Answer::no;
    for (const UciOption& option : section.options) {
        if (option.key == "encryption" || (found.line.empty() && option.key == "ssid"))
            found.line = option.line;
        if (option.key == "key")
            found.secret = option.value;
    }
    return found;
}

/// Broadcom's variables of one interface: "psk psk2" in wl0_akm, "tkip+aes" in wl0_crypto, "enabled" in wl0_wep.
std::optional<FoundNetwork> broadcom_network(std::string_view prefix, const std::map<std::string_view, Setting>& values) {
    const auto value = [&](std::string_view name) {
        const auto found = values.find(name);
        return found == values.end() ? std::string_view() : found->second.value;
    };
    const auto akm = values.find("akm");
    if (akm == values.end())
        return std::nullopt;
    FoundNetwork found{.network = {.role = value("mode") == "sta" || value("mode") == "wet" ? WirelessRole::station : WirelessRole::access_point, .ssid = shown(value("ssid")),
                                   .interface = printable(prefix.substr(0, 32)), .configuration = "nvram"},
                       .line = akm->second.line};
    WirelessNetwork& network = found.network;
    const std::string list = lowered(akm->second.value.substr(0, 128));
    const bool first = has_word(list, "psk") || has_word(list, "wpa");
    const bool second = has_word(list, "psk2") || has_word(list, "wpa2") || has_word(list, "brcm_psk");
    const bool third = has_word(list, "sae") || has_word(list, "suite-b");
    const bool wep = value("wep") == "enabled" || value("wep") == "1";
    if (is_placeholder(list))
        network.security = WirelessSecurity::unknown;
    else if (first)
        network.security = second || third ? WirelessSecurity::wpa_wpa2 : WirelessSecurity::wpa;
    else if (second || third)
        network.security = !third ? WirelessSecurity::wpa2 : second ? WirelessSecurity::wpa2_wpa3 : WirelessSecurity::wpa3;
    else
        network.security = has_word(list, "owe") ? WirelessSecurity::owe : wep ? WirelessSecurity::wep : list.empty() ? WirelessSecurity::open : WirelessSecurity::unknown;
    const std::string crypto = lowered(value("crypto").substr(0, 64));
    const bool ciphered = first || second || third;
    network.tkip = !ciphered ? Answer::no : crypto.find("tkip") != std::string::npos ? Answer::yes : crypto.empty() ? Answer::unknown : Answer::no;
    if (const std::string_view mfp = value("mfp"); !mfp.empty())
        network.frames_protected = frames(mfp);
    network.wps_pin = value("wps_mode") == "disabled" ? Answer::no : Answer::unknown;
    if (value("radio") == "0" || value("bss_enabled") == "0")
        network.in_use = Answer::no;
    return found;
}

WirelessSecurity mediatek_security(std::string_view mode, std::string_view cipher) {
    if (mode == "open" || mode == "shared" || mode == "wepauto")
        return cipher == "wep" || mode == "shared" ? WirelessSecurity::wep : cipher == "none" ? WirelessSecurity::open : WirelessSecurity::unknown;
    if (mode == "owe")
        return WirelessSecurity::owe;
    if (mode == "wpapsk" || mode == "wpa")
        return WirelessSecurity::wpa;
    if (mode == "wpapskwpa2psk" || mode == "wpa1wpa2")
        return WirelessSecurity::wpa_wpa2;
    if (mode == "wpa2psk" || mode == "wpa2")
        return WirelessSecurity::wpa2;
    if (mode == "wpa2pskwpa3psk" || mode == "wpa3wpa2")
        return WirelessSecurity::wpa2_wpa3;
    return mode == "wpa3psk" || mode == "wpa3" || mode == "wpa3-192" ? WirelessSecurity::wpa3 : WirelessSecurity::unknown;
}

/// MediaTek's profile: a value for each network, separated by ';'.
void add_mediatek_networks(const std::map<std::string_view, Setting>& values, std::vector<FoundNetwork>& found) {
    const auto mode = values.find("AuthMode");
    const auto cipher = values.find("EncrypType");
    if (mode == values.end() || cipher == values.end())
        return;
    const auto value = [&](std::string_view name) {
        const auto at = values.find(name);
        return at == values.end() ? std::string_view() : at->second.value;
    };
    const std::string modes = lowered(mode->second.value.substr(0, 1024));
    const std::string ciphers = lowered(cipher->second.value.substr(0, 1024));
    const std::vector<std::string_view> mode_list = split(modes, ';');
    const std::vector<std::string_view> cipher_list = split(ciphers, ';');
    const std::size_t count = std::min<std::size_t>(to_integer<std::size_t>(value("BssidNum")).value_or(1), 16);
    for (std::size_t i = 0; i < std::min(count, mode_list.size()) && found.size() < kMaxNetworks; ++i) {
        const std::string_view one = trimmed(mode_list[i]);
        const std::string_view with = i < cipher_list.size() ? trimmed(cipher_list[i]) : std::string_view();
        if (one.empty())
            continue;
        FoundNetwork network{.network = {.role = WirelessRole::access_point, .ssid = shown(value("SSID" + std::to_string(i + 1))), .interface = "ra" + std::to_string(i), .configuration = "nvram",
                                         .security = mediatek_security(one, with), .tkip = with == "tkip" || with == "tkipaes" ? Answer::yes : with.empty() ? Answer::unknown : Answer::no},
                             .line = mode->second.line};
        if (value("RadioOn") == "0")
            network.network.in_use = Answer::no;
        found.push_back(network);
    }
}

}  // namespace

std::vector<FoundNetwork> read_hostapd(std::string_view text) {
    std::vector<FoundNetwork> found;
    Settings bss;
    bool begun = false;
    const auto end = [&] {
        if (begun && found.size() < kMaxNetworks)
            found.push_back(hostapd_network(bss));
    };
    for (const std::string_view line : lines_of(text)) {
        const std::string_view content = trimmed(line);
        const auto equals = content.find('=');
        if (content.starts_with('#') || equals == std::string_view::npos)
            continue;
        const Setting setting{.key = trimmed(content.substr(0, equals)), .value = trimmed(content.substr(equals + 1)), .line = line};
        if (setting.key == "bss") {
            end();
            bss = {};
        }
        begun |= setting.key == "interface" || setting.key == "bss" || setting.key == "ssid" || setting.key == "ssid2" || setting.key == "wpa";
        bss.take(setting);
    }
    end();
    return found;
}

std::vector<FoundNetwork> read_supplicant(std::string_view text) {
    std::vector<FoundNetwork> found;
    Settings block;
    bool inside = false;
    for (const std::string_view line : lines_of(text)) {
        const std::string_view content = trimmed(line);
        if (content.starts_with('#') || content.empty())
            continue;
        const auto equals = content.find('=');
        if (!inside) {
            inside = equals != std::string_view::npos && trimmed(content.substr(0, equals)) == "network" && trimmed(content.substr(equals + 1)).starts_with('{');
            block = {};
        } else if (content.front() == '}') {
            inside = false;
            if (!block.empty() && found.size() < kMaxNetworks)
                found.push_back(supplicant_network(block));
        } else if (equals != std::string_view::npos) {
            const std::string_view value = trimmed(content.substr(equals + 1));
            const auto comment = value.starts_with('"') ? std::string_view::npos : value.find('#');
            block.take({.key = trimmed(content.substr(0, equals)), .value = trimmed(value.substr(0, comment)), .line = line});
        }
    }
    return found;
}

std::vector<FoundNetwork> read_uci_wireless(std::string_view text) {
    std::vector<FoundNetwork> found;
    const std::vector<UciSection> sections = read_uci(text);
    std::map<std::string_view, bool> off;  // radios
    for (const UciSection& section : sections)
        if (section.type == "wifi-device")
            off[section.name] = is_yes(section.value("disabled")) || section.value("enabled") == "0";
    for (const UciSection& section : sections) {
        const std::string_view mode = section.value("mode");
        if (section.type != "wifi-iface" || found.size() == kMaxNetworks || !(mode.empty() || mode == "ap" || mode == "sta"))
            continue;
        const auto radio = off.find(section.value("device"));
        found.push_back(uci_network(section, radio != off.end() && radio->second));
    }
    return found;
}

std::vector<FoundNetwork> read_nvram_wireless(std::string_view text) {
    std::vector<FoundNetwork> found;
    std::map<std::string_view, std::map<std::string_view, Setting>> interfaces;  // "wl0", "wl0.1"
    std::map<std::string_view, Setting> others;
    for (const std::string_view line : lines_of(text)) {
        const std::string_view content = trimmed(line);
        const auto equals = content.find('=');
        if (content.starts_with('#') || equals == std::string_view::npos || interfaces.size() > kMaxNetworks || others.size() > 5'000)
            continue;
        const std::string_view key = content.substr(0, equals);
        const Setting setting{.key = key, .value = unquoted(trimmed(content.substr(equals + 1))), .line = line};
        const auto underscore = key.find('_');
        if (key.starts_with("wl") && underscore != std::string_view::npos && underscore <= 8) {
            const std::string_view prefix = key.substr(0, underscore);
            if (std::ranges::all_of(prefix.substr(2), [](char c) { return (c >= '0' && c <= '9') || c == '.'; }))
                interfaces[prefix][key.substr(underscore + 1)] = setting;
            continue;
        }
        others[key] = setting;
    }
    for (const auto& [prefix, values] : interfaces)
        if (auto network = broadcom_network(prefix, values); network && !(prefix == "wl" && interfaces.size() > 1))
            found.push_back(std::move(*network));
    add_mediatek_networks(others, found);
    return found;
}

}  // namespace shirushi::inspect::interfaces
