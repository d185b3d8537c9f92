#pragma once
// The inside of a Tree, for tree.cpp and tree_builder.cpp only.

#include <deque>
#include <map>
#include <unordered_map>

#include "unpack/tree.hpp"

namespace shirushi::unpack {

struct KeptMapping {
    Bytes bytes;
    void (*release)(Bytes) = nullptr;
};

struct Tree::State {
    std::deque<Node> nodes;           // a deque: nodes never move
    std::vector<Bytes> contents;      // by node id
    std::vector<Buffer> buffers;      // owned memory behind some contents
    std::vector<KeptMapping> mappings;
    std::vector<std::unordered_map<std::string, NodeId>> child_by_name;  // by node id
    std::map<std::pair<Digest, std::uint64_t>, Bytes> stored;  // regular files' contents, each once
    std::unordered_map<std::uint32_t, bool> implied;  // folders that no entry described (yet)
    Digest image_digest;
    EntropyMap entropy_map;
    std::vector<Region> regions;
    std::vector<Partition> partitions;
    std::vector<std::string> notes;
    std::vector<std::string> gaps;

    State() = default;
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() {
        for (const KeptMapping& kept : mappings)
            kept.release(kept.bytes);
    }

    Node& at(NodeId id) { return nodes[static_cast<std::uint32_t>(id)]; }
    [[nodiscard]] const Node& at(NodeId id) const { return nodes[static_cast<std::uint32_t>(id)]; }
    NodeId add(NodeId parent, Node node, Bytes content);
};

}  // namespace shirushi::unpack
