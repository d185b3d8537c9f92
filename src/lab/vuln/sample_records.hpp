#pragma once
// Small records for tests.

#include <string>
#include <utility>
#include <vector>

#include "vuln/vuln.hpp"

namespace shirushi::vuln {

inline VersionRange exactly(std::string version, std::string update = "") {
    VersionRange range;
    range.exact = std::move(version);
    range.update = std::move(update);
    return range;
}
/// From `start` (included; empty: the first) to `end` (excluded; empty: no end).
inline VersionRange before(std::string start, std::string end) {
    VersionRange range;
    range.start = std::move(start);
    range.end = std::move(end);
    return range;
}
inline VersionRange through(std::string start, std::string end) {
    VersionRange range = before(std::move(start), std::move(end));
    range.end_included = true;
    return range;
}
inline Operand platform(char part, std::string product, VersionRange range = {}) {
    return {part, std::move(product), std::move(range), false};
}
inline AdvisoryRecord advisory(std::string id, std::vector<Configuration> configurations) {
    AdvisoryRecord record;
    record.id = std::move(id);
    record.published = "2014-04-07";
    record.configurations = std::move(configurations);
    return record;
}
/// One product, one range.
inline AdvisoryRecord advisory(std::string id, std::string product, VersionRange range, char part = 'a') {
    return advisory(std::move(id), {Configuration{{{Operand{part, std::move(product), std::move(range), true}}}}});
}

/// Every kind of thing a snapshot can hold, once.
inline SnapshotRecords sample_records() {
    SnapshotRecords records;
    records.date = "2025-05-13";
    records.products = {
        {"openssl:openssl", VersionScheme::openssl}, {"haxx:curl", VersionScheme::generic}, {"landley:toybox", VersionScheme::generic}};
    AdvisoryRecord heartbleed = advisory("CVE-2014-0160", "openssl:openssl", before("1.0.1", "1.0.1g"));
    heartbleed.score = 7.5;
    heartbleed.vector = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N";
    heartbleed.cwe = {"CWE-125", "CWE-119"};
    heartbleed.exploited_since = "2022-05-04";
    AdvisoryRecord both = advisory(
        "CVE-2019-0001",
        {Configuration{{{Operand{'a', "haxx:curl", exactly("7.1", "rc1"), true}, Operand{'a', "haxx:curl", through("7.3", "7.5"), true}},
                        {platform('o', "vendor:device", exactly("-"))}}}});
    VersionRange edition = before("", "8.0");
    edition.start = "2.0";
    edition.start_excluded = true;
    edition.edition = "win32";
    records.advisories = {both, advisory("CVE-2020-0002", "haxx:curl", edition), heartbleed};
    return records;
}

inline Snapshot snapshot_of(SnapshotRecords records) {
    if (records.date.empty())
        records.date = "2025-01-01";
    return Snapshot::read(write_snapshot(std::move(records)).value()).value();
}
inline Snapshot snapshot_of(std::vector<ProductRecord> products, std::vector<AdvisoryRecord> advisories) {
    return snapshot_of(SnapshotRecords{"", std::move(products), std::move(advisories)});
}

}  // namespace shirushi::vuln
