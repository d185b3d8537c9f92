#pragma once
// SquashFS metadata: inodes, directories, ids and fragment entries lie in blocks of up to 8 KiB, each with a two-byte header
// (three bytes where versions 1 to 3 carry check data) and compressed by itself. A record may run over into the next block; a
// place is the block's offset and the offset in it.

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "unpack/filesystems/squashfs_codec.hpp"

namespace shirushi::unpack {

/// A place in metadata: `block` is the absolute offset of a metadata block's header, `offset` counts decompressed bytes.
struct MetadataPlace {
    std::uint64_t block = 0;
    std::uint32_t offset = 0;
};

/// Reads metadata and keeps decompressed blocks (at most 32 MiB of them). One thread at a time; borrows image and codec.
class SquashfsMetadata {
public:
    SquashfsMetadata(Bytes image, const SquashfsSuperblock& superblock, SquashfsCodec& codec);

    /// Copies the next bytes to `output` and moves `place` behind them. Blocks starting at or beyond `end` do not belong to the
    /// table. Errors: bad_input, naming the damaged block; `place` is then left somewhere inside.
    Result<void> read(MetadataPlace& place, std::uint64_t end, std::span<std::uint8_t> output);

private:
    struct Block {
        std::uint64_t offset = no_squashfs_table;
        std::uint64_t next = 0;  ///< offset of the following block
        std::size_t size = 0;
        bool damaged = false;
        std::unique_ptr<std::array<std::uint8_t, squashfs_metadata_size>> content;
    };
    Result<const Block*> block(std::uint64_t offset);
    Result<void> load(std::uint64_t offset, Block& into);

    Bytes image_;
    Endian endian_;
    std::size_t header_size_;
    SquashfsCodec* codec_;
    std::vector<Block> blocks_;  ///< a power of two of places
};

}  // namespace shirushi::unpack
