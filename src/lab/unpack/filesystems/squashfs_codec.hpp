#pragma once
// Decompression of SquashFS blocks: every block is one complete stream of the file system's one compressor. Versions 1 to 3 do not
// say which (zlib, as the first tools wrote it, or LZMA, as vendors did), and in version 4 vendors' LZMA goes by zlib's number too:
// there it is found by trial, and blocks of one image may differ.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "unpack/filesystems/squashfs_lzma.hpp"
#include "unpack/filesystems/squashfs_superblock.hpp"

namespace shirushi::unpack {

/// Keeps the compressor library's working memory between blocks (a fresh one per block costs as much as a small block does).
/// One thread at a time. Not copied, not moved: borrowed by the readers of metadata and of content.
class SquashfsCodec {
public:
    explicit SquashfsCodec(const SquashfsSuperblock& superblock);
    ~SquashfsCodec();
    SquashfsCodec(const SquashfsCodec&) = delete;
    SquashfsCodec& operator=(const SquashfsCodec&) = delete;

    /// Decompresses `block` into `output` and returns how many bytes came out: what does not fill it `exactly` where it must is
    /// still a result, unless a guess depends on it. Errors: bad_input (damaged, or more than `output` holds), limit (the
    /// library found no memory).
    Result<std::size_t> decompress(Bytes block, std::span<std::uint8_t> output, SquashfsFill fill);

    /// How blocks turned out to be compressed by now, where the superblock does not tell; empty when it does.
    [[nodiscard]] std::string guessed() const;

private:
    struct Libraries;
    /// A way in which blocks are compressed.
    struct Way {
        SquashfsCompression compression = SquashfsCompression::gzip;
        bool bare = false;  ///< deflate without zlib's header
        std::optional<VendorLzma> lzma;
        bool operator==(const Way&) const = default;
    };
    Result<std::size_t> decompress_as(const Way& way, Bytes block, std::span<std::uint8_t> output, SquashfsFill fill);
    std::optional<Way> find(Bytes block, std::span<std::uint8_t> output, SquashfsFill fill);

    Way stated_;    ///< of version 4
    bool guesses_;  ///< the superblock need not be right, or does not say
    bool mixed_ = false;     ///< there is more than one form of LZMA
    std::vector<Way> ways_;  ///< the stated one and those that worked, the last one first
    std::unique_ptr<Libraries> libraries_;
};

}  // namespace shirushi::unpack
