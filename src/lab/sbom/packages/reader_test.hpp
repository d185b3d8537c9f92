#pragma once
// For tests of this folder: lists of packages in one line each, and inputs cut at every length.

#include <gtest/gtest.h>

#include "sbom/packages/package_file.hpp"

namespace shirushi::sbom {

/// "name version" of each package.
inline std::vector<std::string> names_of(const PackageList& list) {
    std::vector<std::string> out;
    for (const Package& package : list.packages)
        out.push_back((package.group.empty() ? "" : package.group + "|") + package.name + " " + package.version);
    return out;
}

/// Cut anywhere, a list gives no more packages than it has (and one whose name is cut), none without a name, offsets inside.
template <class Reader>
void cut_everywhere(std::string_view whole, Reader read) {
    const std::size_t all = read(as_bytes(whole)).packages.size();
    for (std::size_t length = 0; length <= whole.size(); ++length) {
        const std::vector<char> exact(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));  // one byte too many is seen
        const PackageList list = read(as_bytes({exact.data(), exact.size()}));
        EXPECT_LE(list.packages.size(), all + 1) << length;
        for (const Package& package : list.packages) {
            EXPECT_FALSE(package.name.empty()) << length;
            EXPECT_LE(package.offset, length);
        }
    }
}

}  // namespace shirushi::sbom
