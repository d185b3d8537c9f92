#pragma once
// Partition tables of disks: the master boot record with its chain of logical partitions, and GPT (UEFI specification 2.10,
// chapter 5). Partitions become parts named "partition1" and so on, or by their name in the GPT; what lies between them and is
// no padding (boot loaders, above all) becomes a part, too, so that every byte of the disk is looked into.

#include <optional>

#include "unpack/formats.hpp"

namespace shirushi::unpack {

/// A master boot record with at least one partition that begins inside `bytes`. Boot sectors of file systems and kernels, which carry the same
/// signature, are not taken for one: all four entries must make sense together.
std::optional<FoundContainer> identify_mbr(Bytes bytes);
Result<Parts> split_mbr(Bytes bytes);

/// GPT with sectors of 512 or 4096 bytes, by its primary header or, where that is damaged, by the protective MBR and the backup at the disk's end.
std::optional<FoundContainer> identify_gpt(Bytes bytes);
Result<Parts> split_gpt(Bytes bytes);

/// The partitions of whichever table stands in `bytes` (borrowed by nobody), the gaps left out; for images that are disks and something else at once.
std::vector<Part> partitions_of(Bytes bytes);

}  // namespace shirushi::unpack
