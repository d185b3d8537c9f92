#pragma once
// Records of several feeds put together, the more exact source winning.

#include <map>
#include <set>
#include <string>

#include "make_snapshot/feeds.hpp"

namespace shirushi::make_snapshot {

/// Fill in this order: NVD, overrides, CVE 5, known exploited.
class RecordSet {
public:
    explicit RecordSet(std::vector<vuln::ProductRecord> products);

    [[nodiscard]] const std::set<std::string>& products() const { return names_; }

    void add_nvd(FeedRecord record);
    /// Its configurations replace NVD's.
    void add_override(FeedRecord record);
    /// Facts NVD lacks are taken from it; configurations only where there are none, but the Linux CNA's ranges replace those of
    /// the kernel, because NVD often stops at the first fixed branch.
    void add_cve(CveRecord record);
    void add_exploited(const std::map<std::string, std::string>& dates);

    /// Advisories that name one of the products as vulnerable, and the newest date among them.
    [[nodiscard]] vuln::SnapshotRecords finish() &&;

private:
    [[nodiscard]] bool concerns_products(const vuln::AdvisoryRecord& advisory) const;

    std::vector<vuln::ProductRecord> products_;
    std::set<std::string> names_;
    std::map<std::string, FeedRecord> records_;
};

}  // namespace shirushi::make_snapshot
