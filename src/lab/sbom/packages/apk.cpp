// apk-tools 2's database of installed packages (Alpine wiki, "Apk spec", installed database): one-letter fields.

#include "sbom/packages/package_file.hpp"
#include "sbom/packages/package_limits.hpp"
#include "sbom/packages/stanzas.hpp"

namespace shirushi::sbom {
namespace {

/// OpenWrt writes the recipe's path as origin: "package/network/services/dropbear".
std::string_view last_segment(std::string_view path) { return path.substr(path.rfind('/') == std::string_view::npos ? 0 : path.rfind('/') + 1); }

}  // namespace

PackageList read_apk(Bytes content) {
    PackageList list;
    StanzaReader reader(content);
    Stanza stanza;
    while (reader.next(stanza)) {
        const std::string_view name = stanza.field("P", true);
        if (name.empty())
            continue;
        if (list.packages.size() == kPackages) {
            list.gaps.push_back(kTooManyPackages);
            break;
        }
        list.packages.push_back({.name = field_text(name), .version = field_text(stanza.field("V", true)),
                                 .architecture = field_text(stanza.field("A", true)), .source = field_text(last_segment(stanza.field("o", true))),
                                 .supplier = field_text(stanza.field("m", true)), .license = field_text(stanza.field("L", true)),
                                 .cpe = {}, .offset = stanza.offset});
    }
    if (reader.overflowed())
        list.gaps.push_back(kTooManyFields);
    return list;
}

}  // namespace shirushi::sbom
