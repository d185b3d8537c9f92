// Packages that programs themselves list: every ELF file once, whatever its name; files of equal content share what is found.

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "base/text.hpp"
#include "sbom/observations.hpp"
#include "sbom/programs/program_file.hpp"

namespace shirushi::sbom {
namespace {

using unpack::Node;
using unpack::NodeId;
using unpack::NodeKind;
using unpack::Tree;

/// ELF files by content, in the tree's order.
std::vector<std::vector<NodeId>> programs_of(const Tree& tree) {
    std::vector<std::vector<NodeId>> programs;
    std::map<Digest, std::size_t> first_with;
    for (std::size_t i = 0; i < tree.size(); ++i) {
        const Node& node = tree.node(static_cast<NodeId>(i));
        if (node.kind != NodeKind::entry || node.file.kind != FileKind::regular || !elf::is_elf(tree.bytes(node.id)))
            continue;
        if (node.sha256) {
            const auto [at, is_new] = first_with.try_emplace(*node.sha256, programs.size());
            if (!is_new) {
                programs[at->second].push_back(node.id);
                continue;
            }
        }
        programs.push_back({node.id});
    }
    return programs;
}

/// The standard library is the compiler's: advisories know it as Go.
std::string product_of(const Component& component) {
    return component.ecosystem == "go" && component.name == "stdlib" ? "go" : component.product;
}

}  // namespace

PackageComponents read_programs(const Tree& tree, const ProductNames& names) {
    PackageComponents out;
    std::map<std::pair<std::string, std::string>, std::size_t> index;  // ecosystem, package-url
    for (const auto& nodes : programs_of(tree)) {
        const auto program = elf::ElfFile::read(tree.bytes(nodes.front()));
        if (!program)
            continue;  // "executables" says so
        for (const ProgramReader& reader : program_readers()) {
            const PackageList list = reader.read(*program);
            for (const std::string& gap : list.gaps)
                out.gaps.push_back(fmt::format("{}: {}", tree.path(nodes.front()), gap));
            for (const Package& package : list.packages) {
                Component component = component_of(package, reader.ecosystem, {}, names);
                component.product = product_of(component);
                component.cpe = names.cpe_of(component.product);
                component.source = ComponentSource::build_information;
                component.confidence = usual_confidence(component.source);
                const auto [at, is_new] = index.try_emplace({component.ecosystem, component.purl}, out.rows.size());
                if (is_new)
                    out.rows.push_back(std::move(component));
                Component& row = out.rows[at->second];
                for (const NodeId node : nodes)
                    row.evidence.push_back({.path = tree.path(node), .offset = package.offset, .excerpt = excerpt(row.name + " " + package.version)});
            }
        }
    }
    return out;
}

}  // namespace shirushi::sbom
