#include "unpack/filesystems/ntfs.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "unpack/filesystems/directory_walk.hpp"
#include "unpack/filesystems/ntfs_content.hpp"
#include "unpack/filesystems/utf16.hpp"

namespace shirushi::unpack {

namespace {

constexpr std::uint64_t volume_record = 3;
constexpr std::size_t largest_reparse = 16 << 10;  // MS-FSCC's bound
constexpr std::size_t most_streams = 1024;         // of one file
constexpr std::uint32_t read_only = 0x1;
constexpr std::uint32_t system_file = 0x4;
constexpr std::string_view services_link = "IntxLNK\1";  // symbolic links of Services for UNIX, which ntfs-3g writes

/// "\??\C:\folder" as a path.
std::string link_target(Bytes substitute, Bytes print) {
    std::string text = utf8_of_utf16(print.empty() ? substitute : print, Endian::little);
    std::ranges::replace(text, '\\', '/');
    for (const std::string_view prefix : {"/?\?/", "//?/"})
        if (text.starts_with(prefix))
            text.erase(0, prefix.size());
    return text;
}

void apply_reparse_point(Bytes value, EntryInfo& info, std::string& damage) {
    constexpr std::size_t head = 8;
    if (value.size() < head) {
        add_damage(damage, "its reparse point is cut off");
        return;
    }
    const auto tag = load_le<std::uint32_t>(value.data());
    const Bytes data = clipped(value, head, load_le<std::uint16_t>(value.data() + 4));
    const bool is_symlink = tag == 0xa000000c;
    if (is_symlink || tag == 0xa0000003) {
        const std::size_t paths = is_symlink ? 12 : 8;
        if (data.size() < paths) {
            add_damage(damage, "its reparse point is cut off");
            return;
        }
        const auto half = [&](std::size_t at) { return load_le<std::uint16_t>(data.data() + at); };
        info.target = printable(link_target(clipped(data, paths + half(0), half(2)), clipped(data, paths + half(4), half(6))));
        info.kind = FileKind::symlink;
    } else if (tag == 0xa000001d && data.size() >= 4) {
        info.target = printable(as_text(data.subspan(4)));
        info.kind = FileKind::symlink;
    } else if (tag == 0x80000024) {
        info.kind = FileKind::fifo;
    } else if (tag == 0x80000023) {
        info.kind = FileKind::socket;
    } else if (tag == 0x80000025) {
        info.kind = FileKind::character_device;
    } else if (tag == 0x80000026) {
        info.kind = FileKind::block_device;
    } else if (tag == 0x80000017) {
        add_damage(damage, "compressed by Windows's overlay filter: its content is in the stream WofCompressedData, which is not decoded");
    } else {
        add_damage(damage, fmt::format("a reparse point of kind 0x{:08x} says that its content is elsewhere", tag));
    }
}

class NtfsReader : public WalkedFileSystem {
public:
    NtfsReader(Bytes bytes, const NtfsVolume& volume, NtfsTable table) : bytes_(bytes), volume_(volume), table_(std::move(table)) {}

    void list(const ListedEntry& directory, Listing& listing) override;
    Result<void> content(const ListedEntry& file, Sink& sink, std::string& damage) override;
    [[nodiscard]] std::string label() const;

private:
    bool add(const NtfsLink& link, Listing& listing) const;
    bool add_streams(const NtfsFile& file, const ListedEntry& owner, Listing& listing) const;
    [[nodiscard]] ListedEntry entry_of(const NtfsLink& link, const NtfsFile& file) const;

    Bytes bytes_;
    NtfsVolume volume_;
    NtfsTable table_;
};

ListedEntry NtfsReader::entry_of(const NtfsLink& link, const NtfsFile& file) const {
    ListedEntry entry{.name = link.name, .info = {.kind = file.is_directory ? FileKind::directory : FileKind::regular, .mode = 0755}, .place = link.record, .damage = file.damage};
    std::uint32_t attributes = 0;
    if (const NtfsAttribute* standard = file.find(NtfsType::standard_information); standard != nullptr && standard->value.size() >= 36) {
        entry.info.modified = ntfs_seconds(load_le<std::uint64_t>(standard->value.data() + 8));
        attributes = load_le<std::uint32_t>(standard->value.data() + 32);
    }
    if ((attributes & read_only) != 0 && !file.is_directory)
        entry.info.mode = 0555;
    if (const NtfsAttribute* reparse = file.find(NtfsType::reparse_point); reparse != nullptr)
        apply_reparse_point(ntfs_value(bytes_, volume_, *reparse, largest_reparse), entry.info, entry.damage);
    const NtfsAttribute* data = file.find(NtfsType::data);
    if ((attributes & system_file) != 0 && data != nullptr && data->name.empty() && data->resident && as_text(data->value).starts_with(services_link)) {
        entry.info.kind = FileKind::symlink;
        entry.info.target = printable(utf8_of_utf16(data->value.subspan(services_link.size()), Endian::little));
    }
    return entry;
}

bool NtfsReader::add_streams(const NtfsFile& file, const ListedEntry& owner, Listing& listing) const {
    const auto streams = file.streams();
    for (std::size_t i = 0; i < streams.size(); ++i) {
        const std::string& name = streams[i].head.name;
        if (name.empty())
            continue;
        ListedEntry entry{.name = owner.name + ":" + name, .info = owner.info, .place = owner.place, .detail = i + 1, .damage = file.damage};
        entry.info.kind = FileKind::regular;
        entry.info.target.clear();
        if (i > most_streams) {
            add_damage(listing.damage, fmt::format("more than {} streams of \"{}\"; the rest is left out", most_streams, excerpt(owner.name, 60)));
            return true;
        }
        if (!listing.add(std::move(entry)))
            return false;
    }
    return true;
}

bool NtfsReader::add(const NtfsLink& link, Listing& listing) const {
    const auto file = table_.file(link.record);
    if (!file)
        return listing.add({.name = link.name, .place = link.record, .damage = "its record is not there"});
    ListedEntry entry = entry_of(link, *file);
    return add_streams(*file, entry, listing) && listing.add(std::move(entry));
}

void NtfsReader::list(const ListedEntry& directory, Listing& listing) {
    if (directory.place == ntfs_root) {
        const auto root = table_.file(ntfs_root);
        if (root && !add_streams(*root, {.info = {.mode = 0755}, .place = ntfs_root}, listing))
            return;
    }
    const auto children = std::ranges::equal_range(table_.links(), directory.place, {}, &NtfsLink::parent);
    for (const NtfsLink& link : children)
        if (!add(link, listing))
            return;
    if (directory.place == ntfs_root && std::ranges::binary_search(table_.links(), ntfs_orphans, {}, &NtfsLink::parent))
        (void)listing.add({.name = "$orphans", .info = {.kind = FileKind::directory, .mode = 0755}, .place = ntfs_orphans});
}

Result<void> NtfsReader::content(const ListedEntry& file, Sink& sink, std::string& damage) {
    const auto found = table_.file(file.place);
    if (!found)
        return {};  // said already
    const auto streams = found->streams();
    if (file.detail != 0)
        return file.detail <= streams.size() ? write_ntfs_stream(bytes_, volume_, streams[file.detail - 1], sink, damage) : Result<void>();
    if (!streams.empty() && streams.front().head.name.empty())
        return write_ntfs_stream(bytes_, volume_, streams.front(), sink, damage);
    return {};
}

std::string NtfsReader::label() const {
    const auto file = table_.file(volume_record);
    const NtfsAttribute* name = file ? file->find(NtfsType::volume_name) : nullptr;
    return name == nullptr ? std::string() : utf8_of_utf16(name->value, Endian::little);
}

}  // namespace

Result<void> read_ntfs(Bytes bytes, Share share, Sink& sink) {
    if (share.index != 0)
        return {};
    const auto volume = NtfsVolume::of(bytes);
    if (!volume)
        return fail(Errc::bad_input, "no NTFS volume starts here");
    const Bytes inside = clipped(bytes, 0, volume->size);
    auto table = NtfsTable::read(inside, *volume);
    if (!table)
        return std::unexpected(std::move(table).error());
    const std::string damage = table->damage();
    const bool limited = table->limited();
    NtfsReader reader(inside, *volume, std::move(*table));
    if (const std::string label = reader.label(); !label.empty())
        sink.describe(fmt::format("label \"{}\"", printable(label)));
    TRY(walk_directories(reader, {.place = ntfs_root}, sink));
    if (limited)
        return fail(Errc::limit, "more names than such an image can have; the rest is left out");
    if (!damage.empty())
        return fail(Errc::bad_input, damage);
    return {};
}

}  // namespace shirushi::unpack
