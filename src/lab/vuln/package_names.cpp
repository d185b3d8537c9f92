#include "vuln/package_names.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/text.hpp"

namespace shirushi::vuln {
namespace {

struct Purl {
    std::string type;
    std::string place;  ///< namespace and name: "debian/openssl", "lodash"
    std::string distro;
    std::string upstream;  ///< the source package, where a qualifier names it
};

std::string decoded(std::string_view text) {
    const auto digit = [](char c) { return c >= '0' && c <= '9' ? c - '0' : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : -1; };
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 && digit(text[i + 2]) >= 0) {
            out += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

Purl parsed(std::string_view text) {
    constexpr std::string_view scheme = "pkg:";
    Purl purl;
    if (!text.starts_with(scheme))
        return purl;
    text.remove_prefix(scheme.size());
    text = text.substr(0, text.find('#'));
    const auto question = text.find('?');
    if (question != std::string_view::npos) {
        for (const std::string_view each : split(text.substr(question + 1), '&')) {
            if (each.starts_with("distro="))
                purl.distro = decoded(each.substr(7));
            if (each.starts_with("upstream="))
                purl.upstream = decoded(each.substr(9));
        }
        purl.upstream = purl.upstream.substr(0, purl.upstream.find('@'));
        text = text.substr(0, question);
    }
    const auto slash = text.find('/');
    if (slash == std::string_view::npos)
        return purl;
    purl.type = text.substr(0, slash);
    text.remove_prefix(slash + 1);
    // The version's '@' stands behind the last '/'; an npm scope's stands before it, or is written %40.
    const auto name = text.rfind('/') == std::string_view::npos ? 0 : text.rfind('/') + 1;
    purl.place = decoded(text.substr(0, text.find('@', name)));
    if (purl.type == "alpine") {  // as some tools wrote it before the type was called apk
        purl.type = "apk";
        purl.place = "alpine/" + purl.place;
    }
    return purl;
}

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

std::string_view last_segment(std::string_view place) { return place.substr(place.rfind('/') == std::string_view::npos ? 0 : place.rfind('/') + 1); }

}  // namespace

VersionScheme scheme_of_ecosystem(std::string_view ecosystem) {
    if (ecosystem == "deb")
        return VersionScheme::dpkg;
    if (ecosystem == "apk")
        return VersionScheme::apk;
    if (ecosystem == "npm" || ecosystem == "cargo" || ecosystem == "golang")
        return VersionScheme::semver;
    return VersionScheme::generic;
}

std::vector<PackageName> package_names(const Component& component) {
    const Purl purl = parsed(component.purl);
    if (purl.type.empty() || component.version.empty())
        return {};
    const VersionScheme scheme = scheme_of_ecosystem(purl.type);
    const bool by_release = purl.type == "deb" || purl.type == "apk";
    if (!by_release)
        return {{fmt::format("{}/{}", purl.type, purl.place), component.version, scheme}};
    const std::string release = purl.type == "deb" ? debian_release(purl.distro) : alpine_release(purl.distro);
    const auto slash = purl.place.find('/');
    if (release.empty() || slash == std::string::npos)
        return {};
    const std::string family = purl.place.substr(0, slash);
    std::vector<PackageName> names;
    const std::string& source = component.source_package.empty() ? purl.upstream : component.source_package;
    if (!source.empty())
        names.push_back({fmt::format("{}/{}/{}/{}", purl.type, family, release, source),
                         component.source_version.empty() ? component.version : component.source_version, scheme});
    const std::string_view binary = last_segment(purl.place);
    if (names.empty() || binary != source)
        names.push_back({fmt::format("{}/{}/{}/{}", purl.type, family, release, binary), component.version, scheme});
    return names;
}

}  // namespace shirushi::vuln
