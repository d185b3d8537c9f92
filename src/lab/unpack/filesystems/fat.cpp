#include "unpack/filesystems/fat.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "unpack/entry_names.hpp"
#include "unpack/filesystems/directory_walk.hpp"
#include "unpack/filesystems/dos_time.hpp"
#include "unpack/filesystems/fat_volume.hpp"
#include "unpack/filesystems/utf16.hpp"

namespace shirushi::unpack {

namespace {

constexpr std::uint64_t slot_size = 32;
constexpr std::uint64_t longest_directory = std::uint64_t{65'536} * slot_size;  // the specification's bound: 2 MiB
constexpr std::uint8_t deleted = 0xe5;
constexpr std::uint8_t last_of_long_name = 0x40;
constexpr unsigned most_name_slots = 20;  // of 13 units each: 255 of them
constexpr std::uint8_t read_only = 0x01;
constexpr std::uint8_t volume_label = 0x08;
constexpr std::uint8_t directory_bit = 0x10;
constexpr std::uint8_t long_name = 0x0f;
constexpr std::uint8_t attribute_mask = 0x3f;

/// The long name that stands before a short one, in slots that count down to 1.
class LongName {
public:
    void take(const std::uint8_t* slot) {
        const unsigned number = slot[0] & 0x1fU;
        if ((slot[0] & last_of_long_name) != 0) {
            units_.assign(std::size_t{number} * 26, 0);
            checksum_ = slot[13];
            expected_ = number;
            valid_ = number != 0 && number <= most_name_slots;
        }
        if (!valid_ || number == 0 || number != expected_ || slot[13] != checksum_) {
            valid_ = false;
            return;
        }
        std::uint8_t* to = units_.data() + std::size_t{number - 1} * 26;
        std::copy_n(slot + 1, 10, to);
        std::copy_n(slot + 14, 12, to + 10);
        std::copy_n(slot + 28, 4, to + 22);
        --expected_;
        started_ = true;
    }

    /// The name, when it is whole and belongs to this short one.
    [[nodiscard]] std::string of(const std::uint8_t* short_name) const {
        std::uint8_t sum = 0;
        for (std::size_t i = 0; i < 11; ++i)
            sum = static_cast<std::uint8_t>((sum >> 1 | sum << 7) + short_name[i]);
        return valid_ && started_ && expected_ == 0 && sum == checksum_ ? utf8_until_nul(units_, Endian::little) : std::string();
    }

private:
    Buffer units_;
    std::uint8_t checksum_ = 0;
    unsigned expected_ = 0;
    bool valid_ = false;
    bool started_ = false;
};

/// "NAME    EXT" with the bits of Windows NT that say which half is in lower case. Bytes beyond ASCII are in a code page that nobody noted.
std::string short_name_of(const std::uint8_t* slot) {
    constexpr std::uint8_t lower_base = 0x08;
    constexpr std::uint8_t lower_extension = 0x10;
    std::string base(reinterpret_cast<const char*>(slot), 8);
    std::string extension(reinterpret_cast<const char*>(slot + 8), 3);
    if (slot[0] == 0x05)
        base[0] = static_cast<char>(deleted);
    base.resize(base.find_last_not_of(' ') + 1);
    extension.resize(extension.find_last_not_of(' ') + 1);
    if ((slot[12] & lower_base) != 0)
        base = lowered(base);
    if ((slot[12] & lower_extension) != 0)
        extension = lowered(extension);
    return extension.empty() ? base : base + "." + extension;
}

class FatReader : public WalkedFileSystem {
public:
    FatReader(Bytes bytes, FatVolume volume)
        : bytes_(bytes), volume_(std::move(volume)), read_(volume_, bytes), listed_(volume_, bytes) {
        table_ = volume_.active_table;
        for (std::uint64_t table = 0; !volume_.table_begins_well(bytes_, table_) && table < volume_.tables; ++table)
            if (volume_.table_begins_well(bytes_, table))
                table_ = table;
        if (table_ != volume_.active_table)
            damage_ = "the first allocation table is damaged; the second was taken";
    }

    void list(const ListedEntry& directory, Listing& listing) override;
    Result<void> content(const ListedEntry& file, Sink& sink, std::string& damage) override;

    [[nodiscard]] const std::string& damage() const { return damage_; }
    [[nodiscard]] const std::string& label() const { return label_; }

private:
    /// Through the other table where it breaks in the first; `exact`: it must have all of these bytes.
    FatChain chain(std::uint32_t first, std::uint64_t most, bool exact);
    /// False at the end of the directory.
    bool slot(const std::uint8_t* at, bool in_root, LongName& name, Listing& listing);

    Bytes bytes_;
    FatVolume volume_;
    std::uint64_t table_ = 0;
    ClusterMarks read_;    // clusters of files
    ClusterMarks listed_;  // clusters of directories
    std::string damage_;
    std::string label_;
};

FatChain FatReader::chain(std::uint32_t first, std::uint64_t most, bool exact) {
    const auto broken = [&](const FatChain& chain) { return !chain.damage.empty() || (exact && chain.ended && chain.size < most); };
    FatChain chain = follow_fat_chain(bytes_, volume_, table_, first, most);
    if (!broken(chain) || volume_.tables < 2 || !volume_.is_data(first))
        return chain;
    FatChain other = follow_fat_chain(bytes_, volume_, table_ == 0 ? 1 : 0, first, most);
    if (broken(other))
        return chain;
    add_damage(damage_, "chains break in one allocation table and were followed in the other");
    return other;
}

bool FatReader::slot(const std::uint8_t* at, bool in_root, LongName& name, Listing& listing) {
    if (at[0] == 0)
        return false;
    const unsigned attributes = at[11] & attribute_mask;
    if (at[0] != deleted && attributes == long_name) {
        name.take(at);
        return true;
    }
    const std::string long_text = name.of(at);
    name = LongName();
    if (at[0] == deleted)
        return true;
    if ((attributes & volume_label) != 0) {
        if (in_root && (attributes & directory_bit) == 0)
            label_ = std::string(trimmed(printable(as_text(Bytes(at, 11)))));
        return true;
    }
    const std::string short_text = short_name_of(at);
    if (short_text == "." || short_text == "..")
        return true;
    const bool is_directory = (attributes & directory_bit) != 0;
    std::uint32_t cluster = load_le<std::uint16_t>(at + 26);
    if (volume_.bits == 32)
        cluster |= static_cast<std::uint32_t>(load_le<std::uint16_t>(at + 20)) << 16 & 0x0fffffff;
    return listing.add({.name = long_text.empty() ? short_text : long_text,
                        .info = {.kind = is_directory ? FileKind::directory : FileKind::regular,
                                 .mode = (attributes & read_only) != 0 && !is_directory ? 0555U : 0755U,
                                 .modified = seconds_of_dos_time(load_le<std::uint16_t>(at + 24), load_le<std::uint16_t>(at + 22))},
                        .place = cluster,
                        .size = load_le<std::uint32_t>(at + 28)});
}

void FatReader::list(const ListedEntry& directory, Listing& listing) {
    const bool is_root = directory.detail != 0;
    FatChain chain;
    std::uint64_t left = longest_directory;
    if (is_root && volume_.bits != 32) {
        chain.extents.push_back({volume_.root_offset, volume_.root_size});
    } else {
        chain = this->chain(static_cast<std::uint32_t>(directory.place), longest_directory, false);
        left = std::min(left, listed_.mark(volume_, chain));  // no cluster is listed twice, so that the walk ends
    }
    LongName name;
    for (const Extent& extent : chain.extents) {
        const Bytes there = clipped(bytes_, extent.offset, extent.size);
        std::uint64_t at = 0;
        for (; at + slot_size <= there.size(); at += slot_size, left -= slot_size) {
            if (left == 0) {
                add_damage(listing.damage, "it shares clusters with another directory, or is longer than any can be; the rest is left out");
                return;
            }
            if (!slot(there.data() + at, is_root, name, listing))
                return;
        }
        if (there.size() < extent.size) {
            add_damage(listing.damage, "its listing is cut off");
            return;
        }
    }
    if (!chain.damage.empty())
        add_damage(listing.damage, chain.damage);
}

Result<void> FatReader::content(const ListedEntry& file, Sink& sink, std::string& damage) {
    if (file.size == 0)
        return {};
    const FatChain chain = this->chain(static_cast<std::uint32_t>(file.place), file.size, true);
    if (read_.mark(volume_, chain) != UINT64_MAX)
        add_damage(damage, "it shares clusters with another entry");
    return write_fat_chain(bytes_, chain, file.size, sink, damage);
}

}  // namespace

Result<void> read_fat(Bytes bytes, Share share, Sink& sink) {
    if (share.index != 0)
        return {};
    auto volume = FatVolume::of(bytes);
    if (!volume)
        return fail(Errc::bad_input, "no FAT volume starts here");
    const std::string known_label = volume->label;
    const std::uint32_t root_cluster = volume->root_cluster;
    const Bytes inside = clipped(bytes, 0, volume->size);
    FatReader reader(inside, std::move(*volume));
    const auto walked = walk_directories(reader, {.place = root_cluster, .detail = 1}, sink);
    if (!reader.label().empty() && reader.label() != known_label)
        sink.describe(fmt::format("label \"{}\"", reader.label()));
    TRY(walked);
    if (!reader.damage().empty())
        return fail(Errc::bad_input, reader.damage());
    return {};
}

}  // namespace shirushi::unpack
