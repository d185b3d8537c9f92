#pragma once
// The master file table as a whole: which records there are, who is named where, and all that is said about one file.

#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "unpack/filesystems/ntfs_records.hpp"

namespace shirushi::unpack {

inline constexpr std::uint64_t ntfs_root = 5;
inline constexpr std::uint64_t ntfs_extend = 11;       ///< the directory of NTFS's own files
inline constexpr std::uint64_t ntfs_first_user = 16;   ///< records before are NTFS's own
inline constexpr std::uint64_t ntfs_orphans = std::uint64_t{1} << 62;  ///< stands for the directory of what no directory holds

/// A file's name in a directory.
struct NtfsLink {
    std::uint64_t parent = 0;
    std::uint64_t record = 0;
    std::string name;
    std::uint16_t parent_sequence = 0;
    bool is_dos = false;  ///< the second, short name that DOS sees
};

/// Pieces of one stream put together.
struct NtfsStream {
    NtfsAttribute head;  ///< the piece that knows the size, with all runs
    std::string damage;
};

struct NtfsFile {
    std::vector<NtfsRecord> records;
    std::vector<NtfsAttribute> attributes;  ///< borrow from the records
    bool is_directory = false;
    std::string damage;

    [[nodiscard]] const NtfsAttribute* find(NtfsType type) const;
    /// Streams of content, by name; the file's own, which has none, comes first.
    [[nodiscard]] std::vector<NtfsStream> streams() const;
};

class NtfsTable {
public:
    /// Reads every record once. Errors: bad_input.
    static Result<NtfsTable> read(Bytes bytes, const NtfsVolume& volume);

    /// By parent.
    [[nodiscard]] const std::vector<NtfsLink>& links() const { return links_; }
    [[nodiscard]] std::optional<NtfsFile> file(std::uint64_t number) const;
    [[nodiscard]] const std::string& damage() const { return damage_; }
    [[nodiscard]] bool limited() const { return limited_; }
    [[nodiscard]] std::uint64_t offset_of(std::uint64_t cluster) const;

private:
    struct Known {
        bool in_use = false;
        bool is_extension = false;
        bool is_directory = false;
        std::uint16_t sequence = 0;
    };

    NtfsTable(Bytes bytes, const NtfsVolume& volume) : bytes_(bytes), volume_(volume) {}
    [[nodiscard]] std::uint64_t count() const;
    [[nodiscard]] Buffer raw_record(std::uint64_t number) const;
    Result<void> open();
    void read_all();
    void take(std::uint64_t number, const NtfsRecord& record);
    void take_name(std::uint64_t number, Bytes value);
    void grow();
    void drop_dos_names();
    void name_the_nameless();
    void hang_up_orphans();
    void cut_loops(std::unordered_map<std::uint64_t, std::uint64_t>& end_of);
    [[nodiscard]] bool hangs(const NtfsLink& link) const;

    Bytes bytes_;
    NtfsVolume volume_;
    std::vector<NtfsRun> runs_;             // of the table itself
    std::vector<NtfsAttribute> more_runs_;  // pieces that do not join on yet
    std::uint64_t size_ = 0;                // of the table, as it says
    std::vector<Known> known_;
    std::vector<NtfsLink> links_;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> extensions_;  // base, record
    std::size_t text_ = 0;
    std::uint64_t damaged_records_ = 0;
    std::uint64_t missing_records_ = 0;
    bool limited_ = false;
    std::string damage_;
};

}  // namespace shirushi::unpack
