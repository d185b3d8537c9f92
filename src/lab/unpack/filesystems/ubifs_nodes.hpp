#pragma once
// The nodes of a UBIFS (Linux fs/ubifs/ubifs-media.h), little-endian, each at a multiple of eight bytes in a logical erase block
// ("LEB") and with a checksum. No library but zlib's checksum: identify uses it in the parent.

#include <functional>
#include <optional>
#include <string>

#include "base/bytes.hpp"

namespace shirushi::unpack {

enum class UbifsType : std::uint8_t { inode, data, dirent, attribute, truncation, padding, superblock, master, reference, index, commit_start, orphans, authentication, signature };

struct UbifsNode {
    UbifsType type{};
    std::uint64_t at = 0;  ///< from the image's start
    std::uint64_t sequence = 0;
    Bytes bytes;  ///< with the header of 24 bytes
};

struct UbifsSuperblock {
    std::uint64_t block_size = 0;  ///< of a LEB
    std::uint32_t blocks = 0;
    std::uint32_t log_blocks = 0;
    std::uint32_t main_start = 0;  ///< the first LEB that holds the index and files
    std::uint32_t version = 0;
    std::uint32_t compressor = 0;
    bool encrypted = false;
    bool authenticated = false;
};

struct UbifsMaster {
    std::uint64_t commit = 0;
    std::uint32_t log_block = 0;
    std::uint32_t root_block = 0;
    std::uint32_t root_offset = 0;
    std::uint32_t root_length = 0;
};

inline constexpr std::uint64_t ubifs_header = 24;
inline constexpr std::uint64_t ubifs_data_block = 4096;

/// The node at `at`, ending before `end`; nothing unless its length suits its type and its checksum fits.
std::optional<UbifsNode> ubifs_node(Bytes bytes, std::uint64_t at, std::uint64_t end);

std::optional<UbifsSuperblock> ubifs_superblock(Bytes bytes);
UbifsMaster ubifs_master(const UbifsNode& node);

/// Shows every node of [from, end) to `see` until it says false. `budget` bounds the bytes whose checksums may turn out wrong.
void walk_ubifs(Bytes bytes, std::uint64_t from, std::uint64_t end, std::uint64_t& budget, const std::function<bool(const UbifsNode&)>& see);

/// "lzo"; "compressor 23" for those nobody knows.
std::string name_of_ubifs_compressor(std::uint32_t number);

/// Fills `output` exactly. Errors: bad_input, unsupported. Calls libraries: for child processes only.
Result<void> decompress_ubifs(std::uint32_t compressor, Bytes input, std::span<std::uint8_t> output);

}  // namespace shirushi::unpack
