#pragma once
// Where the fields of SquashFS's records lie, by version, as data (squashfs-tools, squashfs_fs.h and squashfs_compat.h). Versions 1 to
// 3 are C bit fields as compilers laid them out: from the lowest bit in little-endian images, from the highest in big-endian ones.
// Version 4 uses whole bytes, which is the same thing.

#include <cstdint>
#include <span>

#include "base/bytes.hpp"
#include "model/facts.hpp"

namespace shirushi::unpack {

/// A field by its first bit and its width; width 0: this version does not store it.
struct SquashfsField {
    std::uint16_t at = 0;
    std::uint8_t width = 0;
};

/// Its value in a record, which must reach that far; 0 when it is not stored.
std::uint64_t squashfs_field(const std::uint8_t* record, SquashfsField field, Endian endian);

/// Inodes of one kind, with all that stands before what has no fixed length.
struct SquashfsInodeLayout {
    FileKind kind = FileKind::regular;
    std::uint8_t bytes = 0;  ///< 0: there is no such type
    SquashfsField start;     ///< files: the first block; directories: the listing's block
    SquashfsField size;      ///< files: content; directories: listing; links: target
    SquashfsField offset;    ///< files: in the fragment; directories: of the listing in its block
    SquashfsField fragment;
    SquashfsField modified;  ///< where it is not among the fields that all inodes have
};

struct SquashfsLayout {
    std::uint8_t inode_header = 0;  ///< bytes that all inodes begin with
    SquashfsField type, mode, uid, gid, modified, number;
    std::uint32_t gid_as_uid = 0;  ///< the group's index that means "the same number as the user"
    std::span<const SquashfsInodeLayout> inodes;  ///< by type, which begins with 1

    std::uint8_t listing_header = 0;
    SquashfsField entries, block;
    std::uint8_t listing_entry = 0;
    SquashfsField offset, kind, name;  ///< the name's length is one less than it is
    std::uint32_t uncounted = 0;       ///< a directory's size counts "." and "..", which are not stored

    std::uint8_t pointer = 0;  ///< bytes of a pointer in the lists of metadata blocks
    std::uint8_t fragment_entry = 0;
    SquashfsField fragment_start, fragment_size;
    std::uint8_t size_word = 0;  ///< bytes
};

/// `major` is 1 to 4.
const SquashfsLayout& squashfs_layout(unsigned major);

}  // namespace shirushi::unpack
