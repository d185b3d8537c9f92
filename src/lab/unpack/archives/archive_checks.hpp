#pragma once
// Test only: what every reader of an archive must keep to.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>

#include "unpack/formats.hpp"
#include "unpack/making_test.hpp"
#include "unpack/sample_tree.hpp"

namespace shirushi::unpack {

/// Cut off anywhere and with bytes changed, nothing breaks out; what carries no damage is right for archives with checksums.
inline void expect_robust(Identify identify, Decoder decode, const Buffer& image, int rounds, bool checked) {
    CollectingSink whole;
    EXPECT_TRUE(decode(image, {}, whole));
    EXPECT_FALSE(whole.entries.empty());
    for (std::size_t size = 0; size < image.size(); ++size) {
        const Buffer part(image.begin(), image.begin() + static_cast<std::ptrdiff_t>(size));  // its own memory: overruns show
        const auto found = identify(part);
        EXPECT_LE(found ? found->size : 0, size);
        CollectingSink sink(4 << 20);
        (void)decode(part, {}, sink);
        EXPECT_EQ(0, sink.misuses);
    }
    std::mt19937 random(6);
    for (int round = 0; round < rounds; ++round) {
        Buffer flipped = image;
        for (unsigned i = 0; i <= random() % 3; ++i)
            flipped[random() % flipped.size()] ^= static_cast<std::uint8_t>(1 + random() % 255);
        const auto found = identify(flipped);
        EXPECT_LE(found ? found->size : 0, flipped.size());
        CollectingSink sink(4 << 20);
        (void)decode(flipped, {}, sink);
        EXPECT_EQ(0, sink.misuses);
        for (const auto& [path, entry] : sink.entries)
            if (checked && entry.damage.empty() && entry.info.kind == FileKind::regular && whole.entries.contains(path)) {
                EXPECT_TRUE(whole.entries[path].content == entry.content) << path << " in round " << round;
            }
    }
}

/// Behind and before other bytes the format is found with its exact size, and gives these files.
inline void expect_inside(const making::Workshop& shop, const Buffer& image, const std::string& format, std::initializer_list<const char*> files) {
    const auto tree = making::unpacked(making::joined({making::noise(301, 1), image, making::noise(99, 2)}));
    const std::string base = format + "@0x12d";
    const auto container = making::find(*tree, base);
    ASSERT_TRUE(container) << making::tables(*tree);
    EXPECT_EQ(image.size(), tree->node(*container).size);
    EXPECT_EQ("", tree->node(*container).damage);
    for (const char* file : files) {
        const auto found = making::find(*tree, fmt::format("{}/{}", base, file));
        ASSERT_TRUE(found) << file << "\n" << making::tables(*tree);
        EXPECT_EQ("", tree->node(*found).damage) << file;
        EXPECT_TRUE(std::ranges::equal(tree->bytes(*found), shop.read(file))) << file;
    }
    making::expect_covered(*tree);
}

/// expect_robust() for headers that are split in the parent.
inline void expect_robust_splitter(Identify identify, Splitter split, const Buffer& image, int rounds) {
    std::mt19937 random(7);
    const auto look = [&](const Buffer& bytes) {
        const auto found = identify(bytes);
        EXPECT_LE(found ? found->size : 0, bytes.size());
        if (found)
            (void)split(Bytes(bytes).first(found->size));
    };
    for (std::size_t size = 0; size < image.size(); ++size)
        look(Buffer(image.begin(), image.begin() + static_cast<std::ptrdiff_t>(size)));
    for (int round = 0; round < rounds; ++round) {
        Buffer flipped = image;
        for (unsigned i = 0; i <= random() % 3; ++i)
            flipped[random() % (round % 2 == 0 ? std::min<std::size_t>(flipped.size(), 600) : flipped.size())] ^= static_cast<std::uint8_t>(1 + random() % 255);
        look(flipped);
    }
}

}  // namespace shirushi::unpack
