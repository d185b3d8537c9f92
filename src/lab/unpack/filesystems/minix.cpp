#include "unpack/filesystems/minix.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "unpack/entry_names.hpp"
#include "unpack/filesystems/directory_walk.hpp"

namespace shirushi::unpack {

namespace {

constexpr std::uint64_t superblock_offset = 1024;
constexpr std::uint64_t superblock_size = 32;
constexpr std::uint64_t root_inode = 1;
constexpr std::uint64_t direct_zones = 7;
constexpr std::uint64_t longest_target = 4096;                        // PATH_MAX
constexpr std::uint64_t most_hole_bytes = std::uint64_t{256} << 20;   // of one file, beyond what the image could hold

struct Version {
    int number = 1;
    std::uint64_t name_size = 14;
};

std::optional<Version> version_of(std::uint16_t magic) {
    switch (magic) {
    case 0x137f: return Version{1, 14};
    case 0x138f: return Version{1, 30};
    case 0x2468: return Version{2, 14};
    case 0x2478: return Version{2, 30};
    case 0x4d5a: return Version{3, 60};
    default: return std::nullopt;
    }
}

struct Superblock {
    Version version;
    Endian endian = Endian::little;
    std::uint64_t inodes = 0;
    std::uint64_t zones = 0;
    std::uint64_t inode_map_blocks = 0;
    std::uint64_t zone_map_blocks = 0;
    std::uint64_t first_zone = 0;
    std::uint64_t log_zone = 0;
    std::uint64_t block_size = 1024;

    [[nodiscard]] std::uint64_t zone_size() const { return block_size << log_zone; }
    [[nodiscard]] std::uint64_t inode_size() const { return version.number == 1 ? 32 : 64; }
    [[nodiscard]] std::uint64_t inode_table() const { return (2 + inode_map_blocks + zone_map_blocks) * block_size; }
    [[nodiscard]] std::uint64_t size() const { return zones * zone_size(); }
};

std::uint16_t load16(const std::uint8_t* at, Endian endian) { return endian == Endian::little ? load_le<std::uint16_t>(at) : load_be<std::uint16_t>(at); }
std::uint32_t load32(const std::uint8_t* at, Endian endian) { return endian == Endian::little ? load_le<std::uint32_t>(at) : load_be<std::uint32_t>(at); }

Superblock fields(const std::uint8_t* at, Version version, Endian endian) {
    Superblock block{.version = version, .endian = endian};
    const auto half = [&](std::size_t offset) -> std::uint64_t { return load16(at + offset, endian); };
    if (version.number == 3) {
        block.inodes = load32(at, endian);
        block.inode_map_blocks = half(6);
        block.zone_map_blocks = half(8);
        block.first_zone = half(10);
        block.log_zone = half(12);
        block.zones = load32(at + 20, endian);
        block.block_size = half(28);
    } else {
        block.inodes = half(0);
        block.zones = version.number == 1 ? half(2) : load32(at + 20, endian);
        block.inode_map_blocks = half(4);
        block.zone_map_blocks = half(6);
        block.first_zone = half(8);
        block.log_zone = half(10);
    }
    return block;
}

/// The tables lie one behind the other, so that each number follows from the others.
bool is_sane(const Superblock& block) {
    const bool block_fits = block.block_size == 1024 || block.block_size == 2048 || block.block_size == 4096;
    if (!block_fits || block.log_zone > 4 || block.inodes == 0 || block.inode_map_blocks == 0 || block.zone_map_blocks == 0 || block.zones <= block.first_zone)
        return false;
    const std::uint64_t bits = block.block_size * 8;
    const std::uint64_t table_end = (block.inode_table() + block.inodes * block.inode_size() + block.block_size - 1) / block.block_size;
    const std::uint64_t first = (table_end + (std::uint64_t{1} << block.log_zone) - 1) >> block.log_zone;
    return block.inode_map_blocks * bits > block.inodes && block.zone_map_blocks * bits > block.zones - block.first_zone && block.first_zone == first;
}

std::optional<Superblock> superblock_of(Bytes bytes) {
    const auto raw = slice(bytes, superblock_offset, superblock_size);
    if (!raw)
        return std::nullopt;
    for (const Endian endian : {Endian::little, Endian::big}) {
        for (const std::size_t magic_at : {16, 24}) {
            const auto version = version_of(load16(raw->data() + magic_at, endian));
            if (!version || (version->number == 3) != (magic_at == 24))
                continue;
            const Superblock block = fields(raw->data(), *version, endian);
            if (is_sane(block))
                return block;
        }
    }
    return std::nullopt;
}

struct Inode {
    EntryInfo info;
    std::uint64_t size = 0;
    std::array<std::uint32_t, 10> zones{};  ///< seven, then indirect ones of one, two and three levels
};

FileKind kind_of(unsigned mode) {
    switch (mode & 0170000U) {
    case 0040000: return FileKind::directory;
    case 0120000: return FileKind::symlink;
    case 0060000: return FileKind::block_device;
    case 0020000: return FileKind::character_device;
    case 0010000: return FileKind::fifo;
    case 0140000: return FileKind::socket;
    default: return FileKind::regular;
    }
}

class MinixReader : public WalkedFileSystem {
public:
    MinixReader(Bytes bytes, const Superblock& block) : bytes_(bytes), block_(block), listing_left_(2 * bytes.size() + (std::uint64_t{1} << 20)) {}

    void list(const ListedEntry& directory, Listing& listing) override;
    Result<void> content(const ListedEntry& file, Sink& sink, std::string& damage) override;
    [[nodiscard]] Result<Inode> inode(std::uint64_t number) const;

private:
    /// Where the file's zone lies; 0 is a hole, nothing one that cannot be known.
    [[nodiscard]] std::optional<std::uint64_t> zone(const Inode& inode, std::uint64_t index) const;
    [[nodiscard]] ListedEntry entry_of(std::string name, std::uint64_t number) const;
    [[nodiscard]] std::string target(const Inode& inode, std::string& damage) const;
    void listed_zone(Bytes zone, Listing& listing) const;

    Bytes bytes_;
    Superblock block_;
    std::uint64_t listing_left_;  // bytes of listings: directories that share their zones must not cost without end
};

Result<Inode> MinixReader::inode(std::uint64_t number) const {
    if (number == 0 || number > block_.inodes)
        return fail(Errc::bad_input, fmt::format("its inode {} is none", number));
    const auto raw = slice(bytes_, block_.inode_table() + (number - 1) * block_.inode_size(), block_.inode_size());
    if (!raw)
        return fail(Errc::bad_input, "its inode is cut off");
    const std::uint8_t* at = raw->data();
    const Endian endian = block_.endian;
    Inode inode;
    const unsigned mode = load16(at, endian);
    inode.info = {.kind = kind_of(mode), .mode = mode & 07777U};
    if (block_.version.number == 1) {
        inode.info.uid = load16(at + 2, endian);
        inode.size = load32(at + 4, endian);
        inode.info.modified = load32(at + 8, endian);
        inode.info.gid = at[12];
        for (std::size_t i = 0; i < 9; ++i)
            inode.zones.at(i) = load16(at + 14 + 2 * i, endian);
    } else {
        inode.info.uid = load16(at + 4, endian);
        inode.info.gid = load16(at + 6, endian);
        inode.size = load32(at + 8, endian);
        inode.info.modified = load32(at + 16, endian);
        for (std::size_t i = 0; i < 10; ++i)
            inode.zones.at(i) = load32(at + 24 + 4 * i, endian);
    }
    return inode;
}

std::optional<std::uint64_t> MinixReader::zone(const Inode& inode, std::uint64_t index) const {
    const std::uint64_t width = block_.version.number == 1 ? 2 : 4;
    const std::uint64_t per_block = block_.block_size / width;
    if (index < direct_zones)
        return inode.zones.at(index);
    index -= direct_zones;
    std::uint64_t span = 1;  // zones that one entry of the uppermost block stands for
    std::size_t level = 1;
    for (std::uint64_t reach = per_block; index >= reach; reach *= per_block) {
        index -= reach;
        span *= per_block;
        if (++level > (block_.version.number == 1 ? 2U : 3U))
            return std::nullopt;
    }
    std::uint64_t at = inode.zones.at(direct_zones + level - 1);
    for (; level > 0 && at != 0; --level) {
        const auto entry = slice(bytes_, at * block_.zone_size() + index / span * width, width);
        if (at >= block_.zones || !entry)
            return std::nullopt;
        at = width == 2 ? load16(entry->data(), block_.endian) : load32(entry->data(), block_.endian);
        index %= span;
        span /= per_block;
    }
    return at;
}

std::string MinixReader::target(const Inode& inode, std::string& damage) const {
    std::string text;
    if (inode.size > longest_target) {
        damage = fmt::format("its target is {} bytes long", inode.size);
        return text;
    }
    for (std::uint64_t i = 0; text.size() < inode.size; ++i) {
        const auto at = zone(inode, i);
        const Bytes there = at && *at != 0 ? clipped(bytes_, *at * block_.zone_size(), std::min(block_.zone_size(), inode.size - text.size())) : Bytes();
        if (there.empty()) {
            damage = "its target is cut off";
            break;
        }
        text.append(as_text(there));
    }
    return text.substr(0, text.find('\0'));
}

ListedEntry MinixReader::entry_of(std::string name, std::uint64_t number) const {
    ListedEntry entry{.name = std::move(name), .place = number};
    const auto found = inode(number);
    if (!found) {
        entry.damage = found.error().message;
        return entry;
    }
    entry.info = found->info;
    entry.size = found->size;
    if (entry.info.kind == FileKind::symlink)
        entry.info.target = printable(target(*found, entry.damage));
    return entry;
}

void MinixReader::listed_zone(Bytes zone, Listing& listing) const {
    const std::uint64_t number_size = block_.version.number == 3 ? 4 : 2;
    const std::uint64_t record = number_size + block_.version.name_size;
    for (; zone.size() >= record; zone = zone.subspan(record)) {
        const std::uint64_t number = number_size == 4 ? load32(zone.data(), block_.endian) : load16(zone.data(), block_.endian);
        const std::string_view raw = as_text(zone.subspan(number_size, block_.version.name_size));
        const std::string name(raw.substr(0, raw.find('\0')));
        if (number == 0 || name == "." || name == "..")
            continue;
        if (!listing.add(entry_of(name, number)))
            return;
    }
}

void MinixReader::list(const ListedEntry& directory, Listing& listing) {
    const auto found = inode(directory.place);
    if (!found || found->info.kind != FileKind::directory) {
        add_damage(listing.damage, found ? "its inode is no directory" : found.error().message);
        return;
    }
    for (std::uint64_t done = 0, i = 0; done < found->size && !listing.full(); done += block_.zone_size(), ++i) {
        const std::uint64_t size = std::min(block_.zone_size(), found->size - done);
        const auto at = zone(*found, i);
        if (!at || *at >= block_.zones) {
            add_damage(listing.damage, fmt::format("its listing ends after {} of {} bytes: the next zone is none", done, found->size));
            return;
        }
        if (listing_left_ < size) {
            add_damage(listing.damage, "more listings than such an image can have; the rest is left out");
            return;
        }
        listing_left_ -= size;
        if (*at == 0)
            continue;
        const Bytes there = clipped(bytes_, *at * block_.zone_size(), size);
        listed_zone(there, listing);
        if (there.size() < size) {
            add_damage(listing.damage, "its listing is cut off");
            return;
        }
    }
}

Result<void> MinixReader::content(const ListedEntry& file, Sink& sink, std::string& damage) {
    const auto found = inode(file.place);
    if (!found)
        return {};  // said already
    const std::uint64_t most = bytes_.size() + most_hole_bytes;
    std::uint64_t size = found->size;
    if (size > most) {
        add_damage(damage, fmt::format("ends after {} of {} bytes: the file system could not hold more", most, size));
        size = most;
    }
    std::uint64_t done = 0;
    while (done < size) {
        const auto first = zone(*found, done / block_.zone_size());
        if (!first || *first >= block_.zones) {
            add_damage(damage, fmt::format("ends after {} of {} bytes: the next zone is none", done, size));
            return {};
        }
        if (*first == 0) {
            const std::uint64_t step = std::min(block_.zone_size(), size - done);
            TRY(write_zeros(step, sink));
            done += step;
            continue;
        }
        // Neighbours in one go.
        std::uint64_t run = std::min(block_.zone_size(), size - done);
        while (done + run < size && run < kStreamChunk && zone(*found, (done + run) / block_.zone_size()) == *first + run / block_.zone_size())
            run += std::min(block_.zone_size(), size - done - run);
        if (!TRY(write_extent(bytes_, {*first * block_.zone_size(), run}, done, size, sink, damage)))
            return {};
        done += run;
    }
    return {};
}

}  // namespace

std::optional<FoundContainer> identify_minix(Bytes bytes) {
    const auto block = superblock_of(bytes);
    if (!block)
        return std::nullopt;
    std::string text = fmt::format("MINIX {}, {} endian, names of up to {} bytes, {} inodes, {} zones of {} bytes", block->version.number,
                                   block->endian == Endian::little ? "little" : "big", block->version.name_size, with_commas(block->inodes), with_commas(block->zones),
                                   with_commas(block->zone_size()));
    if (block->size() > bytes.size())
        text += ", " + cut_off(bytes.size(), block->size());
    const auto root = MinixReader(bytes, *block).inode(root_inode);
    return FoundContainer{.size = std::min<std::uint64_t>(block->size(), bytes.size()), .description = std::move(text),
                          .checked = root && root->info.kind == FileKind::directory};
}

Result<void> read_minix(Bytes bytes, Share share, Sink& sink) {
    if (share.index != 0)
        return {};
    const auto block = superblock_of(bytes);
    if (!block)
        return fail(Errc::bad_input, "no MINIX file system starts here");
    MinixReader reader(clipped(bytes, 0, block->size()), *block);
    return walk_directories(reader, {.place = root_inode}, sink);
}

}  // namespace shirushi::unpack
