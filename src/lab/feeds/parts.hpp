#pragma once
// Parts of products that a record's text names: applets of BusyBox. (Source files of the kernel stand in CVE records as such.)

#include <string_view>

#include "vuln/records.hpp"

namespace shirushi::feeds {

/// "... in the awk applet ...", "Busybox's (...) udhcpc", "the DHCP client (udhcpc)": applets a description speaks of.
void add_applets(std::string_view description, vuln::AdvisoryRecord& advisory);

/// Applets are parts of BusyBox only: of a record whose configurations name anything else as vulnerable, they are dropped.
void keep_applets_of_busybox(vuln::AdvisoryRecord& advisory);

}  // namespace shirushi::feeds
