#include "unpack/filesystems/iso9660.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "unpack/disks/partition_tables.hpp"
#include "unpack/filesystems/directory_walk.hpp"
#include "unpack/filesystems/fat.hpp"
#include "unpack/filesystems/iso_volume.hpp"
#include "unpack/filesystems/rock_ridge.hpp"
#include "unpack/filesystems/utf16.hpp"

namespace shirushi::unpack {

namespace {

constexpr std::uint64_t system_area = 16 * iso_sector;
constexpr std::uint64_t boot_code = 440;  // of a master boot record; its table follows, behind which code may go on
constexpr std::uint64_t master_boot_record = 512;
constexpr std::uint32_t kind_mask = 0170000;

enum class Names { plain, joliet, rock_ridge };

FileKind kind_of(std::uint32_t mode) {
    switch (mode & kind_mask) {
    case 0040000: return FileKind::directory;
    case 0120000: return FileKind::symlink;
    case 0060000: return FileKind::block_device;
    case 0020000: return FileKind::character_device;
    case 0010000: return FileKind::fifo;
    case 0140000: return FileKind::socket;
    default: return FileKind::regular;
    }
}

/// "NAME.EXT;1" as people see it.
std::string without_version(std::string name) {
    if (const std::size_t mark = name.rfind(';'); mark != std::string::npos && name.find_first_not_of("0123456789", mark + 1) == std::string::npos)
        name.resize(mark);
    if (name.ends_with('.'))
        name.pop_back();
    return name;
}

class IsoReader : public WalkedFileSystem {
public:
    IsoReader(Bytes bytes, const IsoVolume& volume) : bytes_(bytes), volume_(volume), listed_(1 + bytes.size() / iso_sector) {
        const auto self = IsoRecord::of(clipped(bytes_, volume_.root.block * volume_.block_size, iso_sector));
        if (self) {
            if (const auto skip = system_use_skip(self->system_use)) {
                skip_ = *skip;
                names_ = Names::rock_ridge;
            }
        }
        if (names_ == Names::plain && volume_.joliet_root && volume_.joliet_root->is_directory())
            names_ = Names::joliet;
    }

    void list(const ListedEntry& directory, Listing& listing) override;
    Result<void> content(const ListedEntry& file, Sink& sink, std::string& damage) override;

    [[nodiscard]] ListedEntry root() const {
        const IsoRecord& record = names_ == Names::joliet ? *volume_.joliet_root : volume_.root;
        return {.place = record.block, .size = record.size};
    }
    [[nodiscard]] Names names() const { return names_; }
    /// The size of the file that begins here; 0 when none does.
    [[nodiscard]] std::uint64_t file_at(std::uint64_t offset) const {
        const auto found = files_.find(offset);
        return found == files_.end() ? 0 : found->second;
    }
    void watch(std::uint64_t offset) { files_.emplace(offset, 0); }

private:
    /// The bytes of a listing, up to where one was read already.
    Bytes listing_bytes(std::uint64_t block, std::uint64_t size, std::string& damage);
    /// False when there is no more room.
    bool add(const IsoRecord& record, Listing& listing);
    [[nodiscard]] ListedEntry entry_of(const IsoRecord& record) const;

    Bytes bytes_;
    IsoVolume volume_;
    Names names_ = Names::plain;
    std::uint8_t skip_ = 0;
    std::vector<bool> listed_;                       // sectors whose listing was read
    std::vector<std::vector<Extent>> extents_;       // of files in several pieces; ListedEntry::detail counts from 1
    std::vector<Extent> pieces_;                     // of the file whose records are being read
    std::map<std::uint64_t, std::uint64_t> files_;   // the places asked for
};

Bytes IsoReader::listing_bytes(std::uint64_t block, std::uint64_t size, std::string& damage) {
    const std::uint64_t offset = block * volume_.block_size;
    const Bytes there = clipped(bytes_, offset, size);
    if (there.size() < size)
        add_damage(damage, "its listing is cut off");
    for (std::uint64_t done = 0; done < there.size(); done += iso_sector) {
        auto seen = listed_.begin() + static_cast<std::ptrdiff_t>((offset + done) / iso_sector);
        if (*seen) {  // every sector is listed once, so that the walk ends
            add_damage(damage, "it shares sectors with another directory; the rest is left out");
            return there.first(done);
        }
        *seen = true;
    }
    return there;
}

ListedEntry IsoReader::entry_of(const IsoRecord& record) const {
    ListedEntry entry{.info = {.kind = record.is_directory() ? FileKind::directory : FileKind::regular, .mode = record.is_directory() ? 0555U : 0444U, .modified = record.modified},
                      .place = record.block, .size = record.size};
    if (names_ == Names::joliet) {
        entry.name = without_version(utf8_of_utf16(record.name, Endian::big));
        return entry;
    }
    entry.name = without_version(std::string(as_text(record.name)));
    if (names_ != Names::rock_ridge)
        return entry;
    RockRidge found = read_rock_ridge(record.system_use.subspan(std::min<std::size_t>(skip_, record.system_use.size())), bytes_, volume_.block_size);
    if (!found.name.empty())
        entry.name = std::move(found.name);
    if (found.mode) {
        entry.info.mode = *found.mode & 07777U;
        entry.info.uid = found.uid;
        entry.info.gid = found.gid;
        if (!record.is_directory())
            entry.info.kind = kind_of(*found.mode);
    }
    if (found.is_link) {
        entry.info.kind = FileKind::symlink;
        entry.info.target = printable(found.target);
    }
    if (found.modified)
        entry.info.modified = *found.modified;
    if (found.is_relocated)
        entry.name.clear();  // it is listed where it belongs, too
    entry.damage = std::move(found.damage);
    if (found.is_compressed)
        add_damage(entry.damage, "compressed by zisofs; the content is as it is stored");
    if (found.child) {
        entry.info.kind = FileKind::directory;
        entry.place = *found.child;
        const auto self = IsoRecord::of(clipped(bytes_, entry.place * volume_.block_size, iso_sector));
        entry.size = self ? self->size : 0;
        if (!self)
            add_damage(entry.damage, "the directory it stands for is not there");
    }
    return entry;
}

bool IsoReader::add(const IsoRecord& record, Listing& listing) {
    if (record.name.size() == 1 && record.name[0] < 2)  // the directory itself and its parent
        return true;
    const std::uint64_t offset = record.block * volume_.block_size;
    if (record.goes_on()) {
        pieces_.push_back({offset, record.size});
        return true;
    }
    ListedEntry entry = entry_of(record);
    if (!pieces_.empty()) {
        pieces_.push_back({offset, record.size});
        entry.size = 0;
        for (const Extent& piece : pieces_)
            entry.size += piece.size;
        extents_.push_back(std::move(pieces_));
        pieces_.clear();
        entry.detail = extents_.size();
    }
    if (entry.name.empty() && !record.name.empty())
        return true;  // relocated
    if (record.is_interleaved)
        add_damage(entry.damage, "its pieces are interleaved with others; the content is as it is stored");
    if (const auto watched = files_.find(offset); watched != files_.end() && entry.info.kind == FileKind::regular)
        watched->second = std::max(watched->second, record.size);
    return listing.add(std::move(entry));
}

void IsoReader::list(const ListedEntry& directory, Listing& listing) {
    const Bytes all = listing_bytes(directory.place, directory.size, listing.damage);
    for (std::uint64_t at = 0; at < all.size();) {
        if (all[at] == 0) {  // no record crosses a sector's end
            at = (at / iso_sector + 1) * iso_sector;
            continue;
        }
        const auto record = IsoRecord::of(all.subspan(at));
        if (!record) {
            add_damage(listing.damage, "a record of its listing makes no sense; the rest of that sector is left out");
            at = (at / iso_sector + 1) * iso_sector;
            continue;
        }
        if (!add(*record, listing))
            return;
        at += all[at];
    }
    if (!pieces_.empty())
        add_damage(listing.damage, "the last file's records end in the middle");
    pieces_.clear();
}

Result<void> IsoReader::content(const ListedEntry& file, Sink& sink, std::string& damage) {
    if (file.detail == 0) {
        (void)TRY(write_extent(bytes_, {file.place * volume_.block_size, file.size}, 0, file.size, sink, damage));
        return {};
    }
    std::uint64_t done = 0;
    for (const Extent& piece : extents_[file.detail - 1]) {
        if (!TRY(write_extent(bytes_, piece, done, file.size, sink, damage)))
            return {};
        done += piece.size;
    }
    return {};
}

bool is_blank(Bytes bytes) {
    return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0; });
}

Result<void> hand_out(std::string_view name, std::string_view description, Bytes content, std::string_view damage, Sink& sink) {
    TRY(sink.begin_stream(name, description));
    TRY(write_in_steps(content, sink));
    return sink.end(damage);
}

/// The catalogue says what is loaded first; a file at the same place or a FAT volume there knows how much there is.
std::uint64_t whole_size(Bytes bytes, const IsoBootImage& image, const IsoReader& reader) {
    std::uint64_t size = std::max({image.size, reader.file_at(image.offset), iso_sector});
    if (const Bytes there = clipped(bytes, image.offset, UINT64_MAX - image.offset); !there.empty())
        if (const auto fat = identify_fat(there))
            size = std::max(size, fat->size);
    return size;
}

Result<void> hand_out_boot_images(Bytes bytes, const std::vector<IsoBootImage>& images, const IsoReader& reader, Sink& sink) {
    for (std::size_t i = 0; i < images.size(); ++i) {
        const IsoBootImage& image = images[i];
        const bool again = std::ranges::any_of(images.begin(), images.begin() + static_cast<std::ptrdiff_t>(i), [&](const IsoBootImage& other) { return other.offset == image.offset; });
        if (again)
            continue;
        const std::uint64_t size = whole_size(bytes, image, reader);
        const Bytes content = clipped(bytes, image.offset, size);
        const std::string damage = content.size() == size ? "" : fmt::format("ends after {} of {} bytes: the image is cut off", content.size(), size);
        TRY(hand_out(fmt::format("boot-image{}", i + 1), image.description, content, damage, sink));
    }
    return {};
}

/// What stands before the volume, and partitions that are more than the volume itself.
Result<void> hand_out_disk(Bytes bytes, const std::vector<IsoBootImage>& images, Sink& sink) {
    if (const Bytes code = clipped(bytes, 0, boot_code); !is_blank(code))
        TRY(hand_out("boot-code", "the first sector's code", code, "", sink));
    if (const Bytes area = clipped(bytes, master_boot_record, system_area - master_boot_record); !is_blank(area))
        TRY(hand_out("system-area", "what stands before the volume, behind the first sector", area, "", sink));
    std::uint64_t left = bytes.size();  // forged tables must not multiply the image
    for (const Part& partition : partitions_of(bytes)) {
        const bool known = std::ranges::any_of(images, [&](const IsoBootImage& image) { return image.offset == partition.offset; });
        const Bytes content = clipped(bytes, partition.offset, partition.size);
        if (partition.offset <= system_area || known || content.empty() || content.size() > left)
            continue;
        left -= content.size();
        const std::string damage = content.size() == partition.size ? "" : fmt::format("ends after {} of {} bytes: the volume ends there", content.size(), partition.size);
        TRY(hand_out(partition.name, "a partition of the same bytes as a disk", content, damage, sink));
    }
    return {};
}

}  // namespace

Result<void> read_iso9660(Bytes bytes, Share share, Sink& sink) {
    if (share.index != 0)
        return {};
    const auto volume = IsoVolume::of(bytes);
    if (!volume)
        return fail(Errc::bad_input, "no ISO 9660 volume starts here");
    const Bytes inside = clipped(bytes, 0, volume->size);
    IsoReader reader(inside, *volume);
    std::string damage;
    std::vector<IsoBootImage> images;
    if (volume->boot_catalogue)
        images = iso_boot_images(inside, *volume->boot_catalogue, damage);
    for (const IsoBootImage& image : images)
        reader.watch(image.offset);
    const std::string_view names = reader.names() == Names::rock_ridge ? "Rock Ridge" : reader.names() == Names::joliet ? "Joliet" : "plain";
    sink.describe(fmt::format("{} names{}", names, images.empty() ? "" : fmt::format(", {} boot image{}", images.size(), images.size() == 1 ? "" : "s")));
    const auto walked = walk_directories(reader, reader.root(), sink);
    if (!walked && walked.error().code != Errc::bad_input)
        return walked;
    TRY(hand_out_boot_images(inside, images, reader, sink));
    TRY(hand_out_disk(inside, images, sink));
    TRY(walked);
    if (!damage.empty())
        return fail(Errc::bad_input, damage);
    return {};
}

}  // namespace shirushi::unpack
