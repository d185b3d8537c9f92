// Composer: vendor/composer/installed.json (a list in Composer 1, {"packages": [...]} in 2) and composer.lock.

#include "base/text.hpp"
#include "sbom/packages/reading.hpp"

namespace shirushi::sbom {
namespace {

bool add_packages(const PackageJson& packages, OffsetFinder& offsets, PackageList& list) {
    if (!packages.is_array())
        return true;
    for (const PackageJson& entry : packages) {
        const std::string name = json_text(entry, "name");
        const std::size_t slash = name.find('/');
        Package package{.name = slash == std::string::npos ? name : name.substr(slash + 1), .version = json_text(entry, "version"),
                        .license = json_license(entry), .offset = offsets.find(name)};
        if (slash != std::string::npos)
            package.group = name.substr(0, slash);
        if (package.version.size() > 1 && package.version[0] == 'v' && package.version[1] >= '0' && package.version[1] <= '9')
            package.version.erase(0, 1);
        if (!add_package(list, std::move(package)))
            return false;
    }
    return true;
}

PackageList read_lists(Bytes content, std::initializer_list<const char*> members) {
    PackageList list;
    const auto json = package_json(content, list);
    if (!json)
        return list;
    OffsetFinder offsets(content);
    if (json->is_array())
        add_packages(*json, offsets, list);
    for (const char* member : members)
        if (json->is_object() && json->contains(member) && !add_packages((*json)[member], offsets, list))
            break;
    return list;
}

}  // namespace

PackageList read_composer_installed(Bytes content) { return read_lists(content, {"packages"}); }

PackageList read_composer_lock(Bytes content) { return read_lists(content, {"packages", "packages-dev"}); }

}  // namespace shirushi::sbom
