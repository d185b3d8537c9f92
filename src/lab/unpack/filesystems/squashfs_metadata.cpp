#include "unpack/filesystems/squashfs_metadata.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

namespace shirushi::unpack {

namespace {
// 4096 blocks of 8 KiB: the inode tables of a million files; and the most memory that metadata can take.
constexpr std::size_t most_kept_blocks = 4096;
constexpr std::size_t fewest_kept_blocks = 64;
constexpr std::size_t image_per_kept_block = 1024;  // small images need no room for many
constexpr unsigned stored_as_is = 0x8000;
}  // namespace

SquashfsMetadata::SquashfsMetadata(Bytes image, const SquashfsSuperblock& superblock, SquashfsCodec& codec)
    : image_(image), endian_(superblock.endian), header_size_(superblock.metadata_header()), codec_(&codec),
      blocks_(std::bit_ceil(std::clamp(image.size() / image_per_kept_block, fewest_kept_blocks, most_kept_blocks))) {}

Result<void> SquashfsMetadata::load(std::uint64_t offset, Block& into) {
    Reader reader(TRY(slice(image_, offset, header_size_)), endian_);
    const unsigned header = TRY(reader.u16());
    const std::size_t size = header & ~stored_as_is;
    if (size == 0 || size > squashfs_metadata_size)
        return fail(Errc::bad_input, fmt::format("its size of {} bytes cannot be", size));
    const Bytes stored = TRY(slice(image_, offset + header_size_, size));
    into.next = offset + header_size_ + size;
    if (!into.content)
        into.content = std::make_unique<std::array<std::uint8_t, squashfs_metadata_size>>();
    if ((header & stored_as_is) != 0) {
        std::ranges::copy(stored, into.content->begin());
        into.size = size;
    } else {
        into.size = TRY(codec_->decompress(stored, *into.content, SquashfsFill::at_most));
    }
    return {};
}

/// The block at `offset`, from memory where it was read before. A damaged one is remembered too, or a hostile image could have
/// us try it again for every entry.
Result<const SquashfsMetadata::Block*> SquashfsMetadata::block(std::uint64_t offset) {
    Block& slot = blocks_[(offset * 0x9E3779B97F4A7C15U) >> (64 - std::countr_zero(blocks_.size()))];  // the top bits of a multiplicative hash
    const auto place = [&] { return fmt::format("metadata block at {:#x}", offset); };
    if (slot.offset != offset) {
        slot.offset = offset;
        slot.damaged = true;
        TRY_WITHIN(place(), load(offset, slot));
        slot.damaged = false;
    }
    if (slot.damaged)
        return fail(Errc::bad_input, place() + ": damaged");
    return &slot;
}

Result<void> SquashfsMetadata::read(MetadataPlace& place, std::uint64_t end, std::span<std::uint8_t> output) {
    while (!output.empty()) {
        if (place.block >= end)
            return fail(Errc::bad_input, fmt::format("a record at {:#x} lies outside of its table", place.block));
        const Block* const from = TRY(block(place.block));
        if (place.offset > from->size)
            return fail(Errc::bad_input, fmt::format("metadata block at {:#x}: has no byte {}", place.block, place.offset));
        const std::size_t count = std::min<std::size_t>(output.size(), from->size - place.offset);
        std::copy_n(from->content->begin() + place.offset, count, output.begin());
        output = output.subspan(count);
        place.offset += static_cast<std::uint32_t>(count);
        if (place.offset == from->size) {
            // An empty block cannot be (its size is at least one byte stored), but might decompress to nothing: next all the same.
            place = {from->next, 0};
        }
    }
    return {};
}

}  // namespace shirushi::unpack
