// Finds package databases wherever a file system holds them, reads them, and makes components of their packages.

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "base/text.hpp"
#include "sbom/observations.hpp"
#include "sbom/package_file.hpp"

namespace shirushi::sbom {
namespace {

using unpack::Node;
using unpack::NodeId;
using unpack::NodeKind;
using unpack::Tree;

constexpr std::uint64_t kDatabaseBytes = std::uint64_t{256} << 20;  // a full Debian desktop's status has 10 MiB

/// A database's file and where its file system's root is.
struct Database {
    const Cataloger* cataloger = nullptr;
    bool is_detail = false;
    NodeId node{};
    std::string path;  ///< in the tree
    std::string root;  ///< the part of `path` in front of the cataloger's folder: "" or ending in '/'
    std::string above; ///< names from the file system's container down to the root, "" or ending in '/'
};

bool fits(std::string_view name, std::string_view pattern) {
    if (pattern.starts_with('*'))
        return name.ends_with(pattern.substr(1));
    return name == pattern;
}

std::vector<Database> find_databases(const Tree& tree) {
    std::vector<Database> found;
    for (std::size_t i = 0; i < tree.size(); ++i) {
        const Node& node = tree.node(static_cast<NodeId>(i));
        if (node.kind != NodeKind::entry || node.file.kind != FileKind::regular || node.size == 0)
            continue;
        for (const Cataloger& cataloger : catalogers())
            for (const Cataloger::Place& place : cataloger.places) {
                if (!fits(node.name, place.file))
                    continue;
                const std::string path = tree.path(node.id);
                const std::string_view folder = std::string_view(path).substr(0, path.size() - node.name.size() - 1);
                if (!folder.ends_with(place.folder))
                    continue;
                const std::string_view root = folder.substr(0, folder.size() - place.folder.size());
                if (!root.empty() && !root.ends_with('/'))
                    continue;
                const std::string system = tree.path(tree.file_system_of(node.id)) + "/";
                found.push_back({.cataloger = &cataloger, .is_detail = place.is_detail, .node = node.id, .path = path, .root = std::string(root),
                                 .above = root.starts_with(system) ? std::string(root.substr(system.size())) : ""});
            }
    }
    // A status file before the details it rules over.
    std::ranges::stable_sort(found, {}, [](const Database& database) { return std::tie(database.root, database.is_detail, database.path); });
    return found;
}

Distribution distribution_of(const Tree& tree, const Database& database) {
    for (const char* name : {"etc/os-release", "usr/lib/os-release"})
        if (const auto node = tree.resolve(tree.file_system_of(database.node), database.above + name))
            if (Distribution distribution = distribution_from(tree.bytes(*node)); !distribution.id.empty())
                return distribution;
    return {};
}

ComponentKind kind_of(const Package& package, const std::string& product) {
    if (product == "linux_kernel")
        return ComponentKind::operating_system;
    return package.name.starts_with("lib") ? ComponentKind::library : ComponentKind::application;
}

Component component_from(const Database& database, const Package& package, const Distribution& distribution, const ProductNames& names) {
    Component component;
    component.product = names.product_of(package);
    component.name = package.name;
    component.version = package.version;
    component.kind = kind_of(package, component.product);
    component.source = ComponentSource::package_database;
    component.ecosystem = database.cataloger->ecosystem;
    component.purl = package_url(*database.cataloger, package, distribution);
    component.cpe = names.cpe_of(component.product);
    if (component.cpe.empty() && !package.cpe.empty())
        component.cpe = {package.cpe};
    component.supplier = package.supplier;
    component.license = package.license;
    component.evidence = {{.path = database.path, .offset = package.offset, .excerpt = excerpt(package.name + " " + package.version)}};
    return component;
}

/// Adds what `other` knows more about the same package.
void complete(Component& component, Component other, bool knows_source) {
    component.evidence.insert(component.evidence.end(), other.evidence.begin(), other.evidence.end());
    if (component.supplier.empty())
        component.supplier = std::move(other.supplier);
    if (component.license.empty())
        component.license = std::move(other.license);
    if (knows_source && component.cpe.empty()) {
        component.product = std::move(other.product);
        component.cpe = std::move(other.cpe);
        component.kind = other.kind;
    }
}

}  // namespace

PackageComponents read_packages(const Tree& tree, const ProductNames& names) {
    PackageComponents out;
    using Key = std::tuple<std::string, std::string, std::string, std::string>;  // ecosystem, name, version, purl
    std::map<Key, std::size_t> index;
    std::set<std::pair<std::string, std::string_view>> ruled;  // roots and ecosystems with a status file
    std::set<std::tuple<std::string, std::string, std::string, std::string>> listed;  // root, ecosystem, name, version
    for (const Database& database : find_databases(tree)) {
        const std::string_view ecosystem = database.cataloger->ecosystem;
        const Bytes content = tree.bytes(database.node);
        if (content.size() > kDatabaseBytes)
            out.gaps.push_back(fmt::format("{}: only its first {} bytes were read", database.path, kDatabaseBytes));
        PackageList list = database.cataloger->read(clipped(content, 0, kDatabaseBytes));
        for (const std::string& gap : list.gaps)
            out.gaps.push_back(fmt::format("{}: {}", database.path, gap));
        if (!database.is_detail)
            ruled.emplace(database.root, ecosystem);
        const Distribution distribution = distribution_of(tree, database);
        for (const Package& package : list.packages) {
            const std::tuple here(database.root, std::string(ecosystem), package.name, package.version);
            if (database.is_detail && ruled.contains({database.root, ecosystem}) && !listed.contains(here))
                continue;
            if (!database.is_detail)
                listed.insert(here);
            Component component = component_from(database, package, distribution, names);
            const auto [at, is_new] = index.try_emplace({component.ecosystem, component.name, component.version, component.purl}, out.rows.size());
            if (is_new)
                out.rows.push_back(std::move(component));
            else
                complete(out.rows[at->second], std::move(component), !package.source.empty());
        }
    }
    return out;
}

}  // namespace shirushi::sbom
