#pragma once
// Test only: images of boot loaders are small, so that each is cut at every length and damaged in thousands of ways.

#include <gtest/gtest.h>

#include <random>

#include "unpack/collecting_sink.hpp"
#include "unpack/formats.hpp"

namespace shirushi::unpack::boot_test {

/// A copy in memory of exactly its size, so that a read too far is seen.
inline void look_at(Identify identify, Splitter split, Decoder decode, const Buffer& exact) {
    const auto found = identify(exact);
    if (!found)
        return;
    ASSERT_LE(found->size, exact.size());
    if (split != nullptr) {
        const auto parts = split(Bytes(exact).first(found->size));
        ASSERT_TRUE(parts.has_value());
    }
    if (decode != nullptr) {
        CollectingSink sink(std::uint64_t{4} << 20);
        (void)decode(Bytes(exact).first(found->size), {}, sink);
        ASSERT_EQ(sink.misuses, 0);
    }
}

inline void expect_no_harm(Identify identify, Splitter split, Decoder decode, const Buffer& image, int mutations = 2000) {
    for (std::size_t size = 0; size <= image.size(); ++size)
        look_at(identify, split, decode, Buffer(image.begin(), image.begin() + static_cast<std::ptrdiff_t>(size)));
    std::mt19937 random(20261127);
    for (int i = 0; i < mutations; ++i) {
        Buffer damaged = image;
        for (auto changes = 1 + random() % 6; changes > 0; --changes)
            damaged[random() % std::min<std::size_t>(damaged.size(), random() % 2 == 0 ? damaged.size() : 128)] = static_cast<std::uint8_t>(random() % 4 == 0 ? 0xff : random());
        look_at(identify, split, decode, damaged);
    }
}

inline void put_number(Buffer& to, std::size_t at, std::uint64_t value, std::size_t size, Endian endian = Endian::little) {
    if (to.size() < at + size)
        to.resize(at + size);
    for (std::size_t i = 0; i < size; ++i)
        to[at + i] = static_cast<std::uint8_t>(value >> 8 * (endian == Endian::little ? i : size - 1 - i));
}

inline void append(Buffer& to, Bytes bytes) { to.insert(to.end(), bytes.begin(), bytes.end()); }

}  // namespace shirushi::unpack::boot_test
