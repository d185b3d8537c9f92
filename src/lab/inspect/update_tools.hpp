#pragma once
// Update tools whose configuration has a known form: package managers and image updaters.

#include <vector>

#include "inspect/image.hpp"

namespace shirushi::inspect {

/// One row for each tool that is in the root file system and configured there.
std::vector<UpdateMechanism> update_tools_in(const Root& root);

/// Vendors' own scripts that write a firmware image: what they fetch, and whether anything verifies it before it is written.
std::vector<UpdateMechanism> update_scripts_in(const Root& root, const std::vector<unpack::NodeId>& files);

/// A command that writes a firmware image to flash.
bool writes_firmware(const std::vector<std::string>& words);
/// A command that checks a signature, whatever the form of its options.
bool verifies(std::string_view command);
/// A program of its own that may verify: what it does is not seen here.
bool may_verify(std::string_view program);

/// yes: every source is encrypted; no: one is not; unknown: there is none, or one without a scheme.
Answer encrypted(const std::vector<std::string>& sources);

}  // namespace shirushi::inspect
