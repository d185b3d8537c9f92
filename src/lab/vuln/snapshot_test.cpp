#include "vuln/snapshot.hpp"

#include <gtest/gtest.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <fstream>
#include <iterator>
#include <memory>

#include "crypto/sha256.hpp"
#include "vuln/sample_records.hpp"

namespace shirushi::vuln {
namespace {

/// The payload inside a snapshot file, from which damaged ones are made.
Buffer payload_of(const Buffer& file) {
    const Bytes frame = Bytes(file).subspan(8 + 4 + 32 + 10 + 12 + 8);
    Buffer payload(ZSTD_getFrameContentSize(frame.data(), frame.size()));
    EXPECT_EQ(ZSTD_decompress(payload.data(), payload.size(), frame.data(), frame.size()), payload.size());
    return payload;
}

TEST(Snapshot, HoldsWhatWasWritten) {
    const Buffer file = write_snapshot(sample_records()).value();
    const Snapshot snapshot = Snapshot::read(file).value();
    EXPECT_EQ(snapshot.info().date, "2025-05-13");
    EXPECT_EQ(snapshot.info().advisories, 3U);
    EXPECT_EQ(snapshot.info().sha256, crypto::sha256(file));
    ASSERT_EQ(snapshot.products().size(), 3U);
    EXPECT_EQ(snapshot.text(snapshot.products()[0].product), "haxx:curl");
    EXPECT_EQ(snapshot.product("landley:toybox")->count, 0U);
    EXPECT_EQ(snapshot.product("nobody:nothing"), nullptr);

    const ProductCriteria* openssl = snapshot.product("openssl:openssl");
    ASSERT_NE(openssl, nullptr);
    EXPECT_EQ(openssl->scheme, VersionScheme::openssl);
    ASSERT_EQ(snapshot.criteria(*openssl).size(), 1U);
    const Criterion& criterion = snapshot.criteria(*openssl)[0];
    EXPECT_EQ(snapshot.text(criterion.start), "1.0.1");
    EXPECT_EQ(snapshot.text(criterion.end), "1.0.1g");
    EXPECT_FALSE(criterion.end_included);
    const AdvisoryFacts& facts = snapshot.advisory(criterion.advisory);
    EXPECT_EQ(snapshot.text(facts.id), "CVE-2014-0160");
    EXPECT_EQ(snapshot.text(facts.published), "2014-04-07");
    EXPECT_EQ(snapshot.text(facts.exploited_since), "2022-05-04");
    EXPECT_EQ(facts.tenths, 75);
    ASSERT_EQ(snapshot.weaknesses(facts).size(), 2U);
    EXPECT_EQ(snapshot.text(snapshot.weaknesses(facts)[0]), "CWE-125");
}

TEST(Snapshot, KeepsUpdatesEditionsAndPlatforms) {
    const Snapshot snapshot = snapshot_of(sample_records());
    const auto criteria = snapshot.criteria(*snapshot.product("haxx:curl"));
    ASSERT_EQ(criteria.size(), 3U);
    const auto with_update = std::ranges::find_if(criteria, [](const Criterion& each) { return each.update != 0; });
    ASSERT_NE(with_update, criteria.end());
    EXPECT_EQ(snapshot.text(with_update->exact), "7.1");
    EXPECT_EQ(snapshot.text(with_update->update), "rc1");
    ASSERT_NE(with_update->platform, 0U);
    const Platform& platform = snapshot.platform(with_update->platform);
    ASSERT_EQ(platform.size(), 1U);
    ASSERT_EQ(platform[0].size(), 1U);
    EXPECT_EQ(snapshot.text(platform[0][0].product), "o:vendor:device");
    EXPECT_EQ(snapshot.text(platform[0][0].exact), "-");
    const Criterion& edition = criteria.back();
    EXPECT_EQ(snapshot.text(edition.edition), "win32");
    EXPECT_TRUE(edition.start_excluded);
    EXPECT_EQ(snapshot.advisory(edition.advisory).tenths, -1);
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

TEST(Snapshot, EveryTruncatedPayloadIsRefusedThoughItsDigestFits) {
    const Buffer payload = payload_of(write_snapshot(sample_records()).value());
    const SnapshotInfo info{.date = "2025-05-13", .sha256 = {}, .advisories = 3};
    ASSERT_TRUE(Snapshot::read(seal_snapshot(payload, info, 3, 4).value()).has_value());
    for (std::size_t length = 0; length < payload.size(); ++length)
        EXPECT_FALSE(Snapshot::read(seal_snapshot(Bytes(payload).first(length), info, 3, 4).value()).has_value()) << length;
}

TEST(Snapshot, EveryDamagedPayloadIsRefusedOrHarmless) {
    const Buffer payload = payload_of(write_snapshot(sample_records()).value());
    const SnapshotInfo info{.date = "2025-05-13", .sha256 = {}, .advisories = 3};
    Table<Component> components{.observed = true, .gaps = {}, .rows = {}};
    components.rows.push_back({.id = "curl@7.4", .version = "7.4", .cpe = {"haxx:curl", "openssl:openssl"}});
    for (std::size_t at = 0; at < payload.size(); ++at)
        for (const std::uint8_t value : Buffer{0x00, 0x01, 0x7f, 0x80, 0xff}) {
            Buffer damaged = payload;
            damaged[at] = value;
            const auto snapshot = Snapshot::read(seal_snapshot(damaged, info, 3, 4).value());
            if (snapshot)
                match(components, *snapshot);  // must stay inside the tables; the sanitizers watch
        }
}

TEST(Snapshot, LaterFormatsAndOversizeAreNamed) {
    Buffer later = write_snapshot(sample_records()).value();
    later[8] = 2;
    EXPECT_EQ(Snapshot::read(later).error().code, Errc::unsupported);

    Buffer covered(10 + 12 + 8, 0);
    std::ranges::copy(std::string_view("2025-05-13"), covered.begin());
    covered.back() = 0x40;  // a payload of 2^62 bytes
    Buffer file(snapshot_magic.begin(), snapshot_magic.end());
    file.insert(file.end(), {1, 0, 0, 0});
    const Digest digest = crypto::sha256(covered);
    file.insert(file.end(), digest.bytes.begin(), digest.bytes.end());
    file.insert(file.end(), covered.begin(), covered.end());
    EXPECT_EQ(Snapshot::read(file).error().code, Errc::limit);
}

TEST(Snapshot, UnknownSectionsAreSkipped) {
    Buffer payload = payload_of(write_snapshot(sample_records()).value());
    payload.insert(payload.end(), {'N', 'E', 'W', '!', 3, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3});
    const SnapshotInfo info{.date = "2025-05-13", .sha256 = {}, .advisories = 3};
    EXPECT_EQ(Snapshot::read(seal_snapshot(payload, info, 3, 4).value()).value().criteria_count(), 4U);
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
            for (const StringId bound : {criterion.start, criterion.end, criterion.exact}) {
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
