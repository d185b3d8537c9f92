#include "unpack/disks/partition_tables.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <random>

#include "unpack/disks/between_parts.hpp"
#include "unpack/making_test.hpp"

namespace shirushi::unpack {
namespace {

using making::joined;
using making::noise;
using making::Workshop;
using testing::HasSubstr;

/// Part of a shell command: puts a file into the disk at a sector.
std::string put_at(const std::string& file, int at, int sector = 512) {
    return "dd if=" + file + " of=disk conv=notrunc status=none bs=" + std::to_string(sector) + " seek=" + std::to_string(at) + "; ";
}

const std::string kContents = "tar -C root -cf t.tar .; seq 1 9000 | gzip -n > loader.gz; seq 1 5000 | xz > second.xz; ";

const std::string kRoot = "\xe3\x83\xab\xe3\x83\xbc\xe3\x83\x88";  // "root" in Japanese

const Part* part_named(const Parts& parts, std::string_view name) {
    const auto found = std::ranges::find(parts.parts, name, &Part::name);
    return found == parts.parts.end() ? nullptr : &*found;
}

TEST(Mbr, PrimaryAndLogicalPartitionsAndWhatLiesBetween) {
    const Workshop shop;
    shop.sample_tree("root");
    const Buffer disk = shop.run(kContents + R"(truncate -s 6M disk; /sbin/sfdisk -q disk <<'EOF'
label: dos
start=2048, size=2048, type=83, bootable
start=4096, size=8192, type=5
start=6144, size=1024, type=c
start=10240, size=1024, type=83
EOF
)" + put_at("t.tar", 2048) + put_at("second.xz", 6144) + put_at("t.tar", 10240) + put_at("loader.gz", 1) + "cat disk");
    const auto tree = making::unpacked(joined({noise(1237, 1), disk, noise(777, 2)}));
    making::expect_sample(*tree, "mbr@0x4d5/partition1/tar@0x0");
    making::expect_sample(*tree, "mbr@0x4d5/partition6/tar@0x0");
    EXPECT_TRUE(making::find(*tree, "mbr@0x4d5/partition5/xz@0x0/data").has_value()) << making::tables(*tree);
    EXPECT_TRUE(making::find(*tree, "mbr@0x4d5/unpartitioned@0x200/gzip@0x0/data").has_value()) << "a boot loader between the table and the first partition";
    EXPECT_EQ(tree->regions()[1].description, "master boot record, 3 partitions: Linux, FAT32, Linux");
    EXPECT_EQ(tree->regions()[1].size, disk.size());
    EXPECT_EQ(tree->gaps().size(), 2U);
    making::expect_covered(*tree);
}

TEST(Mbr, IsNeitherABootSectorNorAKernel) {
    const Workshop shop;
    for (const char* make : {"/sbin/mkfs.fat -C f.img 1440 >/dev/null; cat f.img", "/sbin/mkfs.fat -F 32 -C g.img 40000 >/dev/null; head -c 65536 g.img",
                             "truncate -s 2M n; /sbin/mkntfs -q -F -p 0 -H 0 -S 0 n >/dev/null; head -c 65536 n"})
        EXPECT_FALSE(identify_mbr(shop.run(make))) << make;
    Buffer kernel(1 << 20);
    kernel[510] = 0x55;
    kernel[511] = 0xaa;
    kernel[0x1f1] = 0x1f;  // a kernel's set-up fields make an entry that could be one
    kernel[0x1f2] = 1;
    kernel[0x1f6] = 9;
    kernel[0x1fa] = kernel[0x1fb] = 0xff;
    EXPECT_TRUE(identify_mbr(kernel));
    std::ranges::copy(as_bytes("HdrS"), kernel.begin() + 0x202);
    EXPECT_FALSE(identify_mbr(kernel));
    for (std::uint32_t seed = 0; seed < 2000; ++seed) {
        Buffer bytes = noise(2048, seed);
        bytes[510] = 0x55;
        bytes[511] = 0xaa;
        EXPECT_FALSE(identify_mbr(bytes));
    }
}

/// A disk of 8 KiB with two partitions and a chain of extended records.
Buffer small_disk() {
    Buffer disk(8192);
    const auto entry = [&](std::size_t record, std::size_t index, std::uint8_t type, std::uint8_t start, std::uint8_t size) {
        std::uint8_t* at = disk.data() + record * 512 + 446 + 16 * index;
        at[4] = type;
        at[8] = start;
        at[12] = size;
        disk[record * 512 + 510] = 0x55;
        disk[record * 512 + 511] = 0xaa;
    };
    entry(0, 0, 0x83, 1, 2);
    entry(0, 1, 0x05, 4, 12);
    entry(4, 0, 0x83, 1, 2);  // at 5
    entry(4, 1, 0x05, 4, 4);  // the next record at 8
    entry(8, 0, 0x0c, 2, 3);  // at 10
    return disk;
}

TEST(Mbr, ChainsThatLoopOrBreakAreSaid) {
    Buffer disk = small_disk();
    auto parts = split_mbr(disk);
    ASSERT_TRUE(parts);
    EXPECT_EQ(parts->damage, "");
    ASSERT_EQ(parts->parts.size(), 3U);
    EXPECT_EQ(parts->parts[2].name, "partition6");
    EXPECT_EQ(parts->parts[2].offset, 10U * 512);
    EXPECT_EQ(parts->parts[2].size, 3U * 512);

    std::uint8_t* second = disk.data() + 8 * 512 + 446 + 16;
    second[4] = 0x05;
    second[8] = 0;
    second[12] = 1;  // back to the first record
    parts = split_mbr(disk);
    ASSERT_TRUE(parts);
    EXPECT_THAT(parts->damage, HasSubstr("leads back into itself"));
    EXPECT_EQ(parts->parts.size(), 3U);
    second[8] = 3;  // to where there is none
    parts = split_mbr(disk);
    EXPECT_THAT(parts->damage, HasSubstr("breaks at 0xe00"));
}

TEST(Mbr, TruncatedOrFlippedAnywhereStaysInBounds) {
    const Buffer disk = small_disk();
    for (std::size_t size = 0; size < disk.size(); ++size) {
        const Buffer part(disk.begin(), disk.begin() + static_cast<std::ptrdiff_t>(size));
        const auto found = identify_mbr(part);
        EXPECT_EQ(size >= 1024, found.has_value()) << size;
        EXPECT_LE(found ? found->size : 0, size);
        if (found) {
            EXPECT_THAT(found->description, HasSubstr("cut off"));
        }
        EXPECT_EQ(split_mbr(part).has_value(), found.has_value());
    }
    std::mt19937 random(7);
    for (int round = 0; round < 4000; ++round) {
        Buffer flipped = disk;
        for (int i = 0; i < 3; ++i)
            flipped[(random() % 3) * 2048 + 446 + random() % 66] = static_cast<std::uint8_t>(random());
        const auto found = identify_mbr(flipped);
        EXPECT_LE(found ? found->size : 0, flipped.size());
        if (const auto parts = split_mbr(flipped); parts) {
            EXPECT_LE(parts->parts.size(), 140U);
        }
    }
}

std::string gpt_disk() {
    return kContents + R"(truncate -s 1M disk; /sbin/sfdisk -q disk <<'EOF'
label: gpt
first-lba: 34
start=256, size=256, type=uefi, name="EFI system"
start=512, size=512, type=linux, name=")" + kRoot + R"("
start=1024, size=256, type=21686148-6449-6E6F-744E-656564454649
EOF
)" + put_at("second.xz", 256) + put_at("t.tar", 512) + put_at("second.xz", 1024) + put_at("loader.gz", 64);
}

/// The same disk for sectors of 4096 bytes, which no tool makes in a plain file: positions stay, in numbers of larger sectors; places of contents move.
Buffer with_large_sectors(Bytes small) {
    constexpr std::size_t large = 4096;
    Buffer disk(small.size() * 8);
    std::ranges::copy(small.first(512), disk.begin());
    for (const std::size_t number : {std::size_t{256}, std::size_t{512}, std::size_t{1024}, std::size_t{64}})  // what the shell put there
        std::ranges::copy(clipped(small, number * 512, number == 512 ? 512 * 512 : 40'000), disk.begin() + static_cast<std::ptrdiff_t>(number * large));
    const std::uint64_t last = small.size() / 512 - 1;
    for (const std::uint64_t own : {std::uint64_t{1}, last}) {
        const std::uint64_t entries = own == 1 ? 2 : own - 4;
        std::ranges::copy(small.subspan(own * 512, 92), disk.begin() + static_cast<std::ptrdiff_t>(own * large));
        std::ranges::copy(small.subspan(2 * 512, 128 * 128), disk.begin() + static_cast<std::ptrdiff_t>(entries * large));
        std::uint8_t* at = disk.data() + own * large;
        at[72] = static_cast<std::uint8_t>(entries);
        at[73] = static_cast<std::uint8_t>(entries >> 8U);
        std::fill_n(at + 16, 4, std::uint8_t{0});
        const auto checksum = static_cast<std::uint32_t>(crc32_z(0, at, 92));
        for (std::size_t i = 0; i < 4; ++i)
            at[16 + i] = static_cast<std::uint8_t>(checksum >> 8 * i);
    }
    return disk;
}

void expect_contents(const Tree& tree, std::uint64_t size, const std::string& sectors) {
    EXPECT_TRUE(making::find(tree, "gpt@0x4d5/EFI system/xz@0x0/data").has_value()) << making::tables(tree);
    EXPECT_TRUE(making::find(tree, "gpt@0x4d5/" + kRoot + "/tar@0x0/etc/passwd").has_value());
    EXPECT_TRUE(making::find(tree, "gpt@0x4d5/partition3/xz@0x0/data").has_value());
    bool loader = false;
    for (std::uint32_t i = 0; i < tree.size(); ++i)
        loader = loader || (tree.path(NodeId{i}).contains("/unpartitioned@") && tree.path(NodeId{i}).contains("/gzip@"));
    EXPECT_TRUE(loader) << "between the table and the first partition\n" << making::tables(tree);
    EXPECT_EQ(tree.regions()[1].size, size);
    EXPECT_EQ(tree.regions()[1].description,
              "GPT, sectors of " + sectors + " bytes, 3 partitions: EFI system (EFI system), " + kRoot + " (Linux), partition3 (BIOS boot)");
    making::expect_covered(tree);
}

TEST(Gpt, BothSectorSizes) {
    const Workshop shop;
    shop.sample_tree("root");
    const Buffer disk = shop.run(gpt_disk() + "cat disk");
    const auto tree = making::unpacked(joined({noise(1237, 1), disk, noise(777, 2)}));
    expect_contents(*tree, disk.size(), "512");
    making::expect_sample(*tree, "gpt@0x4d5/" + kRoot + "/tar@0x0");
    const Buffer large = with_large_sectors(disk);
    expect_contents(*making::unpacked(joined({noise(1237, 1), large, noise(777, 2)})), large.size(), "4096");
    const auto parts = split_gpt(large);
    ASSERT_TRUE(parts);
    EXPECT_EQ(parts->damage, "");
}

TEST(Gpt, TheBackupStandsInForWhatIsDamaged) {
    const Workshop shop;
    shop.sample_tree("root");
    const Buffer disk = shop.run(gpt_disk() + "cat disk");
    const auto whole = split_gpt(disk);
    ASSERT_TRUE(whole);
    EXPECT_EQ(whole->damage, "");
    struct Damage {
        std::size_t at;
        const char* words;
    };
    for (const auto& [at, words] : {Damage{512 + 40, "the header is damaged; the backup was taken"}, Damage{1024 + 33, "the backup's were taken"},
                                    Damage{disk.size() - 512 + 20, "the backup at the disk's end is not there"}, Damage{disk.size() - 33 * 512 + 33, "the backup's entries do not fit"}}) {
        Buffer damaged = disk;
        damaged[at] ^= 0xff;
        const auto found = identify_gpt(damaged);
        ASSERT_TRUE(found) << words;
        EXPECT_EQ(found->size, disk.size());
        const auto parts = split_gpt(damaged);
        ASSERT_TRUE(parts);
        EXPECT_THAT(parts->damage, HasSubstr(words));
        for (const char* name : {"EFI system", kRoot.c_str(), "partition3"}) {
            ASSERT_NE(part_named(*parts, name), nullptr);
            EXPECT_EQ(part_named(*parts, name)->offset, part_named(*whole, name)->offset);
        }
    }
    Buffer both = disk;
    both[512 + 40] ^= 1;
    both[both.size() - 512 + 40] ^= 1;
    EXPECT_FALSE(identify_gpt(both));
    EXPECT_TRUE(identify_mbr(both)) << "then the protective entry covers everything";
}

TEST(Gpt, MadeBySgdisk) {
    const Workshop shop;
    const Buffer disk = shop.run("truncate -s 2M disk; /sbin/sgdisk -a 1 -n 1:64:127 -c 1:boot -t 1:ef00 -n 4:128:255 -c 4:'a/b' disk >/dev/null; cat disk");
    const auto parts = split_gpt(disk);
    ASSERT_TRUE(parts);
    EXPECT_EQ(parts->damage, "");
    ASSERT_NE(part_named(*parts, "boot"), nullptr);
    EXPECT_EQ(part_named(*parts, "boot")->size, 64U * 512);
    ASSERT_NE(part_named(*parts, "a/b"), nullptr) << "raw; the tree makes it one segment";
}

TEST(Gpt, TruncatedOrFlippedAnywhereStaysInBounds) {
    const Workshop shop;
    const Buffer disk = shop.run("truncate -s 48K disk; /sbin/sgdisk -a 1 -n 1:40:50 -c 1:boot disk >/dev/null; cat disk");
    ASSERT_TRUE(identify_gpt(disk));
    for (std::size_t size = 0; size < disk.size(); size += size < 1600 ? 1 : 331) {
        const Buffer part(disk.begin(), disk.begin() + static_cast<std::ptrdiff_t>(size));
        const auto found = identify_gpt(part);
        EXPECT_EQ(size >= 1024, found.has_value()) << size;
        EXPECT_LE(found ? found->size : 0, size);
        if (found) {
            const auto parts = split_gpt(part);
            ASSERT_TRUE(parts);
            EXPECT_NE(parts->damage, "");
        }
    }
    std::mt19937 random(7);
    for (int round = 0; round < 800; ++round) {
        Buffer flipped = disk;
        for (int i = 0; i < 2; ++i)
            flipped[(round % 2 == 0 ? 440 : flipped.size() - 600) + random() % 600] = static_cast<std::uint8_t>(random());
        const auto found = identify_gpt(flipped);
        EXPECT_LE(found ? found->size : 0, flipped.size());
        EXPECT_EQ(split_gpt(flipped).has_value(), found.has_value());
    }
}

TEST(Partitions, ManyThatOverlapAreNotAllScanned) {
    Parts parts;
    const Buffer bytes(1000);
    for (int i = 0; i < 100; ++i)
        parts.parts.push_back({.name = "p", .offset = 0, .size = 500});
    for (int i = 0; i < 3; ++i)
        parts.parts.push_back({.name = "beyond", .offset = 5000, .size = 500});
    leave_out_overlapping(bytes, parts);
    EXPECT_EQ(parts.parts.size(), 7U);
    EXPECT_THAT(parts.damage, HasSubstr("96 of 103 were left out"));
    EXPECT_EQ(partitions_of(bytes).size(), 0U);
    EXPECT_EQ(partitions_of(small_disk()).size(), 3U);
}

}  // namespace
}  // namespace shirushi::unpack
