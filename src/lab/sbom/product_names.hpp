#pragma once
// Which product a package carries, and how versions of packages and of upstream correspond.

#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sbom/identifiers.hpp"
#include "sbom/packages/package_file.hpp"

namespace shirushi::sbom {

/// Products by the names packages give them. Borrows nothing.
class ProductNames {
public:
    ProductNames(std::span<const ProductIdentifier> identifiers, std::span<const ProductAlias> aliases);
    explicit ProductNames(const Identifiers& identifiers) : ProductNames(identifiers.list(), identifiers.aliases()) {}

    /// The canonical product of a package: by alias of its own name, then of its source package's, then by equal name. A
    /// package that no list knows is a product of its own: its source package.
    [[nodiscard]] std::string product_of(const Package& package) const;
    /// "vendor:product" pairs of a product, sorted; empty when none is known.
    [[nodiscard]] std::vector<std::string> cpe_of(const std::string& product) const;
    /// Whether advisories know one of the products by this "vendor:product" pair.
    [[nodiscard]] bool is_of_product(const std::string& pair) const { return pairs_.contains(pair); }

private:
    [[nodiscard]] const std::string* alias(const std::string& name) const;

    std::map<std::string, std::string, std::less<>> by_name_;
    std::vector<std::pair<std::string, std::string>> by_start_;  // "linux-image-" -> product, longest start first
    std::map<std::string, std::vector<std::string>> cpe_;
    std::set<std::string, std::less<>> pairs_;  // all of cpe_
};

/// The upstream part of a package's version: without epoch and without the distribution's revision and repacking marks.
/// "1:1.35.0-4+b3" -> "1.35.0", "1.36.1-r2" -> "1.36.1", "1.2.13.dfsg-1" -> "1.2.13".
std::string upstream_version(std::string_view ecosystem, std::string_view version);

}  // namespace shirushi::sbom
