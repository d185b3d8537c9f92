// Lock files in the part of TOML that their tools write: "[[package]]" and below it "name = "x"", one a line (Cargo.lock versions 1 to 4,
// poetry.lock).

#include "base/text.hpp"
#include "sbom/packages/reading.hpp"

namespace shirushi::sbom {
namespace {

PackageList read_lock(Bytes content) {
    PackageList list;
    Package package;
    bool in_package = false;
    const auto finish = [&] {
        const bool go_on = !in_package || add_package(list, std::move(package));
        package = {};
        return go_on;
    };
    LineReader lines(content);
    for (TextLine line; lines.next(line);) {
        const std::string_view text = trimmed(line.text);
        if (text.starts_with('[')) {
            if (!finish())
                return list;
            in_package = text == "[[package]]";
            package.offset = line.offset;
        } else if (in_package && text.starts_with("name ") && package.name.empty()) {
            package.name = quoted_text(text.substr(5));
        } else if (in_package && text.starts_with("version ") && package.version.empty()) {
            package.version = quoted_text(text.substr(8));
        }
    }
    finish();
    return list;
}

}  // namespace

PackageList read_cargo_lock(Bytes content) { return read_lock(content); }

PackageList read_poetry_lock(Bytes content) { return read_lock(content); }

}  // namespace shirushi::sbom
