#include "unpack/filesystems/small_filesystems.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "unpack/making_test.hpp"
#include "unpack/sample_tree.hpp"

namespace shirushi::unpack {
namespace {

using testing::HasSubstr;
using Entries = std::map<std::string, CollectedEntry>;

/// The sample tree on disk, made once; its longest name is cut to what cramfs can hold.
const std::filesystem::path& sample() {
    static const TemporaryFolder folder;
    static const bool made = [] {
        make_sample_tree(folder.path(), 8192);
        std::filesystem::rename(folder.path() / std::string(255, 'n'), folder.path() / std::string(252, 'n'));
        return true;
    }();
    EXPECT_TRUE(made);
    return folder.path();
}

Buffer image_by(const std::string& command, const std::filesystem::path& tree) {
    const TemporaryFolder work;
    EXPECT_TRUE(run(fmt::format("cd {} && ln -s {} root && {}", work.path().string(), tree.string(), command)));
    return file_bytes(work.path() / "image");
}

/// cramfs keeps 16 bits of the user, 8 of the group, and no time.
Entries in_cramfs(Entries tree) {
    for (auto& [path, entry] : tree) {
        entry.info.modified = 0;
        entry.info.uid &= 0xffff;
        entry.info.gid &= 0xff;
    }
    return tree;
}

/// romfs keeps no owner, no time, and of the mode whether directories and files can be executed.
Entries in_romfs(Entries tree) {
    for (auto& [path, entry] : tree) {
        const bool may_run = (entry.info.mode & 0111U) != 0;
        entry.info.modified = entry.info.uid = entry.info.gid = 0;
        const bool plain = entry.info.kind == FileKind::directory || entry.info.kind == FileKind::regular;
        entry.info.mode = entry.info.kind == FileKind::symlink ? 0777U : plain && may_run ? 0755U : 0644U;
    }
    return tree;
}

struct SmallCase {
    const char* name;
    const char* command;
    const char* description;
};

class Cramfs : public testing::TestWithParam<SmallCase> {};

TEST_P(Cramfs, GivesBackTheTreeItWasMadeFrom) {
    const Buffer image = image_by(GetParam().command, sample());
    const auto found = identify_cramfs(image);
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->checked) << found->description;
    EXPECT_EQ(image.size(), found->size);
    EXPECT_THAT(found->description, HasSubstr(GetParam().description));
    CollectingSink sink;
    const auto read = read_cramfs(image, {}, sink);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(0, sink.doubles + sink.misuses);
    expect_same(in_cramfs(tree_on_disk(sample())), sink.entries);
}

INSTANTIATE_TEST_SUITE_P(SmallFileSystems, Cramfs,
                         testing::Values(SmallCase{"Little", "mkfs.cramfs -N little root/ image", "cramfs, "},
                                         SmallCase{"Big", "mkfs.cramfs -N big root/ image", "cramfs, big-endian"},
                                         SmallCase{"Swapped", "mkfs.cramfs -N little root/ other && cramfsswap other image", "cramfs, big-endian"},
                                         SmallCase{"HolesLittle", "mkfs.cramfs -z -N little root/ image", "cramfs"},
                                         SmallCase{"HolesBig", "mkfs.cramfs -z -N big root/ image", "cramfs, big-endian"},
                                         SmallCase{"BehindBootCode", "mkfs.cramfs -p -N little root/ image", "behind boot code"},
                                         SmallCase{"BehindBootCodeBig", "mkfs.cramfs -p -N big root/ image", "behind boot code"},
                                         SmallCase{"ShiftedRoot", "seq 1 999 > kernel && mkfs.cramfs -i kernel -N big root/ image", "cramfs, big-endian"},
                                         SmallCase{"LargerBlocks", "mkfs.cramfs -b 16384 -N little root/ image", "cramfs"}),
                         [](const auto& one) { return std::string(one.param.name); });

TEST(Romfs, GivesBackTheTreeItWasMadeFrom) {
    const Buffer image = image_by("genromfs -d root/ -f image -V 'A volume' -a 64", sample());
    const auto found = identify_romfs(image);
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->checked);
    EXPECT_EQ("romfs, volume \"A volume\"", found->description);
    EXPECT_LE(found->size, image.size());
    EXPECT_GT(found->size + 1024, image.size());
    CollectingSink sink;
    const auto read = read_romfs(image, {}, sink);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(0, sink.doubles + sink.misuses);
    expect_same(in_romfs(tree_on_disk(sample())), sink.entries);
}

/// A cramfs with extended block pointers, which no tool of Debian makes: two files at the root.
class ExtendedCramfs {
public:
    explicit ExtendedCramfs(Endian endian) : endian_(endian), image_(76) {}

    /// Blocks of all kinds: at once and anywhere, compressed and not, and a hole. The last one is short.
    Buffer make(const std::string& content) {
        const std::uint64_t entries = image_.size();
        image_.resize(entries + 2 * (12 + 4));
        const std::uint64_t pointers = image_.size();
        image_.resize(pointers + 7 * 4);
        const auto block = [&](std::size_t index) { return clipped(as_bytes(content), index * 4096, 4096); };
        append(packed(block(0)));  // 0: compressed, behind the pointers
        word(pointers, image_.size());
        align();
        word(pointers + 4, image_.size() / 4 | direct | as_it_is);  // 1: anywhere, as it is
        append(block(1));
        append(packed(block(2)));  // 2: compressed, behind a direct block
        word(pointers + 8, image_.size());
        align();
        word(pointers + 12, image_.size() / 4 | direct);  // 3: anywhere, compressed, with its size in front
        const Buffer third = packed(block(3));
        put_16(third.size());
        append(third);
        append(block(4));  // 4: as it is, behind a direct one
        word(pointers + 16, image_.size() | as_it_is);
        word(pointers + 20, image_.size());  // 5: a hole
        align();
        word(pointers + 24, image_.size() / 4 | direct | as_it_is);  // 6: anywhere, as it is, short
        append(block(6));
        inode(entries, 0100755, content.size(), 1, pointers);
        std::ranges::copy(std::string_view("xip"), image_.begin() + static_cast<std::ptrdiff_t>(entries) + 12);
        inode(entries + 16, 0040700, 0, 1, 0);
        image_[entries + 28] = 'z';
        superblock(entries, pointers - entries);
        return image_;
    }

private:
    static constexpr std::uint64_t direct = 1U << 30;
    static constexpr std::uint64_t as_it_is = 1U << 31;

    static Buffer packed(Bytes content) {
        Buffer out(compressBound(content.size()));
        uLongf size = out.size();
        EXPECT_EQ(Z_OK, compress2(out.data(), &size, content.data(), content.size(), 9));
        out.resize(size);
        return out;
    }
    void append(Bytes bytes) { image_.insert(image_.end(), bytes.begin(), bytes.end()); }
    void align() { image_.resize((image_.size() + 3) / 4 * 4); }
    void number(std::uint64_t at, std::uint64_t value, unsigned bytes) {
        for (unsigned i = 0; i < bytes; ++i)
            image_[at + (endian_ == Endian::little ? i : bytes - 1 - i)] = static_cast<std::uint8_t>(value >> 8 * i);
    }
    void word(std::uint64_t at, std::uint64_t value) { number(at, value, 4); }
    void put_16(std::uint64_t value) {
        image_.resize(image_.size() + 2);
        number(image_.size() - 2, value, 2);
    }
    void two(std::uint64_t at, std::uint64_t first, unsigned width, std::uint64_t second) {
        word(at, endian_ == Endian::little ? first | second << width : first << (32 - width) | second);
    }
    void inode(std::uint64_t at, std::uint64_t mode, std::uint64_t size, std::uint64_t name_words, std::uint64_t offset) {
        two(at, mode, 16, 1000);
        two(at + 4, size, 24, 100);
        two(at + 8, name_words, 6, offset / 4);
    }
    void superblock(std::uint64_t entries, std::uint64_t size) {
        align();
        word(0, 0x28cd3d45);
        word(4, image_.size());
        word(8, 0x3 | 0x800);
        std::ranges::copy(std::string_view("Compressed ROMFS"), image_.begin() + 16);
        word(44, 3);
        std::ranges::copy(std::string_view("test"), image_.begin() + 48);
        inode(64, 0040755, size, 0, entries);
        word(32, crc32_z(0, image_.data(), image_.size()));
    }

    Endian endian_;
    Buffer image_;
};

std::string xip_content() {
    return sample_text(4096, 1) + sample_noise(4096, 2) + sample_text(8192, 3) + sample_noise(4096, 4) + std::string(4096, '\0') + sample_noise(1500, 5);
}

TEST(ExtendedPointers, BlocksOfEachKindAreRead) {
    for (const Endian endian : {Endian::little, Endian::big}) {
        const Buffer image = ExtendedCramfs(endian).make(xip_content());
        const auto found = identify_cramfs(image);
        ASSERT_TRUE(found);
        EXPECT_TRUE(found->checked);
        EXPECT_EQ(fmt::format("cramfs{}, 3 files, extended block pointers, name \"test\"", endian == Endian::big ? ", big-endian" : ""), found->description);
        CollectingSink sink;
        ASSERT_TRUE(read_cramfs(image, {}, sink));
        ASSERT_EQ(2U, sink.entries.size());
        EXPECT_TRUE(sink.entries["xip"].content == xip_content());
        EXPECT_EQ("", sink.entries["xip"].damage);
        EXPECT_EQ(0755U, sink.entries["xip"].info.mode);
        EXPECT_EQ(1000U, sink.entries["xip"].info.uid);
        EXPECT_EQ(100U, sink.entries["xip"].info.gid);
        EXPECT_EQ(FileKind::directory, sink.entries["z"].info.kind);
    }
}

struct SmallTree {
    SmallTree() {
        std::filesystem::create_directories(tree.path() / "d/e");
        for (const std::size_t size : {0U, 1U, 900U, 5000U})
            put(tree.path() / "d" / std::to_string(size), sample_text(size, static_cast<unsigned>(size)));
        put(tree.path() / "d/e/f", "text\n");
        std::filesystem::create_symlink("d/e", tree.path() / "link");
        std::filesystem::create_hard_link(tree.path() / "d/900", tree.path() / "again");
    }
    TemporaryFolder tree;
};

TEST(SmallFileSystems, LieBehindAndBeforeOtherBytes) {
    const SmallTree small;
    for (const auto& [format, command] : {std::pair("cramfs", "mkfs.cramfs -N big root/ image"), std::pair("cramfs", "mkfs.cramfs -p -N little root/ image"),
                                          std::pair("romfs", "genromfs -d root/ -f image -V v")}) {
        const Buffer image = image_by(command, small.tree.path());
        const auto unpacked = making::unpacked(making::joined({making::noise(1237, 1), image, making::noise(777, 2)}));
        making::expect_covered(*unpacked);
        for (const char* file : {"d/5000", "d/e/f", "again"}) {
            const auto node = making::find(*unpacked, fmt::format("{}@0x4d5/{}", format, file));
            ASSERT_TRUE(node) << command << " " << file;
            EXPECT_EQ(as_text(file_bytes(small.tree.path() / file)), as_text(unpacked->bytes(*node)));
        }
    }
}

using Read = Result<void> (*)(Bytes, Share, Sink&);
using Find = std::optional<FoundContainer> (*)(Bytes);

struct Made {
    Find identify;
    Read read;
    Buffer image;
};

std::vector<Made> small_images() {
    const SmallTree small;
    return {{identify_cramfs, read_cramfs, image_by("mkfs.cramfs -N little root/ image", small.tree.path())},
            {identify_cramfs, read_cramfs, ExtendedCramfs(Endian::big).make(xip_content().substr(0, 6 * 4096 + 700))},
            {identify_romfs, read_romfs, image_by("genromfs -d root/ -f image -V v", small.tree.path())}};
}

TEST(SmallFileSystems, TruncatedAnywhereGiveAPartAndNoMore) {
    for (const Made& made : small_images()) {
        CollectingSink whole;
        ASSERT_TRUE(made.read(made.image, {}, whole));
        const std::size_t step = made.image.size() > 10'000 ? 7 : 1;  // XIP blocks are as large as they are
        for (std::size_t size = 0; size < made.image.size(); size += step) {
            const Buffer part(made.image.begin(), made.image.begin() + static_cast<std::ptrdiff_t>(size));
            const auto found = made.identify(part);
            EXPECT_LE(found ? found->size : 0, size);
            CollectingSink sink(1 << 20);
            (void)made.read(part, {}, sink);
            expect_part(whole.entries, sink);
        }
    }
}

TEST(SmallFileSystems, FlippedBytesNeverBreakOut) {
    std::mt19937 random(4);
    for (const Made& made : small_images()) {
        for (int round = 0; round < 1500; ++round) {
            Buffer flipped = made.image;
            for (int i = 0; i < 3; ++i)
                flipped[random() % (i == 0 ? 300 : flipped.size())] ^= static_cast<std::uint8_t>(1 + random() % 255);
            (void)made.identify(flipped);
            CollectingSink sink(8 << 20);
            (void)made.read(flipped, {}, sink);
            EXPECT_EQ(0, sink.misuses);
        }
    }
}

TEST(SmallFileSystems, ADamagedBlockDamagesItsFileOnly) {
    Buffer image = ExtendedCramfs(Endian::little).make(xip_content());
    image[76 + 32 + 28 + 9] ^= 0xff;  // in the first block
    EXPECT_THAT(identify_cramfs(image)->description, HasSubstr("its check sum does not hold"));
    CollectingSink sink;
    ASSERT_TRUE(read_cramfs(image, {}, sink));
    EXPECT_THAT(sink.entries["xip"].damage, HasSubstr("zeros stand for bytes 0 to 4095"));
    EXPECT_TRUE(sink.entries["xip"].content == std::string(4096, '\0') + xip_content().substr(4096));
}

TEST(SmallFileSystems, ARomfsHeaderWhoseSumIsWrongIsNamed) {
    const SmallTree small;
    Buffer image = image_by("genromfs -d root/ -f image -V v", small.tree.path());
    const auto at = as_text(image).find("link");
    ASSERT_NE(std::string::npos, at);
    image[at] = 'x';
    CollectingSink sink;
    ASSERT_TRUE(read_romfs(image, {}, sink));
    EXPECT_THAT(sink.entries["xink"].damage, HasSubstr("the check sum of its header"));
    EXPECT_EQ("", sink.entries["d/900"].damage);
}

TEST(SmallFileSystems, NoiseIsNone) {
    const Buffer noise = making::noise(4096, 9);
    for (const std::string& magic : {std::string("\x45\x3d\xcd\x28"), std::string("-rom1fs-\0\0\x10\0", 12)}) {
        const Buffer image = making::joined({as_bytes(magic), noise});
        EXPECT_FALSE(identify_cramfs(image));
        EXPECT_FALSE(identify_romfs(image));
    }
}

}  // namespace
}  // namespace shirushi::unpack
