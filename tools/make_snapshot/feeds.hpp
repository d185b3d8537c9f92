#pragma once
// Feed records (NVD JSON 1.1 and API 2.0 configurations, CVE JSON 5, KEV) as advisory records. Members that are missing or of
// another type count as absent, because real feeds hold both; nothing throws but the JSON parser, which is caught here.

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/result.hpp"
#include "vuln/records.hpp"

namespace shirushi::make_snapshot {

/// Calls `use` with each line of a text file, unpacked when its name ends with ".xz". The line is borrowed for the call.
Result<void> for_each_line(const std::string& path, const std::function<Result<void>(std::string_view)>& use);

/// The whole file, unpacked as above.
Result<std::string> read_text(const std::string& path);

/// The day of an RFC 3339 or NVD time stamp; empty when there is none.
std::string day_of(std::string_view time);

/// The member as text; empty when it is missing or no text.
std::string text_at(const nlohmann::json& value, const char* key);

/// The member as an array; an empty one when it is missing or something else.
const nlohmann::json& list_at(const nlohmann::json& value, const char* key);

/// The member as an object; an empty one when it is missing or something else.
const nlohmann::json& object_at(const nlohmann::json& value, const char* key);

/// A Git commit where a version should stand ("1424ab4bb386"): 7 to 40 hexadecimal digits of which one is a letter, or 40 of
/// any kind. Commits have no order that a release could be compared by.
bool is_commit(std::string_view text);

/// A CPE 2.3 name (NISTIR 7695 6.2) as an operand without range; nothing when it is none.
std::optional<vuln::Operand> operand_from_cpe(std::string_view cpe);

/// An advisory with the time of its newest change.
struct FeedRecord {
    vuln::AdvisoryRecord advisory;
    std::string modified;  ///< YYYY-MM-DD
};

/// An item of an NVD JSON 1.1 feed. In this form and the two below commits are no bounds: one that is the only version named
/// leaves its operand out, one that ends a range leaves it open, and the matcher hands it to a person.
Result<FeedRecord> record_from_nvd_item(const nlohmann::json& item);

/// The configurations of an NVD API 2.0 record.
std::vector<vuln::Configuration> configurations_from_nvd_2(const nlohmann::json& configurations);

/// A record of the override layer: {"_annotation": {"cve_id", ...}, "cve": {"configurations": [...]}}.
Result<FeedRecord> record_from_override(const nlohmann::json& item);

/// A CVE JSON 5 record. Configurations: of `products` only. `kernel_ranges` says that they are the Linux CNA's stable-branch
/// ranges for linux:linux_kernel. A range that ends in a commit is left out: the same records give the releases beside it.
struct CveRecord {
    FeedRecord record;
    bool kernel_ranges = false;
};
Result<CveRecord> record_from_cve(const nlohmann::json& item, const std::set<std::string>& products);

/// CVE id -> date added.
Result<std::map<std::string, std::string>> known_exploited(const nlohmann::json& catalogue);

Result<nlohmann::json> parse_json(std::string_view text);

}  // namespace shirushi::make_snapshot
