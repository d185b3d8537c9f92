#pragma once
// Advisories as plain records: what a feed reader fills and a snapshot is written from. Facts only, no describing text.

#include <optional>
#include <string>
#include <vector>

#include "vuln/version.hpp"

namespace shirushi::vuln {

/// Versions an operand of a configuration means (CVE applicability statements, CPE 2.3 names). `exact` "-" is CPE's "not
/// applicable": no concrete version is meant, so none matches. All four empty: every version.
struct VersionRange {
    std::string exact;
    std::string update;  ///< CPE's update of `exact`: "rc1", "p7"; empty: none or any
    std::string start;   ///< empty: from the first
    std::string end;     ///< empty: no end known
    bool start_excluded = false;
    bool end_included = false;
    std::string edition;  ///< CPE's edition, software edition and targets that are concrete, joined by ":": "win32"
    auto operator<=>(const VersionRange&) const = default;
};

/// "vendor:product" of CPE part a, o or h, escaped as CPE 2.3 escapes it ("treck:tcp\/ip").
struct Operand {
    char part = 'a';
    std::string product;
    VersionRange range;
    bool vulnerable = true;  ///< false: a platform the vulnerable product runs on or with
    auto operator<=>(const Operand&) const = default;
};

/// All groups must hold; a group holds when any of its operands does. One group: a plain list of versions.
struct Configuration {
    std::vector<std::vector<Operand>> groups;
};

struct AdvisoryRecord {
    std::string id;               ///< "CVE-2014-0160"
    std::string published;        ///< YYYY-MM-DD; empty where no source says
    std::optional<double> score;  ///< CVSS base score 0.0 to 10.0
    std::string vector;           ///< CVSS vector of that score
    std::vector<std::string> cwe;
    std::string exploited_since;  ///< YYYY-MM-DD; empty: not in the list of known exploited vulnerabilities
    std::vector<Configuration> configurations;
};

/// A product whose advisories a snapshot holds: its name in the feeds and how it numbers its versions.
struct ProductRecord {
    std::string product;  ///< "vendor:product"
    VersionScheme scheme = VersionScheme::generic;
};

/// Everything a snapshot is made of. Operands of products that are not listed stay only as the platform of others.
struct SnapshotRecords {
    std::string date;  ///< YYYY-MM-DD: the newest change of any record
    std::vector<ProductRecord> products;
    std::vector<AdvisoryRecord> advisories;
};

}  // namespace shirushi::vuln
