// SHI-WIF-002: a network that the product is configured to join is not protected by WEP or WPA alone. An open one may be a user's wish, or
// what a maker's test left behind: a person decides.
#include "check/checks/wireless.hpp"

namespace shirushi::check {

extern constexpr Check wifi_joined_network = check_reading<&Facts::wireless_networks>("SHI-WIF-002", 1, [](const std::vector<WirelessNetwork>& networks, Report& out) {
    for (const WirelessNetwork& network : networks) {
        if (network.role != WirelessRole::station || network.in_use == Answer::no)
            continue;
        const bool used = network.in_use == Answer::yes;
        if (network.security == WirelessSecurity::wep)
            used ? out.fail(said_about(network, "wep")) : out.review(said_about(network, "unproven", "wep"));
        else if (network.security == WirelessSecurity::wpa)
            used ? out.fail(said_about(network, "wpa")) : out.review(said_about(network, "unproven", "wpa"));
        else if (network.security == WirelessSecurity::open)
            out.review(said_about(network, network.ssid.empty() ? "any_open" : "open"));
        else if (network.security == WirelessSecurity::wpa_wpa2)
            out.review(said_about(network, "mixed"));
    }
});

}  // namespace shirushi::check
