// CVE JSON 5: containers.cna and containers.adp[], each with affected[] {vendor, product, cpes[], defaultStatus, versions[], programFiles[]}.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <set>

#include "base/text.hpp"
#include "feeds/readers.hpp"

namespace shirushi::feeds {
namespace {

using vuln::AdvisoryRecord;
using vuln::Operand;
using vuln::Origin;
using vuln::VersionRange;

constexpr std::string_view kernel = "linux:linux_kernel";

bool older(std::string_view left, std::string_view right) { return vuln::compare_versions(left, right, vuln::VersionScheme::kernel) < 0; }

/// The first version after a branch: "4.15" after "4.14".
std::string after_branch(std::string_view branch) {
    const auto dot = branch.rfind('.');
    const auto number = to_integer<std::uint32_t>(branch.substr(dot + 1));
    return number && *number != UINT32_MAX ? fmt::format("{}{}", branch.substr(0, dot + 1), *number + 1) : std::string();
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
        if (older(cursor, fix.version))
            ranges.push_back({.exact = {}, .update = {}, .start = cursor, .end = fix.version, .edition = {}});
        if (fix.branch.empty())
            return ranges;
        if (const auto next = after_branch(fix.branch); older(cursor, next))
            cursor = next;
    }
    ranges.push_back({.exact = {}, .update = {}, .start = cursor, .end = {}, .edition = {}});
    return ranges;
}

std::vector<VersionRange> kernel_ranges_from(const Json& versions) {
    std::string introduced;
    std::vector<KernelFix> fixes;
    versions.each([&](const Json& each) {
        const std::string version(each["version"].text());
        const auto to = each["lessThanOrEqual"].text();
        const auto status = each["status"].text();
        if (status == "affected" && !is_commit(version) && (introduced.empty() || older(version, introduced)))
            introduced = version;
        else if (status == "unaffected" && to.ends_with(".*"))
            fixes.push_back({version, std::string(to.substr(0, to.size() - 2))});
        else if (status == "unaffected" && to == "*")
            fixes.push_back({version, ""});
    });
    return fixes.empty() ? std::vector<VersionRange>{} : kernel_ranges(std::move(introduced), std::move(fixes));
}

/// One entry of versions[]; nothing where it is a commit, prose or not about affected versions.
std::optional<VersionRange> range_from(const Json& entry) {
    if (entry["status"].text() != "affected" || entry["versionType"].text() == "git")
        return std::nullopt;
    const std::string version(entry["version"].text());
    const std::string before(entry["lessThan"].text());
    const std::string through(entry["lessThanOrEqual"].text());
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
    std::string word;
    for (const char c : lowered(trimmed(text))) {
        const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '_' || c == '-' || c == '.' || c == ' ';
        if (!plain)
            word += '\\';
        word += c == ' ' ? '_' : c;
    }
    return word;
}

/// What an affected[] entry is about: by its CPE names, or where it has none by vendor and product.
std::set<std::string> products_of(const Json& affected) {
    std::set<std::string> found;
    affected["cpes"].each([&](const Json& cpe) {
        if (const auto operand = operand_from_cpe(cpe.text()); operand && operand->part != 'h')
            found.insert(operand->product);
    });
    const std::string vendor = cpe_word(affected["vendor"].text());
    const std::string product = cpe_word(affected["product"].text());
    if (vendor == "linux" && product == "linux")
        found.insert(std::string(kernel));
    if (found.empty() && !vendor.empty() && !product.empty() && vendor != "n\\/a" && product != "n\\/a")
        found.insert(vendor + ":" + product);
    return found;
}

/// What a container says of products that none before it spoke of: the CNA's word comes first.
std::vector<Operand> operands_from(const Json& container, std::set<std::string>& spoken_of) {
    std::vector<Operand> operands;
    container["affected"].each([&](const Json& affected) {
        auto products = products_of(affected);
        std::erase_if(products, [&](const std::string& each) { return spoken_of.contains(each); });
        affected["versions"].each([&](const Json& entry) {
            if (const auto range = range_from(entry))
                for (const std::string& product : products)
                    operands.push_back({'a', product, *range, true});
        });
    });
    for (const Operand& each : operands)
        spoken_of.insert(each.product);
    return operands;
}

void read_metrics(const Json& container, AdvisoryRecord& advisory) {
    for (const std::string_view version : {"cvssV4_0", "cvssV3_1", "cvssV3_0", "cvssV2_0"})
        container["metrics"].each([&](const Json& metric) {
            const Json cvss = metric[version];
            const auto score = cvss["baseScore"].number();
            if (advisory.score || !score)
                return;
            advisory.score = score;
            advisory.vector = cvss["vectorString"].text();
        });
}

void read_weaknesses(const Json& container, AdvisoryRecord& advisory) {
    container["problemTypes"].each([&](const Json& type) {
        type["descriptions"].each([&](const Json& description) {
            if (const auto cwe = description["cweId"].text(); cwe.starts_with("CWE-"))
                advisory.cwe.emplace_back(cwe);
        });
    });
}

/// The source files a CNA names; the kernel's are what tells whether a build holds the fault.
void read_files(const Json& cna, AdvisoryRecord& advisory) {
    constexpr std::size_t most = 64;
    cna["affected"].each([&](const Json& affected) {
        affected["programFiles"].each([&](const Json& file) {
            if (advisory.parts.size() < most && std::ranges::find(advisory.parts, file.text()) == advisory.parts.end())
                advisory.parts.emplace_back(file.text());
        });
    });
}

std::vector<VersionRange> ranges_of_linux_cna(const Json& cna) {
    std::vector<VersionRange> ranges;
    cna["affected"].each([&](const Json& affected) {
        if (affected["defaultStatus"].text() == "affected")
            std::ranges::move(kernel_ranges_from(affected["versions"]), std::back_inserter(ranges));
    });
    return ranges;
}

vuln::Configuration any_of(std::vector<Operand> operands) {
    vuln::Configuration configuration;
    configuration.groups.push_back(std::move(operands));
    return configuration;
}

/// The Linux CNA's own statements; true when there are any.
bool add_kernel(const Json& cna, AdvisoryRecord advisory, Builder& builder) {
    std::vector<Operand> operands;
    for (VersionRange& range : ranges_of_linux_cna(cna))
        operands.push_back({'o', std::string(kernel), std::move(range), true});
    if (operands.empty())
        return false;
    read_files(cna, advisory);
    advisory.configurations = {any_of(std::move(operands))};
    builder.add(advisory, Origin::kernel);
    return true;
}

}  // namespace

Result<std::string> read_cve_5(const Json& record, const Place& /*place*/, Builder& builder) {
    const Json metadata = record["cveMetadata"];
    AdvisoryRecord advisory;
    advisory.id = metadata["cveId"].text();
    if (!is_cve_id(advisory.id))
        return fail(Errc::bad_input, fmt::format("\"{}\" is no CVE id", excerpt(advisory.id, 40)));
    const Json cna = record["containers"]["cna"];
    advisory.published = day_of(metadata["datePublished"].text());
    if (advisory.published.empty())  // records of a CNA's own collection have no date from the CVE programme
        advisory.published = day_of(cna["datePublic"].text());
    advisory.modified = day_of(metadata["dateUpdated"].text());
    advisory.withdrawn = metadata["state"].text() == "REJECTED";
    std::vector<Operand> operands;
    std::set<std::string> spoken_of;
    const auto read_container = [&](const Json& container) {
        read_metrics(container, advisory);
        read_weaknesses(container, advisory);
        std::ranges::move(operands_from(container, spoken_of), std::back_inserter(operands));
    };
    read_container(cna);
    record["containers"]["adp"].each(read_container);
    const bool kernel_cna = metadata["assignerShortName"].text() == "Linux";
    if (!advisory.withdrawn && kernel_cna && add_kernel(cna, advisory, builder))
        return advisory.modified;
    if (!operands.empty() && !advisory.withdrawn)
        advisory.configurations = {any_of(std::move(operands))};
    builder.add(advisory, Origin::cve);
    return advisory.modified;
}

}  // namespace shirushi::feeds
