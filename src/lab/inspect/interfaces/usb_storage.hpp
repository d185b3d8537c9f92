#pragma once
// What happens to storage that is plugged in: mounted, run from, updated from.

#include <vector>

#include "inspect/interfaces/surroundings.hpp"

namespace shirushi::inspect::interfaces {

void add_usb_storage(const Surroundings& around, std::vector<UsbExposure>& rows);

}  // namespace shirushi::inspect::interfaces
