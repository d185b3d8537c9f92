// Finds package databases wherever a file system holds them, reads them, and makes components of their packages.

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "base/text.hpp"
#include "sbom/observations.hpp"
#include "sbom/packages/package_file.hpp"

namespace shirushi::sbom {
namespace {

using unpack::Node;
using unpack::NodeId;
using unpack::NodeKind;
using unpack::Tree;

constexpr std::uint64_t kDatabaseBytes = std::uint64_t{256} << 20;  // a full Debian desktop's status has 10 MiB

/// A list's file and where its file system's root is.
struct Database {
    const Cataloger* cataloger = nullptr;
    PlaceRole role = PlaceRole::lists;
    NodeId node{};
    std::string path;  ///< in the tree
    std::string root;  ///< the part of `path` in front of the cataloger's folder: "" or ending in '/'
    std::string above; ///< names from the file system's container down to the root, "" or ending in '/'
};

std::vector<Database> find_databases(const Tree& tree) {
    std::vector<Database> found;
    for (std::size_t i = 0; i < tree.size(); ++i) {
        const Node& node = tree.node(static_cast<NodeId>(i));
        if (node.kind != NodeKind::entry || node.file.kind != FileKind::regular || node.size == 0)
            continue;
        std::string path;
        std::string system;
        for (const Cataloger& cataloger : catalogers())
            for (const Cataloger::Place& place : cataloger.places) {
                if (!fits(node.name, place.file))
                    continue;
                if (path.empty()) {
                    path = tree.path(node.id);
                    system = tree.path(tree.file_system_of(node.id)) + "/";
                }
                const std::string_view folder = std::string_view(path).substr(0, path.size() - node.name.size() - 1);
                const auto end = fitting_end(folder, place.folder);
                if (!end)
                    continue;
                const std::string_view root =
                    *end == 0 ? std::string_view(path).substr(0, folder.size() + 1) : folder.substr(0, folder.size() - *end);
                found.push_back({.cataloger = &cataloger, .role = place.role, .node = node.id, .path = path, .root = std::string(root),
                                 .above = root.starts_with(system) ? std::string(root.substr(system.size())) : ""});
            }
    }
    // What lists packages before what only adds to them or declares them.
    std::ranges::stable_sort(found, {}, [](const Database& database) { return std::tie(database.role, database.root, database.path); });
    return found;
}

Distribution distribution_of(const Tree& tree, const Database& database) {
    const auto read = [&](const char* name, Distribution (*reader)(Bytes)) {
        const auto node = tree.resolve(tree.file_system_of(database.node), database.above + name);
        return node ? reader(tree.bytes(*node)) : Distribution{};
    };
    for (const char* name : {"etc/os-release", "usr/lib/os-release"})
        if (Distribution distribution = read(name, distribution_from); !distribution.id.empty())
            return distribution;
    return read("etc/openwrt_release", distribution_from_openwrt);
}

ComponentKind kind_of(const Ecosystem& ecosystem, const Package& package, const std::string& product) {
    if (product == "linux_kernel")
        return ComponentKind::operating_system;
    return !ecosystem.of_distribution || package.name.starts_with("lib") ? ComponentKind::library : ComponentKind::application;
}

/// As people write it: with its scope, vendor or path.
std::string full_name(const Ecosystem& ecosystem, const Package& package) {
    const bool is_part = ecosystem.purl_type == "npm" || ecosystem.purl_type == "composer" || ecosystem.purl_type == "golang";
    return is_part && !package.group.empty() ? package.group + "/" + package.name : package.name;
}

/// Adds what `other` knows more about the same package.
void complete(Component& component, Component other, bool knows_source) {
    component.evidence.insert(component.evidence.end(), other.evidence.begin(), other.evidence.end());
    if (component.supplier.empty())
        component.supplier = std::move(other.supplier);
    if (component.license.empty())
        component.license = std::move(other.license);
    if (component.source_package.empty()) {
        component.source_package = std::move(other.source_package);
        component.source_version = std::move(other.source_version);
    }
    if (knows_source && component.cpe.empty()) {
        component.product = std::move(other.product);
        component.cpe = std::move(other.cpe);
        component.kind = other.kind;
    }
}

/// Whether two versions, perhaps written by a builder and by a package manager, are one.
bool same_version(const Component& listed, const Component& other) {
    return listed.version == other.version || upstream_version(listed.ecosystem, listed.version) == upstream_version(other.ecosystem, other.version);
}

/// Rows as they come together: the same package from several lists is one row.
class PackageTable {
public:
    explicit PackageTable(std::vector<Component>& rows) : rows_(rows) {}

    /// Index of the row that the component has become, or part of.
    std::size_t add(Component component, const Ecosystem& ecosystem, bool from_builder, bool knows_source) {
        if (from_builder)
            for (auto [at, end] = by_name_.equal_range(component.name); at != end; ++at)
                if (same_version(rows_[at->second], component))
                    return add_to(at->second, std::move(component), knows_source);
        const auto [at, is_new] = index_.try_emplace({component.ecosystem, component.name, component.version, component.purl}, rows_.size());
        if (!is_new)
            return add_to(at->second, std::move(component), knows_source);
        if (ecosystem.of_distribution)
            by_name_.emplace(component.name, rows_.size());
        rows_.push_back(std::move(component));
        return rows_.size() - 1;
    }

    std::size_t add_to(std::size_t row, Component component, bool knows_source) {
        complete(rows_[row], std::move(component), knows_source);
        return row;
    }

private:
    std::vector<Component>& rows_;
    std::map<std::tuple<std::string, std::string, std::string, std::string>, std::size_t> index_;  // ecosystem, name, version, purl
    std::multimap<std::string, std::size_t> by_name_;                                               // of distributions
};

}  // namespace

Component component_of(const Package& package, const Ecosystem& ecosystem, const Distribution& distribution, const ProductNames& names) {
    Component component;
    component.name = full_name(ecosystem, package);
    // A language's package "curl" is no curl.
    const std::string_view family = ecosystem.purl_type == "generic" ? ecosystem.name : ecosystem.purl_type;
    component.product = ecosystem.of_distribution ? names.product_of(package) : fmt::format("{}/{}", family, component.name);
    component.version = package.version;
    component.kind = kind_of(ecosystem, package, component.product);
    component.ecosystem = ecosystem.name;
    component.purl = package_url(ecosystem, package, distribution);
    component.cpe = names.cpe_of(component.product);
    if (component.cpe.empty() && !package.cpe.empty())
        component.cpe = {package.cpe};
    component.supplier = package.supplier;
    component.license = package.license;
    if (ecosystem.of_distribution) {
        component.source_package = package.source.empty() ? package.name : package.source;
        component.source_version = package.source_version.empty() ? package.version : package.source_version;
    }
    return component;
}

PackageComponents read_packages(const Tree& tree, const ProductNames& names) {
    PackageComponents out;
    PackageTable table(out.rows);
    std::set<std::pair<std::string, std::string_view>> ruled;  // roots and ecosystems with a list
    std::map<std::tuple<std::string, std::string_view, std::string, std::string>, std::size_t> listed;  // root, ecosystem, name, version: row
    for (const Database& database : find_databases(tree)) {
        const Ecosystem& ecosystem = database.cataloger->ecosystem;
        const Bytes content = tree.bytes(database.node);
        if (content.size() > kDatabaseBytes)
            out.gaps.push_back(fmt::format("{}: only its first {} bytes were read", database.path, kDatabaseBytes));
        PackageList list = database.cataloger->read(clipped(content, 0, kDatabaseBytes), database.path);
        for (const std::string& gap : list.gaps)
            out.gaps.push_back(fmt::format("{}: {}", database.path, gap));
        if (database.role == PlaceRole::lists)
            ruled.emplace(database.root, ecosystem.name);
        const Distribution distribution = ecosystem.of_distribution ? distribution_of(tree, database) : Distribution{};
        const bool from_builder = database.role == PlaceRole::declares || ecosystem.name == "yocto";
        for (const Package& package : list.packages) {
            std::tuple here(database.root, ecosystem.name, package.name, package.version);
            Component component = component_of(package, ecosystem, distribution, names);
            component.source = database.role == PlaceRole::declares ? ComponentSource::declared : ComponentSource::package_database;
            component.confidence = usual_confidence(component.source);
            component.evidence = {{.path = database.path, .offset = package.offset, .excerpt = excerpt(component.name + " " + package.version)}};
            const bool knows_source = !package.source.empty();
            if (database.role == PlaceRole::details && ruled.contains({database.root, ecosystem.name})) {
                if (const auto row = listed.find(here); row != listed.end())
                    table.add_to(row->second, std::move(component), knows_source);
                continue;
            }
            const std::size_t row = table.add(std::move(component), ecosystem, from_builder && ecosystem.of_distribution, knows_source);
            if (database.role == PlaceRole::lists)
                listed.emplace(std::move(here), row);
        }
    }
    return out;
}

}  // namespace shirushi::sbom
