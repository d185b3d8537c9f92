#include "vuln/statistics.hpp"

#include <algorithm>
#include <charconv>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "base/text.hpp"

namespace shirushi::vuln {
namespace {

constexpr int kCritical = 90;  // tenths; CVSS v3.1, 5: severity ratings
constexpr int kHigh = 70;
constexpr std::size_t kLongestLine = 65536;

ScoredAdvisory scored(std::string published, std::vector<std::string> cwe, int tenths) {
    return {.published = std::move(published), .cwe = std::move(cwe), .critical = tenths >= kCritical, .high = tenths >= kHigh && tenths < kCritical};
}

}  // namespace

std::vector<ScoredAdvisory> scored_advisories(const Snapshot& snapshot) {
    std::vector<ScoredAdvisory> all;
    for (const AdvisoryFacts& each : snapshot.advisories()) {
        const std::string_view vector = snapshot.text(each.vector);
        if (each.withdrawn() || each.tenths < 0 || (!vector.starts_with("CVSS:3") && !vector.starts_with("CVSS:4")))
            continue;
        std::vector<std::string> cwe;
        for (const StringId id : snapshot.weaknesses(each))
            cwe.emplace_back(snapshot.text(id));
        all.push_back(scored(std::string(snapshot.text(each.published)), std::move(cwe), each.tenths));
    }
    return all;
}

Result<void> AdvisoryTable::line(std::string_view text) {
    ++number_;
    if (text.size() > kLongestLine)
        return fail(Errc::limit, fmt::format("line {} takes more than {} bytes", number_, kLongestLine));
    const auto fields = split(text, '\t');
    if (columns_.empty()) {
        for (std::size_t i = 0; i < fields.size(); ++i)
            columns_.emplace(std::string(trimmed(fields[i])), i);
        for (const std::string_view name : {"cve", "published", "cwes", "cvss3_score", "rejected"})
            if (!columns_.contains(name))
                return fail(Errc::bad_input, fmt::format("its first line names no column \"{}\"", name));
        return {};
    }
    const auto field = [&](std::string_view name) { return columns_.find(name)->second < fields.size() ? trimmed(fields[columns_.find(name)->second]) : std::string_view(); };
    if (text.empty() || field("rejected") != "0" || field("cvss3_score").empty())
        return {};
    double score = 0;
    const std::string_view written = field("cvss3_score");
    const auto [end, error] = std::from_chars(written.data(), written.data() + written.size(), score);
    if (error != std::errc() || end != written.data() + written.size() || score < 0 || score > 10)
        return fail(Errc::bad_input, fmt::format("line {}: \"{}\" is no score", number_, excerpt(written, 20)));
    std::vector<std::string> cwe;
    for (const std::string_view each : split(field("cwes"), '|'))
        if (!each.empty())
            cwe.emplace_back(each);
    advisories.push_back(scored(std::string(field("published").substr(0, 10)), std::move(cwe), static_cast<int>(score * 10 + 0.5)));
    return {};
}

std::vector<WeaknessCount> count_weaknesses(const std::vector<ScoredAdvisory>& advisories, const Window& window) {
    std::map<std::string, WeaknessCount> counts;
    for (const ScoredAdvisory& each : advisories) {
        if (each.published < window.from || (!window.to.empty() && each.published > window.to))
            continue;
        for (const std::string& cwe : std::set<std::string>(each.cwe.begin(), each.cwe.end())) {
            if (!cwe.starts_with("CWE-"))
                continue;
            WeaknessCount& count = counts[cwe];
            count.cwe = cwe;
            ++count.total;
            count.critical += each.critical ? 1 : 0;
            count.high += each.high ? 1 : 0;
        }
    }
    std::vector<WeaknessCount> ranked;
    for (auto& [cwe, count] : counts)
        ranked.push_back(std::move(count));
    std::ranges::stable_sort(ranked, [](const WeaknessCount& left, const WeaknessCount& right) {
        return std::tuple(right.severe(), right.total, left.cwe) < std::tuple(left.severe(), left.total, right.cwe);
    });
    for (std::uint32_t i = 0; i < ranked.size(); ++i)
        ranked[i].rank = i + 1;
    return ranked;
}

}  // namespace shirushi::vuln
