#pragma once
// The orders of distributions' package managers, from their specifications: Debian Policy 5.6.12, apk-package(5) and rpm-version(7).
// For version.cpp.

#include <compare>
#include <string_view>

namespace shirushi::vuln {

std::weak_ordering compare_debian_versions(std::string_view left, std::string_view right);
std::weak_ordering compare_alpine_versions(std::string_view left, std::string_view right);
std::weak_ordering compare_rpm_versions(std::string_view left, std::string_view right);

}  // namespace shirushi::vuln
