// What lies in what: for the picture of the image's layout.
#include <algorithm>
#include <functional>

#include "unpack/tree.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::size_t kMostLayers = 16384;  // an image's own nesting has some dozens; more would only make the table unreadable

/// Whether `part` is a range of `whole`: then where it begins.
std::optional<std::uint64_t> place_in(Bytes whole, Bytes part) {
    const std::less_equal<const std::uint8_t*> before;
    if (part.empty() || !before(whole.data(), part.data()) || !before(part.data() + part.size(), whole.data() + whole.size()))
        return std::nullopt;
    return static_cast<std::uint64_t>(part.data() - whole.data());
}

Layer layer_of(const Tree& tree, const Node& node) {
    Layer layer{.path = tree.path(node.id), .parent = tree.path(node.parent), .format = node.format, .offset = node.offset, .size = node.size,
                .description = node.description};
    if (!node.encrypted.empty())
        layer.kind = RegionKind::encrypted;
    if (!node.damage.empty())
        layer.kind = RegionKind::damaged;
    if (const auto place = place_in(tree.bytes(NodeId{0}), tree.bytes(node.id))) {
        layer.in_image = true;
        layer.offset = *place;
    }
    return layer;
}

}  // namespace

Table<Layer> layer_table(const Tree& tree) {
    Table<Layer> table{.observed = true, .gaps = tree.gaps(), .rows = {}};
    std::vector<NodeId> waiting{NodeId{0}};
    while (!waiting.empty()) {
        const Node& node = tree.node(waiting.back());
        waiting.pop_back();
        if (node.id != NodeId{0}) {
            if (table.rows.size() == kMostLayers) {
                table.gaps.push_back("more containers lie in this image than the table of layers holds");
                break;
            }
            table.rows.push_back(layer_of(tree, node));
        }
        for (auto child = node.children.rbegin(); child != node.children.rend(); ++child)
            if (tree.node(*child).kind != NodeKind::entry)
                waiting.push_back(*child);
    }
    return table;
}

}  // namespace shirushi::unpack
