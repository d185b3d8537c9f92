#pragma once
// Test only: what the flash file systems' tests share.

#include "unpack/sample_tree.hpp"

namespace shirushi::unpack {

/// Files without damage have the right content, also those whose directory has lost its name.
inline void expect_part_or_lost(const std::map<std::string, CollectedEntry>& whole, const CollectingSink& part) {
    EXPECT_EQ(0, part.misuses);
    for (const auto& [path, entry] : part.entries) {
        if (!entry.damage.empty() || entry.info.kind != FileKind::regular)
            continue;
        auto known = whole.find(path);
        if (path.starts_with("lost+found/")) {
            const std::string end = path.substr(path.rfind('/'));
            known = std::ranges::find_if(whole, [&](const auto& one) { return one.first.ends_with(end); });
        }
        ASSERT_TRUE(known != whole.end()) << path;
        EXPECT_TRUE(known->second.content == entry.content) << path;
    }
}

}  // namespace shirushi::unpack
