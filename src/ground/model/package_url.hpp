#pragma once
// Names that bills of materials carry, taken apart: package-url (purl-spec) and CPE (NIST IR 7695).

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace shirushi {

/// pkg:TYPE/NAMESPACE/NAME@VERSION?QUALIFIERS#SUBPATH with percent-encoding undone; the subpath is not kept.
struct PackageUrl {
    std::string type;  ///< small letters: "deb", "apk", "npm"
    std::string space;
    std::string name;
    std::string version;
    std::map<std::string, std::string> qualifiers;  ///< "arch", "distro", "upstream"
};
/// Nothing when it is none: no "pkg:", no type or no name.
std::optional<PackageUrl> parse_package_url(std::string_view text);

struct CpeParts {
    char part = 'a';      ///< 'a', 'o' or 'h'
    std::string pair;     ///< "vendor:product", escapes kept: "treck:tcp\/ip"
    std::string version;  ///< escapes undone; empty for any or not applicable
};
/// Of "cpe:2.3:..." and of "cpe:/..." (CPE 2.2); nothing when it is neither, or vendor or product are left open.
std::optional<CpeParts> parse_cpe(std::string_view text);

}  // namespace shirushi
