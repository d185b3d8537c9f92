#include "sbom/product_names.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace shirushi::sbom {

ProductNames::ProductNames(std::span<const ProductIdentifier> identifiers, std::span<const ProductAlias> aliases) {
    const auto add_cpe = [&](const std::string& product, const std::vector<std::string>& pairs) {
        auto& known = cpe_[product];
        known.insert(known.end(), pairs.begin(), pairs.end());
    };
    for (const ProductIdentifier& identifier : identifiers)
        add_cpe(identifier.product, identifier.cpe);
    for (const ProductAlias& alias : aliases) {
        add_cpe(alias.product, alias.cpe);
        for (const std::string& name : alias.names) {
            if (name.ends_with('*'))
                by_start_.emplace_back(name.substr(0, name.size() - 1), alias.product);
            else
                by_name_.emplace(name, alias.product);
        }
    }
    for (auto& [product, pairs] : cpe_) {
        std::ranges::sort(pairs);
        const auto doubles = std::ranges::unique(pairs);
        pairs.erase(doubles.begin(), doubles.end());
        pairs_.insert(pairs.begin(), pairs.end());
    }
    std::ranges::stable_sort(by_start_, [](const auto& a, const auto& b) { return a.first.size() > b.first.size(); });
}

const std::string* ProductNames::alias(const std::string& name) const {
    if (const auto found = by_name_.find(name); found != by_name_.end())
        return &found->second;
    for (const auto& [start, product] : by_start_)
        if (name.starts_with(start))
            return &product;
    return nullptr;
}

std::string ProductNames::product_of(const Package& package) const {
    const std::string name = lowered(package.name);
    const std::string source = lowered(package.source);
    for (const std::string& candidate : {name, source})
        if (const std::string* product = alias(candidate))
            return *product;
    for (const std::string& candidate : {name, source})
        if (cpe_.contains(candidate))
            return candidate;
    return source.empty() ? name : source;
}

std::vector<std::string> ProductNames::cpe_of(const std::string& product) const {
    const auto found = cpe_.find(product);
    return found == cpe_.end() ? std::vector<std::string>{} : found->second;
}

std::string upstream_version(std::string_view ecosystem, std::string_view version) {
    constexpr std::array<std::string_view, 7> with_revision = {"dpkg", "opkg", "apk", "rpm", "pacman", "yocto", "buildroot"};
    if (std::ranges::find(with_revision, ecosystem) == with_revision.end())
        return std::string(version);
    if (const auto colon = version.find(':'); colon != std::string_view::npos)
        version.remove_prefix(colon + 1);
    // deb-version(7), rpm-version(7): the revision follows the last hyphen. OpenWrt's kernel has two: "5.4.188-1-4f4e...": upstream has none.
    const bool last = ecosystem == "dpkg" || ecosystem == "rpm" || ecosystem == "pacman";
    if (const auto hyphen = last ? version.rfind('-') : version.find('-'); hyphen != std::string_view::npos)
        version = version.substr(0, hyphen);
    constexpr std::array<std::string_view, 7> marks = {"+dfsg", ".dfsg", "~dfsg", "+ds", "+really", "+git", "+deb"};
    for (const std::string_view mark : marks)
        if (const auto at = version.find(mark); at != std::string_view::npos)
            version = version.substr(0, at);
    return std::string(version);
}

}  // namespace shirushi::sbom
