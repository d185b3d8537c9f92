#include "sbom/compiled_in.hpp"

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "sbom/packages/reading.hpp"
#include "sbom/packages/stanzas.hpp"
#include "sbom/programs/program_file.hpp"

namespace shirushi::sbom {
namespace {

using unpack::Node;
using unpack::NodeId;
using unpack::NodeKind;
using unpack::Tree;

constexpr std::size_t kSymbols = 32'768;  // a kernel of 2026 has some 20,000, most of them not set
constexpr std::size_t kModules = 16'384;
constexpr std::size_t kSymbolText = 256;
constexpr std::size_t kFirstLines = 4096;

void sort_out(std::vector<std::string>& words) {
    std::ranges::sort(words);
    const auto doubles = std::ranges::unique(words);
    words.erase(doubles.begin(), doubles.end());
}

/// The last segment of a path or of a link's target.
std::string_view base_name(std::string_view path) { return path.substr(path.rfind('/') == std::string_view::npos ? 0 : path.rfind('/') + 1); }

/// "squashfs@0x0/lib/modules/4.14.171/modules.builtin": "4.14.171".
std::string version_of_folder(std::string_view path) {
    const std::size_t end = path.rfind('/');
    if (end == std::string_view::npos)
        return {};
    const std::string_view folder = base_name(path.substr(0, end));
    return std::string(folder.substr(0, folder.find_first_not_of("0123456789.")));
}

void look_at_configuration(const Tree& tree, const Node& node, CompiledInFacts& out) {
    const Bytes content = tree.bytes(node.id);
    std::vector<std::string> symbols = kernel_symbols(content);
    if (symbols.size() < 16)  // a config-* of something else
        return;
    const std::string version = kernel_version_of_config(content);
    const std::string path = tree.path(node.id);
    if (!version.empty()) {
        const std::size_t at = as_text(content).find(version);
        out.versions.push_back({.product = "linux_kernel", .version = version, .kind = ComponentKind::operating_system,
                                .source = ComponentSource::kernel_banner,
                                .evidence = {.path = path, .offset = at, .excerpt = "Kernel Configuration " + version},
                                .confidence = usual_confidence(ComponentSource::kernel_banner)});
    }
    out.facts.push_back(
        {.product = "linux_kernel", .version = version, .path = path, .what = {.applets = {}, .configuration = std::move(symbols), .modules = {}}});
}

void look_at_modules(const Tree& tree, const Node& node, CompiledInFacts& out) {
    const Bytes content = tree.bytes(node.id);
    std::vector<std::string> modules = node.name == "modules.builtin" ? built_in_modules(content) : built_in_modules_of_modinfo(content);
    const std::string path = tree.path(node.id);
    if (!modules.empty())
        out.facts.push_back({.product = "linux_kernel", .version = version_of_folder(path), .path = path,
                             .what = {.applets = {}, .configuration = {}, .modules = std::move(modules)}});
}

/// A BusyBox, and the links to it in its file system: the first BusyBox of a file system takes those that name "busybox".
void look_at_busybox(const Tree& tree, const Node& node, std::set<NodeId>& linked, CompiledInFacts& out) {
    CompiledInFact fact{.product = "busybox", .version = {}, .path = tree.path(node.id), .what = {}};
    fact.what.applets = busybox_applets(tree.bytes(node.id));
    const NodeId system = tree.file_system_of(node.id);
    if (fact.what.applets.empty() && base_name(node.name).starts_with("busybox") && linked.insert(system).second)
        for (std::size_t i = 0; i < tree.size(); ++i) {
            const Node& link = tree.node(static_cast<NodeId>(i));
            if (link.kind == NodeKind::entry && link.file.kind == FileKind::symlink && base_name(link.file.target) == node.name &&
                tree.file_system_of(link.id) == system)
                fact.what.applets.push_back(link.name);
        }
    sort_out(fact.what.applets);
    if (!fact.what.applets.empty())
        out.facts.push_back(std::move(fact));
}

/// Index of the component a fact is about.
Component* owner_of(std::vector<Component>& components, const CompiledInFact& fact) {
    Component* only = nullptr;
    std::size_t count = 0;
    for (Component& component : components) {
        if (component.product != fact.product)
            continue;
        if (!fact.version.empty() && upstream_version(component.ecosystem, component.version) == fact.version)
            return &component;
        if (std::ranges::find(component.evidence, fact.path, &Evidence::path) != component.evidence.end())
            return &component;
        only = &component;
        ++count;
    }
    return count == 1 ? only : nullptr;
}

}  // namespace

std::vector<std::string> kernel_symbols(Bytes config) {
    std::vector<std::string> symbols;
    LineReader lines(config);
    for (TextLine line; symbols.size() < kSymbols && lines.next(line);)
        if (line.text.starts_with("CONFIG_") && line.text.find('=') != std::string_view::npos)
            symbols.push_back(excerpt(line.text, kSymbolText));
    sort_out(symbols);
    return symbols;
}

std::string kernel_version_of_config(Bytes config) {
    // "# Linux/arm64 5.10.0 Kernel Configuration", up to 2.6.3x "# Linux kernel version: 2.6.31".
    LineReader lines(clipped(config, 0, kFirstLines));
    for (TextLine line; lines.next(line);) {
        const auto words = words_of(line.text);
        if (words.size() < 4 || words[0] != "#" || !words[1].starts_with("Linux"))
            continue;
        const std::string_view version = words[1] == "Linux" ? words.back() : words[2];
        const std::size_t end = std::min(version.find_first_not_of("0123456789."), version.size());
        if (end > 2 && version[0] >= '1' && version[0] <= '9' && (words[1] != "Linux" || words[3] == "version:"))
            return std::string(version.substr(0, end));
    }
    return {};
}

std::vector<std::string> built_in_modules(Bytes list) {
    std::vector<std::string> modules;
    LineReader lines(list);
    for (TextLine line; modules.size() < kModules && lines.next(line);)
        if (const std::string_view text = trimmed(line.text); text.ends_with(".ko"))
            modules.push_back(field_text(text));
    sort_out(modules);
    return modules;
}

std::vector<std::string> built_in_modules_of_modinfo(Bytes modinfo) {
    std::vector<std::string> modules;
    const std::string_view text = as_text(modinfo);
    for (std::size_t at = 0; at < text.size() && modules.size() < kModules;) {
        const std::size_t end = std::min(text.find('\0', at), text.size());
        const std::string_view entry = text.substr(at, end - at);
        if (const std::size_t key = entry.find(".file="); key != std::string_view::npos)
            modules.push_back("kernel/" + field_text(entry.substr(key + 6)) + ".ko");
        at = end + 1;
    }
    sort_out(modules);
    return modules;
}

CompiledInFacts compiled_in_facts(const Tree& tree) {
    CompiledInFacts out;
    std::set<NodeId> linked;
    for (std::size_t i = 0; i < tree.size(); ++i) {
        const Node& node = tree.node(static_cast<NodeId>(i));
        const bool is_file = node.kind == NodeKind::entry && node.file.kind == FileKind::regular;
        if (node.size == 0 || (!is_file && node.kind != NodeKind::stream))
            continue;
        const bool is_kernels_own = node.name == "config" && tree.node(node.parent).kind == NodeKind::container;
        if (is_kernels_own || (is_file && node.name.starts_with("config-")))
            look_at_configuration(tree, node, out);
        else if (is_file && (node.name == "modules.builtin" || node.name == "modules.builtin.modinfo"))
            look_at_modules(tree, node, out);
        else if (is_file && elf::is_elf(tree.bytes(node.id)) && as_text(tree.bytes(node.id)).find("BusyBox v") != std::string_view::npos)
            look_at_busybox(tree, node, linked, out);
    }
    return out;
}

void add_compiled_in(std::vector<Component>& components, const std::vector<CompiledInFact>& facts) {
    for (const CompiledInFact& fact : facts) {
        Component* owner = owner_of(components, fact);
        if (owner == nullptr)
            continue;
        if (!owner->compiled_in)
            owner->compiled_in.emplace();
        for (std::vector<std::string> CompiledIn::*list : {&CompiledIn::applets, &CompiledIn::configuration, &CompiledIn::modules}) {
            auto& into = (*owner->compiled_in).*list;
            into.insert(into.end(), (fact.what.*list).begin(), (fact.what.*list).end());
            sort_out(into);
        }
    }
}

}  // namespace shirushi::sbom
