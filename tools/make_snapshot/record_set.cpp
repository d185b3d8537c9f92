#include "make_snapshot/record_set.hpp"

#include <algorithm>

namespace shirushi::make_snapshot {
namespace {

void take_missing(vuln::AdvisoryRecord& into, vuln::AdvisoryRecord& from) {
    if (into.published.empty())
        into.published = from.published;
    if (!into.score) {
        into.score = from.score;
        into.vector = from.vector;
    }
    if (into.cwe.empty())
        into.cwe = std::move(from.cwe);
}

void drop_kernel(std::vector<vuln::Configuration>& configurations) {
    for (vuln::Configuration& configuration : configurations)
        for (auto& group : configuration.groups)
            std::erase_if(group, [](const vuln::Operand& each) { return each.vulnerable && each.product == "linux:linux_kernel"; });
    std::erase_if(configurations, [](const vuln::Configuration& each) {
        return std::ranges::any_of(each.groups, [](const auto& group) { return group.empty(); });
    });
}

}  // namespace

RecordSet::RecordSet(std::vector<vuln::ProductRecord> products) : products_(std::move(products)) {
    for (const auto& each : products_)
        names_.insert(each.product);
}

bool RecordSet::concerns_products(const vuln::AdvisoryRecord& advisory) const {
    for (const auto& configuration : advisory.configurations)
        for (const auto& group : configuration.groups)
            for (const auto& operand : group)
                if (operand.vulnerable && operand.part != 'h' && names_.contains(operand.product))
                    return true;
    return false;
}

void RecordSet::add_nvd(FeedRecord record) {
    // Records without a configuration of ours stay known by their facts: an override may bring the configuration.
    if (!concerns_products(record.advisory))
        record.advisory.configurations.clear();
    const std::string id = record.advisory.id;
    const auto [place, added] = records_.try_emplace(id, std::move(record));
    if (!added && place->second.modified < record.modified)
        place->second = std::move(record);
}

void RecordSet::add_override(FeedRecord record) {
    if (!concerns_products(record.advisory))
        return;
    const auto place = records_.try_emplace(record.advisory.id, FeedRecord{}).first;
    FeedRecord& known = place->second;
    known.advisory.id = record.advisory.id;
    known.advisory.configurations = std::move(record.advisory.configurations);
    take_missing(known.advisory, record.advisory);
}

void RecordSet::add_cve(CveRecord record) {
    FeedRecord& news = record.record;
    const auto place = records_.find(news.advisory.id);
    if (place == records_.end()) {
        if (concerns_products(news.advisory))
            records_.emplace(news.advisory.id, std::move(news));
        return;
    }
    FeedRecord& known = place->second;
    take_missing(known.advisory, news.advisory);
    if (record.kernel_ranges)
        drop_kernel(known.advisory.configurations);
    if (record.kernel_ranges || known.advisory.configurations.empty())
        std::ranges::move(news.advisory.configurations, std::back_inserter(known.advisory.configurations));
    known.modified = std::max(known.modified, news.modified);
}

void RecordSet::add_exploited(const std::map<std::string, std::string>& dates) {
    for (const auto& [id, date] : dates)
        if (const auto place = records_.find(id); place != records_.end())
            place->second.advisory.exploited_since = date;
}

vuln::SnapshotRecords RecordSet::finish() && {
    vuln::SnapshotRecords result{.date = "", .products = std::move(products_), .advisories = {}};
    for (auto& [id, record] : records_) {
        if (!concerns_products(record.advisory))
            continue;
        result.date = std::max(result.date, record.modified);
        std::ranges::sort(record.advisory.cwe);
        const auto twice = std::ranges::unique(record.advisory.cwe);
        record.advisory.cwe.erase(twice.begin(), twice.end());
        result.advisories.push_back(std::move(record.advisory));
    }
    return result;
}

}  // namespace shirushi::make_snapshot
