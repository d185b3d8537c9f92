#pragma once
// Wireless networks as configuration files write them down, without knowing what reads them. Pure: text in, networks out.

#include <string_view>
#include <vector>

#include "model/facts.hpp"

namespace shirushi::inspect::interfaces {

struct FoundNetwork {
    WirelessNetwork network;    ///< without its evidence; `in_use` no where the file itself switches it off, else unknown
    std::string_view line;      ///< that shows its scheme best; borrowed
    std::string_view secret;    ///< to be masked in that line
};

/// hostapd.conf(5): one network for each "interface" and "bss".
std::vector<FoundNetwork> read_hostapd(std::string_view text);
/// wpa_supplicant.conf(5): its "network" blocks.
std::vector<FoundNetwork> read_supplicant(std::string_view text);
/// OpenWrt's etc/config/wireless: its "wifi-iface" sections.
std::vector<FoundNetwork> read_uci_wireless(std::string_view text);
/// Vendors' defaults: Broadcom's variables (wl0_akm=psk2), MediaTek's profiles (AuthMode=WPA2PSK;OPEN). Empty where there are none.
std::vector<FoundNetwork> read_nvram_wireless(std::string_view text);

}  // namespace shirushi::inspect::interfaces
