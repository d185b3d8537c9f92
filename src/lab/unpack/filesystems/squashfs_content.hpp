#pragma once
// Content of SquashFS files: blocks decompressed straight into the sink's memory, tails from fragment blocks.

#include <array>
#include <string>

#include "unpack/decoder.hpp"
#include "unpack/filesystems/squashfs_walk.hpp"

namespace shirushi::unpack {

/// Hands files to a sink. Cheapest when called in on-disk order: the last fragment blocks stay in memory, and so does the
/// content of a file that is followed by a hard link to it. Borrows everything. One thread at a time.
class SquashfsContent {
public:
    SquashfsContent(SquashfsImage& image, const SquashfsWalk& walk, Sink& sink) : image_(image), walk_(walk), sink_(sink) {}

    /// `linked_next`: the next call is for a hard link to this file. Errors: the sink's only; damage goes to the entry.
    Result<void> hand_out(const SquashfsFile& file, bool linked_next);

private:
    struct FragmentBlock {
        std::uint32_t index = no_squashfs_fragment;
        std::uint64_t used = 0;  ///< when last
        std::string damage;
        Buffer content;
    };

    Result<void> blocks(const SquashfsFile& file);
    Result<void> one_block(const SquashfsBlock& block, std::size_t size);
    Result<void> tail(const SquashfsFile& file);
    const FragmentBlock& fragment(std::uint32_t index);
    Result<void> load(std::uint32_t index, Buffer& into);
    Result<std::size_t> unpack_block(const SquashfsBlock& block, std::span<std::uint8_t> output, SquashfsFill fill);
    Result<void> give(Bytes content);
    void note(std::string damage);

    SquashfsImage& image_;
    const SquashfsWalk& walk_;
    Sink& sink_;
    std::array<FragmentBlock, 8> fragments_;
    std::uint64_t uses_ = 0;
    // Of the file in hand:
    std::uint64_t done_ = 0;
    std::uint64_t holes_ = 0;
    std::string damage_;
    bool stopped_ = false;  ///< nothing after this point can be read
    bool keeping_ = false;
    const SquashfsFile* kept_of_ = nullptr;
    Buffer kept_;
};

}  // namespace shirushi::unpack
