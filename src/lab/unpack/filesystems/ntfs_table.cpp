#include "unpack/filesystems/ntfs_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "unpack/entry_names.hpp"
#include "unpack/filesystems/directory_walk.hpp"
#include "unpack/filesystems/utf16.hpp"

namespace shirushi::unpack {

namespace {

constexpr std::uint64_t beyond = UINT64_MAX / 4;  // an offset outside of any image
constexpr std::size_t most_extensions = 256;      // records of one file that are read: some hundred thousand runs
constexpr std::uint8_t dos_only = 2;

}  // namespace

const NtfsAttribute* NtfsFile::find(NtfsType type) const {
    const auto found = std::ranges::find(attributes, type, &NtfsAttribute::type);
    return found == attributes.end() ? nullptr : &*found;
}

std::vector<NtfsStream> NtfsFile::streams() const {
    std::vector<const NtfsAttribute*> pieces;
    for (const NtfsAttribute& attribute : attributes)
        if (attribute.type == NtfsType::data)
            pieces.push_back(&attribute);
    std::ranges::stable_sort(pieces, {}, [](const NtfsAttribute* piece) { return std::tuple(std::string_view(piece->name), piece->first); });
    std::vector<NtfsStream> found;
    for (const NtfsAttribute* piece : pieces) {
        if (found.empty() || found.back().head.name != piece->name) {
            found.push_back({*piece, {}});
            if (piece->first != 0)
                found.back().damage = "the record that tells of its beginning is not there";
            continue;
        }
        NtfsStream& stream = found.back();
        const std::uint64_t next = stream.head.runs.empty() ? 0 : stream.head.runs.back().first + stream.head.runs.back().count;
        if (piece->first != next || stream.head.resident)
            add_damage(stream.damage, "records that tell of its middle are not there");
        else
            stream.head.runs.insert(stream.head.runs.end(), piece->runs.begin(), piece->runs.end());
        stream.head.damaged = stream.head.damaged || piece->damaged;
    }
    return found;
}

std::uint64_t NtfsTable::offset_of(std::uint64_t cluster) const { return cluster > bytes_.size() / volume_.cluster_size ? beyond : cluster * volume_.cluster_size; }

/// No more than the image can hold, whatever the table says.
std::uint64_t NtfsTable::count() const {
    const std::uint64_t clusters = runs_.empty() ? 0 : runs_.back().first + runs_.back().count;
    const std::uint64_t mapped = std::min<std::uint64_t>(clusters, bytes_.size() / volume_.cluster_size + 1) * volume_.cluster_size;
    return std::min(mapped, size_) / volume_.record_size;
}

/// A record may be larger than a cluster, and lie in two runs.
Buffer NtfsTable::raw_record(std::uint64_t number) const {
    Buffer raw;
    while (raw.size() < volume_.record_size) {
        const std::uint64_t at = number * volume_.record_size + raw.size();
        const std::uint64_t cluster = at / volume_.cluster_size;
        auto run = std::ranges::upper_bound(runs_, cluster, {}, &NtfsRun::first);
        if (run == runs_.begin())
            break;
        --run;
        if (cluster - run->first >= run->count || !run->cluster)
            break;
        const std::uint64_t inside = at % volume_.cluster_size;
        const std::uint64_t wanted = std::min(volume_.record_size - raw.size(), volume_.cluster_size - inside);
        const Bytes there = clipped(bytes_, offset_of(*run->cluster + (cluster - run->first)) + inside, wanted);
        raw.insert(raw.end(), there.begin(), there.end());
        if (there.size() < wanted)
            break;
    }
    return raw;
}

Result<void> NtfsTable::open() {
    auto record = NtfsRecord::of(clipped(bytes_, volume_.table_offset, volume_.record_size));
    if (!record || record->bytes.size() < volume_.record_size) {
        record = NtfsRecord::of(clipped(bytes_, volume_.mirror_offset, volume_.record_size));
        add_damage(damage_, "the master file table's first record is damaged; its copy was taken");
    }
    if (!record)
        return fail(Errc::bad_input, "the master file table is not there");
    std::string ignored;
    for (NtfsAttribute& attribute : record->attributes(ignored))
        if (attribute.type == NtfsType::data && attribute.name.empty() && !attribute.resident && attribute.first == 0 && runs_.empty()) {
            runs_ = std::move(attribute.runs);
            size_ = attribute.size;
        }
    if (runs_.empty())
        return fail(Errc::bad_input, "the master file table's first record does not say where the table is");
    return {};
}

/// Pieces of the table's own place that were found in its records.
void NtfsTable::grow() {
    for (bool grown = true; grown;) {
        grown = false;
        for (NtfsAttribute& piece : more_runs_) {
            if (piece.runs.empty() || piece.first != runs_.back().first + runs_.back().count)
                continue;
            runs_.insert(runs_.end(), piece.runs.begin(), piece.runs.end());
            piece.runs.clear();
            grown = true;
        }
    }
}

void NtfsTable::take_name(std::uint64_t number, Bytes value) {
    constexpr std::size_t fixed = 66;
    if (value.size() < fixed)
        return;
    const auto parent = load_le<std::uint64_t>(value.data());
    std::string name = utf8_of_utf16(clipped(value, fixed, std::uint64_t{value[64]} * 2), Endian::little);
    text_ += name.size();
    if (links_.size() >= most_entries || text_ > most_text) {
        limited_ = true;
        return;
    }
    links_.push_back({.parent = parent & ntfs_number_mask, .record = number, .name = std::move(name), .parent_sequence = static_cast<std::uint16_t>(parent >> 48U),
                      .is_dos = value[65] == dos_only});
}

void NtfsTable::take(std::uint64_t number, const NtfsRecord& record) {
    if (!record.in_use)
        return;
    const std::uint64_t owner = record.is_extension ? record.base : number;
    if (record.is_extension)
        extensions_.emplace_back(record.base, number);
    std::string ignored;  // said where the file is read
    for (NtfsAttribute& attribute : record.attributes(ignored)) {
        if (attribute.type == NtfsType::file_name && attribute.resident && owner >= ntfs_first_user)
            take_name(owner, attribute.value);
        if (record.is_extension && owner == 0 && attribute.type == NtfsType::data && attribute.name.empty() && !attribute.resident)
            more_runs_.push_back(std::move(attribute));
    }
    if (!more_runs_.empty() && owner == 0)
        grow();
}

void NtfsTable::read_all() {
    for (std::uint64_t number = 0; number < count() && !limited_; ++number) {
        const Buffer raw = raw_record(number);
        known_.emplace_back();
        if (raw.size() < volume_.record_size) {
            ++missing_records_;
            continue;
        }
        const auto record = NtfsRecord::of(raw);
        if (!record) {
            const bool is_blank = std::all_of(raw.begin(), raw.begin() + 4, [](std::uint8_t byte) { return byte == 0; });
            damaged_records_ += is_blank ? 0 : 1;
            continue;
        }
        damaged_records_ += record->torn ? 1 : 0;
        known_.back() = {record->in_use, record->is_extension, record->is_directory, record->sequence};
        take(number, *record);
    }
    if (const std::uint64_t said = size_ / volume_.record_size; said > known_.size() && !limited_)
        missing_records_ += said - known_.size();
    if (damaged_records_ != 0)
        add_damage(damage_, fmt::format("{} records of the master file table are damaged", damaged_records_));
    if (missing_records_ != 0)
        add_damage(damage_, fmt::format("{} records of the master file table are not there", missing_records_));
}

void NtfsTable::drop_dos_names() {
    std::vector<std::uint64_t> named;
    for (const NtfsLink& link : links_)
        if (!link.is_dos)
            named.push_back(link.record);
    std::ranges::sort(named);
    std::erase_if(links_, [&](const NtfsLink& link) { return link.is_dos && std::ranges::binary_search(named, link.record); });
}

/// A record that is in use but has no name any more is somebody's file all the same.
void NtfsTable::name_the_nameless() {
    std::vector<bool> named(known_.size());
    for (const NtfsLink& link : links_)
        if (link.record < named.size())
            named[link.record] = true;
    for (std::uint64_t number = ntfs_first_user; number < known_.size() && links_.size() < most_entries; ++number)
        if (known_[number].in_use && !known_[number].is_extension && !named[number])
            links_.push_back({.parent = ntfs_orphans, .record = number, .name = fmt::format("record-{}", number)});
}

bool NtfsTable::hangs(const NtfsLink& link) const {
    if (link.parent == ntfs_root || link.parent == ntfs_orphans)
        return true;
    if (link.parent >= known_.size())
        return false;
    const Known& parent = known_[link.parent];
    return parent.in_use && parent.is_directory && (link.parent_sequence == 0 || link.parent_sequence == parent.sequence);
}

/// Climbs from each directory to where its way up ends; one that does not end is cut.
void NtfsTable::cut_loops(std::unordered_map<std::uint64_t, std::uint64_t>& end_of) {
    std::unordered_map<std::uint64_t, std::size_t> link_of;  // of directories
    std::vector<std::uint64_t> directories;
    for (std::size_t i = 0; i < links_.size(); ++i) {
        const std::uint64_t record = links_[i].record;
        if (record < known_.size() && known_[record].is_directory && link_of.emplace(record, i).second)
            directories.push_back(record);
    }
    for (const std::uint64_t directory : directories) {
        std::vector<std::uint64_t> way;
        std::uint64_t at = directory;
        while (!end_of.contains(at) && way.size() <= deepest_directory) {
            way.push_back(at);
            const auto link = link_of.find(at);
            at = link == link_of.end() ? ntfs_orphans : links_[link->second].parent;
        }
        const auto known = end_of.find(at);
        if (known == end_of.end()) {
            links_[link_of[directory]].parent = ntfs_orphans;
            way.assign(1, directory);
        }
        const std::uint64_t end = known == end_of.end() ? ntfs_root : known->second;
        for (const std::uint64_t passed : way)
            end_of[passed] = end;
    }
}

/// Each directory's way up must end in the root, or in the directory of NTFS's own files, which are left out.
void NtfsTable::hang_up_orphans() {
    for (NtfsLink& link : links_)
        if (!hangs(link))
            link.parent = ntfs_orphans;
    std::unordered_map<std::uint64_t, std::uint64_t> end_of{{ntfs_root, ntfs_root}, {ntfs_extend, ntfs_extend}, {ntfs_orphans, ntfs_root}};
    cut_loops(end_of);
    std::erase_if(links_, [&](const NtfsLink& link) {
        const auto end = end_of.find(link.parent);
        return end != end_of.end() && end->second == ntfs_extend;
    });
    std::ranges::stable_sort(links_, {}, &NtfsLink::parent);
}

std::optional<NtfsFile> NtfsTable::file(std::uint64_t number) const {
    auto record = NtfsRecord::of(raw_record(number));
    if (!record)
        return std::nullopt;
    NtfsFile file{.is_directory = record->is_directory};
    file.records.push_back(std::move(*record));
    const auto own = std::ranges::equal_range(extensions_, number, {}, &std::pair<std::uint64_t, std::uint64_t>::first);
    for (const auto& [base, extension] : own) {
        if (file.records.size() > most_extensions) {
            add_damage(file.damage, "more records than a file can have");
            break;
        }
        if (auto more = NtfsRecord::of(raw_record(extension)))
            file.records.push_back(std::move(*more));
    }
    for (const NtfsRecord& one : file.records) {
        std::string damage;
        for (NtfsAttribute& attribute : one.attributes(damage))
            file.attributes.push_back(std::move(attribute));
        if (!damage.empty())
            add_damage(file.damage, damage);
    }
    return file;
}

Result<NtfsTable> NtfsTable::read(Bytes bytes, const NtfsVolume& volume) {
    NtfsTable table(bytes, volume);
    TRY(table.open());
    table.read_all();
    std::ranges::sort(table.extensions_);
    table.drop_dos_names();
    table.name_the_nameless();
    table.hang_up_orphans();
    return table;
}

}  // namespace shirushi::unpack
