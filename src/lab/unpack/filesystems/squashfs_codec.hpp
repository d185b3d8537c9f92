#pragma once
// Decompression of SquashFS blocks: every block is one complete stream of the file system's one compressor.

#include <cstdint>
#include <memory>
#include <span>

#include "base/bytes.hpp"
#include "unpack/filesystems/squashfs_superblock.hpp"

namespace shirushi::unpack {

/// Keeps the compressor library's working memory between blocks (a fresh one per block costs as much as a small block does).
/// One thread at a time. Not copied, not moved: borrowed by the readers of metadata and of content.
class SquashfsCodec {
public:
    explicit SquashfsCodec(SquashfsCompression compression);
    ~SquashfsCodec();
    SquashfsCodec(const SquashfsCodec&) = delete;
    SquashfsCodec& operator=(const SquashfsCodec&) = delete;

    /// Decompresses `block` into `output` and returns how many bytes came out. Errors: bad_input (damaged, or more than
    /// `output` holds), limit (the library found no memory).
    Result<std::size_t> decompress(Bytes block, std::span<std::uint8_t> output);

private:
    struct Libraries;
    SquashfsCompression compression_;
    std::unique_ptr<Libraries> libraries_;
};

}  // namespace shirushi::unpack
