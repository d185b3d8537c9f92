#include "unpack/filesystems/yaffs.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unpack/filesystems/yaffs_layout.hpp"
#include "unpack/making_test.hpp"
#include "unpack/sample_tree.hpp"

namespace shirushi::unpack {
namespace {

using making::joined;
using making::noise;
using testing::HasSubstr;

/// Writes pages as mkyaffs2image and the kernel do. There is no tool for it in Debian.
class Writer {
public:
    explicit Writer(const YaffsLayout& layout, bool with_ecc = false) : layout_(layout), with_ecc_(with_ecc) {}

    struct Header {
        YaffsType type = YaffsType::file;
        std::uint32_t parent = 1;
        std::string_view name;
        std::uint32_t mode = 0100644;
        std::uint64_t size = 0;
        std::uint32_t same_as = 0;
        std::string_view target;
        bool shrinks = false;
        std::uint32_t uid = 0;
        std::uint32_t gid = 0;
        std::uint32_t modified = 0;
    };

    void header(std::uint32_t object, const Header& header, bool extra = false) {
        Buffer page(layout_.page, 0xff);
        std::fill_n(page.begin() + 10, 256, std::uint8_t{0});
        number(page, 0, static_cast<std::uint32_t>(header.type));
        number(page, 4, header.parent);
        std::ranges::copy(header.name, page.begin() + 10);
        number(page, 268, header.mode);
        number(page, 272, header.uid);
        number(page, 276, header.gid);
        number(page, 284, header.modified);
        number(page, 292, static_cast<std::uint32_t>(header.size));
        number(page, 296, header.same_as);
        std::fill_n(page.begin() + 300, 160, std::uint8_t{0});
        std::ranges::copy(header.target, page.begin() + 300);
        number(page, 508, header.shrinks ? 1 : 0);
        if (extra)
            append(page, object | static_cast<std::uint32_t>(header.type) << 28U, 0x80000000U | header.parent, static_cast<std::uint32_t>(header.size));
        else
            append(page, object, 0, 0xffff);
    }
    void data(std::uint32_t object, std::uint32_t chunk, std::string_view text) {
        Buffer page(layout_.page, 0xff);
        std::ranges::copy(text, page.begin());
        append(page, object, chunk, static_cast<std::uint32_t>(text.size()));
    }
    void content(std::uint32_t object, std::string_view text) {
        for (std::uint32_t chunk = 1; !text.empty(); ++chunk) {
            const std::string_view piece = text.substr(0, layout_.page);
            data(object, chunk, piece);
            text.remove_prefix(piece.size());
        }
    }
    void erased(std::size_t pages) { bytes.resize(bytes.size() + pages * layout_.stride(), 0xff); }

    /// A whole folder, in the order of mkyaffs2image.
    void tree(const std::filesystem::path& root) {
        header(1, {.type = YaffsType::directory, .parent = 1, .mode = 040755});
        std::map<std::filesystem::path, std::uint32_t> folders{{root, 1}};
        std::map<ino_t, std::uint32_t> links;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
            const std::uint32_t object = next_++;
            struct stat status {};
            ::lstat(entry.path().c_str(), &status);
            const std::string name = entry.path().filename().string();
            Header header_of{.parent = folders.at(entry.path().parent_path()), .name = name, .mode = status.st_mode, .uid = status.st_uid, .gid = status.st_gid,
                             .modified = static_cast<std::uint32_t>(status.st_mtime)};
            std::string text;
            if (S_ISDIR(status.st_mode)) {
                header_of.type = YaffsType::directory;
                folders[entry.path()] = object;
            } else if (S_ISLNK(status.st_mode)) {
                header_of.type = YaffsType::symlink;
                text = std::filesystem::read_symlink(entry.path()).string().substr(0, 159);
                header_of.target = text;
            } else if (!S_ISREG(status.st_mode)) {
                header_of.type = YaffsType::special;
            } else if (const auto [link, fresh] = links.try_emplace(status.st_ino, object); !fresh) {
                header_of.type = YaffsType::hard_link;
                header_of.same_as = link->second;
            } else {
                text = std::string(as_text(file_bytes(entry.path())));
                header_of.size = text.size();
            }
            header(object, header_of, object % 2 == 0);
            if (header_of.type == YaffsType::file)
                content(object, text);
        }
    }

    Buffer bytes;
    std::uint32_t sequence = 0x1000;

private:
    void number(Buffer& page, std::size_t at, std::uint32_t value) const {
        for (std::size_t i = 0; i < 4; ++i)
            page[at + (layout_.endian == Endian::little ? i : 3 - i)] = static_cast<std::uint8_t>(value >> (8 * i));
    }
    void append(const Buffer& page, std::uint32_t object, std::uint32_t chunk, std::uint32_t size) {
        Buffer spare(layout_.spare, 0xff);
        if (layout_.first_version) {
            chunk = (chunk & 0x80000000U) != 0 ? 0 : chunk;
            object &= 0x3ffffU;
            size &= 0x3ffU;
            Buffer tags(8);
            const bool little = layout_.endian == Endian::little;
            number(tags, 0, little ? chunk | size << 22U : chunk << 12U | size);
            number(tags, 4, little ? object : object << 14U);
            std::uint32_t code = 0;
            for (std::uint32_t bit = 0; bit < 64; ++bit)
                code ^= (tags[bit / 8] >> bit % 8 & 1U) != 0 ? bit + 1 : 0;
            number(tags, 4, little ? object | code << 18U : object << 14U | code << 2U);
            constexpr std::array<std::size_t, 8> places{0, 1, 2, 3, 6, 7, 11, 12};
            for (std::size_t i = 0; i < 8; ++i)
                spare[places.at(i)] = tags[i];
        } else if (layout_.spare != 0) {
            number(spare, layout_.tags, sequence);
            number(spare, layout_.tags + 4, object);
            number(spare, layout_.tags + 8, chunk);
            number(spare, layout_.tags + 12, size);
            for (std::size_t i = layout_.tags + 16; with_ecc_ && i < layout_.tags + 28 && i < spare.size(); ++i)
                spare[i] = static_cast<std::uint8_t>(i * 37);
        }
        bytes.insert(bytes.end(), page.begin(), page.end());
        bytes.insert(bytes.end(), spare.begin(), spare.end());
    }
    YaffsLayout layout_;
    bool with_ecc_;
    std::uint32_t next_ = 257;
};

struct Making {
    const char* name;
    YaffsLayout layout;
    bool with_ecc = false;
};

class EveryYaffs : public testing::TestWithParam<Making> {};

TEST_P(EveryYaffs, GivesBackTheTreeItWasMadeFrom) {
    for (const Endian endian : {Endian::little, Endian::big}) {
        YaffsLayout layout = GetParam().layout;
        layout.endian = endian;
        const TemporaryFolder folder;
        make_sample_tree(folder.path(), layout.page);
        Writer writer(layout, GetParam().with_ecc);
        writer.tree(folder.path());
        const Buffer image = joined({writer.bytes, Buffer(5000, 0xff), noise(3000, 1)});
        const auto found = identify_yaffs(image);
        ASSERT_TRUE(found);
        EXPECT_THAT(found->description, HasSubstr(describe(layout)));
        EXPECT_EQ(writer.bytes.size(), found->size);
        CollectingSink sink;
        const auto read = read_yaffs(writer.bytes, {}, sink);
        EXPECT_TRUE(read) << read.error().message;
        EXPECT_EQ(0, sink.doubles + sink.misuses);
        auto expected = tree_on_disk(folder.path());
        expected["long-link"].info.target.resize(159);  // there is no room for more
        expect_same(expected, sink.entries);
    }
}

INSTANTIATE_TEST_SUITE_P(Yaffs, EveryYaffs,
                         testing::Values(Making{"page_2048", {.page = 2048, .spare = 64, .tags = 0}}, Making{"page_2048_ecc", {.page = 2048, .spare = 64, .tags = 0}, true},
                                         Making{"page_2048_bad_block_mark", {.page = 2048, .spare = 64, .tags = 2}, true},
                                         Making{"page_2048_large_spare", {.page = 2048, .spare = 128, .tags = 28}},
                                         Making{"page_4096", {.page = 4096, .spare = 128, .tags = 0}, true}, Making{"page_4096_224", {.page = 4096, .spare = 224, .tags = 4}},
                                         Making{"page_8192", {.page = 8192, .spare = 256, .tags = 2}, true}, Making{"page_8192_448", {.page = 8192, .spare = 448, .tags = 0}},
                                         Making{"page_1024", {.page = 1024, .spare = 32, .tags = 0}, true}, Making{"page_512", {.page = 512, .spare = 16, .tags = 0}},
                                         Making{"first_version", {.page = 512, .spare = 16, .tags = 0, .first_version = true}}),
                         [](const auto& making) { return std::string(making.param.name); });

constexpr YaffsLayout usual{.page = 2048, .spare = 64, .tags = 0};

std::map<std::string, CollectedEntry> entries_of(const Buffer& image) {
    CollectingSink sink;
    const auto read = read_yaffs(image, {}, sink);
    EXPECT_TRUE(read) << read.error().message;
    EXPECT_EQ(0, sink.doubles + sink.misuses);
    return sink.entries;
}

TEST(Yaffs, TheNewestPagesCount) {
    const std::string page(2048, 'p');
    Writer writer(usual);
    writer.sequence = 0x2005;  // blocks lie in any order: this one was written last
    writer.header(300, {.name = "renamed", .size = 4096});
    writer.data(301, 2, "longer");  // written behind its header
    writer.header(302, {.parent = 3, .name = "unlinked"});
    writer.header(303, {.name = "cut", .size = 3000, .shrinks = true});
    writer.header(303, {.name = "cut", .size = 6144});
    writer.data(303, 3, page);
    writer.erased(10);
    writer.sequence = 0x2001;
    writer.header(1, {.type = YaffsType::directory, .parent = 1, .mode = 040755});
    writer.header(300, {.name = "first name", .size = 4096});
    writer.data(300, 1, page);
    writer.data(300, 2, std::string(2048, 'o'));
    writer.data(300, 2, std::string(2048, 'n'));
    writer.header(301, {.name = "grown", .size = 2048});
    writer.data(301, 1, page);
    writer.header(302, {.name = "deleted", .size = 3});
    writer.data(302, 1, "bye");
    writer.header(303, {.name = "cut", .size = 6144});
    writer.content(303, page + page + page);
    writer.header(304, {.parent = 2, .name = "orphan", .size = 0});
    const auto found = identify_yaffs(writer.bytes);
    ASSERT_TRUE(found);
    EXPECT_EQ(writer.bytes.size(), found->size);
    const auto entries = entries_of(writer.bytes);
    EXPECT_EQ(5U, entries.size());
    EXPECT_TRUE(page + std::string(2048, 'n') == entries.at("renamed").content);
    EXPECT_TRUE(page + "longer" == entries.at("grown").content);
    EXPECT_EQ("", entries.at("grown").damage);
    EXPECT_TRUE(page + page + page == entries.at("cut").content) << "page 2 was only cut in its middle";
    EXPECT_EQ("", entries.at("lost+found/orphan").damage);
}

TEST(Yaffs, LossesAreNamed) {
    const std::string page(2048, 'p');
    Writer writer(usual);
    writer.header(1, {.type = YaffsType::directory, .parent = 1, .mode = 040755});
    writer.header(300, {.name = "holed", .size = 6144});
    writer.data(300, 1, page);
    writer.data(300, 3, page);
    writer.header(301, {.parent = 999, .name = "lost"});
    writer.data(302, 1, "no header");
    writer.header(303, {.name = "twin"});
    writer.header(304, {.name = "twin"});
    writer.header(305, {.name = "../up"});
    writer.header(306, {.type = YaffsType::hard_link, .name = "link", .same_as = 777});
    writer.header(400, {.type = YaffsType::directory, .parent = 401, .name = "a", .mode = 040755});
    writer.header(401, {.type = YaffsType::directory, .parent = 400, .name = "b", .mode = 040755});
    const Buffer image = joined({writer.bytes, noise(2112, 3)});
    CollectingSink sink;
    const auto read = read_yaffs(image, {}, sink);
    ASSERT_FALSE(read);
    EXPECT_THAT(read.error().message, HasSubstr("root directory: "));
    EXPECT_TRUE(page + std::string(2048, '\0') + page == sink.entries["holed"].content);
    EXPECT_EQ("zeros stand for what begins at byte 2048: a hole, or lost", sink.entries["holed"].damage);
    EXPECT_EQ(1U, sink.entries.count("lost+found/inode-999/lost"));
    EXPECT_EQ("no header", sink.entries["lost+found/inode-302"].content);
    EXPECT_EQ(1U, sink.entries.count("twin") + sink.entries.count("twin.object-303"));
    EXPECT_EQ(1U, sink.entries.count("twin.object-304"));
    EXPECT_EQ("object 777 has no header", sink.entries["link"].damage);
    EXPECT_EQ(0, sink.doubles + sink.misuses);
    EXPECT_EQ(1U, sink.entries.count("lost+found/inode-400/b"));
}

TEST(Yaffs, ADumpWithoutSpareAreasIsSaidToBe) {
    const TemporaryFolder folder;
    make_sample_tree(folder.path(), 2048);
    Writer writer({.page = 2048, .spare = 0});
    writer.tree(folder.path());
    const auto found = identify_yaffs(writer.bytes);
    ASSERT_TRUE(found);
    EXPECT_THAT(found->description, HasSubstr("pages of 2048 bytes without their spare areas"));
    CollectingSink sink;
    const auto read = read_yaffs(writer.bytes, {}, sink);
    ASSERT_FALSE(read);
    EXPECT_EQ(Errc::unsupported, read.error().code);
}

Buffer small_image(Endian endian) {
    const TemporaryFolder folder;
    std::filesystem::create_directories(folder.path() / "d");
    put(folder.path() / "d/a", sample_text(900, 1));
    put(folder.path() / "b", sample_text(100, 2));
    Writer writer({.page = 512, .spare = 16, .tags = 0, .endian = endian});
    writer.tree(folder.path());
    return writer.bytes;
}

TEST(Yaffs, TruncatedAnywhereGivesAPartAndNoMore) {
    for (const Endian endian : {Endian::little, Endian::big}) {
        const Buffer image = small_image(endian);
        const auto whole = entries_of(image);
        EXPECT_EQ(3U, whole.size());
        for (std::size_t size = 0; size < image.size(); ++size) {
            const Buffer part(image.begin(), image.begin() + static_cast<std::ptrdiff_t>(size));  // its own memory: overruns show
            const auto found = identify_yaffs(part);
            EXPECT_LE(found ? found->size : 0, size);
            CollectingSink sink(1 << 20);
            (void)read_yaffs(part, {}, sink);
            expect_part(whole, sink);
        }
    }
}

TEST(Yaffs, FlippedBytesNeverBreakOut) {
    std::mt19937 random(4);
    for (const Endian endian : {Endian::little, Endian::big}) {
        const Buffer image = small_image(endian);
        for (int round = 0; round < 1000; ++round) {
            Buffer flipped = image;
            for (int i = 0; i < 2; ++i) {  // tags and headers
                const std::size_t page = random() % (image.size() / 528) * 528;
                flipped[page + (random() % 2 == 0 ? 512 + random() % 16 : random() % 512)] ^= static_cast<std::uint8_t>(1 + random() % 255);
            }
            const auto found = identify_yaffs(flipped);
            EXPECT_LE(found ? found->size : 0, flipped.size());
            CollectingSink sink(8 << 20);
            (void)read_yaffs(flipped, {}, sink);
            EXPECT_EQ(0, sink.misuses);
        }
    }
}

TEST(Yaffs, LiesAnywhereInAFlash) {
    const making::Workshop shop;
    shop.sample_tree("root");
    for (const Endian endian : {Endian::little, Endian::big}) {
        Writer writer({.page = 2048, .spare = 64, .tags = 0, .endian = endian});
        writer.tree(std::filesystem::path(shop.folder()) / "root");
        const auto tree = making::unpacked(joined({noise(1237, 1), writer.bytes, noise(7777, 2)}));
        making::expect_sample(*tree, "yaffs@0x4d5");
        making::expect_covered(*tree);
    }
}

TEST(Yaffs, AnErasedOrDataPageMayComeFirst) {
    Writer writer(usual);
    writer.data(300, 1, "data");
    writer.header(300, {.name = "file", .size = 4});
    writer.header(1, {.type = YaffsType::directory, .parent = 1, .mode = 040755});
    EXPECT_FALSE(identify_yaffs_dump(writer.bytes)) << "so small, it is not tried";
    writer.erased(64);
    const auto tree = making::unpacked(writer.bytes);
    const auto file = making::find(*tree, "yaffs@0x0/file");
    ASSERT_TRUE(file) << making::tables(*tree);
    EXPECT_EQ("data", as_text(tree->bytes(*file)));
    EXPECT_FALSE(identify_yaffs(Buffer(100'000, 0xff)));
    EXPECT_FALSE(identify_yaffs(Buffer(100'000, 0)));
    EXPECT_FALSE(identify_yaffs(noise(100'000, 1)));
}

}  // namespace
}  // namespace shirushi::unpack
