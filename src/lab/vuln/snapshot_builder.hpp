#pragma once
// Gathers what feeds say, feed after feed, and writes it as a snapshot. An earlier snapshot can be loaded first, so that a day's changes
// need nothing but themselves. Holds every text, range and platform once: the whole NVD takes some 200 MB here. One thread.

#include <array>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "vuln/snapshot.hpp"
#include "vuln/text_pool.hpp"

namespace shirushi::vuln {

class SnapshotBuilder {
public:
    /// Only these products are kept, and only advisories that concern them; they count as covered even where no advisory does.
    void restrict_to(std::span<const ProductRecord> products);
    /// How a product numbers its versions; generic where nobody says. The last call counts.
    void set_scheme(std::string_view product, VersionScheme scheme);

    void load(const Snapshot& earlier);

    /// Takes a record in. It replaces what the same origin said of the same advisory before; but JVN iPedia has several entries about one
    /// advisory, of which each replaces only what load() brought. Of its facts that are no versions (score,
    /// weaknesses, dates), NVD's count before a CVE record's, and those before all others.
    void add(const AdvisoryRecord& record, Origin origin);
    /// The same without statements on versions: those that are known stay.
    void describe(const AdvisoryRecord& record, Origin origin);
    /// Another name of an advisory, and the title it has there.
    void set_alias(std::string_view advisory, std::string_view alias, std::string_view title);
    /// Replaces what was known of it.
    void set_weakness(const WeaknessRecord& weakness);
    /// Adds one statement on one product to an advisory. begin_product() has to be called first for each product.
    void append(std::string_view id, const Operand& operand, Origin origin);
    /// Forgets what the origin said of a product: statements on it follow.
    void begin_product(std::string_view product, Origin origin);
    /// Facts that other lists add to an advisory, which need not be known yet.
    void set_exploited(std::string_view id, std::string_view since);
    void set_epss(std::string_view id, double epss, double percentile);
    /// Replaces what was noted of a feed of this name.
    void set_feed(const FeedRecord& feed);

    /// The same facts in any order give the same bytes. Errors: limit (a text longer than a snapshot holds, too many rows).
    Result<Buffer> finish() &&;

private:
    /// Distributions speak of a package at a time, all others of an advisory at a time.
    static bool by_product(std::uint8_t origin) {
        return origin == static_cast<std::uint8_t>(Origin::debian) || origin == static_cast<std::uint8_t>(Origin::alpine);
    }
    static std::uint64_t product_key(std::uint32_t product, std::uint8_t origin) { return std::uint64_t{product} << 8 | origin; }
    static std::uint64_t alias_key(std::uint32_t advisory, std::uint32_t alias) { return std::uint64_t{advisory} << 32 | alias; }

    static constexpr std::size_t origins = static_cast<std::size_t>(last_origin) + 1;

    struct Advisory {
        AdvisoryFacts facts;
        std::vector<std::uint32_t> cwe;
        std::vector<std::uint32_t> parts;
        std::uint8_t trust = 0;                         // of whom the facts are from
        std::array<std::uint32_t, origins> generation{};  // rows of an origin count if they are of this one
    };
    struct Row {
        std::uint32_t product = 0;
        Criterion criterion;
        std::uint32_t generation = 0;
    };
    struct RangeHash {
        std::size_t operator()(const Range& range) const;
    };
    using Words = std::vector<std::uint32_t>;  // of a platform: groups; of each: operands; of each: product, range, vulnerable
    struct WordsHash {
        std::size_t operator()(const Words& words) const;
    };

    std::uint32_t advisory(std::string_view id);
    std::uint32_t range(const VersionRange& range);
    std::uint32_t platform(const Configuration& configuration, std::size_t own);
    void add_facts(Advisory& advisory, const AdvisoryRecord& record, Origin origin);
    void add_rows(const Configuration& configuration, Row row);
    bool wants(std::string_view product);
    /// Whether nothing newer took the row's place.
    [[nodiscard]] bool is_current(const Row& row) const;
    std::uint32_t load_platform(const Snapshot& earlier, std::uint32_t index_plus_one);
    /// Gives back what only finds known texts, ranges and advisories: nothing can be added any more.
    void forget_lookups();

    friend class SnapshotAssembly;
    TextPool texts_;
    std::unordered_map<std::uint32_t, std::uint32_t> advisory_of_;  // by the text's number
    std::deque<Advisory> advisories_;  // deques: what grows by doubling would take twice its size
    std::deque<Row> rows_;
    std::vector<Range> ranges_;
    std::unordered_map<Range, std::uint32_t, RangeHash> range_numbers_;
    std::vector<const Words*> platforms_;
    std::unordered_map<Words, std::uint32_t, WordsHash> platform_numbers_;
    std::unordered_map<std::uint32_t, VersionScheme> schemes_;
    std::unordered_set<std::uint32_t> covered_;  // products that stay even without rows
    bool restricted_ = false;                    // to those
    std::unordered_map<std::uint64_t, std::uint32_t> product_generation_;  // by product and origin, of what append() took
    std::vector<FeedRecord> feeds_;
    std::unordered_map<std::uint64_t, std::uint32_t> alias_titles_;  // by advisory and alias
    std::unordered_map<std::uint32_t, std::array<std::uint32_t, 2>> weaknesses_;  // by id: name and parents
    std::uint32_t generation_ = 0;
};

}  // namespace shirushi::vuln
