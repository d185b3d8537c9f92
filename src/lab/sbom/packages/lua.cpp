// LuaRocks: rocks-5.x/NAME/VERSION/rock_manifest (its folders say which rock it is) and NAME-VERSION.rockspec (LuaRocks wiki, "Rockspec
// format").

#include "base/text.hpp"
#include "sbom/packages/reading.hpp"

namespace shirushi::sbom {

PackageList read_rock_manifest(Bytes content, std::string_view path) {
    PackageList list;
    const auto segments = split(path, '/');
    if (segments.size() < 3 || as_text(content).find("rock_manifest") == std::string_view::npos)
        return list;
    add_package(list, {.name = std::string(segments[segments.size() - 3]), .version = std::string(segments[segments.size() - 2])});
    return list;
}

PackageList read_rockspec(Bytes content) {
    PackageList list;
    Package package;
    LineReader lines(content);
    for (TextLine line; lines.next(line);) {
        const std::string_view text = trimmed(line.text);
        const std::size_t equals = text.find('=');
        if (equals == std::string_view::npos)
            continue;
        const std::string_view key = trimmed(text.substr(0, equals));
        const std::string value(quoted_text(text.substr(equals + 1)));
        if (key == "package" && package.name.empty()) {
            package.name = value;
            package.offset = line.offset;
        } else if (key == "version" && package.version.empty()) {
            package.version = value;
        } else if (key == "license" && package.license.empty()) {
            package.license = value;
        } else if (key == "maintainer" && package.supplier.empty()) {
            package.supplier = value;
        }
    }
    add_package(list, std::move(package));
    return list;
}

}  // namespace shirushi::sbom
