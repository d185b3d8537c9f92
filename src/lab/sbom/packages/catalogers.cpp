// The list of catalogers: which file of a file system is read by whom.

#include <array>

#include "sbom/packages/package_file.hpp"

namespace shirushi::sbom {
namespace {

using Place = Cataloger::Place;
using enum PlaceRole;

/// A reader that does not care where its file stands.
template <PackageList (*reader)(Bytes)>
PackageList anywhere(Bytes content, std::string_view) {
    return reader(content);
}

constexpr Ecosystem kDpkg = {.name = "dpkg", .purl_type = "deb", .default_namespace = "debian", .of_distribution = true};
constexpr Ecosystem kOpkg = {.name = "opkg", .purl_type = "opkg", .of_distribution = true};
constexpr Ecosystem kApk = {.name = "apk", .purl_type = "apk", .default_namespace = "alpine", .of_distribution = true};
constexpr Ecosystem kRpm = {.name = "rpm", .purl_type = "rpm", .of_distribution = true};
constexpr Ecosystem kPacman = {.name = "pacman", .purl_type = "alpm", .default_namespace = "arch", .of_distribution = true};
constexpr Ecosystem kYocto = {.name = "yocto", .purl_type = "generic", .of_distribution = true};
constexpr Ecosystem kBuildroot = {.name = "buildroot", .purl_type = "generic", .of_distribution = true};
constexpr Ecosystem kPython = {.name = "python", .purl_type = "pypi"};
constexpr Ecosystem kNpm = {.name = "npm", .purl_type = "npm"};
constexpr Ecosystem kRuby = {.name = "ruby", .purl_type = "gem"};
constexpr Ecosystem kRust = {.name = "rust", .purl_type = "cargo"};
constexpr Ecosystem kJava = {.name = "java", .purl_type = "maven"};
constexpr Ecosystem kLua = {.name = "lua", .purl_type = "luarocks"};
constexpr Ecosystem kPerl = {.name = "perl", .purl_type = "cpan"};
constexpr Ecosystem kPhp = {.name = "php", .purl_type = "composer"};

constexpr Place kDpkgPlaces[] = {{"var/lib/dpkg", "status"}, {"var/lib/dpkg/status.d", "*"}};
constexpr Place kOpkgPlaces[] = {{"usr/lib/opkg", "status"}, {"usr/lib/opkg/info", "*.control", details},
                                 {"var/lib/opkg", "status"}, {"var/lib/opkg/info", "*.control", details},
                                 {"usr/lib/ipkg", "status"}, {"usr/lib/ipkg/info", "*.control", details}};
constexpr Place kApkPlaces[] = {{"lib/apk/db", "installed"}, {"usr/lib/apk/db", "installed"}};
constexpr Place kPacmanPlaces[] = {{"var/lib/pacman/local/*", "desc"}};
constexpr Place kRpmSqlitePlaces[] = {{"var/lib/rpm", "rpmdb.sqlite"}, {"usr/lib/sysimage/rpm", "rpmdb.sqlite"}, {"usr/share/rpm", "rpmdb.sqlite"}};
constexpr Place kRpmNdbPlaces[] = {{"var/lib/rpm", "Packages.db"}, {"usr/lib/sysimage/rpm", "Packages.db"}};
constexpr Place kRpmBerkeleyPlaces[] = {{"var/lib/rpm", "Packages"}, {"usr/lib/sysimage/rpm", "Packages"}};
constexpr Place kImageManifestPlaces[] = {{"", "*.manifest", declares}};
constexpr Place kYoctoLicensePlaces[] = {{"", "license.manifest", details}};
constexpr Place kYoctoInstalledPlaces[] = {{"", "installed-packages.txt", details}};
constexpr Place kBuildrootPlaces[] = {{"", "manifest.csv", declares}};
constexpr Place kPythonPlaces[] = {
    {"*.dist-info", "METADATA"}, {"*.egg-info", "PKG-INFO"}, {"*.EGG-INFO", "PKG-INFO"}, {"EGG-INFO", "PKG-INFO"}, {"", "*.egg-info"}};
constexpr Place kRequirementsPlaces[] = {{"", "requirements*.txt", declares}};
constexpr Place kPipfilePlaces[] = {{"", "Pipfile.lock", declares}};
constexpr Place kPoetryPlaces[] = {{"", "poetry.lock", declares}};
constexpr Place kNpmPlaces[] = {{"node_modules/*", "package.json"}, {"node_modules/@*/*", "package.json"}};
constexpr Place kNpmLockPlaces[] = {{"", "package-lock.json", declares}, {"", "npm-shrinkwrap.json", declares}};
constexpr Place kYarnPlaces[] = {{"", "yarn.lock", declares}};
constexpr Place kGemspecPlaces[] = {{"specifications", "*.gemspec"}, {"specifications/default", "*.gemspec"}};
constexpr Place kGemfilePlaces[] = {{"", "Gemfile.lock", declares}};
constexpr Place kCargoPlaces[] = {{"", "Cargo.lock", declares}};
constexpr Place kPomPlaces[] = {{"META-INF/maven/*/*", "pom.properties"}};
constexpr Place kJavaManifestPlaces[] = {{"META-INF", "MANIFEST.MF", details}};
constexpr Place kRockPlaces[] = {{"rocks*/*/*", "rock_manifest"}};
constexpr Place kRockspecPlaces[] = {{"rocks*/*/*", "*.rockspec", details}};
constexpr Place kPerlLocalPlaces[] = {{"", "perllocal.pod"}};
constexpr Place kPacklistPlaces[] = {{"", ".packlist", details}};
constexpr Place kPerlMetaPlaces[] = {{".meta/*", "MYMETA.json"}, {"", "META.json"}};
constexpr Place kComposerPlaces[] = {{"composer", "installed.json"}};
constexpr Place kComposerLockPlaces[] = {{"", "composer.lock", declares}};

constexpr Cataloger kCatalogers[] = {
    {.ecosystem = kDpkg, .places = kDpkgPlaces, .read = anywhere<read_dpkg>},
    {.ecosystem = kOpkg, .places = kOpkgPlaces, .read = anywhere<read_opkg>},
    {.ecosystem = kApk, .places = kApkPlaces, .read = anywhere<read_apk>},
    {.ecosystem = kPacman, .places = kPacmanPlaces, .read = anywhere<read_pacman>},
    {.ecosystem = kRpm, .places = kRpmSqlitePlaces, .read = anywhere<read_rpm_sqlite>},
    {.ecosystem = kRpm, .places = kRpmNdbPlaces, .read = anywhere<read_rpm_ndb>},
    {.ecosystem = kRpm, .places = kRpmBerkeleyPlaces, .read = anywhere<read_rpm_berkeley>},
    {.ecosystem = kOpkg, .places = kImageManifestPlaces, .read = anywhere<read_image_manifest>},
    {.ecosystem = kYocto, .places = kImageManifestPlaces, .read = anywhere<read_yocto_manifest>},
    {.ecosystem = kYocto, .places = kYoctoLicensePlaces, .read = anywhere<read_yocto_licenses>},
    {.ecosystem = kYocto, .places = kYoctoInstalledPlaces, .read = anywhere<read_yocto_installed>},
    {.ecosystem = kBuildroot, .places = kBuildrootPlaces, .read = anywhere<read_buildroot_manifest>},
    {.ecosystem = kPython, .places = kPythonPlaces, .read = anywhere<read_python_metadata>},
    {.ecosystem = kPython, .places = kRequirementsPlaces, .read = anywhere<read_python_requirements>},
    {.ecosystem = kPython, .places = kPipfilePlaces, .read = anywhere<read_pipfile_lock>},
    {.ecosystem = kPython, .places = kPoetryPlaces, .read = anywhere<read_poetry_lock>},
    {.ecosystem = kNpm, .places = kNpmPlaces, .read = anywhere<read_npm_package>},
    {.ecosystem = kNpm, .places = kNpmLockPlaces, .read = anywhere<read_npm_lock>},
    {.ecosystem = kNpm, .places = kYarnPlaces, .read = anywhere<read_yarn_lock>},
    {.ecosystem = kRuby, .places = kGemspecPlaces, .read = anywhere<read_gemspec>},
    {.ecosystem = kRuby, .places = kGemfilePlaces, .read = anywhere<read_gemfile_lock>},
    {.ecosystem = kRust, .places = kCargoPlaces, .read = anywhere<read_cargo_lock>},
    {.ecosystem = kJava, .places = kPomPlaces, .read = anywhere<read_pom_properties>},
    {.ecosystem = kJava, .places = kJavaManifestPlaces, .read = read_java_manifest},
    {.ecosystem = kLua, .places = kRockPlaces, .read = read_rock_manifest},
    {.ecosystem = kLua, .places = kRockspecPlaces, .read = anywhere<read_rockspec>},
    {.ecosystem = kPerl, .places = kPerlLocalPlaces, .read = anywhere<read_perl_local>},
    {.ecosystem = kPerl, .places = kPacklistPlaces, .read = read_perl_packlist},
    {.ecosystem = kPerl, .places = kPerlMetaPlaces, .read = anywhere<read_perl_meta>},
    {.ecosystem = kPhp, .places = kComposerPlaces, .read = anywhere<read_composer_installed>},
    {.ecosystem = kPhp, .places = kComposerLockPlaces, .read = anywhere<read_composer_lock>},
};

}  // namespace

std::span<const Cataloger> catalogers() { return kCatalogers; }

}  // namespace shirushi::sbom
