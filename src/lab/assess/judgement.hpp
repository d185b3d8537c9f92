#pragma once
// Private to the room: one requirement, everything known about it, its verdict.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/catalog.hpp"
#include "model/assessment.hpp"

namespace shirushi::assess {

/// A product's observations that count on the day of judgement; the others with the reason why they do not. Borrows the
/// product, which must outlive it.
class Observations {
public:
    Observations(const catalog::Library& library, const Catalogue& catalogue, const std::optional<Product>& product, std::string_view as_of);

    /// Those about the requirement and the point (empty: the requirement as a whole), in the product's order.
    [[nodiscard]] std::vector<const DeclaredObservation*> about(std::string_view requirement, std::string_view point) const;
    [[nodiscard]] const std::vector<std::string>& ignored() const { return ignored_; }

private:
    struct Counting {
        std::string_view requirement;  ///< without the catalogue's name
        const DeclaredObservation* observation;
    };
    std::vector<Counting> counting_;
    std::vector<std::string> ignored_;
};

struct Case {
    const Requirement& requirement;
    const std::optional<Product>& product;
    const std::vector<Finding>& findings;  ///< of all checks of the catalogue
    const Observations& observations;
    const catalog::Library& library;
};

/// What product.toml states under a name of Requirement::declarations, in its own words; nothing where it leaves it open.
std::optional<std::string> stated(const Product& product, std::string_view name);

/// The rules of assess.hpp.
Verdict judge(const Case& given);

}  // namespace shirushi::assess
