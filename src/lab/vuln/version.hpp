#pragma once
// Which of two version texts is newer, by the habits of whoever numbers the product. Pure; any thread. Every scheme is a weak
// order over all texts, hostile ones included: "1.0" and "1.0.0" may be equivalent without being equal, but nothing ever
// contradicts itself. Texts longer than longest_version are compared by their beginning.

#include <compare>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "model/fields.hpp"

namespace shirushi::vuln {

/// No real version is longer; hostile ones must not cost more.
inline constexpr std::size_t longest_version = 256;

enum class VersionScheme {
    /// Runs of digits and of letters as upstream projects write them. Before the release: dev, git, alpha, beta, test, pre, rc
    /// (and a1, b2). After it: letters (1.2c) and patches (1.8.6p7, -P1). Zeros at the end do not count. A label that is none
    /// of these ("-openwrt", "+dfsg") is a builder's own and does not count.
    generic,
    /// As generic, with OpenSSL's letters: 0.9.8 < 0.9.8a < 0.9.8z < 0.9.8za < 0.9.8zc; "-fips" and packagers' numbers do not count.
    openssl,
    /// The Linux kernel's: numbers and -rcN; whatever a builder appends ("-8-amd64", "-openwrt") does not count.
    kernel,
    /// As generic; 7.2p2 is the second port of 7.2 (OpenSSH), so a range that ends with 7.2 inclusive holds it (match.cpp).
    portable,
    semver,  ///< Semantic Versioning 2.0.0 clause 11 (npm, Cargo, Go with its pseudo-versions); build metadata does not count.
    dpkg,    ///< Debian Policy 5.6.12: [epoch:]upstream[-revision].
    opkg,    ///< The same algorithm, which opkg took over.
    apk,     ///< Alpine's: numbers, one letter, _alpha _beta _pre _rc before and _cvs _svn _git _hg _p after the release, -rN.
    rpm,     ///< rpm-version(7): [epoch:]version[-release], with tilde (before) and caret (after).
    pep440,  ///< Python's; what does not follow it is older than all that does.
    gem,     ///< RubyGems': letters are older than numbers.
    maven,   ///< Maven's version order specification.
    composer,  ///< Composer's: stabilities around four numbers, branches.
    nuget,     ///< As semver, with a fourth number and no difference between upper and lower case.
};
inline constexpr VersionScheme last_scheme = VersionScheme::nuget;

/// The word catalogues/components.toml uses for a scheme, which is its name here: "generic", "openssl", "dpkg" ...
std::string_view scheme_name(VersionScheme scheme);
std::optional<VersionScheme> scheme_from_name(std::string_view name);

std::weak_ordering compare_versions(std::string_view left, std::string_view right, VersionScheme scheme);

/// What upstream called the version inside a distribution's version: dpkg "1:2.85-1+deb12u1" is 2.85, opkg "1.33.1-6" is
/// 1.33.1, apk "1.36.1-r5" is 1.36.1. Other schemes: the text itself.
std::string upstream_part(std::string_view version, VersionScheme scheme);

/// Whether a distribution's version carries a revision of the distribution ("-1+deb12u1", "-r5").
bool has_distribution_revision(std::string_view version, VersionScheme scheme);

}  // namespace shirushi::vuln
