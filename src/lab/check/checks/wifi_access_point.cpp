// SHI-WIF-001: an access point that the product offers is protected by WPA2 or WPA3 with AES. What nothing in the image shows to be used is
// for a person: vendors' defaults are often overwritten in the factory.
#include "check/checks/wireless.hpp"

namespace shirushi::check {
namespace {

/// What is wrong about the scheme: the message's key; null where nothing is.
const char* fault_of(const WirelessNetwork& network) {
    switch (network.security) {
        case WirelessSecurity::open: return "open";
        case WirelessSecurity::wep: return "wep";
        case WirelessSecurity::wpa: return "wpa";
        case WirelessSecurity::wpa_wpa2: return "mixed";
        case WirelessSecurity::wpa2:
        case WirelessSecurity::wpa2_wpa3:
        case WirelessSecurity::wpa3:
        case WirelessSecurity::owe:
        case WirelessSecurity::unknown: break;
    }
    return network.tkip == Answer::yes ? "tkip" : nullptr;
}

}  // namespace

extern constexpr Check wifi_access_point = check_reading<&Facts::wireless_networks>("SHI-WIF-001", 1, [](const std::vector<WirelessNetwork>& networks, Report& out) {
    for (const WirelessNetwork& network : networks) {
        if (network.role != WirelessRole::access_point || network.in_use == Answer::no)
            continue;
        const char* fault = fault_of(network);
        const bool ciphers = network.configuration == "hostapd" && network.tkip == Answer::unknown;  // its default holds TKIP, but for builds that leave that out
        if (fault != nullptr && network.in_use == Answer::yes)
            out.fail(said_about(network, fault));
        else if (fault != nullptr)
            out.review(said_about(network, "unproven", fault));
        else if (network.security == WirelessSecurity::unknown)
            out.review(said_about(network, "unknown_scheme"));
        else if (ciphers)
            out.review(said_about(network, "default_cipher"));
    }
});

}  // namespace shirushi::check
