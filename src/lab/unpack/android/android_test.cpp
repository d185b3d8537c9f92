// Boot images as mkbootimg makes them, sparse images as img2simg does; updates, verified boot and dynamic partitions by small writers
// after the published layouts.

#include <bzlib.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <lzma.h>

#include <array>

#include "crypto/sha256.hpp"
#include "unpack/android/android_images.hpp"
#include "unpack/hostile_test.hpp"
#include "unpack/making_test.hpp"

namespace shirushi::unpack {
namespace {

using testing::HasSubstr;

constexpr Parser kBoot{identify_android_boot, nullptr, split_android_boot};
constexpr Parser kVendorBoot{identify_android_vendor_boot, nullptr, split_android_vendor_boot};
constexpr Parser kSparse{identify_android_sparse, read_android_sparse, nullptr};
constexpr Parser kPayload{identify_android_payload, read_android_payload, nullptr};
constexpr Parser kVbmeta{identify_android_vbmeta, nullptr, nullptr};
constexpr Parser kSuper{identify_android_super, read_android_super, nullptr};

/// The parts by name.
std::map<std::string, Buffer> parts_of(Bytes image, const Parser& parser) {
    std::map<std::string, Buffer> parts;
    const auto split = parser.split(image);
    EXPECT_TRUE(split);
    EXPECT_EQ(split->damage, "");
    for (const Part& part : split->parts) {
        const Bytes content = clipped(image, part.offset, part.size);
        parts[part.name] = Buffer(content.begin(), content.end());
    }
    return parts;
}

struct BootCase {
    const char* name;
    const char* options;
    std::vector<std::string> parts;
    const char* description;
};

class EveryBootImage : public testing::TestWithParam<BootCase> {};

TEST_P(EveryBootImage, HoldsItsParts) {
    const making::Workshop shop;
    std::uint32_t seed = 1;
    for (const char* name : {"kernel", "ramdisk", "second", "dtb", "recovery_dtbo"})
        shop.write(name, making::noise(9000, seed++));
    const std::string command = "mkbootimg --kernel kernel --ramdisk ramdisk --cmdline 'console=ttyMSM0 androidboot.hardware=example' --os_version 13.0.0 --os_patch_level 2023-02 ";
    Buffer image = shop.run(command + GetParam().options + " -o boot.img && cat boot.img");
    const auto found = identify_android_boot(making::joined({image, making::noise(100, 9)}));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->size, image.size());
    EXPECT_THAT(found->description, HasSubstr(GetParam().description));
    EXPECT_THAT(found->description, HasSubstr("Android 13.0.0, patches of 2023-02, command line \"console=ttyMSM0 androidboot.hardware=example\""));
    const auto parts = parts_of(image, kBoot);
    EXPECT_EQ(parts.size(), GetParam().parts.size());
    for (const std::string& name : GetParam().parts)
        EXPECT_TRUE(parts.at(name) == shop.read(name)) << name;
    if (std::string_view(GetParam().description).starts_with("version 3"))
        return;
    EXPECT_TRUE(found->checked);
    EXPECT_THAT(found->description, HasSubstr("SHA-1 fits"));
    image[split_android_boot(image)->parts[0].offset + 10] ^= 1U;
    EXPECT_THAT(split_android_boot(image)->damage, HasSubstr("its id is not the SHA-1 of its parts"));
}

INSTANTIATE_TEST_SUITE_P(AndroidBoot, EveryBootImage,
                         testing::Values(BootCase{"Version0", "--header_version 0 --second second --board example", {"kernel", "ramdisk", "second"}, "version 0, pages of 2048, \"example\""},
                                         BootCase{"Version0LargePages", "--header_version 0 --pagesize 16384", {"kernel", "ramdisk"}, "version 0, pages of 16384"},
                                         BootCase{"Version1", "--header_version 1 --second second", {"kernel", "ramdisk", "second"}, "version 1"},
                                         BootCase{"Version2", "--header_version 2 --second second --dtb dtb --pagesize 4096", {"kernel", "ramdisk", "second", "dtb"}, "version 2, pages of 4096"},
                                         BootCase{"Version3", "--header_version 3", {"kernel", "ramdisk"}, "version 3"}),
                         [](const auto& one) { return std::string(one.param.name); });

TEST(AndroidBoot, LookedIntoBetweenOtherBytes) {
    const making::Workshop shop;
    shop.sample_tree("root");
    const Buffer image = shop.run("(cd root; find . | cpio -o -H newc) | gzip -n > rd.gz; seq 1 3000 | gzip -n > k.gz; mkbootimg --kernel k.gz --ramdisk rd.gz --header_version 2 --dtb k.gz -o b && cat b");
    const auto tree = making::unpacked(making::joined({making::noise(33, 1), image, making::noise(77, 2)}));
    making::expect_sample(*tree, "android-boot@0x21/ramdisk/gzip@0x0/data/cpio@0x0");
    EXPECT_TRUE(making::find(*tree, "android-boot@0x21/kernel/gzip@0x0/data"));
}

/// What Debian's mkbootimg cannot make: version 4 with its signature, and version 1 with the device trees of recovery.
TEST(AndroidBoot, VersionsOfOtherTools) {
    const Buffer kernel = making::noise(5000, 1);
    const Buffer other = making::noise(700, 2);
    Writer fourth;
    fourth.text("ANDROID!").u32(kernel.size()).u32(0).u32(13U << 25U | 23U << 4U | 2U).u32(1584).fill(0, 16).u32(4).field("a=b", 1536).u32(other.size()).to(4096);
    fourth.bytes(kernel).to(12288).bytes(other).to(16384);
    auto parts = parts_of(fourth.made(), kBoot);
    EXPECT_EQ(parts.size(), 2U);
    EXPECT_TRUE(parts.at("kernel") == kernel);
    EXPECT_TRUE(parts.at("boot_signature") == other);
    EXPECT_EQ(identify_android_boot(fourth.made())->description, "version 4, pages of 4096, Android 13.0.0, patches of 2023-02, command line \"a=b\"");

    Writer first;
    first.text("ANDROID!").u32(kernel.size()).u32(0).fill(0, 20).u32(2048).u32(1).u32(0).to(1632).u32(other.size()).u64(8192).u32(1648).to(2048).bytes(kernel).to(8192).bytes(other).to(10240);
    parts = parts_of(first.made(), kBoot);
    EXPECT_TRUE(parts.at("kernel") == kernel);
    EXPECT_TRUE(parts.at("recovery_dtbo") == other);
}

TEST(AndroidBoot, DeviceTreesOfQualcomm) {
    const making::Workshop shop;
    shop.write("kernel", making::noise(3000, 1));
    Buffer image = shop.run("mkbootimg --kernel kernel --header_version 0 -o b && cat b");
    const Buffer trees = making::noise(2000, 2);
    image.insert(image.end(), trees.begin(), trees.end());
    image[40] = 0xd0;  // 2000
    image[41] = 0x07;
    std::fill_n(image.begin() + 576, 32, std::uint8_t{0});
    EXPECT_TRUE(parts_of(image, kBoot).at("dt") == trees);
}

TEST(AndroidVendorBoot, BothVersions) {
    const making::Workshop shop;
    shop.write("ramdisk", making::noise(5000, 1));
    shop.write("dtb", making::noise(700, 2));
    const Buffer third = shop.run("mkbootimg --vendor_ramdisk ramdisk --dtb dtb --vendor_cmdline 'a=b' --board example --header_version 3 --vendor_boot v && cat v");
    EXPECT_EQ(identify_android_vendor_boot(third)->description, "version 3, pages of 2048, \"example\", command line \"a=b\"");
    auto parts = parts_of(third, kVendorBoot);
    EXPECT_TRUE(parts.at("ramdisk") == shop.read("ramdisk"));
    EXPECT_TRUE(parts.at("dtb") == shop.read("dtb"));

    const Buffer other = making::noise(3333, 3);
    const std::string configuration = "androidboot.hardware=example\n";
    Writer image;
    image.text("VNDRBOOT").u32(4).u32(4096).u32(0).u32(0).u32(5000 + 3333).field("quiet", 2048).u32(0).field("", 16).u32(2128).u32(700).u64(0).u32(216).u32(2).u32(108).u32(configuration.size()).to(4096);
    image.bytes(shop.read("ramdisk")).bytes(other).to(16384).bytes(shop.read("dtb")).to(20480);
    image.u32(5000).u32(0).u32(1).field("", 32).fill(0, 64).u32(3333).u32(5000).u32(3).field("dlkm", 32).fill(0, 64).to(24576).text(configuration);
    parts = parts_of(image.made(), kVendorBoot);
    EXPECT_EQ(parts.size(), 4U);
    EXPECT_TRUE(parts.at("ramdisk0") == shop.read("ramdisk"));
    EXPECT_TRUE(parts.at("ramdisk dlkm") == other);
    EXPECT_EQ(as_text(parts.at("bootconfig")), configuration);
    const Buffer small(image.made().begin(), image.made().begin() + 2400);
    cut_everywhere(small, kVendorBoot, 7);
    change_bytes(image.made(), kVendorBoot, 500, false);
}

TEST(AndroidSparse, OfItsOwnTool) {
    const making::Workshop shop;
    shop.sample_tree("root");
    const Buffer raw = shop.run("tar -C root -cf t.tar . && truncate -s 1M t.tar && head -c 200000 /dev/zero | tr '\\0' 'U' >> t.tar && truncate -s 2M t.tar && cat t.tar");
    Buffer image = shop.run("img2simg t.tar t.simg && cat t.simg");
    CollectingSink sink;
    ASSERT_TRUE(read_android_sparse(image, {}, sink));
    EXPECT_TRUE(sink.entries.at("").content == as_text(raw));
    EXPECT_EQ(sink.entries.at("").damage, "");
    const auto tree = making::unpacked(making::joined({making::noise(55, 1), image, making::noise(99, 2)}));
    making::expect_sample(*tree, "android-sparse@0x37/data/tar@0x0");
    EXPECT_EQ(tree->regions()[1].size, image.size());
}

/// Raw, filled, left out, checksum.
Buffer sparse(std::uint32_t sum) {
    Writer image;
    image.u32(0xed26ff3a).u16(1).u16(0).u16(28).u16(12).u32(512).u32(10).u32(4).u32(0);
    image.u16(0xcac1).u16(0).u32(2).u32(12 + 1024).bytes(making::noise(1024, 1));
    image.u16(0xcac2).u16(0).u32(3).u32(16).u32(0x44332211).u16(0xcac3).u16(0).u32(5).u32(12).u16(0xcac4).u16(0).u32(0).u32(16).u32(sum);
    return image.made();
}

TEST(AndroidSparse, EveryKindOfChunk) {
    Buffer expected = making::noise(1024, 1);
    for (int i = 0; i < 384; ++i)
        for (const std::uint8_t byte : std::to_array<std::uint8_t>({0x11, 0x22, 0x33, 0x44}))
            expected.push_back(byte);
    expected.resize(5120);
    const auto sum = static_cast<std::uint32_t>(lzma_crc32(expected.data(), expected.size(), 0));
    CollectingSink sink;
    ASSERT_TRUE(read_android_sparse(sparse(sum), {}, sink));
    EXPECT_TRUE(sink.entries.at("").content == as_text(expected));
    EXPECT_EQ(identify_android_sparse(sparse(sum))->description, "10 blocks of 512 bytes, 2 of them given, 4 chunks");
    EXPECT_FALSE(read_android_sparse(sparse(sum + 1), {}, sink));
    EXPECT_EQ(sink.entries.at("").damage, "the checksum of the first 10 blocks does not match");
    cut_everywhere(sparse(sum), kSparse);
    change_bytes(sparse(sum), kSparse, 3000, false);
}

/// A message of the protocol buffers' wire format.
class Message {
public:
    Message& number(std::uint64_t field, std::uint64_t value) {
        raw(field << 3U);
        raw(value);
        return *this;
    }
    Message& bytes(std::uint64_t field, Bytes content) {
        raw(field << 3U | 2U);
        raw(content.size());
        made_.bytes(content);
        return *this;
    }
    /// The fields of another message.
    Message& fields(const Message& other) {
        made_.bytes(other.made());
        return *this;
    }
    [[nodiscard]] const Buffer& made() const { return made_.made(); }

private:
    void raw(std::uint64_t value) {
        for (; value >= 0x80; value >>= 7U)
            made_.u8((value & 0x7fU) | 0x80U);
        made_.u8(value);
    }
    Writer made_;
};

Buffer xz(Bytes content) {
    Buffer packed(content.size() + 1024);
    std::size_t size = 0;
    EXPECT_EQ(lzma_easy_buffer_encode(0, LZMA_CHECK_CRC32, nullptr, content.data(), content.size(), packed.data(), &size, packed.size()), LZMA_OK);
    packed.resize(size);
    return packed;
}

Buffer bzip2(Bytes content) {
    Buffer packed(content.size() + 1024);
    auto size = static_cast<unsigned>(packed.size());
    Buffer copy(content.begin(), content.end());
    EXPECT_EQ(BZ2_bzBuffToBuffCompress(reinterpret_cast<char*>(packed.data()), &size, reinterpret_cast<char*>(copy.data()), static_cast<unsigned>(copy.size()), 1, 0, 0), BZ_OK);
    packed.resize(size);
    return packed;
}

/// Updates of full images, operation by operation.
class Update {
public:
    void operation(std::uint64_t type, Bytes data, const std::vector<std::pair<std::uint64_t, std::uint64_t>>& extents) {
        Message message;
        message.number(1, type).number(2, blobs_.size()).number(3, data.size());
        for (const auto& [block, count] : extents)
            message.bytes(6, Message().number(1, block).number(2, count).made());
        if (!data.empty())
            message.bytes(8, crypto::sha256(data).bytes);
        blobs_.bytes(data);
        partition_.bytes(8, message.made());
    }
    void partition(std::string_view name, Bytes content) {
        manifest_.bytes(13, Message().bytes(1, as_bytes(name)).bytes(7, Message().number(1, content.size()).bytes(2, crypto::sha256(content).bytes).made()).fields(partition_).made());
        partition_ = {};
    }
    [[nodiscard]] Buffer made(std::uint64_t minor = 0) const {
        Message manifest = manifest_;
        manifest.number(3, 512).number(12, minor).number(4, blobs_.size()).number(5, 20);
        Writer image(Endian::big);
        image.text("CrAU").u64(2).u64(manifest.made().size()).u32(10).bytes(manifest.made()).fill(0x53, 10).bytes(blobs_.made()).fill(0x54, 20);
        return image.made();
    }

private:
    Message manifest_;
    Message partition_;
    Writer blobs_;
};

/// Two partitions with every operation a full update has; the second partition's blocks come in no order.
Update full_update(const Buffer& system, const Buffer& vendor) {
    Update update;
    const auto blocks = [](Bytes content, std::uint64_t from, std::uint64_t count) { return clipped(content, from * 512, count * 512); };
    update.operation(0, blocks(system, 0, 2), {{0, 2}});
    update.operation(1, bzip2(blocks(system, 2, 4)), {{2, 4}});
    update.operation(6, {}, {{6, 2}});
    update.operation(8, xz(blocks(system, 8, system.size())), {{8, system.size() / 512 - 8}});
    update.partition("system", system);
    update.operation(8, xz(making::joined({blocks(vendor, 3, 1), blocks(vendor, 0, 1)})), {{3, 1}, {0, 1}});
    update.operation(0, blocks(vendor, 1, 2), {{1, 2}});
    update.partition("vendor", vendor);
    return update;
}

Buffer system_of(Bytes content) {
    Buffer system = making::joined({making::noise(6 * 512, 1), Buffer(1024), content});
    system.resize((system.size() + 511) / 512 * 512);
    return system;
}

TEST(AndroidPayload, FullUpdate) {
    const making::Workshop shop;
    shop.sample_tree("root");
    const Buffer system = system_of(shop.run("tar -C root -cf - ."));
    const Buffer vendor = making::noise(4 * 512, 2);
    Buffer image = full_update(system, vendor).made();
    CollectingSink sink;
    for (unsigned share = 0; share < 2; ++share)
        ASSERT_TRUE(read_android_payload(image, {share, 2}, sink));
    EXPECT_EQ(sink.doubles, 0);
    EXPECT_TRUE(sink.entries.at("system").content == as_text(system));
    EXPECT_TRUE(sink.entries.at("vendor").content == as_text(vendor));
    EXPECT_EQ(sink.entries.at("system").damage + sink.entries.at("vendor").damage, "");
    const auto tree = making::unpacked(making::joined({making::noise(77, 1), image, making::noise(40, 3)}));
    making::expect_sample(*tree, "android-payload@0x4d/system/tar@0x1000");
    EXPECT_EQ(tree->regions()[1].description, "full update of 2 partitions: system, vendor");
    EXPECT_EQ(tree->regions()[1].size, image.size());

    image[image.size() - 30] ^= 1U;  // in the last data, before the signatures
    CollectingSink damaged;
    EXPECT_FALSE(read_android_payload(image, {}, damaged));
    EXPECT_THAT(damaged.entries.at("vendor").damage, HasSubstr("the SHA-256 of the data at"));
    EXPECT_EQ(damaged.entries.at("system").damage, "");
}

TEST(AndroidPayload, ChangesToAnOlderImageAreSaid) {
    Update update;
    const Buffer boot = making::noise(1024, 1);
    update.operation(0, clipped(boot, 0, 512), {{0, 1}});
    update.operation(4, {}, {{1, 1}});
    update.partition("boot", boot);
    CollectingSink sink;
    const auto result = read_android_payload(update.made(7), {}, sink);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().message, "1 partitions are changes to an image that is not here");
    EXPECT_EQ(sink.entries.at("boot").damage, "1 of 2 operations change the image before, which is not here: their blocks are left zero");
    EXPECT_TRUE(sink.entries.at("boot").content.starts_with(as_text(clipped(boot, 0, 512))));
    EXPECT_THAT(identify_android_payload(update.made(7))->description, HasSubstr("incremental update"));
}

TEST(AndroidPayload, CutAndChangedAnywhere) {
    const Buffer image = full_update(system_of(making::noise(700, 3)), making::noise(4 * 512, 2)).made();
    cut_everywhere(image, kPayload, 23);
    change_bytes(image, kPayload, 400, false);
}

Buffer vbmeta() {
    Writer descriptors(Endian::big);
    const auto add = [&](std::uint64_t tag, Writer body) {
        body.to((body.size() + 7) / 8 * 8);
        descriptors.u64(tag).u64(body.size()).bytes(body.made());
    };
    add(2, Writer(Endian::big).u64(65536).field("sha256", 32).u32(4).u32(4).u32(4).u32(0).fill(0, 60).text("boot").fill(1, 8));
    add(4, Writer(Endian::big).u32(1).u32(6).u32(4).u32(0).fill(0, 60).text("system").fill(2, 4));
    add(0, Writer(Endian::big).u64(3).u64(5).field("key", 4).field("value", 6));
    add(1, Writer(Endian::big).u32(1).u64(4096).u64(0).u64(0).u32(4096).u32(4096).u32(2).u64(0).u64(0).field("sha1", 32).u32(6).u32(0).u32(0).u32(0).fill(0, 60).text("vendor"));
    const std::size_t listed = descriptors.size();
    descriptors.to((listed + 63) / 64 * 64);
    Writer header(Endian::big);
    header.text("AVB0").u32(1).u32(0).u64(320).u64(descriptors.size()).u32(1).u64(0).u64(32).u64(32).u64(256).u64(0).u64(0).u64(0).u64(0).u64(0).u64(listed);
    header.u64(7).u32(2).u32(0).field("avbtool 1.2.0", 48).to(256);
    crypto::Sha256 sum;
    sum.update(header.made());
    sum.update(descriptors.made());
    return Writer().bytes(header.made()).bytes(sum.finish().bytes).fill(9, 288).bytes(descriptors.made()).made();
}

TEST(AndroidVbmeta, IsToldInWords) {
    Buffer image = vbmeta();
    const auto found = identify_android_vbmeta(making::joined({image, making::noise(70, 1)}));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->size, image.size());
    EXPECT_TRUE(found->checked);
    EXPECT_THAT(found->description, HasSubstr("avbtool 1.2.0, SHA256 with RSA-2048, rollback index 7, VERIFICATION IS SWITCHED OFF, digest fits, hash of boot (sha256, 65536 bytes), chain to system, "
                                              "key = value, hash tree of vendor (sha1, 4096 bytes)"));
    cut_everywhere(image, kVbmeta);
    change_bytes(image, kVbmeta, 2000, false);
    image[256 + 320 + 20] ^= 1U;
    EXPECT_THAT(identify_android_vbmeta(image)->description, HasSubstr("DIGEST DOES NOT MATCH"));

    Writer footer(Endian::big);
    footer.text("AVBf").u32(1).u32(0).u64(65536).u64(65536).u64(image.size()).fill(0, 28);
    EXPECT_EQ(identify_android_avb_footer(footer.made())->description, "footer of verified boot: image of 65536 bytes, vbmeta at 0x10000");
}

/// liblp's layout with one slot: two partitions, the second of two extents and zeros.
Buffer super(const Buffer& system, const Buffer& vendor) {
    const auto with_digest = [](Writer writer, std::size_t at) {
        Buffer bytes = writer.made();
        std::ranges::copy(crypto::sha256(bytes).bytes, bytes.begin() + static_cast<std::ptrdiff_t>(at));
        return bytes;
    };
    const Buffer geometry = with_digest(Writer().u32(0x616c4467).u32(52).fill(0, 32).u32(4096).u32(1).u32(4096), 8);
    Writer tables;
    tables.field("system_a", 36).u32(1).u32(0).u32(1).u32(0).field("vendor_a", 36).u32(1).u32(1).u32(3).u32(0);
    const std::uint64_t first = 48;  // sectors in front: two geometries, two copies of the metadata, what is reserved
    const std::uint64_t length = system.size() / 512;
    tables.u64(length).u32(0).u64(first).u32(0).u64(2).u32(0).u64(first + length + 2).u32(0).u64(3).u32(1).u64(0).u32(0).u64(2).u32(0).u64(first + length).u32(0);
    Writer header;
    header.u32(0x414c5030).u16(10).u16(0).u32(128).fill(0, 32).u32(tables.size()).bytes(crypto::sha256(tables.made()).bytes);
    header.u32(0).u32(2).u32(52).u32(104).u32(4).u32(24).u32(200).u32(0).u32(48).u32(200).u32(0).u32(64);
    Writer image;
    image.to(4096).bytes(geometry).to(8192).bytes(geometry).to(12288).bytes(with_digest(header, 12)).bytes(tables.made()).to(first * 512).bytes(system);
    return image.bytes(clipped(vendor, 2560, 1024)).bytes(clipped(vendor, 0, 1024)).made();
}

TEST(AndroidSuper, LogicalPartitions) {
    const making::Workshop shop;
    shop.sample_tree("root");
    const Buffer system = shop.run("tar -C root -cf - .");
    const Buffer vendor = making::joined({making::noise(1024, 1), Buffer(1536), making::noise(1024, 2)});
    const Buffer image = super(system, vendor);
    CollectingSink sink;
    for (unsigned share = 0; share < 2; ++share)
        ASSERT_TRUE(read_android_super(image, {share, 2}, sink));
    EXPECT_TRUE(sink.entries.at("system_a").content == as_text(system));
    EXPECT_TRUE(sink.entries.at("vendor_a").content == as_text(vendor));
    EXPECT_EQ(sink.entries.at("vendor_a").damage, "");
    const auto tree = making::unpacked(making::joined({making::noise(777, 1), image, making::noise(40, 3)}));
    making::expect_sample(*tree, "android-super@0x309/system_a/tar@0x0");
    EXPECT_EQ(tree->regions()[1].description, "2 logical partitions: system_a, vendor_a");
    EXPECT_EQ(tree->regions()[1].size, image.size());
    const Buffer small = super(making::noise(1024, 4), vendor);
    cut_everywhere(small, kSuper, 97);
    change_bytes(small, kSuper, 500, false);
}

TEST(AndroidBoot, CutAndChangedAnywhere) {
    const making::Workshop shop;
    shop.write("kernel", making::noise(300, 1));
    const Buffer image = shop.run("mkbootimg --kernel kernel --ramdisk kernel --dtb kernel --header_version 2 -o b && cat b");
    cut_everywhere(image, kBoot, 3);
    change_bytes(image, kBoot, 1000, false);
}

}  // namespace
}  // namespace shirushi::unpack
