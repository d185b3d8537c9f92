#pragma once
// Whether what holds a fault was compiled in: applets of BusyBox, source files of a Linux kernel. Pure.

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "model/facts.hpp"

namespace shirushi::vuln {

/// Why none of the parts can be in the component; nothing when one is, or may be. Applets ("awk") are held against the component's list.
/// Source files ("drivers/net/tun.c") are judged by their folder, and only where the kernel's list of modules shows such folders at all:
/// drivers, sound, file systems and network protocols. A folder of which no module was built holds nothing that runs.
std::optional<std::string> not_compiled_in(std::span<const std::string_view> parts, const Component& component);

/// The part that was seen to be built: an applet, or the module that a kernel's source file is named as ("net/tun.c": "net/tun.ko"). Empty
/// where that is not known: a file of a larger module, a component nobody could look into.
std::string seen_built(std::span<const std::string_view> parts, const Component& component);

}  // namespace shirushi::vuln
