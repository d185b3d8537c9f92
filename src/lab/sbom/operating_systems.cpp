// The system as a whole: what os-release(5), or OpenWrt's own file, says of each root file system.

#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "sbom/observations.hpp"

namespace shirushi::sbom {

std::vector<Component> operating_systems(const unpack::Tree& tree, const ProductNames& names) {
    std::map<std::pair<std::string, std::string>, Component> found;
    for (const unpack::NodeId system : tree.file_systems())
        for (const char* name : {"etc/os-release", "usr/lib/os-release", "etc/openwrt_release"}) {
            const auto node = tree.resolve(system, name);
            if (!node)
                continue;
            const Bytes content = tree.bytes(*node);
            const bool is_openwrts = std::string_view(name) == "etc/openwrt_release";
            const Distribution distribution = is_openwrts ? distribution_from_openwrt(content) : distribution_from(content);
            if (distribution.id.empty())
                continue;
            Component& component = found[{distribution.id, distribution.version}];
            component.product = component.name = distribution.id;
            component.version = distribution.version;
            component.kind = ComponentKind::operating_system;
            component.source = ComponentSource::package_database;
            component.confidence = usual_confidence(component.source);
            component.cpe = names.cpe_of(distribution.id);
            component.evidence.push_back(
                {.path = tree.path(*node), .offset = std::nullopt, .excerpt = excerpt(distribution.id + " " + distribution.version)});
        }
    std::vector<Component> rows;
    for (auto& [key, component] : found)
        rows.push_back(std::move(component));
    return rows;
}

}  // namespace shirushi::sbom
