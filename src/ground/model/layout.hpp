#pragma once
// What `unpack` says of an image: where everything is, without judging it. A document of its own (docs/formats/layout.md), made of facts'
// rows.

#include <string>
#include <vector>

#include "model/facts.hpp"

namespace shirushi {

struct Layout {
    Image image;
    EntropyMap entropy_map;
    Table<Region> regions;
    Table<Layer> layers;
    Table<Partition> partitions;
    Table<File> files;
    std::vector<std::string> notes;
    std::vector<std::string> left_out;  ///< what was not written to the disk, where something was; each with its reason
    bool operator==(const Layout&) const = default;
    SHIRUSHI_FIELDS(Layout, image, entropy_map, regions, layers, partitions, files, notes, left_out)
};

}  // namespace shirushi
