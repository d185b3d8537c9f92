#pragma once
// What the checks of wireless networks say alike.

#include <string>

#include "check/check.hpp"

namespace shirushi::check {

/// Its name as people know it, else its interface's.
inline std::string name_for_people(const WirelessNetwork& network) { return !network.ssid.empty() ? network.ssid : !network.interface.empty() ? network.interface : network.configuration; }

inline Said said_about(const WirelessNetwork& network, const char* key, const char* wording = "") {
    return {.key = key, .wording = wording, .names = {{"network", name_for_people(network)}, {"file", network.evidence.path}}, .figures = {}, .evidence = {network.evidence}};
}

}  // namespace shirushi::check
