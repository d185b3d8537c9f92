#pragma once
// Names that bills of materials carry, taken apart: package-url (purl-spec) and CPE (NIST IR 7695).

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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

/// Whether packages of this type are written for one language, as the purl specification lists its types. Their names are a room of their own:
/// gem "git" is a library of Ruby, npm "php" an editor's extension.
bool is_language_type(std::string_view type);

/// The parts of a CPE 2.3 formatted string, or of a 2.2 URI behind "cpe:/": ':' separates unless a backslash stands before it; escapes are kept.
std::vector<std::string> cpe_fields(std::string_view text);
/// A part without its escapes: "tcp\/ip" is "tcp/ip".
std::string cpe_unescaped(std::string_view field);
/// A part of a 2.2 URI (percent-encoded) as a formatted string has it: "tcp%2fip" is "tcp\/ip".
std::string cpe_part_from_uri(std::string_view field);

struct CpeParts {
    char part = 'a';      ///< 'a', 'o' or 'h'
    std::string pair;     ///< "vendor:product", escapes kept: "treck:tcp\/ip"
    std::string version;  ///< escapes undone; empty for any or not applicable
};
/// Of "cpe:2.3:..." and of "cpe:/..." (CPE 2.2); nothing when it is neither, or vendor or product are left open.
std::optional<CpeParts> parse_cpe(std::string_view text);

}  // namespace shirushi
