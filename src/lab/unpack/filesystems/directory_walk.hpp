#pragma once
// The walk over the directories of a file system whose directories list everything there is to know (FAT, exFAT, ISO 9660, MINIX,
// NTFS): one place for names, paths, loops and ceilings. The format says what a directory lists and what a file holds.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "unpack/decoder.hpp"

namespace shirushi::unpack {

/// What a directory lists. `place` and `detail` are the format's own; two directories with the same place are one.
struct ListedEntry {
    std::string name;  ///< raw
    EntryInfo info;
    std::uint64_t place = 0;
    std::uint64_t size = 0;
    std::uint64_t detail = 0;
    std::string damage;
};

/// Takes what a directory lists, up to the walk's ceilings.
class Listing {
public:
    Listing(std::size_t most, std::size_t text) : entries_left_(most), text_left_(text) {}

    /// False, and damage, when there is no more room; the rest need not be read.
    bool add(ListedEntry entry);
    [[nodiscard]] bool full() const { return full_; }

    std::vector<ListedEntry> entries;
    std::string damage;  ///< of the directory itself

private:
    std::size_t entries_left_;
    std::size_t text_left_;
    bool full_ = false;
};

class WalkedFileSystem {
public:
    WalkedFileSystem() = default;
    WalkedFileSystem(const WalkedFileSystem&) = delete;
    WalkedFileSystem& operator=(const WalkedFileSystem&) = delete;
    virtual ~WalkedFileSystem() = default;

    /// Adds what the directory lists, without "." and "..".
    virtual void list(const ListedEntry& directory, Listing& listing) = 0;
    /// Writes a regular file's content; what is wrong with it goes to `damage`. Errors: the sink's.
    virtual Result<void> content(const ListedEntry& file, Sink& sink, std::string& damage) = 0;
};

/// Hands out everything below the root, a directory after the entries that are no directories themselves. Each directory is visited once, however often it
/// is listed. Errors: bad_input (the root's own damage), limit, and the sink's.
Result<void> walk_directories(WalkedFileSystem& file_system, ListedEntry root, Sink& sink);

/// Adds a sentence to what is already known to be wrong, up to a length that stays readable.
void add_damage(std::string& damage, std::string_view more);

/// Writes in steps, so that a ceiling in the middle keeps what was before it.
Result<void> write_in_steps(Bytes content, Sink& sink);
Result<void> write_zeros(std::uint64_t size, Sink& sink);

/// Bytes [offset, offset + size) of an image as content. Where the image ends before that, the content does, too (false, and
/// `damage` says how much of `whole` bytes there is, of which `done` came before).
struct Extent {
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
};
Result<bool> write_extent(Bytes image, Extent extent, std::uint64_t done, std::uint64_t whole, Sink& sink, std::string& damage);

}  // namespace shirushi::unpack
