#pragma once
// Advisories as plain records: what a feed reader fills and a snapshot is written from. Facts only, no describing text.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vuln/version.hpp"

namespace shirushi::vuln {

/// Who says which versions are affected: where two speak of the same advisory and product, the one of higher precedence() counts.
/// Numbers are in snapshot files; add at the end only.
enum class Origin : std::uint8_t {
    cve,       ///< a CVE record's own list (CVE JSON 5), for what NVD has not analysed
    nvd,       ///< NVD's applicability statements
    jvn,       ///< JVN iPedia's (VULDEF)
    csaf,      ///< a vendor's security advisory (CSAF)
    kernel,    ///< the Linux CNA's ranges for each stable branch
    osv,       ///< a package ecosystem's (OSV)
    debian,    ///< Debian's security tracker
    alpine,    ///< Alpine's secdb
    override_, ///< a correction of NVD's statements; replaces all that NVD says of the advisory
};
inline constexpr Origin last_origin = Origin::override_;
/// "nvd", "override".
std::string_view origin_name(Origin origin);
/// As they are listed, the later one counts; but JVN iPedia stands between a CVE record and NVD: most of its statements are NVD's in
/// another language, later, and not told apart where one entry is about several CVEs.
constexpr unsigned precedence(Origin origin) {
    switch (origin) {
        case Origin::cve: return 0;
        case Origin::jvn: return 1;
        case Origin::nvd: return 2;
        default: return static_cast<unsigned>(origin);
    }
}

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

/// What is said of the versions of an operand. Only distributions say more than "affected".
enum class Status : std::uint8_t { affected, unaffected, undecided };

/// A product: "vendor:product" of CPE part a, o or h, escaped as CPE 2.3 escapes it ("treck:tcp\/ip"); or, part p, a package by
/// ecosystem and name as its purl has them ("deb/debian/bookworm/busybox", "apk/alpine/3.18/busybox", "npm/lodash").
struct Operand {
    char part = 'a';
    std::string product;
    VersionRange range;
    bool vulnerable = true;  ///< false: a platform the vulnerable product runs on or with
    Status status = Status::affected;
    auto operator<=>(const Operand&) const = default;
};

/// All groups must hold; a group holds when any of its operands does. One group: a plain list of versions.
struct Configuration {
    std::vector<std::vector<Operand>> groups;
};

struct AdvisoryRecord {
    std::string id;               ///< "CVE-2014-0160"
    std::string published;        ///< YYYY-MM-DD; empty where no source says
    std::string modified;         ///< YYYY-MM-DD
    std::optional<double> score;  ///< CVSS base score 0.0 to 10.0
    std::string vector;           ///< CVSS vector of that score
    std::vector<std::string> cwe;
    std::string exploited_since;  ///< YYYY-MM-DD; empty: not in the list of known exploited vulnerabilities
    std::optional<double> epss;   ///< probability of exploitation in the next 30 days, 0 to 1
    std::optional<double> percentile;  ///< share of all advisories with a lower one
    bool withdrawn = false;            ///< rejected by who numbered it: matches nothing
    /// Parts of the product that hold the fault: source files of a kernel ("net/tls/tls_sw.c"), applets of BusyBox ("awk"). A build
    /// without any of them is not affected. Empty: not known.
    std::vector<std::string> parts;
    std::vector<Configuration> configurations;
};

/// A product whose advisories a snapshot holds: its name in the feeds and how it numbers its versions.
struct ProductRecord {
    std::string product;  ///< as Operand::product
    VersionScheme scheme = VersionScheme::generic;
};

/// A kind of fault as CWE names it.
struct WeaknessRecord {
    std::string id;    ///< "CWE-787"
    std::string name;  ///< "Out-of-bounds Write"
    std::vector<std::string> parents;  ///< ids of the more general ones, in CWE's view 1000
};

/// What was imported, for `feed status` and for whoever rests a verdict on it.
struct FeedRecord {
    std::string name;      ///< "nvd-1.1", "kev"
    std::string date;      ///< YYYY-MM-DD: the newest change in it
    std::string imported;  ///< YYYY-MM-DD, as the caller says
    std::string sha256;    ///< of the file as it came, in hexadecimal
    std::uint64_t records = 0;
    std::uint64_t refused = 0;  ///< records that could not be read
    auto operator<=>(const FeedRecord&) const = default;
};

/// Everything a small snapshot is made of. Operands of products that are not listed stay only as the platform of others.
struct SnapshotRecords {
    std::string date;  ///< YYYY-MM-DD: the newest change of any record
    std::vector<ProductRecord> products;
    std::vector<AdvisoryRecord> advisories;
};

}  // namespace shirushi::vuln
