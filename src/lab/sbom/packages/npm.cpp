// Node: package.json of installed packages (npm docs, package.json), package-lock.json of lockfileVersion 1 to 3, yarn.lock of yarn 1
// and of later ones.

#include "base/text.hpp"
#include "sbom/packages/reading.hpp"

namespace shirushi::sbom {
namespace {

constexpr int kDepth = 32;  // "dependencies" in "dependencies": each is one folder node_modules deeper

/// "@scope/name" has its scope as namespace; the name keeps it, as everybody writes it.
Package npm_package(std::string_view name, std::string version, std::uint64_t offset) {
    Package package{.name = std::string(name), .version = std::move(version), .offset = offset};
    if (name.starts_with('@') && name.find('/') != std::string_view::npos) {
        package.group = name.substr(0, name.find('/'));
        package.name = name.substr(name.find('/') + 1);
    }
    return package;
}

/// lockfileVersion 1. False: no more packages are taken.
bool add_dependencies(const PackageJson& json, OffsetFinder& offsets, PackageList& list, int depth) {
    if (!json.is_object() || !json.contains("dependencies") || !json["dependencies"].is_object() || depth > kDepth)
        return true;
    for (const auto& [name, dependency] : json["dependencies"].items()) {
        if (const std::string version = json_text(dependency, "version"); !version.empty())
            if (!add_package(list, npm_package(name, version, offsets.find(name))))
                return false;
        if (!add_dependencies(dependency, offsets, list, depth + 1))
            return false;
    }
    return true;
}

/// "name@range" or "@scope/name@range", perhaps quoted, perhaps the first of several.
std::string_view yarn_name(std::string_view key) {
    if (key.starts_with('"'))
        key.remove_prefix(1);
    return key.substr(0, key.find('@', 1));
}

}  // namespace

PackageList read_npm_package(Bytes content) {
    PackageList list;
    const auto json = package_json(content, list);
    if (!json || json_text(*json, "version").empty())  // folders inside a package have such files too, with neither
        return list;
    Package package = npm_package(json_text(*json, "name"), json_text(*json, "version"), 0);
    package.license = json_license(*json);
    if (package.license.empty())
        package.license = json_license(*json, "licenses");
    package.supplier = json_text(*json, "author");
    if (package.supplier.empty() && json->contains("author"))
        package.supplier = json_text((*json)["author"], "name");
    add_package(list, std::move(package));
    return list;
}

PackageList read_npm_lock(Bytes content) {
    PackageList list;
    const auto json = package_json(content, list);
    if (!json || !json->is_object())
        return list;
    OffsetFinder offsets(content);
    if (!json->contains("packages") || !(*json)["packages"].is_object()) {
        add_dependencies(*json, offsets, list, 0);
        return list;
    }
    constexpr std::string_view folder = "node_modules/";
    for (const auto& [path, entry] : (*json)["packages"].items()) {
        const std::size_t at = path.rfind(folder);
        const std::string version = json_text(entry, "version");
        if (at == std::string::npos || version.empty())  // the project itself, or a link to a folder of it
            continue;
        const std::string alias = json_text(entry, "name");
        if (!add_package(list, npm_package(alias.empty() ? std::string_view(path).substr(at + folder.size()) : std::string_view(alias), version,
                                           offsets.find(path))))
            break;
    }
    return list;
}

PackageList read_yarn_lock(Bytes content) {
    PackageList list;
    std::string_view name;
    std::uint64_t offset = 0;
    LineReader lines(content);
    for (TextLine line; lines.next(line);) {
        if (line.text.empty() || line.text.front() == '#')
            continue;
        if (line.text.front() != ' ') {
            name = line.text.ends_with(':') ? yarn_name(line.text) : std::string_view{};
            offset = line.offset;
            continue;
        }
        const std::string_view text = trimmed(line.text);
        if (name.empty() || name == "__metadata" || name == "__metadata:" || !text.starts_with("version"))
            continue;
        std::string_view version = trimmed(text.substr(7));
        if (version.starts_with(':'))
            version = trimmed(version.substr(1));
        if (const std::string_view inner = quoted_text(version); !inner.empty())
            version = inner;
        // "0.0.0-use.local" is the project's own part.
        if (version != "0.0.0-use.local" && !add_package(list, npm_package(name, std::string(version), offset)))
            break;
        name = {};
    }
    return list;
}

}  // namespace shirushi::sbom
