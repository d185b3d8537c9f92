// dpkg's status file and the status.d files of images without dpkg (deb-control(5), dpkg(1) "Package states").

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "sbom/packages/package_file.hpp"
#include "sbom/packages/package_limits.hpp"
#include "sbom/packages/stanzas.hpp"

namespace shirushi::sbom {
namespace {

/// The third word of Status: whether the package's files stand in the file system. No Status at all (status.d): they do.
bool is_installed(std::string_view status) {
    if (status.empty())
        return true;
    const auto words = words_of(status);
    constexpr std::array<std::string_view, 3> absent = {"not-installed", "config-files", "half-installed"};
    return words.size() == 3 && std::ranges::find(absent, words[2]) == absent.end();
}

}  // namespace

PackageList read_dpkg(Bytes content) {
    PackageList list;
    StanzaReader reader(content);
    Stanza stanza;
    while (reader.next(stanza)) {
        const std::string_view name = stanza.field("Package");
        if (name.empty() || !is_installed(stanza.field("Status")))
            continue;
        if (list.packages.size() == kPackages) {
            list.gaps.push_back(kTooManyPackages);
            break;
        }
        // "Source: glibc (2.36-9)": the version in parentheses differs only for binary-only uploads.
        const std::string_view source = stanza.field("Source");
        const std::size_t open = source.find('(');
        const std::string_view source_version =
            open == std::string_view::npos ? std::string_view{} : source.substr(open + 1, source.find(')', open) - open - 1);
        list.packages.push_back({.name = field_text(name), .version = field_text(stanza.field("Version")),
                                 .architecture = field_text(stanza.field("Architecture")),
                                 .source = field_text(trimmed(source.substr(0, open))),
                                 .supplier = field_text(stanza.field("Maintainer")), .license = {}, .cpe = {}, .offset = stanza.offset,
                                 .source_version = field_text(source_version)});
    }
    if (reader.overflowed())
        list.gaps.push_back(kTooManyFields);
    return list;
}

}  // namespace shirushi::sbom
