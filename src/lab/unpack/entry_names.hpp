#pragma once
// Names in a file system's directories, and what no file system's own tools ever write. Paths are put together only when an
// entry is handed out: storing each would let a deep tree with long names take memory out of all proportion.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace shirushi::unpack {

inline constexpr std::size_t deepest_directory = 256;  ///< real images have 20
inline constexpr std::size_t longest_path = 4096;      ///< Linux's PATH_MAX
inline constexpr std::size_t most_entries = 1'000'000;  ///< of one file system: a whole distribution has a third of that
/// Names, link targets and words about damage that one walk may hold in memory: a few compressed bytes can stand for thousands.
inline constexpr std::size_t most_text = std::size_t{64} << 20;
/// Hard links let a file system have more entries than inodes; this many more are believed.
inline constexpr std::size_t extra_entries = 65'536;

/// A name inside a directory: an index among the walk's directories, of which 0 is the root and parents come first.
struct EntryName {
    std::uint32_t directory = 0;
    std::string text;
};

/// Segments joined with '/', raw.
std::string path_of(std::span<const EntryName> directories, const EntryName& name);

/// Why it cannot be a name ("the name \"..\""), or nothing.
std::string name_fault(std::string_view name);

/// 1234567 -> "1,234,567".
std::string with_commas(std::uint64_t number);

}  // namespace shirushi::unpack
