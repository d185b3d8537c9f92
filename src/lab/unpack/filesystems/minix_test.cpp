// mkfs.minix makes empty file systems of this machine's byte order only, and nothing of Debian puts files into one without mounting it: a small writer
// makes them here, and fsck.minix judges it.

#include "unpack/filesystems/minix.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unpack/making_test.hpp"
#include "unpack/sample_tree.hpp"

namespace shirushi::unpack {
namespace {

using testing::HasSubstr;

struct Variant {
    const char* name;
    int version;
    std::size_t name_size;
    Endian endian;
    std::size_t block = 1024;
};

class MinixWriter {
public:
    MinixWriter(const Variant& variant, std::uint32_t inodes, std::uint32_t zones) : v_(variant), image_(std::size_t{zones} * variant.block) {
        const std::size_t bits = v_.block * 8;
        imap_ = (inodes + 1 + bits - 1) / bits;
        zmap_ = (zones + bits - 1) / bits;
        table_ = (2 + imap_ + zmap_) * v_.block;
        first_ = (table_ + inodes * inode_size() + v_.block - 1) / v_.block;
        next_zone_ = static_cast<std::uint32_t>(first_);
        superblock(inodes, zones);
        mark(2 * v_.block, 0);
        mark((2 + imap_) * v_.block, 0);
        for (std::size_t i = inodes + 1; i < imap_ * bits; ++i)
            mark(2 * v_.block, i);
        for (std::size_t i = zones - first_ + 1; i < zmap_ * bits; ++i)
            mark((2 + imap_) * v_.block, i);
    }

    Buffer made_of(const std::filesystem::path& tree) {
        (void)add(tree, 1);
        return image_;
    }

private:
    [[nodiscard]] std::size_t inode_size() const { return v_.version == 1 ? 32 : 64; }
    void store(std::size_t at, std::uint64_t value, std::size_t size) {
        for (std::size_t i = 0; i < size; ++i)
            image_[at + i] = static_cast<std::uint8_t>(value >> 8 * (v_.endian == Endian::little ? i : size - 1 - i));
    }
    void mark(std::size_t map, std::size_t bit) { image_[map + bit / 8] |= static_cast<std::uint8_t>(1U << bit % 8); }

    void superblock(std::uint32_t inodes, std::uint32_t zones) {
        if (v_.version == 3) {
            store(1024, inodes, 4);
            store(1030, imap_, 2);
            store(1032, zmap_, 2);
            store(1034, first_, 2);
            store(1040, 0x7fffffff, 4);
            store(1044, zones, 4);
            store(1048, 0x4d5a, 2);
            store(1052, v_.block, 2);
            return;
        }
        store(1024, inodes, 2);
        store(1026, v_.version == 1 ? zones : 0, 2);
        store(1028, imap_, 2);
        store(1030, zmap_, 2);
        store(1032, first_, 2);
        store(1036, v_.version == 1 ? 268966912 : 0x7fffffff, 4);
        store(1040, v_.version == 1 ? (v_.name_size == 14 ? 0x137f : 0x138f) : (v_.name_size == 14 ? 0x2468 : 0x2478), 2);
        store(1042, 1, 2);
        store(1044, v_.version == 1 ? 0 : zones, 4);
    }

    std::uint32_t take_zone() {
        mark((2 + imap_) * v_.block, next_zone_ - first_ + 1);
        return next_zone_++;
    }

    /// Zones of content, holes where a whole block is zero; then the inode's ten numbers.
    std::array<std::uint32_t, 10> content(Bytes bytes) {
        const std::size_t width = v_.version == 1 ? 2 : 4;
        const std::size_t per_block = v_.block / width;
        std::vector<std::uint32_t> zones;
        for (std::size_t at = 0; at < bytes.size(); at += v_.block) {
            const Bytes block = clipped(bytes, at, v_.block);
            const bool hole = std::ranges::all_of(block, [](std::uint8_t byte) { return byte == 0; });
            zones.push_back(hole ? 0 : take_zone());
            if (!hole)
                std::ranges::copy(block, image_.begin() + static_cast<std::ptrdiff_t>(zones.back() * v_.block));
        }
        std::array<std::uint32_t, 10> numbers{};
        std::size_t at = std::min<std::size_t>(7, zones.size());
        std::copy_n(zones.begin(), at, numbers.begin());
        for (std::size_t level = 1; at < zones.size(); ++level)
            numbers.at(6 + level) = indirect(zones, at, level, per_block, width);
        return numbers;
    }
    std::uint32_t indirect(const std::vector<std::uint32_t>& zones, std::size_t& at, std::size_t level, std::size_t per_block, std::size_t width) {
        const std::uint32_t own = take_zone();
        for (std::size_t i = 0; i < per_block && at < zones.size(); ++i)
            store(own * v_.block + i * width, level == 1 ? zones[at++] : indirect(zones, at, level - 1, per_block, width), width);
        return own;
    }

    void record(Buffer& directory, std::uint32_t inode, const std::string& name) const {
        const std::size_t number = v_.version == 3 ? 4 : 2;
        Buffer entry(number + v_.name_size);
        for (std::size_t i = 0; i < number; ++i)
            entry[i] = static_cast<std::uint8_t>(inode >> 8 * (v_.endian == Endian::little ? i : number - 1 - i));
        EXPECT_LE(name.size(), v_.name_size);
        std::ranges::copy(name, entry.begin() + static_cast<std::ptrdiff_t>(number));
        directory.insert(directory.end(), entry.begin(), entry.end());
    }

    std::uint32_t add(const std::filesystem::path& path, std::uint32_t parent) {
        struct stat status {};
        ::lstat(path.c_str(), &status);
        if (const auto known = links_.find(status.st_ino); known != links_.end() && !S_ISDIR(status.st_mode))
            return known->second;
        const std::uint32_t number = ++last_inode_;
        links_[status.st_ino] = number;
        Buffer bytes;
        if (S_ISDIR(status.st_mode)) {
            record(bytes, number, ".");
            record(bytes, number == 1 ? 1 : parent, "..");
            std::vector<std::filesystem::directory_entry> sorted(std::filesystem::directory_iterator(path), {});
            std::ranges::sort(sorted);
            for (const auto& entry : sorted)
                record(bytes, add(entry.path(), number), entry.path().filename().string());
        } else if (S_ISLNK(status.st_mode)) {
            const std::string target = std::filesystem::read_symlink(path).string();
            bytes.assign(target.begin(), target.end());
        } else if (S_ISREG(status.st_mode)) {
            bytes = file_bytes(path);
        }
        inode(number, status, bytes.size(), content(bytes));
        return number;
    }

    void inode(std::uint32_t number, const struct stat& status, std::size_t size, const std::array<std::uint32_t, 10>& zones) {
        mark(2 * v_.block, number);
        const std::size_t at = table_ + (number - 1) * inode_size();
        const auto links = static_cast<std::uint64_t>(status.st_nlink);
        const auto time = static_cast<std::uint64_t>(status.st_mtime);
        store(at, status.st_mode, 2);
        if (v_.version == 1) {
            store(at + 2, status.st_uid, 2);
            store(at + 4, size, 4);
            store(at + 8, time, 4);
            store(at + 12, status.st_gid, 1);
            store(at + 13, links, 1);
            for (std::size_t i = 0; i < 9; ++i)
                store(at + 14 + 2 * i, zones.at(i), 2);
            return;
        }
        store(at + 2, links, 2);
        store(at + 4, status.st_uid, 2);
        store(at + 6, status.st_gid, 2);
        store(at + 8, size, 4);
        for (const std::size_t stamp : {12, 16, 20})
            store(at + stamp, time, 4);
        for (std::size_t i = 0; i < 10; ++i)
            store(at + 24 + 4 * i, zones.at(i), 4);
    }

    Variant v_;
    Buffer image_;
    std::size_t imap_ = 0;
    std::size_t zmap_ = 0;
    std::size_t table_ = 0;
    std::size_t first_ = 0;
    std::uint32_t next_zone_ = 0;
    std::uint32_t last_inode_ = 0;
    std::map<ino_t, std::uint32_t> links_;
};

void make_tree(const std::filesystem::path& root, std::size_t largest) {
    unsigned seed = 0;
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{1023}, std::size_t{1024}, std::size_t{7 * 1024 + 1}, std::size_t{90'000}, largest})
        put(root / ("s" + std::to_string(size)), sample_text(size, ++seed));
    put(root / "sparse", std::string(20'000, '\0') + "something" + std::string(3000, '\0'));
    std::filesystem::create_directories(root / "a/b/c/d");
    std::filesystem::create_directories(root / "many");
    for (int i = 0; i < 200; ++i)
        put(root / "many" / ("file" + std::to_string(i)), std::to_string(i));
    put(root / "a/b/c/d/deep", "deep down\n");
    put(root / "fourteen-bytes", "as long as it can be\n");
    std::filesystem::create_symlink("s1", root / "link");
    std::filesystem::create_symlink("../../" + std::string(300, 't'), root / "long-link");
    std::filesystem::create_hard_link(root / "s1", root / "a/again");
    ::mkfifo((root / "fifo").c_str(), 0640);
    put(root / "set-uid", "#!/bin/sh\n");
    ::chmod((root / "set-uid").c_str(), 06755);
    ::chmod((root / "many").c_str(), 01777);
}

class EveryMinix : public testing::TestWithParam<Variant> {};

TEST_P(EveryMinix, GivesBackTheTreeThatWasWritten) {
    const TemporaryFolder tree;
    const TemporaryFolder work;
    make_tree(tree.path(), GetParam().version == 1 ? 600'000 : 400'000);  // over two levels of indirection
    const Buffer image = MinixWriter(GetParam(), 512, static_cast<std::uint32_t>((std::size_t{2} << 20) / GetParam().block * (GetParam().block > 1024 ? 2 : 1))).made_of(tree.path());
    if (GetParam().endian == Endian::little && GetParam().block == 1024) {
        put(work.path() / "image", as_text(image));
        EXPECT_EQ(0, std::system(("/sbin/fsck.minix -f " + (work.path() / "image").string() + " > " + (work.path() / "said").string() + " 2>&1").c_str()))
            << as_text(file_bytes(work.path() / "said"));
    }
    const auto found = identify_minix(image);
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->checked);
    EXPECT_EQ(image.size(), found->size);
    EXPECT_THAT(found->description, HasSubstr("MINIX " + std::to_string(GetParam().version)));
    CollectingSink sink;
    const auto read = read_minix(image, {}, sink);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(0, sink.doubles + sink.misuses);
    expect_same(tree_on_disk(tree.path()), sink.entries);
}

INSTANTIATE_TEST_SUITE_P(Minix, EveryMinix,
                         testing::Values(Variant{"v1_14", 1, 14, Endian::little}, Variant{"v1_30", 1, 30, Endian::little}, Variant{"v1_big", 1, 14, Endian::big},
                                         Variant{"v1_30_big", 1, 30, Endian::big}, Variant{"v2_14", 2, 14, Endian::little}, Variant{"v2_30", 2, 30, Endian::little},
                                         Variant{"v2_14_big", 2, 14, Endian::big}, Variant{"v2_30_big", 2, 30, Endian::big}, Variant{"v3", 3, 60, Endian::little},
                                         Variant{"v3_big", 3, 60, Endian::big}, Variant{"v3_large_blocks", 3, 60, Endian::little, 4096}),
                         [](const auto& variant) { return std::string(variant.param.name); });

TEST(Minix, EmptyOnesByTheToolOfTheFormat) {
    const making::Workshop shop;
    for (const char* options : {"-1 -n 14", "-1 -n 30", "-2 -n 14", "-2 -n 30", "-3", "-3 -i 4000"}) {
        const Buffer image = shop.run(std::string("rm -f m; truncate -s 3M m; /sbin/mkfs.minix ") + options + " m >/dev/null; cat m");
        const auto found = identify_minix(image);
        ASSERT_TRUE(found) << options;
        EXPECT_TRUE(found->checked) << options;
        EXPECT_EQ(image.size(), found->size) << options;
        CollectingSink sink;
        EXPECT_TRUE(read_minix(image, {}, sink)) << options;
        EXPECT_TRUE(sink.entries.size() <= 1) << "at most .badblocks";
    }
}

struct SmallMinix : testing::Test {
    Buffer make(const Variant& variant) {
        std::filesystem::create_directories(tree.path() / "d/e");
        for (const int size : {0, 1, 1000, 9000})
            put(tree.path() / "d" / std::to_string(size), sample_text(static_cast<std::size_t>(size), 3));
        put(tree.path() / "d/e/f", "text\n");
        std::filesystem::remove(tree.path() / "d/link");
        std::filesystem::create_symlink("e/f", tree.path() / "d/link");
        return MinixWriter(variant, 32, 28).made_of(tree.path());
    }
    TemporaryFolder tree;
};

const Variant kSmall[] = {{"v1", 1, 14, Endian::little}, {"v2_big", 2, 30, Endian::big}, {"v3", 3, 60, Endian::little}};

TEST_F(SmallMinix, BetweenOtherBytes) {
    for (const Variant& variant : kSmall) {
        const auto unpacked = making::unpacked(making::joined({making::noise(1237, 1), make(variant), making::noise(777, 2)}));
        const auto found = making::find(*unpacked, "minix@0x4d5/d/e/f");
        ASSERT_TRUE(found) << making::tables(*unpacked);
        EXPECT_EQ("text\n", as_text(unpacked->bytes(*found)));
        EXPECT_EQ(unpacked->gaps().size(), 2U);
        making::expect_covered(*unpacked);
    }
}

TEST_F(SmallMinix, TruncatedAnywhereGivesAPartAndNoMore) {
    for (const Variant& variant : kSmall) {
        const Buffer image = make(variant);
        CollectingSink whole;
        ASSERT_TRUE(read_minix(image, {}, whole));
        EXPECT_EQ(8U, whole.entries.size());
        for (std::size_t size = 0; size < image.size(); size += size % 1024 < 1000 && size > 8192 ? 7 : 1) {
            const Buffer part(image.begin(), image.begin() + static_cast<std::ptrdiff_t>(size));  // its own memory: overruns show
            const auto found = identify_minix(part);
            EXPECT_EQ(size >= 1024 + 32, found.has_value()) << size;
            EXPECT_LE(found ? found->size : 0, size);
            CollectingSink sink(1 << 20);
            (void)read_minix(part, {}, sink);
            expect_part(whole.entries, sink);
        }
    }
}

TEST_F(SmallMinix, FlippedBytesNeverBreakOut) {
    std::mt19937 random(20);
    for (const Variant& variant : kSmall) {
        const Buffer image = make(variant);
        for (int round = 0; round < 700; ++round) {
            Buffer flipped = image;
            for (int i = 0; i < 5; ++i)
                flipped[i == 0 && round % 4 == 0 ? 1024 + random() % 32 : 2048 + random() % (flipped.size() - 2048)] ^= static_cast<std::uint8_t>(1 + random() % 255);
            const auto found = identify_minix(flipped);
            EXPECT_LE(found ? found->size : 0, flipped.size());
            CollectingSink sink(1 << 20);
            (void)read_minix(flipped, {}, sink);
            EXPECT_EQ(0, sink.misuses);
        }
    }
}

TEST_F(SmallMinix, AnInodeOutOfRangeDamagesItsEntryOnly) {
    Buffer image = make(kSmall[0]);
    const auto at = as_text(image).find("1000");
    ASSERT_NE(std::string::npos, at);
    image[at - 1] = 0x70;  // the number's upper half
    CollectingSink sink;
    ASSERT_TRUE(read_minix(image, {}, sink));
    EXPECT_THAT(sink.entries["d/1000"].damage, HasSubstr("is none"));
    EXPECT_EQ(sample_text(9000, 3), sink.entries["d/9000"].content);
}

}  // namespace
}  // namespace shirushi::unpack
