#include "vuln/inventory.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <tuple>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "vuln/package_names.hpp"
#include "vuln/surroundings.hpp"

namespace shirushi::vuln {
namespace {

/// What is said of one advisory and one product, in texts, so that two snapshots can be compared.
struct Said {
    std::string_view product;
    std::array<std::string_view, 5> versions;
    std::uint32_t flags = 0;
    std::string_view platform;
    std::uint8_t origin = 0;
    std::uint8_t status = 0;
    auto operator<=>(const Said&) const = default;
};

std::array<std::string_view, 5> versions_of(const Snapshot& snapshot, const Range& range) {
    return {snapshot.text(range.exact), snapshot.text(range.update), snapshot.text(range.start), snapshot.text(range.end), snapshot.text(range.edition)};
}

std::string platform_text(const Snapshot& snapshot, std::uint32_t platform) {
    std::string text;
    for (const PlatformGroup& group : snapshot.platform(platform)) {
        text += '&';
        for (const PlatformOperand& each : snapshot.operands(group)) {
            text += fmt::format("|{}|{}", snapshot.text(each.product), fmt::join(versions_of(snapshot, snapshot.range(each.range)), "|"));
        }
    }
    return text;
}

/// Where the criteria of each advisory stand: for all advisories at once, since they are ordered by product.
class ByAdvisory {
public:
    explicit ByAdvisory(const Snapshot& snapshot) : snapshot_(snapshot), first_(snapshot.advisories().size() + 1) {
        const auto each = [&](const auto& visit) {
            for (std::uint32_t product = 0; product < snapshot.products().size(); ++product)
                for (const Criterion& criterion : snapshot.criteria(snapshot.products()[product]))
                    visit(product, criterion);
        };
        each([&](std::uint32_t, const Criterion& criterion) { ++first_[criterion.advisory + 1]; });
        for (std::size_t i = 1; i < first_.size(); ++i)
            first_[i] += first_[i - 1];
        rows_.resize(snapshot.criteria_count());
        std::vector<std::uint32_t> next(first_.begin(), first_.end() - 1);
        each([&](std::uint32_t product, const Criterion& criterion) { rows_[next[criterion.advisory]++] = {product, &criterion}; });
    }

    [[nodiscard]] std::vector<Said> of(std::uint32_t advisory) {
        std::vector<Said> said;
        for (std::uint32_t i = first_[advisory]; i < first_[advisory + 1]; ++i) {
            const auto& [product, criterion] = rows_[i];
            const Range& range = snapshot_.range(criterion->range);
            said.push_back({snapshot_.text(snapshot_.products()[product].product), versions_of(snapshot_, range), range.flags, platform(criterion->platform),
                            criterion->origin_number, criterion->status_number});
        }
        std::ranges::sort(said);
        return said;
    }
    [[nodiscard]] std::uint32_t count(std::uint32_t advisory) const { return first_[advisory + 1] - first_[advisory]; }

private:
    std::string_view platform(std::uint32_t number) {
        if (number == 0)
            return {};
        const auto [found, fresh] = platforms_.try_emplace(number);
        if (fresh)
            found->second = platform_text(snapshot_, number);
        return found->second;
    }

    const Snapshot& snapshot_;
    std::unordered_map<std::uint32_t, std::string> platforms_;
    std::vector<std::uint32_t> first_;
    std::vector<std::pair<std::uint32_t, const Criterion*>> rows_;
};

std::vector<std::string_view> texts(const Snapshot& snapshot, std::span<const StringId> ids) {
    std::vector<std::string_view> all;
    for (const StringId id : ids)
        all.push_back(snapshot.text(id));
    return all;
}

bool same_facts(const Snapshot& before, const AdvisoryFacts& a, const Snapshot& after, const AdvisoryFacts& b) {
    const auto facts = [](const Snapshot& snapshot, const AdvisoryFacts& each) {
        return std::tuple(snapshot.text(each.modified), snapshot.text(each.vector), snapshot.text(each.exploited_since), each.tenths, each.withdrawn(), each.overridden(),
                          texts(snapshot, snapshot.weaknesses(each)), texts(snapshot, snapshot.parts(each)));
    };
    return facts(before, a) == facts(after, b);
}

/// Equal for components that every match treats alike.
std::string content_of(const Component& component, bool on_linux) {
    std::string key = on_linux ? "L" : "-";
    const auto add = [&](std::string_view text) {
        key += text;
        key += '\0';
    };
    for (const std::string_view text : {std::string_view(component.id), std::string_view(component.product), std::string_view(component.version), std::string_view(component.ecosystem),
                                        std::string_view(component.source_package), std::string_view(component.source_version), std::string_view(component.purl)})
        add(text);
    std::ranges::for_each(component.cpe, add);
    if (component.compiled_in)
        for (const auto* list : {&component.compiled_in->applets, &component.compiled_in->modules}) {
            add("built");
            std::ranges::for_each(*list, add);
        }
    return key;
}

}  // namespace

std::vector<std::uint32_t> changed_advisories(const Snapshot& before, const Snapshot& after) {
    ByAdvisory rows_before(before);
    ByAdvisory rows_after(after);
    std::vector<std::uint32_t> changed;
    for (std::uint32_t number = 0; number < after.advisories().size(); ++number) {
        const AdvisoryFacts& now = after.advisory(number);
        const AdvisoryFacts* then = before.advisory(after.text(now.id));
        if (then == nullptr) {
            changed.push_back(number);
            continue;
        }
        const auto old = static_cast<std::uint32_t>(then - before.advisories().data());
        if (!same_facts(before, *then, after, now) || rows_before.count(old) != rows_after.count(number) || rows_before.of(old) != rows_after.of(number))
            changed.push_back(number);
    }
    return changed;
}

std::vector<std::string> Inventory::names_of(const Component& component) const {
    std::vector<std::string> all = component.cpe;
    if (all.empty())
        for (const ProductNames& each : names_)
            if (each.product == component.product)
                all.insert(all.end(), each.cpe.begin(), each.cpe.end());
    for (const PackageName& each : package_names(component))
        all.push_back(each.product);
    return all;
}

Inventory::Product Inventory::add(const Table<Component>& components) {
    const Product product = products_++;
    const bool on_linux = shows_linux(components);
    for (const Component& each : components.rows) {
        Component held = each;
        held.evidence.clear();  // where it was found does not matter here
        const auto number = static_cast<std::uint32_t>(components_.size());
        const auto [found, fresh] = by_content_.try_emplace(content_of(held, on_linux), number);
        if (fresh) {
            for (const std::string& name : names_of(held))
                by_name_[name].push_back(number);
            components_.push_back({.component = std::move(held), .on_linux = on_linux, .products = {}});
        }
        auto& products = components_[found->second].products;
        if (products.empty() || products.back() != product)
            products.push_back(product);
    }
    return product;
}

std::vector<Inventory::Hit> Inventory::match(const Snapshot& snapshot, const std::vector<std::uint32_t>& advisories) const {
    std::vector<bool> only(snapshot.advisories().size());
    for (const std::uint32_t number : advisories)
        only[number] = true;
    std::set<std::uint32_t> concerned;
    for (const ProductCriteria& product : snapshot.products()) {
        const auto held = by_name_.find(std::string(snapshot.text(product.product)));
        if (held != by_name_.end() && std::ranges::any_of(snapshot.criteria(product), [&](const Criterion& each) { return only[each.advisory]; }))
            concerned.insert(held->second.begin(), held->second.end());
    }
    std::vector<Hit> hits;
    for (const bool on_linux : {false, true}) {
        Table<Component> table{.observed = true, .gaps = {}, .rows = {}};
        for (const std::uint32_t number : concerned) {
            if (components_[number].on_linux != on_linux)
                continue;
            table.rows.push_back(components_[number].component);
            table.rows.back().id = std::to_string(number);
        }
        for (AdvisoryMatch& row : vuln::match(table, snapshot, names_, {.only = &only, .has_linux = on_linux}).rows) {
            const Held& held = components_[std::stoul(row.component)];
            row.component = held.component.id;
            hits.push_back({.match = std::move(row), .products = held.products});
        }
    }
    std::ranges::stable_sort(hits, {}, [](const Hit& hit) { return std::tie(hit.match.advisory, hit.match.component); });
    return hits;
}

}  // namespace shirushi::vuln
