#include "vuln/package_names.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/text.hpp"
#include "model/package_url.hpp"

namespace shirushi::vuln {
namespace {

/// Debian's names for its releases, by number (https://www.debian.org/releases/).
constexpr std::array<std::pair<std::string_view, std::string_view>, 9> debian_releases = {{
    {"7", "wheezy"}, {"8", "jessie"}, {"9", "stretch"}, {"10", "buster"}, {"11", "bullseye"}, {"12", "bookworm"}, {"13", "trixie"}, {"14", "forky"}, {"sid", "sid"},
}};

std::string debian_release(std::string_view distro) {
    if (distro.starts_with("debian-"))
        distro.remove_prefix(7);
    const std::string_view number = distro.substr(0, distro.find('.'));
    for (const auto& [release, name] : debian_releases)
        if (number == release || distro == name)
            return std::string(name);
    return {};
}

/// "alpine-3.18.4" and "3.18.4": 3.18.
std::string alpine_release(std::string_view distro) {
    if (distro.starts_with("alpine-"))
        distro.remove_prefix(7);
    if (distro.starts_with("v"))
        distro.remove_prefix(1);
    const auto dot = distro.find('.');
    if (dot == std::string_view::npos)
        return std::string(distro);
    return std::string(distro.substr(0, distro.find('.', dot + 1)));
}

/// "almalinux-9.3" and "9": 9, as their advisories are per major release.
std::string rpm_release(std::string_view distro) {
    const auto dash = distro.rfind('-');
    distro.remove_prefix(dash == std::string_view::npos ? 0 : dash + 1);
    return std::string(distro.substr(0, distro.find('.')));
}

/// What the version itself says of who packaged it, in a bill that names no package: "2.28-251.el8_10.5", "2.9.10+dfsg-6.7+deb11u3".
std::optional<VersionScheme> scheme_by_mark(std::string_view version) {
    const auto dash = version.rfind('-');
    if (dash == std::string_view::npos || dash == 0)
        return std::nullopt;
    const std::string_view revision = version.substr(dash + 1);
    const auto marked = [&](std::string_view mark) {
        const auto at = revision.find(mark);
        return at != std::string_view::npos && at != 0 && at + mark.size() < revision.size() && revision[at + mark.size()] >= '0' && revision[at + mark.size()] <= '9';
    };
    for (const std::string_view mark : {".el", ".fc", ".amzn", ".oe", ".cm"})
        if (marked(mark))
            return VersionScheme::rpm;
    for (const std::string_view mark : {"+deb", "~deb", "ubuntu", "~bpo"})
        if (marked(mark))
            return VersionScheme::dpkg;
    return std::nullopt;
}

/// Types of purls with the order of their versions.
constexpr std::array<std::pair<std::string_view, VersionScheme>, 14> ecosystems = {{
    {"deb", VersionScheme::dpkg}, {"apk", VersionScheme::apk}, {"rpm", VersionScheme::rpm}, {"npm", VersionScheme::semver}, {"cargo", VersionScheme::semver},
    {"golang", VersionScheme::semver}, {"hex", VersionScheme::semver}, {"pub", VersionScheme::semver}, {"swift", VersionScheme::semver}, {"pypi", VersionScheme::pep440},
    {"gem", VersionScheme::gem}, {"maven", VersionScheme::maven}, {"composer", VersionScheme::composer}, {"nuget", VersionScheme::nuget},
}};

}  // namespace

std::optional<VersionScheme> known_scheme_of(std::string_view ecosystem) {
    const auto* const found = std::ranges::find(ecosystems, ecosystem, &std::pair<std::string_view, VersionScheme>::first);
    return found == ecosystems.end() ? std::nullopt : std::optional(found->second);
}

VersionScheme scheme_of_ecosystem(std::string_view ecosystem) { return known_scheme_of(ecosystem).value_or(VersionScheme::generic); }

bool is_of_distribution(VersionScheme scheme) {
    return scheme == VersionScheme::dpkg || scheme == VersionScheme::opkg || scheme == VersionScheme::apk || scheme == VersionScheme::rpm;
}

std::optional<VersionScheme> distribution_scheme(const Component& component) {
    if (component.ecosystem == "pacman")  // [epoch:]upstream-revision, as dpkg's
        return VersionScheme::dpkg;
    const auto scheme = component.ecosystem.empty() && component.purl.empty() ? scheme_by_mark(component.version) : scheme_from_name(component.ecosystem);
    return scheme && is_of_distribution(*scheme) ? scheme : std::nullopt;
}

std::string upstream_version(const Component& component) {
    const auto scheme = distribution_scheme(component);
    return scheme ? upstream_part(component.version, *scheme) : std::string(trimmed(component.version));
}

namespace {

/// Whose package a purl names.
struct Packager {
    PackageUrl url;
    std::string type;     // "apk"
    std::string family;   // "alpine"; of a language's package its namespace
    std::string release;  // of a distribution: "3.18"

    [[nodiscard]] bool is_distribution() const { return type == "deb" || type == "apk" || type == "rpm"; }
    [[nodiscard]] std::string qualifier(const char* key) const {
        const auto found = url.qualifiers.find(key);
        return found == url.qualifiers.end() ? std::string() : found->second;
    }
};

std::optional<Packager> packager_of(const Component& component) {
    auto url = parse_package_url(component.purl);
    if (!url)
        return std::nullopt;
    Packager packager{.url = std::move(*url), .type = {}, .family = {}, .release = {}};
    // Some tools wrote Alpine's packages so before the type was called apk.
    const bool old_alpine = packager.url.type == "alpine";
    packager.type = old_alpine ? "apk" : packager.url.type;
    packager.family = old_alpine ? "alpine" : packager.url.space;
    if (packager.is_distribution()) {
        const std::string distro = packager.qualifier("distro");
        packager.release = packager.type == "deb" ? debian_release(distro) : packager.type == "apk" ? alpine_release(distro) : rpm_release(distro);
    }
    return packager;
}

}  // namespace

std::vector<PackageName> package_names(const Component& component) {
    const auto packager = packager_of(component);
    if (!packager || component.version.empty())
        return {};
    const auto& [url, type, family, release] = *packager;
    const VersionScheme scheme = scheme_of_ecosystem(type);
    if (!packager->is_distribution())
        return {{fmt::format("{}/{}{}{}", type, url.space, url.space.empty() ? "" : "/", url.name), component.version, scheme}};
    if (release.empty() || family.empty())
        return {};
    std::string source = component.source_package;
    if (source.empty())
        source = packager->qualifier("upstream").substr(0, packager->qualifier("upstream").find('@'));
    std::vector<PackageName> names;
    if (!source.empty())
        names.push_back({fmt::format("{}/{}/{}/{}", type, family, release, source), component.source_version.empty() ? component.version : component.source_version, scheme});
    if (url.name != source)
        names.push_back({fmt::format("{}/{}/{}/{}", type, family, release, url.name), component.version, scheme});
    return names;
}

std::string advisory_source(const Component& component) {
    const auto packager = packager_of(component);
    if (!packager || !known_scheme_of(packager->type))
        return {};
    return packager->is_distribution() ? fmt::format("{}/{}/{}/", packager->type, packager->family, packager->release) : packager->type + "/";
}

}  // namespace shirushi::vuln
