// CVE JSON 5: containers.cna and containers.adp[], each with affected[] {vendor, product, cpes[], defaultStatus, versions[]}.

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "make_snapshot/feeds.hpp"

namespace shirushi::make_snapshot {
namespace {

using nlohmann::json;
using vuln::Operand;
using vuln::VersionRange;
using vuln::VersionScheme;

constexpr std::string_view kernel = "linux:linux_kernel";

bool older(std::string_view left, std::string_view right) {
    return vuln::compare_versions(left, right, VersionScheme::kernel) < 0;
}

/// The first version after a branch: "4.15" after "4.14".
std::string after_branch(std::string_view branch) {
    const auto dot = branch.rfind('.');
    const auto number = to_integer<std::uint32_t>(branch.substr(dot + 1));
    return number ? fmt::format("{}{}", branch.substr(0, dot + 1), *number + 1) : std::string();
}

struct KernelFix {
    std::string version;
    std::string branch;  ///< "4.14"; empty: mainline, everything later is fixed
};

/// The Linux CNA says where a fault came in and in which release of each branch it was mended; everything else since then is
/// affected. As ranges: from the beginning to the first fix, from the next branch to its fix, and so on to mainline's.
std::vector<VersionRange> kernel_ranges(std::string introduced, std::vector<KernelFix> fixes) {
    std::ranges::sort(fixes, older, &KernelFix::version);
    std::vector<VersionRange> ranges;
    std::string cursor = std::move(introduced);
    for (const KernelFix& fix : fixes) {
        if (older(cursor, fix.version)) {
            VersionRange range;
            range.start = cursor;
            range.end = fix.version;
            ranges.push_back(std::move(range));
        }
        if (fix.branch.empty())
            return ranges;
        if (const auto next = after_branch(fix.branch); older(cursor, next))
            cursor = next;
    }
    VersionRange open;
    open.start = cursor;
    ranges.push_back(std::move(open));
    return ranges;
}

std::vector<VersionRange> kernel_ranges_from(const json& versions) {
    std::string introduced;
    std::vector<KernelFix> fixes;
    for (const json& each : versions) {
        const auto version = text_at(each, "version");
        const auto to = text_at(each, "lessThanOrEqual");
        if (text_at(each, "status") == "affected" && !is_commit(version) && (introduced.empty() || older(version, introduced)))
            introduced = version;
        else if (text_at(each, "status") == "unaffected" && to.ends_with(".*"))
            fixes.push_back({version, to.substr(0, to.size() - 2)});
        else if (text_at(each, "status") == "unaffected" && to == "*")
            fixes.push_back({version, ""});
    }
    return fixes.empty() ? std::vector<VersionRange>{} : kernel_ranges(std::move(introduced), std::move(fixes));
}

bool is_version(std::string_view text) {
    return !text.empty() && text[0] >= '0' && text[0] <= '9' && text.size() < 40 && !is_commit(text) &&
           text.find_first_of(" ,<>*") == std::string_view::npos;
}

/// One entry of versions[]; nothing where it is a commit, prose or not about affected versions.
std::optional<VersionRange> range_from(const json& entry) {
    if (text_at(entry, "status") != "affected" || text_at(entry, "versionType") == "git")
        return std::nullopt;
    const auto version = text_at(entry, "version");
    const auto before = text_at(entry, "lessThan");
    const auto through = text_at(entry, "lessThanOrEqual");
    VersionRange range;
    if (before.empty() && through.empty()) {
        range.exact = version;
        return is_version(version) ? std::optional(range) : std::nullopt;
    }
    range.end = before.empty() ? through : before;
    range.end_included = before.empty();
    if (is_version(version) && version != "0")
        range.start = version;
    return is_version(range.end) ? std::optional(range) : std::nullopt;
}

std::string cpe_word(std::string_view text) {
    std::string word = lowered(trimmed(text));
    std::ranges::replace(word, ' ', '_');
    return word;
}

/// Which of `products` an affected[] entry is about: by its CPE names, or where it has none by vendor and product.
std::set<std::string> products_of(const json& affected, const std::set<std::string>& products) {
    std::set<std::string> found;
    for (const json& cpe : list_at(affected, "cpes"))
        if (cpe.is_string())
            if (const auto operand = operand_from_cpe(cpe.get<std::string>()); operand && products.contains(operand->product))
                found.insert(operand->product);
    const auto named = cpe_word(text_at(affected, "vendor")) + ":" + cpe_word(text_at(affected, "product"));
    if (list_at(affected, "cpes").empty() && products.contains(named))
        found.insert(named);
    return found;
}

std::vector<Operand> operands_from(const json& container, const std::set<std::string>& products) {
    std::vector<Operand> operands;
    for (const json& affected : list_at(container, "affected"))
        for (const std::string& product : products_of(affected, products))
            for (const json& entry : list_at(affected, "versions"))
                if (auto range = range_from(entry))
                    operands.push_back({'a', product, std::move(*range), true});
    return operands;
}

void read_metric(const json& container, vuln::AdvisoryRecord& advisory) {
    for (const char* const version : {"cvssV3_1", "cvssV3_0", "cvssV2_0"})
        for (const json& metric : list_at(container, "metrics")) {
            const json& cvss = object_at(metric, version);
            const auto score = cvss.find("baseScore");
            if (advisory.score || score == cvss.end() || !score->is_number())
                continue;
            advisory.score = score->get<double>();
            advisory.vector = text_at(cvss, "vectorString");
        }
}

void read_weaknesses(const json& container, vuln::AdvisoryRecord& advisory) {
    for (const json& type : list_at(container, "problemTypes"))
        for (const json& description : list_at(type, "descriptions"))
            if (auto cwe = text_at(description, "cweId"); cwe.starts_with("CWE-"))
                advisory.cwe.push_back(std::move(cwe));
}

std::vector<VersionRange> ranges_of_linux_cna(const json& cna) {
    std::vector<VersionRange> ranges;
    for (const json& affected : list_at(cna, "affected"))
        if (text_at(affected, "defaultStatus") == "affected")
            std::ranges::move(kernel_ranges_from(list_at(affected, "versions")), std::back_inserter(ranges));
    return ranges;
}

}  // namespace

Result<CveRecord> record_from_cve(const json& item, const std::set<std::string>& products) {
    const json& metadata = object_at(item, "cveMetadata");
    CveRecord result;
    vuln::AdvisoryRecord& advisory = result.record.advisory;
    advisory.id = text_at(metadata, "cveId");
    if (advisory.id.empty())
        return fail(Errc::bad_input, "a CVE record without id");
    advisory.published = day_of(text_at(metadata, "datePublished"));
    if (advisory.published.empty())  // records of a CNA's own collection have no date from the CVE programme
        advisory.published = day_of(text_at(object_at(object_at(item, "containers"), "cna"), "datePublic"));
    result.record.modified = day_of(text_at(metadata, "dateUpdated"));
    if (text_at(metadata, "state") == "REJECTED")
        return result;

    const json& containers = object_at(item, "containers");
    const json& cna = object_at(containers, "cna");
    std::vector<const json*> all = {&cna};
    for (const json& each : list_at(containers, "adp"))
        all.push_back(&each);
    std::vector<Operand> operands;
    for (const json* container : all) {
        read_metric(*container, advisory);
        read_weaknesses(*container, advisory);
        if (operands.empty())  // the CNA's word first; others only where it says nothing usable
            operands = operands_from(*container, products);
    }
    if (text_at(metadata, "assignerShortName") == "Linux" && products.contains(std::string(kernel))) {
        if (auto ranges = ranges_of_linux_cna(cna); !ranges.empty()) {
            operands.clear();
            for (VersionRange& range : ranges)
                operands.push_back({'o', std::string(kernel), std::move(range), true});
            result.kernel_ranges = true;
        }
    }
    if (!operands.empty())
        advisory.configurations.push_back({{std::move(operands)}});
    return result;
}

}  // namespace shirushi::make_snapshot
