// SHI-WIF-003: settings around the scheme. A PIN for enrolment can be guessed; management frames without protection let a stranger cut
// connections, which is told but fails nothing.
#include "check/checks/wireless.hpp"

namespace shirushi::check {

extern constexpr Check wifi_settings = check_reading<&Facts::wireless_networks>("SHI-WIF-003", 1, [](const std::vector<WirelessNetwork>& networks, Report& out) {
    for (const WirelessNetwork& network : networks) {
        if (network.role != WirelessRole::access_point || network.in_use == Answer::no)
            continue;
        const bool set_up = network.configuration == "hostapd" || network.configuration == "uci";  // of NVRAM nothing follows from what is missing
        if (network.wps_pin == Answer::yes)
            out.review(said_about(network, "wps_pin"));
        else if (network.wps_pin == Answer::unknown && set_up)
            out.review(said_about(network, "wps"));
        if (network.frames_protected == Answer::no && network.security != WirelessSecurity::open && network.security != WirelessSecurity::wep)
            out.explain(said_about(network, "frames"));
    }
});

}  // namespace shirushi::check
