#pragma once
// An immutable set of advisories in one file: facts only, ordered by product so that a match touches only its product. The file is used
// where it lies (mapped memory), without being taken apart. Pure: the bytes come in as an argument. A loaded snapshot is read-only; any
// number of threads may use it.
//
// The file (format 2, little-endian): "SHIADVIS", u32 format, u32 number of sections, 32 bytes SHA-256 of those two and all that follows, u64 size of
// the file; then for each section {u32 tag, u32 size of a row, u64 offset, u64 rows}; then the sections, each at a multiple of eight.
// Their rows are the structs below; docs/formats/snapshot.md has the table. Readers skip tags they do not know and refuse rows of another
// size. Everything that points somewhere is checked once, when the file is opened. A file may also be one zstd frame around such a file:
// that is how the shipped set is stored.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "model/facts.hpp"
#include "vuln/records.hpp"

namespace shirushi::vuln {

inline constexpr std::string_view snapshot_magic = "SHIADVIS";
inline constexpr std::uint32_t snapshot_format = 2;
inline constexpr std::uint64_t largest_snapshot = std::uint64_t{512} << 20;  ///< bytes; the whole NVD takes some 60 MB

/// Index of a text in the snapshot's string table, which is sorted; 0 is the empty text.
using StringId = std::uint32_t;

enum RangeFlag : std::uint32_t { range_start_excluded = 1, range_end_included = 2 };

/// Versions; shared by all criteria that mean the same ones.
struct Range {
    StringId exact = 0;
    StringId update = 0;
    StringId start = 0;
    StringId end = 0;
    StringId edition = 0;
    std::uint32_t flags = 0;  ///< RangeFlag
    [[nodiscard]] bool start_excluded() const { return (flags & range_start_excluded) != 0; }
    [[nodiscard]] bool end_included() const { return (flags & range_end_included) != 0; }
    auto operator<=>(const Range&) const = default;
};

/// One operand of a configuration that makes a product vulnerable (or, by its status, not). A kernel has fifty thousand of them.
struct Criterion {
    std::uint32_t advisory = 0;
    std::uint32_t range = 0;
    std::uint32_t platform = 0;  ///< 0: none; else index + 1 of the platform that must hold as well
    std::uint8_t origin_number = 0;
    std::uint8_t status_number = 0;
    std::uint16_t reserved = 0;
    [[nodiscard]] Origin origin() const { return static_cast<Origin>(origin_number); }
    [[nodiscard]] Status status() const { return static_cast<Status>(status_number); }
    auto operator<=>(const Criterion&) const = default;
};

/// What else must be there for a criterion to count: every group, by any of its operands.
struct Platform {
    std::uint32_t first_group = 0;
    std::uint32_t groups = 0;
};
struct PlatformGroup {
    std::uint32_t first_operand = 0;
    std::uint32_t operands = 0;
};
struct PlatformOperand {
    StringId product = 0;  ///< "o:microsoft:windows": part, vendor, product
    std::uint32_t range = 0;
    std::uint32_t vulnerable = 0;  ///< 1: marked so
    auto operator<=>(const PlatformOperand&) const = default;
};

enum AdvisoryFlag : std::uint32_t { advisory_withdrawn = 1, advisory_overridden = 2 };
inline constexpr unsigned advisory_trust_shift = 8;  ///< above the flags, a byte: of whom its facts are from (snapshot_builder)
inline constexpr unsigned advisory_score_shift = 16;  ///< then a byte: whose score it is, origin + 1; 0: not known (older files)

struct AdvisoryFacts {
    StringId id = 0;
    StringId published = 0;
    StringId modified = 0;
    StringId vector = 0;
    StringId exploited_since = 0;
    std::int32_t tenths = -1;      ///< CVSS base score in tenths; -1: none
    std::int32_t epss = -1;        ///< in millionths; -1: none
    std::int32_t percentile = -1;  ///< in millionths; -1: none
    std::uint32_t first_cwe = 0;
    std::uint32_t cwe_count = 0;
    std::uint32_t first_part = 0;
    std::uint32_t part_count = 0;
    std::uint32_t flags = 0;  ///< AdvisoryFlag
    [[nodiscard]] bool withdrawn() const { return (flags & advisory_withdrawn) != 0; }
    /// A correction replaces what NVD says of it.
    [[nodiscard]] bool overridden() const { return (flags & advisory_overridden) != 0; }
    [[nodiscard]] std::optional<Origin> score_origin() const {
        const std::uint32_t number = (flags >> advisory_score_shift) & 0xffU;
        return tenths < 0 || number == 0 || number > static_cast<std::uint32_t>(last_origin) + 1 ? std::nullopt
                                                                                                      : std::optional(static_cast<Origin>(number - 1));
    }
};

struct ProductCriteria {
    StringId product = 0;  ///< as Operand::product
    std::uint32_t scheme_number = 0;
    std::uint32_t first = 0;
    std::uint32_t count = 0;
    [[nodiscard]] VersionScheme scheme() const { return static_cast<VersionScheme>(scheme_number); }
};

/// FeedRecord, as texts of the snapshot.
struct FeedFacts {
    StringId name = 0;
    StringId date = 0;
    StringId imported = 0;
    StringId sha256 = 0;
    std::uint32_t records = 0;
    std::uint32_t refused = 0;
};

/// Another name of an advisory: JVN iPedia's of a CVE.
struct Alias {
    std::uint32_t advisory = 0;
    StringId id = 0;     ///< "JVNDB-2021-005429"
    StringId title = 0;  ///< of who gave the name, in their language
    auto operator<=>(const Alias&) const = default;
};

/// WeaknessRecord, as texts of the snapshot.
struct Weakness {
    StringId id = 0;
    StringId name = 0;
    StringId parents = 0;  ///< ids, sorted, with a blank between them
    auto operator<=>(const Weakness&) const = default;
};

class Snapshot {
public:
    /// Errors: bad_input (not a snapshot, damaged, cut), unsupported (another format), limit (larger than largest_snapshot). Nothing of
    /// `file` is referred to afterwards.
    static Result<Snapshot> read(Bytes file);
    /// The same without a copy: `file` (not packed, at an address that is a multiple of eight, as mapped memory is) must outlive the
    /// snapshot.
    static Result<Snapshot> view(Bytes file);
    Snapshot(const Snapshot&) = delete;  // what it refers to may be its own copy
    Snapshot& operator=(const Snapshot&) = delete;
    Snapshot(Snapshot&&) = default;
    Snapshot& operator=(Snapshot&&) = default;
    ~Snapshot() = default;

    /// Date of the newest change in NVD's feeds (else in the kind of feed that gave most records, else of any advisory), digest (of what the file holds,
    /// packed or not), number of advisories.
    [[nodiscard]] const SnapshotInfo& info() const { return info_; }
    [[nodiscard]] std::span<const FeedFacts> feeds() const { return feeds_; }
    [[nodiscard]] FeedRecord feed(const FeedFacts& facts) const;

    /// Nothing when the snapshot does not cover the product.
    [[nodiscard]] const ProductCriteria* product(std::string_view name) const;
    /// Whether the name of any product begins so: "maven/".
    [[nodiscard]] bool covers(std::string_view beginning) const;
    [[nodiscard]] std::span<const ProductCriteria> products() const { return products_; }     ///< sorted by name
    [[nodiscard]] std::span<const Criterion> criteria(const ProductCriteria& product) const;  ///< sorted by advisory
    [[nodiscard]] const Range& range(std::uint32_t index) const { return ranges_[index]; }
    [[nodiscard]] VersionRange versions(std::uint32_t range) const;
    [[nodiscard]] std::span<const AdvisoryFacts> advisories() const { return advisories_; }  ///< sorted by id
    [[nodiscard]] const AdvisoryFacts& advisory(std::uint32_t index) const { return advisories_[index]; }
    [[nodiscard]] const AdvisoryFacts* advisory(std::string_view id) const;
    [[nodiscard]] std::span<const StringId> weaknesses(const AdvisoryFacts& advisory) const;
    [[nodiscard]] std::span<const StringId> parts(const AdvisoryFacts& advisory) const;
    [[nodiscard]] std::span<const Alias> aliases(const AdvisoryFacts& advisory) const;
    /// Nothing when no list of weaknesses was imported, or it has no such one. "CWE-787".
    [[nodiscard]] const Weakness* weakness(std::string_view id) const;
    [[nodiscard]] std::span<const Weakness> known_weaknesses() const { return known_weaknesses_; }  ///< sorted by id
    [[nodiscard]] std::span<const PlatformGroup> platform(std::uint32_t index_plus_one) const;
    [[nodiscard]] std::span<const PlatformOperand> operands(const PlatformGroup& group) const;
    /// Borrowed from the snapshot, or from the file it is a view of.
    [[nodiscard]] std::string_view text(StringId id) const;
    [[nodiscard]] std::size_t text_count() const { return text_ends_.size(); }
    [[nodiscard]] std::size_t criteria_count() const { return criteria_.size(); }

private:
    friend class SnapshotOpener;
    Snapshot() = default;
    std::vector<std::uint64_t> owned_;  // the file, where it is a copy; in words, for its alignment
    SnapshotInfo info_;
    std::string_view texts_;
    std::span<const std::uint32_t> text_ends_;  // text i ends here and begins where i - 1 ends
    std::span<const AdvisoryFacts> advisories_;
    std::span<const StringId> cwe_;
    std::span<const StringId> parts_;
    std::span<const ProductCriteria> products_;
    std::span<const Criterion> criteria_;
    std::span<const Range> ranges_;
    std::span<const Platform> platforms_;
    std::span<const PlatformGroup> groups_;
    std::span<const PlatformOperand> operands_;
    std::span<const FeedFacts> feeds_;
    std::span<const Alias> aliases_;  // sorted by advisory
    std::span<const Weakness> known_weaknesses_;
};

/// The snapshot file of these records: the same records in any order give the same bytes. Errors: limit (a text longer than a snapshot
/// holds).
Result<Buffer> write_snapshot(const SnapshotRecords& records);

/// A file as it is shipped: one zstd frame. Errors: internal (the compressor failed).
Result<Buffer> pack_snapshot(Bytes file);

}  // namespace shirushi::vuln
