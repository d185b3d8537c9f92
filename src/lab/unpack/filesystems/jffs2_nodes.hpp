#pragma once
// The nodes of a JFFS2 (Linux include/uapi/linux/jffs2.h): a log of records, each at a multiple of four bytes, with a checksum
// over its header, over its fields, and over its name or data. No library: identify uses it in the parent.

#include <optional>

#include "base/bytes.hpp"

namespace shirushi::unpack {

enum class Jffs2Type : std::uint16_t { dirent = 0xe001, inode = 0xe002, clean_marker = 0x2003, padding = 0x2004, summary = 0x2006, attribute = 0xe008, attribute_use = 0xe009 };

struct Jffs2Node {
    std::uint64_t at = 0;
    Bytes bytes;            ///< all of it, or what is there
    Jffs2Type type{};
    bool obsolete = false;  ///< marked as such in place, as NOR flash allows
    bool whole = false;
};

struct Jffs2Dirent {
    std::uint32_t parent = 0;
    std::uint32_t version = 0;
    std::uint32_t inode = 0;  ///< 0: the name is no more
    Bytes name;
};

struct Jffs2Inode {
    std::uint32_t number = 0;
    std::uint32_t version = 0;
    std::uint32_t mode = 0;
    std::uint16_t uid = 0;
    std::uint16_t gid = 0;
    std::uint32_t size = 0;  ///< of the whole file
    std::uint32_t modified = 0;
    std::uint32_t offset = 0;  ///< of the data below in the file
    std::uint32_t data_size = 0;
    std::uint8_t compressor = 0;
    Bytes data;
    std::uint32_t data_checksum = 0;

    [[nodiscard]] bool data_fits() const;
};

/// Nothing when the node is cut off or a checksum (for dirents of fields and name, for inodes of the fields) does not fit.
std::optional<Jffs2Dirent> jffs2_dirent(const Jffs2Node& node, Endian endian);
std::optional<Jffs2Inode> jffs2_inode(const Jffs2Node& node, Endian endian);

/// Byte order of the node whose header starts here.
std::optional<Endian> jffs2_endian(Bytes at);

/// One pass over nodes, erased flash, and what is neither.
class Jffs2Walk {
public:
    /// Gives up after `most_foreign` bytes in a row that are neither nodes nor erased.
    Jffs2Walk(Bytes bytes, Endian endian, std::uint64_t most_foreign) : bytes_(bytes), endian_(endian), most_foreign_(most_foreign) {}

    std::optional<Jffs2Node> next();
    /// Bytes in all between nodes that are neither erased nor zeros.
    [[nodiscard]] std::uint64_t foreign() const { return foreign_; }
    /// How far it has looked.
    [[nodiscard]] std::uint64_t position() const { return at_; }

private:
    Bytes bytes_;
    Endian endian_;
    std::uint64_t most_foreign_;
    std::uint64_t at_ = 0;
    std::uint64_t foreign_ = 0;
};

struct Jffs2Extent {
    std::uint64_t end = 0;          ///< behind the last node, or of its erase block where the rest of that is erased
    std::uint64_t erase_block = 0;  ///< by the distances of clean markers; 0 when there are too few
    std::uint64_t dirents = 0;
    std::uint64_t inodes = 0;
    std::uint64_t damaged = 0;
};

/// How far the file system at the start reaches, in one pass. Another one right behind it ends it: its nodes have the same
/// inode and version numbers with other contents. Nothing when no dirent or inode with right checksums, nor two clean markers, are near.
std::optional<Jffs2Extent> measure_jffs2(Bytes bytes, Endian endian);

}  // namespace shirushi::unpack
