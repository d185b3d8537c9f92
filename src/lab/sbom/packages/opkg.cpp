// opkg's status file and info/*.control (OpenWrt and Yocto): dpkg's syntax with fields of its own. OpenWrt's Source is the
// recipe's path in the build tree ("package/network/services/dropbear"), its CPE-ID a CPE 2.2 name ("cpe:/a:vendor:product").

#include "base/text.hpp"
#include "sbom/packages/package_file.hpp"
#include "sbom/packages/package_limits.hpp"
#include "sbom/packages/stanzas.hpp"

namespace shirushi::sbom {
namespace {

bool is_installed(std::string_view status) {
    if (status.empty())
        return true;
    const auto words = words_of(status);
    return words.size() == 3 && words[0] != "deinstall" && (words[2] == "installed" || words[2] == "unpacked" || words[2] == "half-configured");
}

std::string_view source_of(const Stanza& stanza) {
    if (const std::string_view name = stanza.field("SourceName"); !name.empty())
        return name;
    std::string_view path = stanza.field("Source");
    if (const auto slash = path.rfind('/'); slash != std::string_view::npos)
        path.remove_prefix(slash + 1);
    if (!path.empty())  // Yocto writes the recipe's file: "dropbear_2020.81.bb".
        return path.substr(0, path.ends_with(".bb") ? path.find('_') : path.size());
    // OpenWrt's libraries have their binary interface's version in their name: "libubox20230523".
    const std::string_view name = stanza.field("Package");
    const std::string_view interface = stanza.field("ABIVersion");
    return !interface.empty() && name.size() > interface.size() && name.ends_with(interface) ? name.substr(0, name.size() - interface.size())
                                                                                             : std::string_view{};
}

std::string cpe_pair(std::string_view cpe_id) {
    const auto parts = split(cpe_id, ':');
    if (parts.size() < 4 || parts[0] != "cpe" || !parts[1].starts_with('/') || parts[2].empty() || parts[3].empty())
        return {};
    return field_text(lowered(parts[2]) + ":" + lowered(parts[3]));
}

}  // namespace

PackageList read_opkg(Bytes content) {
    PackageList list;
    StanzaReader reader(content);
    Stanza stanza;
    while (reader.next(stanza)) {
        const std::string_view name = stanza.field("Package");
        if (name.empty() || !is_installed(stanza.field("Status")))
            continue;
        if (list.packages.size() == kPackages) {
            list.gaps.push_back(kTooManyPackages);
            break;
        }
        list.packages.push_back({.name = field_text(name), .version = field_text(stanza.field("Version")),
                                 .architecture = field_text(stanza.field("Architecture")), .source = field_text(source_of(stanza)),
                                 .supplier = field_text(stanza.field("Maintainer")), .license = field_text(stanza.field("License")),
                                 .cpe = cpe_pair(stanza.field("CPE-ID")), .offset = stanza.offset});
    }
    if (reader.overflowed())
        list.gaps.push_back(kTooManyFields);
    return list;
}

}  // namespace shirushi::sbom
