#pragma once
// NTFS's boot sector, the records of its master file table, and their attributes.

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"

namespace shirushi::unpack {

struct NtfsVolume {
    std::uint64_t cluster_size = 4096;
    std::uint64_t record_size = 1024;
    std::uint64_t table_offset = 0;   ///< of the master file table
    std::uint64_t mirror_offset = 0;  ///< of the copy of its first records
    std::uint64_t size = 0;

    static std::optional<NtfsVolume> of(Bytes bytes);
};

/// Clusters of a stream: `first` counts in the stream, `cluster` in the volume; nothing there: a hole.
struct NtfsRun {
    std::uint64_t first = 0;
    std::uint64_t count = 0;
    std::optional<std::uint64_t> cluster;
};

enum class NtfsType : std::uint32_t {
    standard_information = 0x10,
    file_name = 0x30,
    volume_name = 0x60,
    data = 0x80,
    reparse_point = 0xc0,
    end = 0xffffffff,
};

struct NtfsAttribute {
    NtfsType type = NtfsType::end;
    std::string name;
    std::uint16_t flags = 0;
    bool resident = true;
    Bytes value;  ///< resident; borrowed from the record
    std::uint64_t first = 0;  ///< the first cluster of the stream that this piece tells of
    std::vector<NtfsRun> runs;
    std::uint64_t unit = 0;   ///< clusters that are compressed together; 0: none are
    std::uint64_t size = 0;
    std::uint64_t valid_size = 0;
    bool damaged = false;  ///< its runs make no sense from some place on

    [[nodiscard]] bool is_encrypted() const { return (flags & 0x4000) != 0; }
    [[nodiscard]] bool is_compressed() const { return (flags & 0xff) != 0 && unit != 0; }
};

struct NtfsRecord {
    Buffer bytes;  ///< with the ends of its sectors put right
    bool torn = false;  ///< one of them was not what it must be
    bool in_use = false;
    bool is_directory = false;
    std::uint16_t sequence = 0;
    bool is_extension = false;
    std::uint64_t base = 0;  ///< the record that an extension continues
    std::size_t attributes_at = 0;

    /// Nothing unless it begins as a record must.
    static std::optional<NtfsRecord> of(Bytes raw);
    /// All attributes, up to the first that makes no sense (`damage` then says so).
    [[nodiscard]] std::vector<NtfsAttribute> attributes(std::string& damage) const;
};

/// Hundreds of nanoseconds since 1601.
std::int64_t ntfs_seconds(std::uint64_t time);

inline constexpr std::uint64_t ntfs_number_mask = (std::uint64_t{1} << 48) - 1;  ///< of a reference; its sequence number stands above

}  // namespace shirushi::unpack
