// The string pass: which bytes of an image are looked at, shared among threads. Every byte range is looked at once: files, and of
// everything else what no container explains. Text files are left out (a script that mentions a program is not that program), as
// are message catalogues, which quote programs' banners in every language.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <cstring>

#include "base/parallel.hpp"
#include "sbom/observations.hpp"

namespace shirushi::sbom {
namespace {

using unpack::Node;
using unpack::NodeId;
using unpack::NodeKind;
using unpack::Tree;

constexpr std::uint64_t kPiece = std::uint64_t{64} << 20;  // companions of an identifier must lie in one piece
constexpr std::size_t kLookForZero = 4096;

struct Piece {
    NodeId node{};
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
};

/// A file whose content (or name only, when pieces are few or none) is looked at; `same` other nodes hold the same content.
struct Work {
    std::vector<NodeId> nodes;
    Piece piece;
};

bool is_text(Bytes content) {
    const Bytes start = clipped(content, 0, kLookForZero);
    return start.empty() || std::memchr(start.data(), 0, start.size()) == nullptr;
}

bool is_message_catalogue(Bytes content) {  // GNU gettext manual, "The Format of GNU MO Files"
    constexpr std::array<std::uint8_t, 4> little = {0xDE, 0x12, 0x04, 0x95};
    const Bytes start = clipped(content, 0, 4);
    return std::ranges::equal(start, little) || std::equal(start.begin(), start.end(), little.rbegin(), little.rend());
}

bool is_looked_at(const Tree& tree, const Node& node) {
    if (node.size == 0)
        return false;
    if (node.kind == NodeKind::entry)
        return node.file.kind == FileKind::regular && !is_text(tree.bytes(node.id)) && !is_message_catalogue(tree.bytes(node.id));
    if (node.kind == NodeKind::container)  // its content is below it, unless it only frames other containers or could not be read
        return std::ranges::all_of(node.children, [&](NodeId child) { return tree.node(child).kind == NodeKind::container; });
    return std::ranges::none_of(node.children, [&](NodeId child) { return tree.node(child).kind == NodeKind::entry; });
}

/// The parts of a node that no container in it explains, in pieces.
std::vector<Piece> uncovered(const Tree& tree, const Node& node) {
    std::vector<std::pair<std::uint64_t, std::uint64_t>> covered;
    for (const NodeId id : node.children)
        if (const Node& child = tree.node(id); child.kind == NodeKind::container)
            covered.emplace_back(child.offset, child.offset + child.size);
    std::ranges::sort(covered);
    covered.emplace_back(node.size, node.size);
    std::vector<Piece> pieces;
    std::uint64_t at = 0;
    for (const auto& [first, last] : covered) {
        while (at < std::min(first, node.size)) {
            const std::uint64_t size = std::min(kPiece, std::min(first, node.size) - at);
            pieces.push_back({.node = node.id, .offset = at, .size = size});
            at += size;
        }
        at = std::max(at, last);
    }
    return pieces;
}

std::vector<Work> plan(const Tree& tree) {
    std::vector<Work> works;
    std::map<Digest, std::size_t> first_with;  // index of the first piece of this content
    for (std::size_t i = 0; i < tree.size(); ++i) {
        const Node& node = tree.node(static_cast<NodeId>(i));
        if (!is_looked_at(tree, node))
            continue;
        const auto pieces = uncovered(tree, node);
        if (node.kind == NodeKind::entry && node.sha256 && pieces.size() == 1 && pieces[0].size == node.size) {
            const auto [at, is_new] = first_with.try_emplace(*node.sha256, works.size());
            if (!is_new) {
                works[at->second].nodes.push_back(node.id);
                continue;
            }
        }
        for (const Piece& piece : pieces)
            works.push_back({.nodes = {node.id}, .piece = piece});
    }
    return works;
}

ComponentSource source_of(const Identifiers& identifiers, std::size_t identifier) {
    if (identifiers.list()[identifier].where == "file_name")
        return ComponentSource::file_name;
    return identifiers.list()[identifier].product == "linux_kernel" ? ComponentSource::kernel_banner : ComponentSource::binary_string;
}

void record(const Tree& tree, const Identifiers& identifiers, const Scan& scan, NodeId node, bool with_offset, Observations& out) {
    for (const Sighting& sighting : scan.sightings) {
        Evidence evidence{.path = tree.path(node), .offset = std::nullopt, .excerpt = sighting.line};
        if (with_offset)
            evidence.offset = sighting.offset;
        const ComponentSource source = source_of(identifiers, sighting.identifier);
        const ProductIdentifier& identifier = identifiers.list()[sighting.identifier];
        out.rows.push_back({.product = identifier.product, .version = sighting.version,
                            .kind = identifiers.kind_of(sighting.identifier), .source = source, .evidence = std::move(evidence),
                            .confidence = identifier.confidence > 0 ? identifier.confidence : usual_confidence(source), .purl = identifier.purl});
    }
    if (scan.incomplete)
        out.gaps.push_back(fmt::format("{}: too many candidates for version strings, only the first of each kind were read", tree.path(node)));
}

}  // namespace

Observations observe_strings(const Tree& tree, const Identifiers& identifiers, unsigned workers) {
    Observations out;
    const std::vector<Work> works = plan(tree);
    out.looked = tree.root().size > 0;
    std::vector<Scan> scans(works.size());
    std::vector<std::string> failures(std::max(workers, 1U));
    std::atomic<std::size_t> next{0};
    // Each worker takes the next piece: an index per worker, because a scanner is one thread's.
    parallel_for(failures.size(), [&](std::size_t worker) {
        auto scanner = Scanner::make(identifiers);
        if (!scanner) {
            failures[worker] = scanner.error().message;
            return;
        }
        for (std::size_t i = next.fetch_add(1); i < works.size(); i = next.fetch_add(1))
            scans[i] = scanner->scan(tree.bytes(works[i].piece.node), works[i].piece.offset, works[i].piece.size);
    }, workers);
    if (std::ranges::none_of(failures, &std::string::empty)) {
        out.gaps.push_back("version strings were not looked for: " + failures.front());
        return out;
    }
    for (std::size_t i = 0; i < works.size(); ++i)
        for (const NodeId node : works[i].nodes)
            record(tree, identifiers, scans[i], node, true, out);

    auto names = Scanner::make(identifiers);
    for (std::size_t i = 0; names && i < tree.size(); ++i)
        if (const Node& node = tree.node(static_cast<NodeId>(i));
            node.kind == NodeKind::entry && node.file.kind == FileKind::regular && node.size > 0)
            record(tree, identifiers, names->scan_name(node.name), node.id, false, out);
    return out;
}

}  // namespace shirushi::sbom
