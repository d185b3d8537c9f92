#pragma once
// The inspectors of a product's interfaces and of its reset, each for one root. They add to the tables' rows.

#include <vector>

#include "inspect/interfaces/surroundings.hpp"

namespace shirushi::inspect::interfaces {

/// hostapd's and wpa_supplicant's files, OpenWrt's etc/config/wireless, defaults of vendors' NVRAM.
void add_wireless(const Surroundings& around, std::vector<WirelessNetwork>& rows);

/// BlueZ's files, agents, and what scripts set.
void add_bluetooth(const Surroundings& around, std::vector<BluetoothSetting>& rows);

/// Kernel modules, authorisation, what happens to storage that is plugged in, consoles and debug bridges.
void add_usb(const Surroundings& around, std::vector<UsbExposure>& rows);

/// What takes the product back to its factory state, and what of the image's data it leaves.
void add_resets(const Surroundings& around, std::vector<ResetMechanism>& rows);

}  // namespace shirushi::inspect::interfaces
