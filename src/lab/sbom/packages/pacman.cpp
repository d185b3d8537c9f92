// pacman's local database: a folder for each package with a file desc of "%NAME%" lines, values below, a blank line after each
// (pacman, libalpm be_local.c).

#include "base/text.hpp"
#include "sbom/packages/reading.hpp"

namespace shirushi::sbom {

PackageList read_pacman(Bytes content) {
    PackageList list;
    Package package;
    std::string_view key;
    LineReader lines(content);
    for (TextLine line; lines.next(line);) {
        const std::string_view text = trimmed(line.text);
        if (text.empty() || (text.starts_with('%') && text.ends_with('%'))) {
            key = text;
            continue;
        }
        std::string* into = key == "%NAME%"       ? &package.name
                            : key == "%VERSION%"  ? &package.version
                            : key == "%BASE%"     ? &package.source
                            : key == "%ARCH%"     ? &package.architecture
                            : key == "%LICENSE%"  ? &package.license
                            : key == "%PACKAGER%" ? &package.supplier
                                                  : nullptr;
        if (into == nullptr)
            continue;
        if (into->empty())
            *into = text;
        else if (into == &package.license && into->size() < 1024)
            (*into += " AND ") += text;
    }
    add_package(list, std::move(package));
    return list;
}

}  // namespace shirushi::sbom
