#include "unpack/filesystems/ubi.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/text.hpp"
#include "unpack/entry_names.hpp"
#include "unpack/filesystems/flash_checksum.hpp"
#include "unpack/filesystems/inode_tree.hpp"
#include "unpack/filesystems/ubi_blocks.hpp"

namespace shirushi::unpack {

namespace {

constexpr std::uint64_t holes_per_block = 8;  // volumes have no more logical blocks than this for each physical one ...
constexpr std::uint64_t holes_always = 64;    // ... and these: a few bytes must not stand for a terabyte of erased flash
constexpr std::size_t most_streams = 256;     // the volumes, and some that no table knows

struct Mapped {
    UbiVolumeHeader header;
    Bytes data;  ///< from the data's offset to the block's end, as far as it is there
};

using VolumeMap = std::map<std::uint32_t, std::map<std::uint32_t, Mapped>>;  // volume, logical block

class UbiReader {
public:
    UbiReader(Bytes bytes, const UbiGeometry& geometry, Sink& sink) : bytes_(bytes), geometry_(geometry), sink_(sink) {}
    Result<void> run();

private:
    void map_blocks();
    void map(const UbiVolumeHeader& header, Bytes data);
    void read_table();
    Result<void> hand_out(const UbiVolume& volume);
    Result<void> write_blocks(const UbiVolume& volume, std::uint32_t count, std::string& damage);
    Result<void> write_erased(std::uint64_t size);
    Result<void> write_static(const Mapped& block, std::uint32_t number, std::string& damage);
    [[nodiscard]] std::uint32_t block_count(const UbiVolume& volume, std::string& damage) const;
    [[nodiscard]] std::string stream_name(const UbiVolume& volume);
    [[nodiscard]] std::uint64_t logical_size(const UbiVolume& volume) const;
    void lose(std::string what) { losses_ += (losses_.empty() ? "" : ", ") + what; }

    Bytes bytes_;
    UbiGeometry geometry_;
    Sink& sink_;
    VolumeMap map_;
    std::vector<UbiVolume> volumes_;
    std::set<std::string> names_;
    std::string losses_;
};

/// Whether the data that a move has copied arrived whole.
bool copy_is_whole(const Mapped& block) {
    const Bytes data = clipped(block.data, 0, block.header.data_size);
    return data.size() == block.header.data_size && flash_checksum(0xffffffff, data) == block.header.data_checksum;
}

void UbiReader::map(const UbiVolumeHeader& header, Bytes data) {
    const Mapped now{header, data};
    const auto [known, fresh] = map_[header.volume].try_emplace(header.block, now);
    if (fresh)
        return;
    Mapped& before = known->second;
    const bool newer = header.sequence > before.header.sequence;
    const Mapped& newest = newer ? now : before;
    // A copy that the power failed in does not count, the block it was made from does.
    if (newest.header.copied && !copy_is_whole(newest))
        before = newer ? before : now;
    else
        before = newest;
}

void UbiReader::map_blocks() {
    std::uint64_t damaged = 0;
    std::uint64_t foreign = 0;
    for (std::uint64_t number = 0; number < geometry_.blocks; ++number) {
        const Bytes block = clipped(bytes_, number * geometry_.block_size, geometry_.block_size);
        const auto erase = ubi_erase_header(block);
        const UbiEraseHeader& where = erase ? *erase : geometry_.first;
        const Bytes header_place = clipped(block, where.volume_header, 64);
        if (const auto header = ubi_volume_header(block, where))
            map(*header, clipped(block, where.data, geometry_.block_size));
        else if (!is_erased(header_place))
            (erase ? damaged : foreign) += 1;
    }
    if (damaged != 0)
        lose(fmt::format("{} erase blocks with a damaged volume header", damaged));
    if (foreign != 0)
        lose(fmt::format("{} erase blocks are none of it (bad or damaged)", foreign));
}

void UbiReader::read_table() {
    const auto layout = map_.find(ubi_layout_volume);
    std::uint32_t least_damage = ubi_most_volumes + 1;
    if (layout != map_.end()) {
        for (const auto& [number, block] : layout->second) {
            std::uint32_t damaged = 0;
            auto volumes = ubi_volume_table(block.data, damaged);
            // A table shorter than 128 records is as long as a small erase block allows.
            const auto room = static_cast<std::uint32_t>(std::min<std::uint64_t>(ubi_most_volumes, (geometry_.block_size - geometry_.first.data) / 172));
            damaged -= std::min(damaged, ubi_most_volumes - room);
            if (damaged < least_damage) {
                least_damage = damaged;
                volumes_ = std::move(volumes);
            }
        }
    }
    if (least_damage > ubi_most_volumes)
        lose("the volume table is missing");
    else if (least_damage != 0)
        lose(fmt::format("{} records of the volume table are damaged", least_damage));
    for (const auto& [number, blocks] : map_) {
        const bool internal = number >= ubi_layout_volume;
        if (internal || std::ranges::find(volumes_, number, &UbiVolume::number) != volumes_.end() || volumes_.size() >= most_streams)
            continue;
        const UbiVolumeHeader& header = blocks.begin()->second.header;
        volumes_.push_back({.number = number, .reserved_blocks = 0, .data_padding = header.data_padding, .is_static = header.is_static,
                            .updating = false, .name = {}});
    }
}

std::string UbiReader::stream_name(const UbiVolume& volume) {
    std::string name = volume.name.empty() ? fmt::format("volume-{}", volume.number) : volume.name;
    if (!names_.insert(name).second)
        name += fmt::format("-{}", volume.number);
    names_.insert(name);
    return name;
}

std::uint64_t UbiReader::logical_size(const UbiVolume& volume) const {
    const std::uint64_t data = geometry_.block_size - geometry_.first.data;
    return data - std::min<std::uint64_t>(data, volume.data_padding);
}

std::uint32_t UbiReader::block_count(const UbiVolume& volume, std::string& damage) const {
    const auto blocks = map_.find(volume.number);
    if (blocks == map_.end())
        return 0;
    std::uint64_t count = std::uint64_t{blocks->second.rbegin()->first} + 1;
    if (volume.is_static) {
        count = 0;
        for (const auto& [number, block] : blocks->second)
            count = std::max<std::uint64_t>(count, block.header.used_blocks);
    }
    if (volume.reserved_blocks != 0 && count > volume.reserved_blocks)
        note_damage(damage, fmt::format("it has {} logical blocks, but the volume table gives it {}", count, volume.reserved_blocks));
    if (const std::uint64_t most = holes_per_block * geometry_.blocks + holes_always; count > most) {
        note_damage(damage, fmt::format("ends after {} of {} logical blocks: more cannot be in {} erase blocks", most, count, geometry_.blocks));
        count = most;
    }
    return static_cast<std::uint32_t>(count);
}

Result<void> UbiReader::write_erased(std::uint64_t size) {
    for (std::uint64_t left = size; left != 0;) {
        const std::uint64_t now = std::min(left, kStreamChunk);
        const auto room = TRY(sink_.reserve(now)).first(now);
        std::ranges::fill(room, std::uint8_t{0xff});
        sink_.commit(now);
        left -= now;
    }
    return {};
}

Result<void> UbiReader::write_static(const Mapped& block, std::uint32_t number, std::string& damage) {
    const Bytes data = clipped(block.data, 0, block.header.data_size);
    if (data.size() < block.header.data_size)
        note_damage(damage, fmt::format("logical block {} is cut off after {} of {} bytes", number, data.size(), block.header.data_size));
    else if (flash_checksum(0xffffffff, data) != block.header.data_checksum)
        note_damage(damage, fmt::format("the checksum of logical block {} does not fit", number));
    return sink_.write(data);
}

Result<void> UbiReader::write_blocks(const UbiVolume& volume, std::uint32_t count, std::string& damage) {
    const auto blocks = map_.find(volume.number);
    const std::uint64_t size = logical_size(volume);
    for (std::uint32_t number = 0; number < count; ++number) {
        const auto block = blocks->second.find(number);
        if (block == blocks->second.end()) {
            if (volume.is_static)
                note_damage(damage, fmt::format("logical block {} of {} is missing: bytes of 0xff stand for it", number, count));
            TRY(write_erased(size));
        } else if (volume.is_static) {
            TRY(write_static(block->second, number, damage));
        } else {
            const Bytes data = clipped(block->second.data, 0, size);
            TRY(sink_.write(data));
            if (data.size() < size) {
                note_damage(damage, fmt::format("logical block {} is cut off after {} of {} bytes: bytes of 0xff stand for the rest", number, data.size(), size));
                TRY(write_erased(size - data.size()));
            }
        }
    }
    return {};
}

Result<void> UbiReader::hand_out(const UbiVolume& volume) {
    std::string damage;
    const std::uint32_t count = block_count(volume, damage);
    const auto blocks = map_.find(volume.number);
    const std::size_t mapped = blocks == map_.end() ? 0 : blocks->second.size();
    std::string about = fmt::format("volume {}, {}, {} of {} logical blocks of {} bytes in use", volume.number, volume.is_static ? "static" : "dynamic",
                                    mapped, volume.reserved_blocks, with_commas(logical_size(volume)));
    if (volume.reserved_blocks == 0) {
        about = fmt::format("volume {}, {}, {} logical blocks", volume.number, volume.is_static ? "static" : "dynamic", mapped);
        note_damage(damage, "the volume table does not know it");
    }
    if (volume.updating)
        note_damage(damage, "an update of the whole volume was not finished");
    TRY(sink_.begin_stream(stream_name(volume), about));
    TRY(write_blocks(volume, count, damage));
    return sink_.end(damage);
}

Result<void> UbiReader::run() {
    map_blocks();
    read_table();
    std::string about = fmt::format("{} volume{}", volumes_.size(), volumes_.size() == 1 ? "" : "s");
    for (const UbiVolume& volume : volumes_)
        if (about.size() < 200)
            about += fmt::format("{}{}", &volume == volumes_.data() ? ": " : ", ", volume.name.empty() ? fmt::format("number {}", volume.number) : excerpt(volume.name, 60));
    sink_.describe(about);
    for (const UbiVolume& volume : volumes_)
        TRY(hand_out(volume));
    if (!losses_.empty())
        return fail(Errc::bad_input, losses_);
    return {};
}

}  // namespace

std::optional<FoundContainer> identify_ubi(Bytes bytes) {
    const auto geometry = ubi_geometry(bytes);
    if (!geometry)
        return std::nullopt;
    const std::uint64_t claimed = geometry->blocks * geometry->block_size;
    FoundContainer found{.size = std::min<std::uint64_t>(claimed, bytes.size()),
                         .description = fmt::format("UBI, {} erase blocks of {} KiB, data from {} on", with_commas(geometry->blocks), geometry->block_size / 1024, geometry->first.data),
                         .checked = true,
                         .encrypted = {}};
    if (geometry->used < geometry->blocks)
        found.description += fmt::format(", {} of them without a header", with_commas(geometry->blocks - geometry->used));
    if (claimed > bytes.size())
        found.description += ", " + cut_off(bytes.size(), claimed);
    return found;
}

Result<void> read_ubi(Bytes bytes, Share share, Sink& sink) {
    if (share.index != 0)
        return {};
    const auto geometry = ubi_geometry(bytes);
    if (!geometry)
        return fail(Errc::bad_input, "no UBI starts here");
    return UbiReader(bytes, *geometry, sink).run();
}

}  // namespace shirushi::unpack
