#include "sbom/package_file.hpp"

#include <fmt/format.h>

#include <array>

#include "base/text.hpp"

namespace shirushi::sbom {
namespace {

constexpr std::size_t kOsRelease = 16 * 1024;  // real ones stay below 1 KiB
constexpr std::size_t kWord = 64;

constexpr std::array<Cataloger::Place, 2> kDpkgPlaces = {{{"var/lib/dpkg", "status"}, {"var/lib/dpkg/status.d", "*"}}};
constexpr std::array<Cataloger::Place, 6> kOpkgPlaces = {{{"usr/lib/opkg", "status"},
                                                          {"usr/lib/opkg/info", "*.control", true},
                                                          {"var/lib/opkg", "status"},
                                                          {"var/lib/opkg/info", "*.control", true},
                                                          {"usr/lib/ipkg", "status"},
                                                          {"usr/lib/ipkg/info", "*.control", true}}};
constexpr std::array<Cataloger::Place, 2> kApkPlaces = {{{"lib/apk/db", "installed"}, {"usr/lib/apk/db", "installed"}}};

constexpr std::array<Cataloger, 3> kCatalogers = {{
    {.ecosystem = "dpkg", .purl_type = "deb", .default_namespace = "debian", .places = kDpkgPlaces, .read = read_dpkg},
    {.ecosystem = "opkg", .purl_type = "opkg", .default_namespace = "", .places = kOpkgPlaces, .read = read_opkg},
    {.ecosystem = "apk", .purl_type = "apk", .default_namespace = "alpine", .places = kApkPlaces, .read = read_apk},
}};

/// Percent-encoding of the purl specification: letters, digits, '.', '-', '_', '~' and ':' stand for themselves.
std::string encoded(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || std::string_view(".-_~:").find(c) != std::string_view::npos;
        if (plain)
            out += c;
        else
            out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return out;
}

std::string unquoted(std::string_view value) {
    value = trimmed(value);
    if (value.size() >= 2 && (value.front() == '"' || value.front() == '\'') && value.back() == value.front())
        value = value.substr(1, value.size() - 2);
    return excerpt(lowered(value), kWord);
}

}  // namespace

std::span<const Cataloger> catalogers() { return kCatalogers; }

Distribution distribution_from(Bytes os_release) {
    Distribution distribution;
    for (const std::string_view line : lines_of(as_text(clipped(os_release, 0, kOsRelease)))) {
        const std::size_t equals = line.find('=');
        if (equals == std::string_view::npos)
            continue;
        const std::string_view key = trimmed(line.substr(0, equals));
        if (key == "ID")
            distribution.id = unquoted(line.substr(equals + 1));
        else if (key == "VERSION_ID")
            distribution.version = unquoted(line.substr(equals + 1));
    }
    return distribution;
}

std::string package_url(const Cataloger& cataloger, const Package& package, const Distribution& distribution) {
    const std::string_view space = distribution.id.empty() ? cataloger.default_namespace : std::string_view(distribution.id);
    std::string url = fmt::format("pkg:{}/", cataloger.purl_type);
    if (!space.empty() && cataloger.purl_type != "opkg")
        url += encoded(space) + "/";
    url += encoded(lowered(package.name));
    if (!package.version.empty())
        url += "@" + encoded(package.version);
    std::vector<std::string> qualifiers;  // in the order of their keys, as the specification asks
    if (!package.architecture.empty())
        qualifiers.push_back("arch=" + encoded(package.architecture));
    if (!distribution.id.empty() && !distribution.version.empty())
        qualifiers.push_back(fmt::format("distro={}-{}", encoded(distribution.id), encoded(distribution.version)));
    if (!qualifiers.empty())
        url += fmt::format("?{}", fmt::join(qualifiers, "&"));
    return url;
}

}  // namespace shirushi::sbom
