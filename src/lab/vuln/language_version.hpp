#pragma once
// The orders of programming languages' package managers, from their specifications. For version.cpp.

#include <compare>
#include <string_view>

namespace shirushi::vuln {

/// PEP 440 with its normal forms. What does not follow it is older than all that does, as setuptools ordered it.
std::weak_ordering compare_python_versions(std::string_view left, std::string_view right);
/// RubyGems: numbers and letters in turn; letters are older than numbers; missing segments are 0; '-' means ".pre.".
std::weak_ordering compare_gem_versions(std::string_view left, std::string_view right);
/// Maven's version order specification (POM reference), with '_' as a separator.
std::weak_ordering compare_maven_versions(std::string_view left, std::string_view right);
/// Composer: dev, alpha, beta, RC, the release, patches; branches ("dev-main", "1.2.x-dev").
std::weak_ordering compare_composer_versions(std::string_view left, std::string_view right);

}  // namespace shirushi::vuln
