// CSAF 2.0: a product tree that gives ids to products and their versions, and vulnerabilities that say what holds for which id.

#include <fmt/format.h>

#include <map>

#include "base/text.hpp"
#include "feeds/readers.hpp"

namespace shirushi::feeds {
namespace {

using vuln::AdvisoryRecord;
using vuln::Operand;

constexpr int kDeepest = 30;  // branches in branches; CSAF's own limit

/// What the tree says of products, by their ids.
using Products = std::map<std::string, Operand, std::less<>>;

/// "vers:generic/>=1.0|<1.2" and the plain words of product_version_range ("<1.2", "<= V3.1").
void read_range(std::string_view text, vuln::VersionRange& range) {
    if (const auto slash = text.starts_with("vers:") ? text.find('/') : std::string_view::npos; slash != std::string_view::npos)
        text = text.substr(slash + 1);
    for (std::string_view part : split(text, '|')) {
        part = trimmed(part);
        const auto operation = part.substr(0, part.find_first_not_of("<>="));
        const auto version = trimmed(part.substr(operation.size()));
        if (version.empty() || version == "*")
            continue;
        if (operation == "<" || operation == "<=") {
            range.end = version;
            range.end_included = operation == "<=";
        } else if (operation == ">" || operation == ">=") {
            range.start = version;
            range.start_excluded = operation == ">";
        } else if (range.exact.empty()) {
            range.exact = version;
        }
    }
}

void read_product(const Json& product, const vuln::VersionRange& range, Products& products) {
    const std::string id(product["product_id"].text());
    auto operand = operand_from_cpe(product["product_identification_helper"]["cpe"].text());
    if (id.empty() || !operand)
        return;
    if (operand->range.exact.empty() || operand->range.exact == "-")
        operand->range = range;
    operand->vulnerable = true;
    products.emplace(id, std::move(*operand));
}

void read_branches(const Json& branches, const vuln::VersionRange& above, int depth, Products& products) {
    if (depth > kDeepest)
        return;
    branches.each([&](const Json& branch) {
        vuln::VersionRange range = above;
        const auto category = branch["category"].text();
        if (category == "product_version_range")
            read_range(branch["name"].text(), range);
        else if (category == "product_version")
            range.exact = branch["name"].text();
        read_product(branch["product"], range, products);
        read_branches(branch["branches"], range, depth + 1, products);
    });
}

}  // namespace

Result<std::string> read_csaf(const Json& record, const Place& /*place*/, Builder& builder) {
    const Json document = record["document"];
    if (!document["csaf_version"].exists())
        return fail(Errc::bad_input, "no CSAF document");
    const std::string day = day_of(document["tracking"]["current_release_date"].text());
    Products products;
    const Json tree = record["product_tree"];
    read_branches(tree["branches"], {}, 0, products);
    tree["full_product_names"].each([&](const Json& each) { read_product(each, {}, products); });
    record["vulnerabilities"].each([&](const Json& vulnerability) {
        AdvisoryRecord advisory;
        advisory.id = vulnerability["cve"].text();
        if (!is_cve_id(advisory.id))
            return;
        advisory.modified = day;
        vulnerability["scores"].each([&](const Json& score) {
            const Json cvss = score["cvss_v3"].exists() ? score["cvss_v3"] : score["cvss_v2"];
            if (const auto number = cvss["baseScore"].number(); number && !advisory.score) {
                advisory.score = number;
                advisory.vector = cvss["vectorString"].text();
            }
        });
        if (const auto cwe = vulnerability["cwe"]["id"].text(); cwe.starts_with("CWE-"))
            advisory.cwe.emplace_back(cwe);
        std::vector<Operand> operands;
        for (const std::string_view status : {"known_affected", "first_affected", "last_affected"})
            vulnerability["product_status"][status].each([&](const Json& id) {
                if (const auto found = products.find(id.text()); found != products.end())
                    operands.push_back(found->second);
            });
        if (operands.empty())
            return;
        vuln::Configuration configuration;
        configuration.groups.push_back(std::move(operands));
        advisory.configurations.push_back(std::move(configuration));
        builder.add(advisory, vuln::Origin::csaf);
    });
    return day;
}

}  // namespace shirushi::feeds
