#pragma once
// Where a daemon listens and whom it lets in, by its arguments and its configuration files.

#include <string>
#include <vector>

#include "inspect/image.hpp"

namespace shirushi::inspect {

/// Replaces the default endpoints where something else is configured, and turns `authenticates` off, with the matching piece of
/// configuration as its note, where logins are off. `arguments`: program first. False: the configuration keeps it from running.
bool apply_settings(const Root& root, const std::vector<std::string>& arguments, Service& service);

}  // namespace shirushi::inspect
