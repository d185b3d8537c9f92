#pragma once
// What a cataloger is: one list of packages' bytes in, packages out. One file per format; catalogers() lists them all.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "model/facts.hpp"

namespace shirushi::sbom {

/// What /etc/os-release says (os-release(5)), or OpenWrt's own file where there is none: where a package's name and version come from.
struct Distribution {
    std::string id;         ///< "debian", "alpine", "openwrt"; empty when unknown
    std::string version;    ///< VERSION_ID: "12"
};
Distribution distribution_from(Bytes os_release);
Distribution distribution_from_openwrt(Bytes openwrt_release);

/// A package as its list states it.
struct Package {
    std::string name;
    std::string version;
    std::string architecture;
    std::string source;    ///< name of the source package; empty when it is the same
    std::string supplier;
    std::string license;
    std::string cpe;       ///< "vendor:product" where the database itself says (OpenWrt's CPE-ID)
    std::uint64_t offset = 0;  ///< of its stanza
    std::string source_version = {};  ///< empty when it is the package's
    std::string group = {};           ///< the purl's namespace where it is the package's own: "@angular", "org.apache.logging.log4j"
    std::string epoch = {};           ///< rpm's, which its version then starts with
};

struct PackageList {
    std::vector<Package> packages;
    std::vector<std::string> gaps;  ///< what could not be read, without the file's name
};

/// Reads hostile bytes; never fails: what is damaged is left out and named in gaps. `path` is the file's in the tree, for lists whose
/// folders carry names.
using PackageReader = PackageList (*)(Bytes content, std::string_view path);

/// Of distributions: what their package managers keep.
PackageList read_dpkg(Bytes content);
PackageList read_opkg(Bytes content);
PackageList read_apk(Bytes content);
PackageList read_pacman(Bytes content);
PackageList read_rpm_sqlite(Bytes content);
PackageList read_rpm_ndb(Bytes content);
PackageList read_rpm_berkeley(Bytes content);
/// Of image builders: what went into an image.
PackageList read_image_manifest(Bytes content);            ///< OpenWrt's lines, "name - version"
PackageList read_yocto_manifest(Bytes content);            ///< "name architecture version"
PackageList read_yocto_licenses(Bytes content);            ///< license.manifest
PackageList read_yocto_installed(Bytes content);           ///< buildhistory's installed-packages.txt
PackageList read_buildroot_manifest(Bytes content);        ///< legal-info/manifest.csv
/// Of languages: installed packages, and what is to be installed.
PackageList read_python_metadata(Bytes content);
PackageList read_python_requirements(Bytes content);
PackageList read_pipfile_lock(Bytes content);
PackageList read_poetry_lock(Bytes content);
PackageList read_npm_package(Bytes content);
PackageList read_npm_lock(Bytes content);
PackageList read_yarn_lock(Bytes content);
PackageList read_gemspec(Bytes content);
PackageList read_gemfile_lock(Bytes content);
PackageList read_cargo_lock(Bytes content);
PackageList read_java_manifest(Bytes content, std::string_view path);
PackageList read_pom_properties(Bytes content);
PackageList read_rock_manifest(Bytes content, std::string_view path);
PackageList read_rockspec(Bytes content);
PackageList read_perl_local(Bytes content);
PackageList read_perl_packlist(Bytes content, std::string_view path);
PackageList read_perl_meta(Bytes content);
PackageList read_composer_installed(Bytes content);
PackageList read_composer_lock(Bytes content);

/// What a file says of the packages it names.
enum class PlaceRole {
    lists,     ///< they are installed
    details,   ///< adds to packages that another file of the same root lists; where there is none, they are installed
    declares,  ///< they are to be installed
};

/// Names of packages of one kind: where they come from, how they are written.
struct Ecosystem {
    std::string_view name;       ///< Component::ecosystem
    std::string_view purl_type;
    std::string_view default_namespace = {};  ///< of a distribution's packages when no os-release says more; empty: none
    bool of_distribution = false;             ///< packages belong to the distribution, which is part of the purl
};

struct Cataloger {
    Ecosystem ecosystem;
    /// A file in a file system: the last segments of its folder ('*' stands for anything within a segment, an empty folder for
    /// any) and its name (likewise).
    struct Place {
        std::string_view folder;
        std::string_view file;
        PlaceRole role = PlaceRole::lists;
    };
    std::span<const Place> places;
    PackageReader read;
};
std::span<const Cataloger> catalogers();

/// Whether `text` is `pattern`, in which one '*' stands for any text.
bool fits(std::string_view text, std::string_view pattern);
/// How long the end of `folder` is that fits the place's folder: its segments one by one; nothing when it does not.
std::optional<std::size_t> fitting_end(std::string_view folder, std::string_view pattern);

/// The package-url of a package (purl-spec with its types' rules on case; percent-encoding by its rules).
std::string package_url(const Ecosystem& ecosystem, const Package& package, const Distribution& distribution);

/// Percent-encoded as a package-url asks.
std::string purl_text(std::string_view text);

}  // namespace shirushi::sbom
