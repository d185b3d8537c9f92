#pragma once
// What a cataloger is: one package database's bytes in, components out. One file per format; catalogers() lists them all.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "model/facts.hpp"

namespace shirushi::sbom {

/// What /etc/os-release says (os-release(5)): where a package's name and version come from.
struct Distribution {
    std::string id;         ///< "debian", "alpine", "openwrt"; empty when unknown
    std::string version;    ///< VERSION_ID: "12"
};
Distribution distribution_from(Bytes os_release);

/// A package as its database states it.
struct Package {
    std::string name;
    std::string version;
    std::string architecture;
    std::string source;    ///< name of the source package; empty when it is the same
    std::string supplier;
    std::string license;
    std::string cpe;       ///< "vendor:product" where the database itself says (OpenWrt's CPE-ID)
    std::uint64_t offset = 0;  ///< of its stanza
};

struct PackageList {
    std::vector<Package> packages;
    std::vector<std::string> gaps;  ///< what could not be read, without the file's name
};

/// Reads a database of hostile bytes; never fails: what is damaged is left out and named in gaps.
using PackageReader = PackageList (*)(Bytes content);
PackageList read_dpkg(Bytes content);
PackageList read_opkg(Bytes content);
PackageList read_apk(Bytes content);

struct Cataloger {
    std::string_view ecosystem;   ///< Component::ecosystem
    std::string_view purl_type;
    std::string_view default_namespace;  ///< of the purl when no os-release says more; empty: none
    /// Paths in a file system, '*' in the last segment standing for anything. A database of a kind with `is_detail` only adds to
    /// packages that another file of the same folder tree lists, where there is one.
    struct Place {
        std::string_view folder;
        std::string_view file;
        bool is_detail = false;
    };
    std::span<const Place> places;
    PackageReader read;
};
std::span<const Cataloger> catalogers();

/// The package-url of a package (purl-spec; percent-encoding by its rules).
std::string package_url(const Cataloger& cataloger, const Package& package, const Distribution& distribution);

}  // namespace shirushi::sbom
