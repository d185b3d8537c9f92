#pragma once
// An immutable set of advisories in one file, small enough to ship: facts only, ordered by product so that a match touches
// only its product. Pure: the bytes come in as an argument. A loaded snapshot is read-only; any number of threads may use it.
//
// The file (format 1, little-endian): "SHIADVIS", u32 format, 32 bytes SHA-256 of all that follows; 10 bytes date, u32
// advisories, u32 products, u32 criteria, u64 length of the payload, then one zstd frame that holds the payload. The payload
// is a row of sections {u32 tag, u64 length, content}; readers skip tags they do not know, so that later editions can add
// sections (files compiled in, VEX, applets). Integers inside sections are LEB128 (variable length, unsigned). The digest
// guards against accidents; a reader still trusts no number in the payload.

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
inline constexpr std::uint32_t snapshot_format = 1;

/// The embedded set takes 1.5 MB unpacked, the whole NVD's two million operands would take 20; a loaded snapshot takes up to
/// some 20 times its payload.
inline constexpr std::uint64_t largest_payload = 32ULL << 20;

/// Index of a text in the snapshot's string table; 0 is the empty text.
using StringId = std::uint32_t;

/// One operand of a configuration that makes a product vulnerable. Small and flat: a kernel has fifty thousand of them.
struct Criterion {
    std::uint32_t advisory = 0;
    StringId exact = 0;
    StringId update = 0;
    StringId start = 0;
    StringId end = 0;
    StringId edition = 0;
    std::uint32_t platform = 0;  ///< 0: none; else index + 1 of the platform that must hold as well
    bool start_excluded = false;
    bool end_included = false;
};

struct PlatformOperand {
    StringId product = 0;  ///< "o:microsoft:windows": part, vendor, product
    StringId exact = 0;
    StringId start = 0;
    StringId end = 0;
    bool start_excluded = false;
    bool end_included = false;
    bool vulnerable = false;
};

/// What else must be there for a criterion to count: every group, by any of its operands.
using Platform = std::vector<std::vector<PlatformOperand>>;

struct AdvisoryFacts {
    StringId id = 0;
    StringId published = 0;
    StringId vector = 0;
    StringId exploited_since = 0;
    std::int32_t tenths = -1;  ///< CVSS base score in tenths; -1: none
    std::uint32_t first_cwe = 0;
    std::uint32_t cwe_count = 0;
};

struct ProductCriteria {
    StringId product = 0;  ///< "vendor:product"
    VersionScheme scheme = VersionScheme::generic;
    std::uint32_t first = 0;
    std::uint32_t count = 0;
};

class Snapshot {
public:
    /// Errors: bad_input (not a snapshot, damaged, cut), unsupported (a later format), limit (says it is larger than largest_payload).
    /// Nothing of `file` is referred to afterwards.
    static Result<Snapshot> read(Bytes file);

    /// Date of the newest record, SHA-256 of the file, number of advisories.
    [[nodiscard]] const SnapshotInfo& info() const { return info_; }

    /// Nothing when the snapshot does not cover the product ("vendor:product").
    [[nodiscard]] const ProductCriteria* product(std::string_view name) const;
    [[nodiscard]] std::span<const ProductCriteria> products() const { return products_; }     ///< sorted by name
    [[nodiscard]] std::span<const Criterion> criteria(const ProductCriteria& product) const;  ///< sorted by advisory
    [[nodiscard]] const AdvisoryFacts& advisory(std::uint32_t index) const { return advisories_[index]; }
    [[nodiscard]] std::span<const StringId> weaknesses(const AdvisoryFacts& advisory) const;
    [[nodiscard]] const Platform& platform(std::uint32_t index_plus_one) const { return platforms_[index_plus_one - 1]; }
    /// Borrowed from the snapshot.
    [[nodiscard]] std::string_view text(StringId id) const;
    [[nodiscard]] std::size_t text_count() const { return text_ends_.size(); }
    [[nodiscard]] std::size_t criteria_count() const { return criteria_.size(); }

private:
    friend class SnapshotDecoder;
    SnapshotInfo info_;
    std::string texts_;
    std::vector<std::uint32_t> text_ends_;   ///< text i ends here and begins where i - 1 ends
    std::vector<AdvisoryFacts> advisories_;  ///< sorted by id
    std::vector<StringId> cwe_;
    std::vector<ProductCriteria> products_;
    std::vector<Criterion> criteria_;
    std::vector<Platform> platforms_;
};

/// The snapshot file of these records: the same records in any order give the same bytes. Errors: limit (a text longer than a
/// snapshot holds), internal (the compressor failed).
Result<Buffer> write_snapshot(SnapshotRecords records);

/// A snapshot file around any payload, with a correct digest: what write_snapshot ends with, and how tests hand the reader a
/// damaged payload.
Result<Buffer> seal_snapshot(Bytes payload, const SnapshotInfo& info, std::uint32_t products, std::uint32_t criteria);

}  // namespace shirushi::vuln
