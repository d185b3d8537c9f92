#pragma once
// Partition tables that an image holds: how its maker cuts the flash into pieces. Read from what unpacking found, after it:
// variables of boot loaders, device trees, kernels' command lines and configurations, RedBoot's directories. Sources: Linux
// drivers/mtd/parsers/cmdlinepart.c (mtdparts, its comment) and redboot.c, Documentation/devicetree/bindings/mtd/partitions/
// fixed-partitions.yaml, block/partitions/cmdline.c (blkdevparts). Pure: bytes and trees in, rows out; no errors, what makes no sense is left out.

#include <string_view>
#include <vector>

#include "unpack/boot/kernel_texts.hpp"

namespace shirushi::unpack {

/// Of "mtdparts=" and "blkdevparts=" anywhere in the text.
std::vector<Partition> partitions_of_command_line(std::string_view text);
std::vector<Partition> partitions_of_device_tree(Bytes bytes);
std::vector<Partition> partitions_of_fis(Bytes bytes);

/// The tables found in what was unpacked, in order of device, offset; the same row from several sources once.
const std::vector<Partition>& partitions_of(const Tree& tree);

/// All tables of the tree, with their sources. `texts`: what kernel_texts() found in it.
std::vector<Partition> find_partitions(const Tree& tree, const std::vector<KernelText>& texts);

/// What the table says of a range of the image, to be put in front of its description: `partition "env" (bootargs in ...)`;
/// empty when no partition of the image starts in it.
std::string partitions_starting_in(const std::vector<Partition>& partitions, std::uint64_t offset, std::uint64_t size);

}  // namespace shirushi::unpack
