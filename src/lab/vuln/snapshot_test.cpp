#include "vuln/snapshot.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>

#include "vuln/sample_records.hpp"
#include "vuln/snapshot_format.hpp"

namespace shirushi::vuln {
namespace {

/// A file whose content was changed, with a digest that fits it: what the checks behind the digest are for.
Buffer sealed(Buffer file) {
    if (file.size() >= sizeof(FileHead)) {
        const std::uint64_t size = file.size();
        std::memcpy(file.data() + offsetof(FileHead, size), &size, sizeof size);
        const Digest digest = snapshot_digest(file);
        std::ranges::copy(digest.bytes, file.begin() + offsetof(FileHead, sha256));
    }
    return file;
}

Table<Component> sample_components() {
    Table<Component> components{.observed = true, .gaps = {}, .rows = {}};
    components.rows.push_back({.id = "curl@7.4", .version = "7.4", .cpe = {"haxx:curl", "openssl:openssl"}});
    components.rows.push_back({.id = "lodash@1.0", .version = "1.0", .purl = "pkg:npm/lodash@1.0"});
    return components;
}

TEST(Snapshot, HoldsWhatWasWritten) {
    const Buffer file = write_snapshot(sample_records()).value();
    const Snapshot snapshot = Snapshot::read(file).value();
    EXPECT_EQ(snapshot.info().date, "2025-05-13");
    EXPECT_EQ(snapshot.info().advisories, 3U);
    EXPECT_EQ(snapshot.info().sha256, snapshot_digest(file));
    ASSERT_EQ(snapshot.products().size(), 3U);
    EXPECT_EQ(snapshot.text(snapshot.products()[0].product), "haxx:curl");
    EXPECT_EQ(snapshot.product("landley:toybox")->count, 0U);
    EXPECT_EQ(snapshot.product("nobody:nothing"), nullptr);

    const ProductCriteria* openssl = snapshot.product("openssl:openssl");
    ASSERT_NE(openssl, nullptr);
    EXPECT_EQ(openssl->scheme(), VersionScheme::openssl);
    ASSERT_EQ(snapshot.criteria(*openssl).size(), 1U);
    const Criterion& criterion = snapshot.criteria(*openssl)[0];
    const VersionRange versions = snapshot.versions(criterion.range);
    EXPECT_EQ(versions, before("1.0.1", "1.0.1g"));
    EXPECT_EQ(criterion.origin(), Origin::nvd);
    const AdvisoryFacts& facts = snapshot.advisory(criterion.advisory);
    EXPECT_EQ(snapshot.text(facts.id), "CVE-2014-0160");
    EXPECT_EQ(snapshot.text(facts.published), "2014-04-07");
    EXPECT_EQ(snapshot.text(facts.exploited_since), "2022-05-04");
    EXPECT_EQ(facts.tenths, 75);
    ASSERT_EQ(snapshot.weaknesses(facts).size(), 2U);
    EXPECT_EQ(snapshot.text(snapshot.weaknesses(facts)[0]), "CWE-119");
    EXPECT_EQ(snapshot.advisory("CVE-2014-0160"), &facts);
    EXPECT_EQ(snapshot.advisory("CVE-2014-0161"), nullptr);
    EXPECT_EQ(snapshot.text(snapshot.weaknesses(facts)[1]), "CWE-125");
}

TEST(Snapshot, KeepsUpdatesEditionsAndPlatforms) {
    const Snapshot snapshot = snapshot_of(sample_records());
    const auto criteria = snapshot.criteria(*snapshot.product("haxx:curl"));
    ASSERT_EQ(criteria.size(), 3U);
    const auto with_update = std::ranges::find_if(criteria, [&](const Criterion& each) { return snapshot.range(each.range).update != 0; });
    ASSERT_NE(with_update, criteria.end());
    EXPECT_EQ(snapshot.versions(with_update->range), exactly("7.1", "rc1"));
    ASSERT_NE(with_update->platform, 0U);
    const auto platform = snapshot.platform(with_update->platform);
    ASSERT_EQ(platform.size(), 1U);
    const auto operands = snapshot.operands(platform[0]);
    ASSERT_EQ(operands.size(), 1U);
    EXPECT_EQ(snapshot.text(operands[0].product), "o:vendor:device");
    EXPECT_EQ(snapshot.versions(operands[0].range), exactly("-"));
    const VersionRange edition = snapshot.versions(criteria.back().range);
    EXPECT_EQ(edition.edition, "win32");
    EXPECT_TRUE(edition.start_excluded);
    EXPECT_EQ(snapshot.advisory(criteria.back().advisory).tenths, -1);
}

TEST(Snapshot, SameRecordsInAnyOrderGiveTheSameBytes) {
    SnapshotRecords reversed = sample_records();
    std::ranges::reverse(reversed.advisories);
    std::ranges::reverse(reversed.products);
    for (auto& each : reversed.advisories)
        for (auto& configuration : each.configurations) {
            std::ranges::reverse(configuration.groups);
            for (auto& group : configuration.groups)
                std::ranges::reverse(group);
        }
    EXPECT_EQ(write_snapshot(sample_records()).value(), write_snapshot(reversed).value());
}

TEST(Snapshot, EmptyIsASnapshotToo) {
    const Snapshot snapshot = snapshot_of({}, {});
    EXPECT_EQ(snapshot.info().advisories, 0U);
    EXPECT_EQ(snapshot.product("a:b"), nullptr);
    EXPECT_TRUE(Snapshot::read(SnapshotBuilder().finish().value()).has_value());
}

TEST(Snapshot, PackedIsTheSame) {
    const Buffer file = write_snapshot(sample_records()).value();
    const Buffer packed = pack_snapshot(file).value();
    EXPECT_LT(packed.size(), file.size());
    EXPECT_EQ(Snapshot::read(packed).value().info(), Snapshot::read(file).value().info());
    EXPECT_EQ(Snapshot::view(packed).value().info(), Snapshot::view(file).value().info());
    for (std::size_t length = 0; length < packed.size(); ++length)
        ASSERT_FALSE(Snapshot::read(Bytes(packed).first(length)).has_value()) << length;
}

TEST(Snapshot, EveryTruncationIsRefused) {
    const Buffer file = write_snapshot(sample_records()).value();
    for (std::size_t length = 0; length < file.size(); ++length) {
        const auto snapshot = Snapshot::read(Bytes(file).first(length));
        ASSERT_FALSE(snapshot.has_value()) << length;
        EXPECT_EQ(snapshot.error().code, Errc::bad_input) << length;
    }
}

TEST(Snapshot, EveryFlippedByteIsRefused) {
    const Buffer file = write_snapshot(sample_records()).value();
    for (std::size_t at = 0; at < file.size(); ++at) {
        Buffer damaged = file;
        damaged[at] ^= 0x11;
        EXPECT_FALSE(Snapshot::read(damaged).has_value()) << at;
    }
}

TEST(Snapshot, TruncatedIsRefusedOrHarmlessThoughItsDigestFits) {
    const Buffer file = write_snapshot(sample_records()).value();
    for (std::size_t length = sizeof(FileHead); length < file.size(); ++length)
        if (const auto snapshot = Snapshot::read(sealed({file.begin(), file.begin() + static_cast<std::ptrdiff_t>(length)})))
            match(sample_components(), *snapshot);
}

TEST(Snapshot, EveryDamagedByteIsRefusedOrHarmlessThoughItsDigestFits) {
    const Buffer file = write_snapshot(sample_records()).value();
    const auto components = sample_components();
    std::size_t refused = 0;
    for (std::size_t at = sizeof(FileHead); at < file.size(); ++at)
        for (const std::uint8_t value : Buffer{0x00, 0x01, 0x7f, 0x80, 0xff}) {
            Buffer damaged = file;
            damaged[at] = value;
            const auto snapshot = Snapshot::read(sealed(std::move(damaged)));
            refused += snapshot ? 0 : 1;
            if (snapshot) {
                match(components, *snapshot);  // must stay inside the tables; the sanitizers watch
                SnapshotBuilder builder;
                builder.load(*snapshot);
            }
        }
    EXPECT_GT(refused, 1000U);
}

TEST(Snapshot, OtherFormatsAndOversizeAreNamed) {
    Buffer later = write_snapshot(sample_records()).value();
    later[8] = 9;
    EXPECT_EQ(Snapshot::read(later).error().code, Errc::unsupported);
    // A frame that says it holds 2^62 bytes: magic, descriptor for an eight-byte size without a window, the size.
    const Buffer bomb{0x28, 0xb5, 0x2f, 0xfd, 0xe0, 0, 0, 0, 0, 0, 0, 0, 0x40, 1, 0, 0};
    EXPECT_EQ(Snapshot::read(bomb).error().code, Errc::limit);
}

TEST(SnapshotBuilder, LoadsWhatItWrote) {
    const Buffer file = write_snapshot(sample_records()).value();
    SnapshotBuilder builder;
    builder.load(Snapshot::read(file).value());
    EXPECT_EQ(std::move(builder).finish().value(), file);
}

TEST(SnapshotBuilder, ALaterRecordReplacesItsOrigins) {
    SnapshotBuilder builder;
    builder.load(snapshot_of(sample_records()));
    builder.add(advisory("CVE-2014-0160", "openssl:openssl", before("1.0.1", "1.0.1h")), Origin::nvd);
    builder.add(advisory("CVE-2014-0160", "openssl:openssl", before("1.0.0", "1.0.1h")), Origin::cve);
    const Snapshot snapshot = Snapshot::read(std::move(builder).finish().value()).value();
    const auto criteria = snapshot.criteria(*snapshot.product("openssl:openssl"));
    ASSERT_EQ(criteria.size(), 2U);
    for (const Criterion& each : criteria)
        EXPECT_EQ(snapshot.versions(each.range), each.origin() == Origin::nvd ? before("1.0.1", "1.0.1h") : before("1.0.0", "1.0.1h"));
    EXPECT_EQ(snapshot.product("openssl:openssl")->scheme(), VersionScheme::openssl);
    EXPECT_EQ(snapshot.advisory("CVE-2014-0160")->tenths, 75);
}

TEST(SnapshotBuilder, FactsAreNvdsBeforeOthers) {
    AdvisoryRecord nvd = advisory("CVE-2020-1", "a:b", before("", "2"));
    nvd.score = 9.8;
    nvd.cwe = {"CWE-787"};
    AdvisoryRecord cna = advisory("CVE-2020-1", "a:b", before("", "3"));
    cna.score = 5.0;
    cna.cwe = {"CWE-20"};
    cna.published = "2020-02-02";
    for (const bool nvd_first : {true, false}) {
        SnapshotBuilder builder;
        if (nvd_first)
            builder.add(nvd, Origin::nvd);
        builder.add(cna, Origin::cve);
        if (!nvd_first)
            builder.add(nvd, Origin::nvd);
        const Snapshot snapshot = Snapshot::read(std::move(builder).finish().value()).value();
        const AdvisoryFacts& facts = *snapshot.advisory("CVE-2020-1");
        EXPECT_EQ(facts.tenths, 98);
        EXPECT_EQ(snapshot.text(facts.published), "2014-04-07");
        ASSERT_EQ(snapshot.weaknesses(facts).size(), 1U);
        EXPECT_EQ(snapshot.text(snapshot.weaknesses(facts)[0]), "CWE-787");
    }
}

TEST(SnapshotBuilder, ADistributionsPackageIsReplacedWhole) {
    const auto fixed = [](std::string version) {
        return Operand{.part = 'p', .product = "deb/debian/bookworm/zlib", .range = before("", std::move(version)), .vulnerable = true, .status = Status::affected};
    };
    SnapshotBuilder first;
    first.begin_product("deb/debian/bookworm/zlib", Origin::debian);
    first.append("CVE-2018-25032", fixed("1:1.2.11.dfsg-4"), Origin::debian);
    first.append("CVE-2022-37434", fixed("1:1.2.11.dfsg-4.1"), Origin::debian);
    SnapshotBuilder second;
    second.load(Snapshot::read(std::move(first).finish().value()).value());
    second.begin_product("deb/debian/bookworm/zlib", Origin::debian);
    second.append("CVE-2022-37434", fixed("1:1.2.11.dfsg-4.2"), Origin::debian);
    const Snapshot snapshot = Snapshot::read(std::move(second).finish().value()).value();
    const auto criteria = snapshot.criteria(*snapshot.product("deb/debian/bookworm/zlib"));
    ASSERT_EQ(criteria.size(), 1U);
    EXPECT_EQ(snapshot.versions(criteria[0].range).end, "1:1.2.11.dfsg-4.2");
}

TEST(SnapshotBuilder, NotesFeeds) {
    SnapshotBuilder builder;
    builder.set_feed({.name = "kev", .date = "2025-08-01", .imported = "2025-08-02", .sha256 = "00", .records = 1});
    builder.set_feed({.name = "kev", .date = "2025-08-25", .imported = "2025-08-26", .sha256 = "01", .records = 2, .refused = 3});
    const Snapshot snapshot = Snapshot::read(std::move(builder).finish().value()).value();
    ASSERT_EQ(snapshot.feeds().size(), 1U);
    EXPECT_EQ(snapshot.feed(snapshot.feeds()[0]), (FeedRecord{.name = "kev", .date = "2025-08-25", .imported = "2025-08-26", .sha256 = "01", .records = 2, .refused = 3}));
    EXPECT_EQ(snapshot.info().date, "2025-08-25");
}

TEST(SnapshotBuilder, TheDateIsNvdsOrOfTheKindThatGaveMost) {
    SnapshotBuilder builder;
    builder.set_feed({.name = "nvd-1.1 2018.json", .date = "2023-08-18", .imported = {}, .sha256 = {}, .records = 60});
    builder.set_feed({.name = "nvd-1.1 2025.json", .date = "2025-05-15", .imported = {}, .sha256 = {}, .records = 50});
    builder.set_feed({.name = "epss today.csv", .date = "2026-01-01", .imported = {}, .sha256 = {}, .records = 100});
    EXPECT_EQ(Snapshot::read(std::move(builder).finish().value()).value().info().date, "2025-05-15");
}

// ---- the snapshot that is shipped --------------------------------------------------------------------------------------

Buffer shipped_file() {
    std::ifstream file(SHIRUSHI_SOURCE_DIR "/catalogues/advisories/embedded.snapshot", std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

class Shipped : public testing::Test {
protected:
    static void SetUpTestSuite() { snapshot_ = std::make_unique<Snapshot>(Snapshot::read(shipped_file()).value()); }
    static void TearDownTestSuite() { snapshot_.reset(); }

    static std::vector<AdvisoryMatch> matches(std::string_view pair, std::string_view version, std::string_view ecosystem = "") {
        Table<Component> components{.observed = true, .gaps = {}, .rows = {}};
        components.rows.push_back(
            {.id = "it", .version = std::string(version), .ecosystem = std::string(ecosystem), .cpe = {std::string(pair)}});
        return match(components, *snapshot_).rows;
    }
    static const AdvisoryMatch* find(const std::vector<AdvisoryMatch>& rows, std::string_view id) {
        const auto found = std::ranges::find(rows, id, &AdvisoryMatch::advisory);
        return found == rows.end() ? nullptr : &*found;
    }

    static inline std::unique_ptr<Snapshot> snapshot_;
};

TEST_F(Shipped, IsSmallAndCoversTheComponents) {
    EXPECT_LT(shipped_file().size(), 2'500'000U);
    EXPECT_GT(snapshot_->info().advisories, 8'000U);
    EXPECT_GE(snapshot_->products().size(), 169U);
    EXPECT_GE(snapshot_->info().date, "2025-05-01");
}

TEST_F(Shipped, FindsHeartbleedBeforeTheFixOnly) {
    const auto rows = matches("openssl:openssl", "1.0.1e");
    const AdvisoryMatch* heartbleed = find(rows, "CVE-2014-0160");
    ASSERT_NE(heartbleed, nullptr);
    EXPECT_EQ(heartbleed->state, MatchState::affected);
    EXPECT_EQ(heartbleed->score, 7.5);
    EXPECT_TRUE(heartbleed->vector.starts_with("CVSS:3.")) << heartbleed->vector;
    EXPECT_EQ(heartbleed->cwe, std::vector<std::string>{"CWE-125"});
    EXPECT_EQ(heartbleed->published, "2014-04-07");
    EXPECT_EQ(heartbleed->exploited_since, "2022-05-04");
    EXPECT_EQ(find(matches("openssl:openssl", "1.0.1g"), "CVE-2014-0160"), nullptr);
    EXPECT_EQ(find(matches("openssl:openssl", "1.0.0"), "CVE-2014-0160"), nullptr);
}

TEST_F(Shipped, OpensslLettersOfLongTermBranches) {
    for (const auto* const version : {"1.0.2zc", "1.1.1m", "3.0.1"})
        EXPECT_NE(find(matches("openssl:openssl", version), "CVE-2022-0778"), nullptr) << version;
    for (const auto* const version : {"1.0.2zd", "1.1.1n", "3.0.2", "3.0.7"})
        EXPECT_EQ(find(matches("openssl:openssl", version), "CVE-2022-0778"), nullptr) << version;
}

TEST_F(Shipped, RangeStartCountsForCve20232975) {
    EXPECT_EQ(find(matches("openssl:openssl", "1.1.1k"), "CVE-2023-2975"), nullptr);
    EXPECT_NE(find(matches("openssl:openssl", "3.0.2"), "CVE-2023-2975"), nullptr);
}

TEST_F(Shipped, FindsTheComponentsOfOldRouters) {
    EXPECT_NE(find(matches("dropbear_ssh_project:dropbear_ssh", "2011.54"), "CVE-2012-0920"), nullptr);
    EXPECT_NE(find(matches("busybox:busybox", "1.19.4"), "CVE-2011-5325"), nullptr);
    EXPECT_NE(find(matches("thekelleys:dnsmasq", "2.40"), "CVE-2017-14491"), nullptr);
    EXPECT_TRUE(matches("thekelleys:dnsmasq", "2.91").empty());
}

TEST_F(Shipped, KernelFollowsTheStableBranches) {
    // CVE-2021-46988: since 4.11; mended in 4.14.233, 4.19.191, 5.4.120, 5.10.38, 5.11.22, 5.12.5 and 5.13.
    for (const auto* const version : {"4.11", "4.14.171", "4.14.171-openwrt", "4.15", "4.19.190", "5.10.37", "5.12.4"})
        EXPECT_NE(find(matches("linux:linux_kernel", version), "CVE-2021-46988"), nullptr) << version;
    for (const auto* const version : {"4.9.337", "4.14.233", "4.14.300-openwrt", "4.19.191", "5.4.120", "5.10.38", "5.13", "6.1.5"})
        EXPECT_EQ(find(matches("linux:linux_kernel", version), "CVE-2021-46988"), nullptr) << version;
}

TEST_F(Shipped, ACurrentKernelIsNotAffectedByWhatHasNoEnd) {
    const auto rows = matches("linux:linux_kernel", "6.17.8");
    for (const AdvisoryMatch& row : rows)
        EXPECT_EQ(row.state == MatchState::affected,
                  row.range.find(" <") != std::string::npos || row.range.find(" = ") != std::string::npos)
            << row.advisory << " " << row.range;
    EXPECT_LT(std::ranges::count(rows, MatchState::affected, &AdvisoryMatch::state), 10);
    const AdvisoryMatch* futex = find(rows, "CVE-2014-3153");  // "> 3.2.60" in NVD
    ASSERT_NE(futex, nullptr);
    EXPECT_EQ(futex->state, MatchState::open_ended);
    EXPECT_TRUE(futex->exploited_since.has_value());
    EXPECT_EQ(find(rows, "CVE-2021-4440"), nullptr) << "its commits are no bounds";
    EXPECT_NE(find(matches("linux:linux_kernel", "5.10.216"), "CVE-2021-4440"), nullptr);
    EXPECT_EQ(find(matches("linux:linux_kernel", "3.2.60"), "CVE-2014-3153"), nullptr);
}

TEST_F(Shipped, HoldsNoCommitsAsBounds) {
    for (const ProductCriteria& product : snapshot_->products())
        for (const Criterion& criterion : snapshot_->criteria(product))
            for (const StringId bound : {snapshot_->range(criterion.range).start, snapshot_->range(criterion.range).end, snapshot_->range(criterion.range).exact}) {
                const std::string_view text = snapshot_->text(bound);
                EXPECT_FALSE(text.size() >= 7 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos &&
                             text.find_first_of("abcdef") != std::string_view::npos)
                    << text;
            }
}

TEST_F(Shipped, SudoPatchLevelsAndOpensshPortsAreVersions) {
    EXPECT_NE(find(matches("sudo_project:sudo", "1.8.31p2"), "CVE-2021-3156"), nullptr);
    EXPECT_EQ(find(matches("sudo_project:sudo", "1.9.5p2"), "CVE-2021-3156"), nullptr);
    EXPECT_NE(find(matches("openbsd:openssh", "7.7p1"), "CVE-2018-15473"), nullptr);  // <= 7.7
    EXPECT_EQ(find(matches("openbsd:openssh", "7.8p1"), "CVE-2018-15473"), nullptr);
}

TEST_F(Shipped, CostIsRecorded) {
    const Buffer file = shipped_file();
    const auto start = std::chrono::steady_clock::now();
    const Snapshot snapshot = Snapshot::read(file).value();
    const auto loaded = std::chrono::steady_clock::now();
    Table<Component> components{.observed = true, .gaps = {}, .rows = {}};
    constexpr std::array versions = {"1.0.1e", "2.40", "4.14.171", "3.2.1", "0.9.8"};
    for (std::size_t i = 0; i < 300; ++i)
        components.rows.push_back({.id = "component " + std::to_string(i),
                                   .version = versions[i % versions.size()],
                                   .cpe = {std::string(snapshot.text(snapshot.products()[i % snapshot.products().size()].product))}});
    const std::size_t rows = match(components, snapshot).rows.size();
    const auto matched = std::chrono::steady_clock::now();
    const auto microseconds = [](auto span) {
        return static_cast<int>(std::chrono::duration_cast<std::chrono::microseconds>(span).count());
    };
    RecordProperty("snapshot_bytes", static_cast<int>(file.size()));
    RecordProperty("load_microseconds", microseconds(loaded - start));
    RecordProperty("match_300_components_microseconds", microseconds(matched - loaded));
    RecordProperty("match_rows", static_cast<int>(rows));
    EXPECT_GT(rows, 1000U);
}

}  // namespace
}  // namespace shirushi::vuln
