#pragma once
// One function for each kind of feed: a record of the feed in, facts into the snapshot's builder. Members that are missing count as absent,
// because real feeds leave out much; what is of another type than the feed's definition says is the record's error. Pure.

#include <string>
#include <string_view>
#include <variant>

#include "feeds/csv.hpp"
#include "feeds/json.hpp"
#include "feeds/xml.hpp"
#include "vuln/snapshot_builder.hpp"

namespace shirushi::feeds {

using Builder = vuln::SnapshotBuilder;
/// Where a record stands.
struct Place {
    std::string_view key;                              ///< its name among the members of the top object
    const Head& head;                                  ///< what stands before it
};

/// Reads one record. Errors: bad_input. What comes back is the day of the record's newest change (YYYY-MM-DD), or nothing.
using JsonReader = Result<std::string> (*)(const Json& record, const Place& place, Builder& builder);
using CsvReader = Result<std::string> (*)(const CsvRow& row, const Place& place, Builder& builder);
using XmlReader = Result<std::string> (*)(const XmlElement& record, const Place& place, Builder& builder);
using RecordReader = std::variant<JsonReader, CsvReader, XmlReader>;

Result<std::string> read_nvd_1(const Json& record, const Place& place, Builder& builder);  ///< an item of an NVD JSON 1.1 feed
Result<std::string> read_nvd_2(const Json& record, const Place& place, Builder& builder);  ///< one of NVD's API 2.0
Result<std::string> read_override(const Json& record, const Place& place, Builder& builder);  ///< {"_annotation": {"cve_id"}, "cve": {"configurations"}}
Result<std::string> read_cve_5(const Json& record, const Place& place, Builder& builder);  ///< a CVE record, JSON 5
Result<std::string> read_kev(const Json& record, const Place& place, Builder& builder);  ///< CISA's known exploited vulnerabilities
Result<std::string> read_osv(const Json& record, const Place& place, Builder& builder);  ///< OSV schema 1
Result<std::string> read_debian(const Json& record, const Place& place, Builder& builder);  ///< a package of Debian's security tracker
Result<std::string> read_csaf(const Json& record, const Place& place, Builder& builder);  ///< a CSAF 2.0 advisory
Result<std::string> read_alpine(const Json& record, const Place& place, Builder& builder);  ///< a package of Alpine's secdb

Result<std::string> read_kev_row(const CsvRow& row, const Place& place, Builder& builder);  ///< the same list as a table
Result<std::string> read_epss(const CsvRow& row, const Place& place, Builder& builder);     ///< EPSS: CVE id, probability, percentile
Result<std::string> read_cwe_row(const CsvRow& row, const Place& place, Builder& builder);  ///< a view of CWE as a table

Result<std::string> read_vuldef(const XmlElement& record, const Place& place, Builder& builder);  ///< a Vulinfo of VULDEF 3 (JVN iPedia)
Result<std::string> read_jvnrss(const XmlElement& record, const Place& place, Builder& builder);  ///< an item of JVNRSS 2
Result<std::string> read_cwe(const XmlElement& record, const Place& place, Builder& builder);     ///< a Weakness or Category of CWE's XML

/// The day of an RFC 3339 or NVD time stamp; empty when there is none.
std::string day_of(std::string_view time);

/// A Git commit where a version should stand ("1424ab4bb386"): 7 to 40 hexadecimal digits of which one is a letter, or 40 of
/// any kind. Commits have no order that a release could be compared by.
bool is_commit(std::string_view text);

/// Whether it begins with a digit and is no commit, no prose and no list.
bool is_version(std::string_view text);

/// A CPE 2.3 name (NISTIR 7695 6.2) or a CPE 2.2 URI as an operand without range; nothing when it is neither.
std::optional<vuln::Operand> operand_from_cpe(std::string_view cpe);

/// A CVE id, four digits of a year and at least four of a number.
bool is_cve_id(std::string_view text);

}  // namespace shirushi::feeds
