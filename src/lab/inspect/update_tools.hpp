#pragma once
// Update tools whose configuration has a known form: package managers and image updaters.

#include <vector>

#include "inspect/image.hpp"

namespace shirushi::inspect {

/// One row for each tool that is in the root file system and configured there.
std::vector<UpdateMechanism> update_tools_in(const Root& root);

/// Vendors' own scripts that write a firmware image: what they fetch, and whether anything verifies it before it is written.
std::vector<UpdateMechanism> update_scripts_in(const Root& root, const std::vector<unpack::NodeId>& files);

/// yes: every source is encrypted; no: one is not; unknown: there is none, or one without a scheme.
Answer encrypted(const std::vector<std::string>& sources);

}  // namespace shirushi::inspect
