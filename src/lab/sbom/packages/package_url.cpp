// Package-urls (purl-spec, "Rules for each purl component" and purl-types: which types ask for lower case).

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "sbom/packages/package_file.hpp"

namespace shirushi::sbom {

/// Letters, digits, '.', '-', '_', '~' and ':' stand for themselves.
std::string purl_text(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool plain =
            (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || std::string_view(".-_~:").find(c) != std::string_view::npos;
        if (plain)
            out += c;
        else
            out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return out;
}

namespace {

bool is_case_blind(std::string_view type) {
    constexpr std::array<std::string_view, 8> types = {"deb", "opkg", "apk", "alpm", "pypi", "npm", "golang", "composer"};
    return std::ranges::find(types, type) != types.end();
}

std::string name_in(std::string_view type, std::string_view name) {
    std::string out = is_case_blind(type) ? lowered(name) : std::string(name);
    if (type == "pypi")
        std::ranges::replace(out, '_', '-');
    return out;
}

/// A namespace's segments, each encoded on its own.
std::string namespace_in(std::string_view type, std::string_view space) {
    std::string out;
    for (const std::string_view segment : split(space, '/'))
        if (!segment.empty())
            out += purl_text(is_case_blind(type) ? lowered(segment) : std::string(segment)) + "/";
    return out;
}

}  // namespace

std::string package_url(const Ecosystem& ecosystem, const Package& package, const Distribution& distribution) {
    // These types ask for a namespace: without one the package is named, but not as one of theirs.
    const bool lacks_group = package.group.empty() && (ecosystem.purl_type == "maven" || ecosystem.purl_type == "composer");
    const std::string_view type = lacks_group ? "generic" : ecosystem.purl_type;
    std::string url = fmt::format("pkg:{}/", type);
    const bool named_by_distribution = ecosystem.of_distribution && type != "opkg" && type != "generic";
    if (named_by_distribution)
        url += namespace_in(type, distribution.id.empty() ? ecosystem.default_namespace : std::string_view(distribution.id));
    else
        url += namespace_in(type, package.group);
    url += purl_text(name_in(type, package.name));
    std::string_view version = package.version;
    if (!package.epoch.empty() && version.starts_with(package.epoch + ":"))  // of rpm: a qualifier instead
        version.remove_prefix(package.epoch.size() + 1);
    if (!version.empty())
        url += "@" + purl_text(version);
    std::vector<std::string> qualifiers;  // in the order of their keys, as the specification asks
    if (!package.architecture.empty() && ecosystem.of_distribution)
        qualifiers.push_back("arch=" + purl_text(package.architecture));
    if (ecosystem.of_distribution && !distribution.id.empty() && !distribution.version.empty())
        qualifiers.push_back(fmt::format("distro={}-{}", purl_text(distribution.id), purl_text(distribution.version)));
    if (!package.epoch.empty())
        qualifiers.push_back("epoch=" + purl_text(package.epoch));
    if (!qualifiers.empty())
        url += fmt::format("?{}", fmt::join(qualifiers, "&"));
    return url;
}

}  // namespace shirushi::sbom
