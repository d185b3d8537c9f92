// apk-tools 2's database of installed packages (Alpine wiki, "Apk spec", installed database): one-letter fields.

#include "sbom/package_file.hpp"
#include "sbom/package_limits.hpp"
#include "sbom/stanzas.hpp"

namespace shirushi::sbom {

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
                                 .architecture = field_text(stanza.field("A", true)), .source = field_text(stanza.field("o", true)),
                                 .supplier = field_text(stanza.field("m", true)), .license = field_text(stanza.field("L", true)),
                                 .cpe = {}, .offset = stanza.offset});
    }
    if (reader.overflowed())
        list.gaps.push_back(kTooManyFields);
    return list;
}

}  // namespace shirushi::sbom
