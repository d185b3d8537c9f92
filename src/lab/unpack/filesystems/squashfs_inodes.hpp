#pragma once
// Inodes, directory listings and the small tables of a SquashFS image of any version, read from its metadata.

#include <cstdint>
#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "model/facts.hpp"
#include "unpack/filesystems/squashfs_layout.hpp"
#include "unpack/filesystems/squashfs_metadata.hpp"

namespace shirushi::unpack {

/// SQUASHFS_INVALID_FRAG: the file has no tail in a fragment block.
inline constexpr std::uint32_t no_squashfs_fragment = 0xffffffff;
/// Linux's "overflow" owner, for owners whose table is damaged.
inline constexpr std::uint32_t unknown_owner = 65534;

/// What is on disk for one block of content.
struct SquashfsBlock {
    std::uint64_t offset = 0;
    std::uint32_t size = 0;   ///< 0: a hole
    bool compressed = false;
};

/// Splits a size word, as versions 2 to 4 have them: 24 bits of size, and a bit that says "stored as it is".
SquashfsBlock squashfs_block(std::uint64_t offset, std::uint32_t size_word);

struct SquashfsInode {
    FileKind kind = FileKind::regular;
    std::uint32_t mode = 0;
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    std::uint32_t modified = 0;
    std::uint32_t number = 0;
    std::string target;  ///< of links, raw

    std::uint64_t size = 0;       ///< of files: content; of directories: the listing in bytes
    MetadataPlace listing;        ///< of directories
    std::uint64_t start = 0;      ///< of files: absolute offset of the first block
    std::uint32_t fragment = no_squashfs_fragment;
    std::uint32_t fragment_offset = 0;
    MetadataPlace block_sizes;    ///< of files: where the size words are
};

struct SquashfsEntry {
    std::string_view name;  ///< raw, borrowed for the call
    std::uint64_t inode = 0;  ///< a reference
    FileKind kind = FileKind::regular;  ///< as the listing says
};

/// An opened image: everything needed to look things up in it. Borrows the bytes. One thread at a time.
class SquashfsImage {
public:
    /// Errors: bad_input.
    static Result<std::unique_ptr<SquashfsImage>> open(Bytes bytes);

    [[nodiscard]] const SquashfsSuperblock& superblock() const { return superblock_; }
    [[nodiscard]] Bytes bytes() const { return bytes_; }
    [[nodiscard]] SquashfsCodec& codec() { return codec_; }
    /// Why owners are not known; empty when they are.
    [[nodiscard]] const std::string& owners_damage() const { return owners_damage_; }

    Result<SquashfsInode> inode(std::uint64_t reference);
    /// Calls `each` for the entries in stored order while it returns true. Errors: damage in the listing.
    Result<void> listing(const SquashfsInode& directory, const std::function<bool(const SquashfsEntry&)>& each);
    Result<SquashfsBlock> fragment(std::uint32_t index);
    /// The next `count` size words of a file, as squashfs_block() takes them; moves `place`.
    Result<std::vector<std::uint32_t>> size_words(MetadataPlace& place, std::size_t count);

private:
    SquashfsImage(Bytes bytes, const SquashfsSuperblock& superblock);
    Result<void> record(MetadataPlace& place, std::size_t from, std::size_t to);
    [[nodiscard]] std::uint64_t field(SquashfsField field) const { return squashfs_field(record_.data(), field, superblock_.endian); }
    Result<void> read_owners();
    Result<void> version_1_type(MetadataPlace& place, unsigned& type, std::uint32_t& user, std::size_t& filled);
    Result<void> link_target(SquashfsInode& inode, MetadataPlace& place);

    Bytes bytes_;
    SquashfsSuperblock superblock_;
    const SquashfsLayout& layout_;
    SquashfsCodec codec_;
    SquashfsMetadata metadata_;
    std::vector<std::uint32_t> users_;
    std::vector<std::uint32_t> groups_;
    std::string owners_damage_;
    std::array<std::uint8_t, 64> record_{};
};

}  // namespace shirushi::unpack
