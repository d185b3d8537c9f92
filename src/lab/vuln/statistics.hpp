#pragma once
// Which weaknesses the published advisories are about, counted: the statistics that chose the 27 requirements, for any window. Pure.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "vuln/snapshot.hpp"

namespace shirushi::vuln {

/// What counts of an advisory: only those with a CVSS v3 or v4 base score do.
struct ScoredAdvisory {
    std::string published;         ///< YYYY-MM-DD
    std::vector<std::string> cwe;  ///< each counts once
    bool critical = false;         ///< 9.0 and above
    bool high = false;             ///< 7.0 to 8.9
};

/// Advisories of a snapshot that are scored so and not withdrawn.
std::vector<ScoredAdvisory> scored_advisories(const Snapshot& snapshot);

/// A line of a table with one advisory each, under a heading that names the columns cve, published, cwes (joined by '|'), cvss3_score,
/// rejected; nothing for those that are rejected or have no such score. Errors: bad_input.
class AdvisoryTable {
public:
    Result<void> line(std::string_view text);
    std::vector<ScoredAdvisory> advisories;

private:
    std::map<std::string, std::size_t, std::less<>> columns_;
    std::uint64_t number_ = 0;
};

struct WeaknessCount {
    std::string cwe;
    std::uint64_t total = 0;
    std::uint64_t critical = 0;
    std::uint64_t high = 0;
    std::uint32_t rank = 0;  ///< from 1, by critical and high together, then by total, then by name
    [[nodiscard]] std::uint64_t severe() const { return critical + high; }
};

/// Days YYYY-MM-DD, both included; empty: no bound.
struct Window {
    std::string from;
    std::string to;
};

/// Ascending by rank. Only numbered weaknesses (CWE-79), not NVD's "NVD-CWE-noinfo".
std::vector<WeaknessCount> count_weaknesses(const std::vector<ScoredAdvisory>& advisories, const Window& window);

}  // namespace shirushi::vuln
