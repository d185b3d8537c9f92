#pragma once
// How a YAFFS lies on its flash (yaffs2 sources: yaffs_guts.h, yaffs_packedtags2.h, yaffs_packedtags1.h; Manning, "How YAFFS
// works"). Nothing says how large pages and their spare areas are, nor where in the spare the tags stand: layouts are tried, and one
// counts when the first pages make sense in it. No library: identify uses it in the parent.

#include <optional>
#include <string>

#include "base/bytes.hpp"

namespace shirushi::unpack {

struct YaffsLayout {
    std::uint32_t page = 0;
    std::uint32_t spare = 0;  ///< 0: the dump has no spare areas, so nothing tells which file a page belongs to
    std::uint32_t tags = 0;   ///< where they begin in the spare
    Endian endian = Endian::little;
    bool first_version = false;  ///< YAFFS1: tags spread over the spare, without sequence numbers

    [[nodiscard]] std::uint64_t stride() const { return std::uint64_t{page} + spare; }
};

/// What the spare says of its page.
struct YaffsTags {
    std::uint32_t sequence = 0;  ///< of the erase block; counts up
    std::uint32_t object = 0;
    std::uint32_t chunk = 0;  ///< 0: the page is an object's header; n: its n-th page of data
    std::uint32_t size = 0;   ///< of the data
    bool deleted = false;     ///< YAFFS1 marks pages that count no more
    bool checkpoint = false;  ///< not an object's page
};

enum class YaffsType : std::uint32_t { file = 1, symlink, directory, hard_link, special };

struct YaffsHeader {
    YaffsType type{};
    std::uint32_t parent = 0;
    std::string name;
    std::uint32_t mode = 0;
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    std::uint32_t modified = 0;
    std::uint64_t size = 0;
    std::uint32_t same_as = 0;  ///< the object a hard link stands for
    std::string target;
    bool shrinks = false;  ///< written because the file was cut: what was beyond is gone
};

/// Nothing when the page cannot be such a header.
std::optional<YaffsHeader> yaffs_header(Bytes page, Endian endian);

/// Nothing when the page is erased or its tags cannot be. `chunk` are page and spare together.
std::optional<YaffsTags> yaffs_tags(Bytes chunk, const YaffsLayout& layout);
[[nodiscard]] bool yaffs_erased(Bytes chunk);

/// The layout in which the first pages make sense.
std::optional<YaffsLayout> yaffs_layout(Bytes bytes);

/// "pages of 2048 + 64 bytes, tags at 0, little-endian".
std::string describe(const YaffsLayout& layout);

struct YaffsExtent {
    std::uint64_t end = 0;
    std::uint64_t headers = 0;
    std::uint64_t pages = 0;
};
/// Up to the last page that makes sense; erased and bad blocks may lie between.
YaffsExtent measure_yaffs(Bytes bytes, const YaffsLayout& layout);

}  // namespace shirushi::unpack
