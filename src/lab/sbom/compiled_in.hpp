#pragma once
// What of a kernel or a BusyBox was compiled in, so that advisories that concern another part of it can be told apart.

#include "sbom/observations.hpp"

namespace shirushi::sbom {

/// One source of such facts.
struct CompiledInFact {
    std::string product;  ///< "linux_kernel" or "busybox"
    std::string version;  ///< of the component they are about; empty: the source does not say
    std::string path;     ///< of the file they come from; for a program the program's own
    CompiledIn what;
};

struct CompiledInFacts {
    std::vector<CompiledInFact> facts;
    std::vector<Observation> versions;  ///< what these sources say of a product's version
};

/// IKCONFIG as unpack opens it, /boot/config-*, modules.builtin with its modinfo, applet tables and links to a BusyBox.
CompiledInFacts compiled_in_facts(const unpack::Tree& tree);

/// Adds facts to the components they are about: by version, by the file both come from, else to the product's only component.
void add_compiled_in(std::vector<Component>& components, const std::vector<CompiledInFact>& facts);

/// Pure parts. A configuration's set symbols ("CONFIG_TUN=m"), sorted; the version its first lines name.
std::vector<std::string> kernel_symbols(Bytes config);
std::string kernel_version_of_config(Bytes config);
/// Lines of modules.builtin ("kernel/drivers/net/tun.ko"), or the same from modules.builtin.modinfo; sorted.
std::vector<std::string> built_in_modules(Bytes list);
std::vector<std::string> built_in_modules_of_modinfo(Bytes modinfo);

}  // namespace shirushi::sbom
