// CSAF 2.0 and 2.1 (OASIS): the product tree gives ids to products, the vulnerabilities say what holds for which id.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "base/text.hpp"
#include "vex/reading.hpp"

namespace shirushi::vex {
namespace {

using json::At;

/// The groups of product_status (CSAF 2.0 section 3.2.3.9) that are statements; the rest are recommendations or history.
struct Group {
    std::string_view key;
    VexStatus status;
};
constexpr std::array<Group, 7> kGroups = {{{"known_not_affected", VexStatus::not_affected},
                                           {"known_affected", VexStatus::affected},
                                           {"first_affected", VexStatus::affected},
                                           {"last_affected", VexStatus::affected},
                                           {"fixed", VexStatus::fixed},
                                           {"first_fixed", VexStatus::fixed},
                                           {"under_investigation", VexStatus::under_investigation}}};

class Products {
public:
    Result<void> read(const At& tree) {
        for (const At& product : TRY(tree.list("full_product_names")))
            TRY(add(product, {}));
        TRY(branches(tree, {}));
        for (const At& relationship : TRY(tree.list("relationships"))) {
            const auto product = TRY(relationship.object("full_product_name"));
            if (!product)
                return fail(Errc::bad_input, fmt::format("{}: lacks \"full_product_name\"; add it", relationship.where()));
            const std::string id = TRY(product->required_text("product_id"));
            const std::string part = TRY(relationship.required_text("product_reference"));
            const std::string whole = TRY(relationship.required_text("relates_to_product_reference"));
            VexProduct combined{.item = item(whole), .parts = {item(part)}};
            combined.item.id = id;
            by_id_.emplace(id, std::move(combined));
        }
        return {};
    }

    [[nodiscard]] VexProduct product(const std::string& id) const {
        const auto known = by_id_.find(id);
        return known == by_id_.end() ? VexProduct{.item = {.id = id}, .parts = {}} : known->second;
    }

    /// Groups of ids that other places name at once.
    Result<void> read_groups(const At& tree) {
        for (const At& group : TRY(tree.list("product_groups"))) {
            const std::string id = TRY(group.required_text("group_id"));
            for (const At& product : TRY(group.list("product_ids")))
                groups_[id].push_back(TRY(product.as_text()));
        }
        return {};
    }

    /// The products that a flag, threat or remediation is about.
    [[nodiscard]] Result<std::vector<std::string>> named_by(const At& at) const {
        std::vector<std::string> ids;
        for (const At& id : TRY(at.list("product_ids")))
            ids.push_back(TRY(id.as_text()));
        for (const At& group : TRY(at.list("group_ids")))
            if (const auto known = groups_.find(TRY(group.as_text())); known != groups_.end())
                ids.insert(ids.end(), known->second.begin(), known->second.end());
        return ids;
    }

private:
    /// What the branches above say of a product.
    struct Above {
        std::string name;
        std::string version;
        std::string range;
    };

    VexItem item(const std::string& id) const { return product(id).item; }

    Result<void> branches(const At& owner, const Above& above) {
        for (const At& branch : TRY(owner.list("branches"))) {
            Above here = above;
            const std::string category = TRY(branch.text("category"));
            const std::string name = TRY(branch.text("name"));
            if (category == "product_name")
                here.name = name;
            else if (category == "product_version")
                here.version = name;
            else if (category == "product_version_range")
                here.range = name;
            if (const auto product = TRY(branch.object("product")))
                TRY(add(*product, here));
            TRY(branches(branch, here));
        }
        return {};
    }

    Result<void> add(const At& at, const Above& above) {
        VexItem item{.id = TRY(at.required_text("product_id")),
                     .name = above.name.empty() ? TRY(at.text("name")) : above.name,
                     .version = above.version,
                     .range = above.version.empty() ? above.range : "",
                     .purl = {},
                     .cpe = {},
                     .sha256 = {}};
        if (const auto helper = TRY(at.object("product_identification_helper"))) {
            for (const std::string_view key : {"purl", "cpe"})
                if (const std::string name = TRY(helper->text(key)); !name.empty())
                    identify(item, name);
            for (const At& purl : TRY(helper->list("purls")))  // 2.1
                if (item.purl.empty())
                    identify(item, TRY(purl.as_text()));
            for (const At& hashes : TRY(helper->list("hashes")))
                for (const At& hash : TRY(hashes.list("file_hashes")))
                    if (item.sha256.empty() && TRY(hash.text("algorithm")) == "sha256")
                        item.sha256 = lowered(TRY(hash.text("value")));
        }
        const std::string id = item.id;
        by_id_.emplace(id, VexProduct{std::move(item), {}});
        return {};
    }

    std::map<std::string, VexProduct> by_id_;
    std::map<std::string, std::vector<std::string>> groups_;
};

/// What is said of a product besides its status; texts by their place in `texts`, where 0 is the empty one.
struct Said {
    VexJustification justification = VexJustification::none;
    std::size_t impact = 0;
    std::size_t action = 0;
    auto operator<=>(const Said&) const = default;
};
struct AllSaid {
    std::map<std::string, Said> of;  ///< by product id
    std::vector<std::string> texts = {""};
};

Result<AllSaid> read_said(const At& vulnerability, const Products& products) {
    AllSaid all;
    auto& said = all.of;
    for (const At& flag : TRY(vulnerability.list("flags"))) {
        const std::string label = TRY(flag.text("label"));
        const VexJustification justification = TRY(justification_of(flag, label));
        for (const std::string& id : TRY(products.named_by(flag)))
            said[id].justification = justification;
    }
    for (const At& threat : TRY(vulnerability.list("threats"))) {
        if (TRY(threat.text("category")) != "impact")
            continue;
        all.texts.push_back(TRY(threat.text("details")));
        for (const std::string& id : TRY(products.named_by(threat)))
            said[id].impact = all.texts.size() - 1;
    }
    for (const At& remediation : TRY(vulnerability.list("remediations"))) {
        all.texts.push_back(TRY(remediation.text("details")));
        for (const std::string& id : TRY(products.named_by(remediation)))
            if (std::size_t& action = said[id].action; action == 0)
                action = all.texts.size() - 1;
    }
    return all;
}

Result<void> read_vulnerability(const At& at, const Products& products, Budget& budget, Document& document) {
    VexStatement base{.vulnerability = TRY(at.text("cve"))};
    for (const At& id : TRY(at.list("ids")))
        if (std::string text = TRY(id.text("text")); !text.empty())
            base.aliases.push_back(std::move(text));
    if (base.vulnerability.empty() && !base.aliases.empty()) {
        base.vulnerability = base.aliases.front();
        base.aliases.erase(base.aliases.begin());
    }
    if (base.vulnerability.empty()) {
        remark(document, fmt::format("{}: has neither \"cve\" nor \"ids\" and is not used", at.where()));
        return {};
    }
    base.timestamp = document.timestamp;
    const auto statuses = TRY(at.object("product_status"));
    if (!statuses) {
        remark(document, fmt::format("{}: states no product_status and is not used", at.where()));
        return {};
    }
    const auto said = TRY(read_said(at, products));
    for (const Group& group : kGroups) {
        std::map<Said, VexStatement> by_words;  // products of which the same is said are one statement
        for (const At& product : TRY(statuses->list(group.key))) {
            const std::string id = TRY(product.as_text());
            const auto words = said.of.find(id);
            const Said key = words == said.of.end() ? Said{} : words->second;
            const auto [at_key, is_new] = by_words.try_emplace(key, base);
            VexStatement& statement = at_key->second;
            if (is_new) {
                TRY(budget.spend(product, said.texts[key.impact].size() + said.texts[key.action].size()));
                statement.status = group.status;
                statement.justification = group.status == VexStatus::not_affected ? key.justification : VexJustification::none;
                statement.impact = said.texts[key.impact];
                statement.action = said.texts[key.action];
            }
            VexProduct one = products.product(id);
            TRY(budget.spend(product, one.item));
            for (const VexItem& part : one.parts)
                TRY(budget.spend(product, part));
            statement.products.push_back(std::move(one));
        }
        for (auto& [words, statement] : by_words)
            TRY(add(document, std::move(statement), at));
    }
    return {};
}

}  // namespace

Result<Document> read_csaf(const At& root) {
    Document document{.format = Format::csaf};
    const auto head = TRY(root.object("document"));
    document.spec_version = TRY(head->text("csaf_version"));
    if (document.spec_version != "2.0" && document.spec_version != "2.1")
        return fail(Errc::unsupported, fmt::format("CSAF {} is not read; known are 2.0 and 2.1", excerpt(document.spec_version, 20)));
    if (const auto tracking = TRY(head->object("tracking"))) {
        document.id = TRY(tracking->text("id"));
        document.timestamp = TRY(tracking->text("current_release_date"));
    }
    if (const auto publisher = TRY(head->object("publisher")))
        document.author = TRY(publisher->text("name"));
    Products products;
    if (const auto tree = TRY(root.object("product_tree"))) {
        TRY(products.read(*tree));
        TRY(products.read_groups(*tree));
    }
    Budget budget;
    for (const At& at : TRY(root.list("vulnerabilities")))
        TRY(read_vulnerability(at, products, budget, document));
    return document;
}

}  // namespace shirushi::vex
