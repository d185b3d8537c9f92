// Every variant of a vendor's image, written by a small writer around a payload: found with its exact size, said what it is, cut into
// its parts, damage said; cut off, mutated, among other bytes.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "crypto/stored_digests.hpp"
#include "unpack/making_test.hpp"
#include "unpack/vendor/vendor_formats.hpp"
#include "unpack/vendor/vendor_image.hpp"
#include "unpack/vendor/vendor_samples.hpp"

namespace shirushi::unpack {
namespace {

using making::joined;
using making::noise;
using testing::HasSubstr;

std::vector<VendorSample> all_samples() {
    std::vector<VendorSample> all = router_samples();
    for (const auto& more : {chip_samples(), other_samples()})
        all.insert(all.end(), more.begin(), more.end());
    return all;
}

/// As the scan would ask: all formats of that name.
std::optional<FoundContainer> identified(std::string_view name, Bytes bytes, const Format** which = nullptr) {
    for (const Format& format : vendor_formats()) {
        if (format.name != name)
            continue;
        if (auto found = format.identify(bytes)) {
            if (which != nullptr)
                *which = &format;
            return found;
        }
    }
    return std::nullopt;
}

Buffer small_payload(std::size_t size = 90) {
    return noise(size, 11);
}

class EveryVendorImage : public testing::TestWithParam<VendorSample> {};

TEST_P(EveryVendorImage, HoldsItsPayload) {
    const VendorSample& sample = GetParam();
    for (const std::size_t size : {90, 1201}) {
        const Buffer payload = small_payload(size);
        const Buffer image = sample.make(payload);
        const Format* format = nullptr;
        const auto found = identified(sample.format, image, &format);
        ASSERT_TRUE(found);
        EXPECT_EQ(image.size(), found->size);
        EXPECT_THAT(found->description, HasSubstr(sample.says));
        EXPECT_EQ("", found->encrypted);
        const auto split = format->split(image);
        ASSERT_TRUE(split) << split.error().message;
        EXPECT_EQ("", split->damage);
        const auto part = std::ranges::find(split->parts, sample.part, &Part::name);
        ASSERT_NE(split->parts.end(), part);
        EXPECT_TRUE(as_text(clipped(image, part->offset, part->size)).contains(as_text(payload)));
        for (const Part& one : split->parts) {
            EXPECT_LE(one.offset + one.size, image.size()) << one.name;
            EXPECT_FALSE(one.name.starts_with("rest-")) << one.name;
        }
    }
}

TEST_P(EveryVendorImage, EndsWhereItSays) {
    const VendorSample& sample = GetParam();
    if (!sample.sized)
        return;
    const Buffer image = sample.make(small_payload());
    const auto found = identified(sample.format, joined({image, noise(500, 3)}));
    ASSERT_TRUE(found);
    EXPECT_EQ(image.size(), found->size);
}

TEST_P(EveryVendorImage, SaysThatAChecksumDoesNotMatch) {
    const VendorSample& sample = GetParam();
    if (sample.damage.empty())
        return;
    const Buffer payload = small_payload();
    Buffer image = sample.make(payload);
    const auto at = std::search(image.begin(), image.end(), payload.begin(), payload.end());
    ASSERT_NE(image.end(), at);
    at[40] ^= 0x10;
    const Format* format = nullptr;
    const auto found = identified(sample.format, image, &format);
    if (sample.damage == "not believed") {
        EXPECT_FALSE(found);
        return;
    }
    ASSERT_TRUE(found);
    const auto split = format->split(image);
    ASSERT_TRUE(split);
    EXPECT_THAT(split->damage, HasSubstr(sample.damage));
    EXPECT_TRUE(std::ranges::any_of(split->parts, [&](const Part& part) { return part.name == sample.part; }))
        << "what is there is handed out all the same";
}

TEST_P(EveryVendorImage, WithAnotherMagicIsNone) {
    const VendorSample& sample = GetParam();
    const Buffer image = sample.make(small_payload());
    for (const Format& format : vendor_formats()) {
        for (const Magic& magic : format.magics) {
            if (format.name != sample.format || !stands_at(image, magic.offset, magic.bytes))
                continue;
            Buffer other = image;
            other[magic.offset] ^= 0x01;
            EXPECT_FALSE(format.identify(other));
        }
    }
}

TEST_P(EveryVendorImage, CutAnywhereIsAPart) {
    const VendorSample& sample = GetParam();
    const Buffer image = sample.make(small_payload());
    const std::size_t step = std::max<std::size_t>(1, image.size() / 4000);
    int unsaid = 0;
    for (std::size_t size = 0; size < image.size(); size += step) {
        const Buffer part(image.begin(), image.begin() + static_cast<std::ptrdiff_t>(size));  // its own memory: overruns show
        const Format* format = nullptr;
        const auto found = identified(sample.format, part, &format);
        if (!found)
            continue;
        ASSERT_LE(found->size, size);
        const auto split = format->split(Bytes(part).first(found->size));
        ASSERT_TRUE(split);
        unsaid += found->size < size || !split->damage.empty() ? 0 : 1;
    }
    // Lists without a count cannot tell that they are cut between two entries; a header without a size, that anything is missing.
    EXPECT_LE(unsaid, sample.sized ? 10 : static_cast<int>(image.size())) << sample.name;
}

TEST_P(EveryVendorImage, FlippedBytesNeverBreakOut) {
    const VendorSample& sample = GetParam();
    const Buffer image = sample.make(small_payload());
    std::mt19937 random(30);
    for (int round = 0; round < 1500; ++round) {
        Buffer flipped = image;
        for (int i = 0; i < 3; ++i)  // most near the start, where the header is, or the end
            flipped[random() % (i == 0 ? flipped.size() : std::min<std::size_t>(flipped.size(), 256))] =
                static_cast<std::uint8_t>(random());
        if (round % 2 == 0)
            flipped[flipped.size() - 1 - random() % std::min<std::size_t>(flipped.size(), 80)] ^=
                static_cast<std::uint8_t>(1U << random() % 8);
        const Format* format = nullptr;
        const auto found = identified(sample.format, flipped, &format);
        if (!found)
            continue;
        ASSERT_LE(found->size, flipped.size());
        ASSERT_GT(found->size, 0U);
        ASSERT_TRUE(format->split(Bytes(flipped).first(found->size)));
    }
}

INSTANTIATE_TEST_SUITE_P(Vendor, EveryVendorImage, testing::ValuesIn(all_samples()), [](const auto& one) { return one.param.name; });

Buffer packed_tree() {
    const making::Workshop shop;
    return shop.run(
        "mkdir -p t/etc && printf 'root:x:0:0::/root:/bin/sh\\n' > t/etc/passwd && tar -C t --sort=name --mtime=@0 --owner=0 --group=0 -cf "
        "- . | gzip -n");
}

/// Where the file of packed_tree() is, below a container.
std::optional<NodeId> passwd_below(const Tree& tree, std::string_view container) {
    for (std::uint32_t i = 0; i < tree.size(); ++i) {
        const std::string path = tree.path(NodeId{i});
        if (path.contains(container) && path.ends_with("tar@0x0/etc/passwd"))
            return NodeId{i};
    }
    return std::nullopt;
}

TEST(Vendor, EveryHeaderInOneDump) {
    const Buffer payload = packed_tree();
    Buffer dump = noise(1237, 1);
    std::map<std::size_t, VendorSample> placed;
    for (const VendorSample& sample : all_samples()) {
        if (!sample.sized)
            continue;
        placed[dump.size()] = sample;
        dump = joined({dump, sample.make(payload), noise(333 + placed.size() % 7, static_cast<std::uint32_t>(placed.size()))});
    }
    EXPECT_GE(placed.size(), 45U);
    const auto tree = making::unpacked(dump);
    for (const auto& [offset, sample] : placed) {
        const auto found = passwd_below(*tree, fmt::format("{}@0x{:x}/", sample.format, offset));
        ASSERT_TRUE(found) << sample.name << "\n" << making::tables(*tree);
        EXPECT_EQ(as_text(tree->bytes(*found)), "root:x:0:0::/root:/bin/sh\n") << sample.name;
    }
    making::expect_covered(*tree);
}

TEST(Vendor, EndsAreSeenBeforeBeginnings) {
    const Buffer payload = packed_tree();
    for (const VendorSample& sample : all_samples()) {
        if (sample.sized)
            continue;
        const auto tree = making::unpacked(sample.make(payload));
        EXPECT_TRUE(passwd_below(*tree, sample.format + "@0x0/")) << sample.name << "\n" << making::tables(*tree);
        EXPECT_EQ(1, std::ranges::count(tree->regions(), "", &Region::path)) << sample.name;
    }
}

TEST(Vendor, NoiseIsNone) {
    for (std::uint32_t seed = 1; seed <= 40; ++seed) {
        Buffer bytes = noise(65536, seed);
        for (const Format& format : vendor_formats()) {
            EXPECT_FALSE(format.magics.empty() && format.identify(bytes)) << format.name;
            for (const Magic& magic : format.magics) {
                Buffer with_magic = bytes;
                std::ranges::copy(as_bytes(magic.bytes), with_magic.begin() + static_cast<std::ptrdiff_t>(magic.offset));
                // Magics as long as a header's other fields are believed with any content.
                const auto found = format.identify(with_magic);
                EXPECT_TRUE(!found || magic.bytes.size() >= 12 || !found->encrypted.empty()) << format.name << ": " << found->description;
            }
        }
    }
}

TEST(Vendor, WhatNoPartNamesIsHandedOutToo) {
    ImageWriter out;
    out.text("BNEG").le32(1).le32(1).le32(50).le32(50).fill(100, 'k');
    Buffer image = out.bytes;
    VendorImage header{.size = 20 + 500, .header = 20};
    header.parts.push_back({"known", 20 + 200, 100, {}});
    image.resize(520);
    std::ranges::copy(noise(200, 1), image.begin() + 20);
    std::ranges::copy(noise(150, 2), image.begin() + 320);
    const auto split = split_vendor_image(header, image);
    ASSERT_TRUE(split);
    ASSERT_EQ(3U, split->parts.size());
    EXPECT_EQ("rest-0x14", split->parts[1].name);
    EXPECT_EQ(200U, split->parts[1].size);
    EXPECT_EQ("rest-0x140", split->parts[2].name);
}

TEST(Vendor, CksumIsThatOfPosix) {
    const making::Workshop shop;
    const Buffer bytes = noise(70'001, 4);
    shop.write("x", bytes);
    EXPECT_EQ(fmt::format("{}\n", posix_checksum(bytes)), as_text(shop.run("cksum < x | cut -d' ' -f1")));
}

TEST(Vendor, StrippedTplinkImageIsWhole) {
    // Cut behind its last part to save space: the length in the header is that of the flash, the MD5 that of the file.
    constexpr std::uint8_t kSalt[]{0xdc, 0xd7, 0x3a, 0xa5, 0xc3, 0x95, 0x98, 0xfb, 0xdd, 0xf9, 0xe7, 0xf4, 0x0e, 0xae, 0x47, 0x38};
    const auto samples = router_samples();
    ImageWriter out;
    out.bytes = std::ranges::find(samples, "TplinkVersion1", &VendorSample::name)->make(small_payload());
    out.set(124, 0x3c0000, 4, Endian::big);
    EXPECT_THAT(identified("tplink", out.bytes)->description, HasSubstr("cut off"));
    out.set(76, kSalt);
    out.set(76, crypto::md5({out.bytes}));
    const Format* format = nullptr;
    const auto found = identified("tplink", out.bytes, &format);
    ASSERT_TRUE(found);
    EXPECT_FALSE(found->description.contains("cut off"));
    EXPECT_EQ("", format->split(out.bytes)->damage);
}

}  // namespace
}  // namespace shirushi::unpack
