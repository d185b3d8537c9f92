#pragma once
// Many products' components, held so that a day's new advisories are matched against what they concern and nothing else: equal components
// are held once, with the products that have them. The cost of a change follows the change, not the number of products. Pure.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "vuln/match.hpp"

namespace shirushi::vuln {

/// Numbers of the advisories of `after` that `before` lacks or of which it says something else: other versions, score, weaknesses, parts, a
/// new entry among the exploited ones. EPSS, which changes every day for all, does not count.
std::vector<std::uint32_t> changed_advisories(const Snapshot& before, const Snapshot& after);

class Inventory {
public:
    using Product = std::uint32_t;

    explicit Inventory(std::vector<ProductNames> names = {}) : names_(std::move(names)) {}

    /// Takes in a product's components; numbers are given in order, from 0.
    Product add(const Table<Component>& components);

    /// An advisory that concerns products: a match of a component that all of them have.
    struct Hit {
        AdvisoryMatch match;             ///< of the component as the first of them has it
        std::vector<Product> products;  ///< ascending
    };
    /// What these advisories (by their numbers in the snapshot) mean for the products: every row that matching each product anew would give
    /// for them, sorted by advisory, then by component.
    [[nodiscard]] std::vector<Hit> match(const Snapshot& snapshot, const std::vector<std::uint32_t>& advisories) const;

    [[nodiscard]] std::size_t products() const { return products_; }
    [[nodiscard]] std::size_t distinct_components() const { return components_.size(); }

private:
    struct Held {
        Component component;
        bool on_linux = false;
        std::vector<Product> products;
    };

    /// The names under which advisories can concern a component.
    [[nodiscard]] std::vector<std::string> names_of(const Component& component) const;

    std::vector<ProductNames> names_;
    std::vector<Held> components_;
    std::unordered_map<std::string, std::uint32_t> by_content_;
    std::unordered_map<std::string, std::vector<std::uint32_t>> by_name_;  // of an advisory's product: components_
    std::uint32_t products_ = 0;
};

}  // namespace shirushi::vuln
