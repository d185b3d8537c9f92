#pragma once
// Headers that boot loaders read, in own code, split in the parent. Sources: U-Boot include/image.h and doc/README.uImage
// (legacy image), doc/uImage.FIT/source_file_format.txt, Devicetree Specification 0.4 chapter 5.

#include <optional>

#include "unpack/formats.hpp"

namespace shirushi::unpack {

std::optional<FoundContainer> identify_uimage(Bytes bytes);
Result<Parts> split_uimage(Bytes bytes);

/// A flattened image tree: a device tree with /images. Their data lies in it or behind it.
std::optional<FoundContainer> identify_fit(Bytes bytes);
Result<Parts> split_fit(Bytes bytes);
/// Any other device tree blob.
std::optional<FoundContainer> identify_device_tree(Bytes bytes);

}  // namespace shirushi::unpack
