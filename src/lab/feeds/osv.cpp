// OSV records (schema 1.x): affected[] {package {ecosystem, name}, ranges[] {type, events[]}, versions[]}.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.hpp"
#include "feeds/readers.hpp"
#include "vuln/package_names.hpp"

namespace shirushi::feeds {
namespace {

using vuln::AdvisoryRecord;
using vuln::Operand;
using vuln::VersionRange;

/// Ecosystems of OSV by the purl types that Operand::product begins with.
constexpr std::array<std::pair<std::string_view, std::string_view>, 12> ecosystems = {{
    {"npm", "npm"}, {"PyPI", "pypi"}, {"Go", "golang"}, {"crates.io", "cargo"}, {"RubyGems", "gem"}, {"Packagist", "composer"}, {"Maven", "maven"},
    {"NuGet", "nuget"}, {"Pub", "pub"}, {"Hex", "hex"}, {"Bitnami", "bitnami"}, {"SwiftURL", "swift"},
}};

constexpr std::array<std::pair<std::string_view, std::string_view>, 6> debian_releases = {{
    {"9", "stretch"}, {"10", "buster"}, {"11", "bullseye"}, {"12", "bookworm"}, {"13", "trixie"}, {"8", "jessie"},
}};

/// Distributions with rpm, by the namespaces of their purls; the release is the major one.
constexpr std::array<std::pair<std::string_view, std::string_view>, 2> rpm_distributions = {{{"AlmaLinux", "almalinux"}, {"Rocky Linux", "rocky"}}};

/// Operand::product of a package; empty where nothing we match is meant.
std::string product_of(std::string_view ecosystem, std::string_view name) {
    const std::string_view family = ecosystem.substr(0, ecosystem.find(':'));
    const std::string_view release = family.size() == ecosystem.size() ? std::string_view() : ecosystem.substr(family.size() + 1);
    if (family == "Alpine" && release.starts_with("v"))
        return fmt::format("apk/alpine/{}/{}", release.substr(1), name);
    if (family == "Debian")
        for (const auto& [number, word] : debian_releases)
            if (release == number)
                return fmt::format("deb/debian/{}/{}", word, name);
    for (const auto& [known, space] : rpm_distributions)
        if (family == known && !release.empty())
            return fmt::format("rpm/{}/{}/{}", space, release.substr(0, release.find('.')), name);
    for (const auto& [known, type] : ecosystems) {
        if (family != known)
            continue;
        std::string path(name);
        if (type == "maven")
            std::ranges::replace(path, ':', '/');
        return fmt::format("{}/{}", type, path);
    }
    return {};
}

/// Events in order: each "introduced" begins a range that the next "fixed" or "last_affected" ends.
std::vector<VersionRange> ranges_from(const Json& events) {
    std::vector<VersionRange> ranges;
    events.each([&](const Json& event) {
        if (const auto introduced = event["introduced"].text(); !introduced.empty()) {
            ranges.push_back({});
            ranges.back().start = introduced == "0" ? std::string() : std::string(introduced);
        }
        const auto fixed = event["fixed"].text();
        const auto last = event["last_affected"].text();
        if ((fixed.empty() && last.empty()) || ranges.empty() || !ranges.back().end.empty())
            return;
        ranges.back().end = fixed.empty() ? std::string(last) : std::string(fixed);
        ranges.back().end_included = fixed.empty();
    });
    return ranges;
}

void add_affected(const Json& affected, std::vector<Operand>& operands) {
    constexpr std::size_t most = 100'000;
    const std::string product = product_of(affected["package"]["ecosystem"].text(), affected["package"]["name"].text());
    if (product.empty())
        return;
    bool ranged = false;
    affected["ranges"].each([&](const Json& range) {
        if (range["type"].text() == "GIT")
            return;
        for (VersionRange& each : ranges_from(range["events"])) {
            ranged = true;
            if (operands.size() < most)
                operands.push_back({'p', product, std::move(each), true});
        }
    });
    if (ranged)
        return;
    affected["versions"].each([&](const Json& version) {
        if (operands.size() < most)
            operands.push_back({'p', product, {.exact = std::string(version.text()), .update = {}, .start = {}, .end = {}, .edition = {}}, true});
    });
}

}  // namespace

Result<std::string> read_osv(const Json& record, const Place& /*place*/, Builder& builder) {
    AdvisoryRecord advisory;
    advisory.id = record["id"].text();
    if (advisory.id.empty())
        return fail(Errc::bad_input, "it has no id");
    // One advisory goes by its CVE id, where it has exactly one, so that what several feeds say of it comes together.
    std::vector<std::string> cves;
    record["aliases"].each([&](const Json& alias) {
        if (is_cve_id(alias.text()))
            cves.emplace_back(alias.text());
    });
    if (!is_cve_id(advisory.id) && cves.size() == 1)
        advisory.id = cves[0];
    advisory.published = day_of(record["published"].text());
    advisory.modified = day_of(record["modified"].text());
    advisory.withdrawn = record["withdrawn"].exists();
    std::vector<Operand> operands;
    record["affected"].each([&](const Json& affected) { add_affected(affected, operands); });
    if (operands.empty())
        return advisory.modified;
    for (const Operand& each : operands)
        builder.set_scheme(each.product, vuln::scheme_of_ecosystem(std::string_view(each.product).substr(0, each.product.find('/'))));
    vuln::Configuration configuration;
    configuration.groups.push_back(std::move(operands));
    advisory.configurations.push_back(std::move(configuration));
    builder.add(advisory, vuln::Origin::osv);
    return advisory.modified;
}

}  // namespace shirushi::feeds
