#include "unpack/filesystems/ubifs.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unpack/filesystems/flash_checksum.hpp"
#include "unpack/filesystems/flash_making.hpp"
#include "unpack/filesystems/ubifs_nodes.hpp"
#include "unpack/making_test.hpp"

namespace shirushi::unpack {
namespace {

using making::joined;
using making::noise;
using testing::HasSubstr;

Buffer format_ubifs(const std::filesystem::path& tree, const std::filesystem::path& work, const std::string& options) {
    const std::string image = (work / "image").string();
    EXPECT_TRUE(run("PATH=$PATH:/usr/sbin:/sbin; cd " + work.string() + "; mkfs.ubifs -r " + tree.string() + " -o " + image + " " + options)) << options;
    return file_bytes(image);
}

struct Making {
    const char* name;
    const char* options;
    const char* description;
};

class EveryUbifs : public testing::TestWithParam<Making> {};

TEST_P(EveryUbifs, GivesBackTheTreeItWasMadeFrom) {
    const TemporaryFolder tree;
    const TemporaryFolder work;
    make_sample_tree(tree.path(), 16384);
    const Buffer image = format_ubifs(tree.path(), work.path(), GetParam().options);
    const auto found = identify_ubifs(image);
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->checked);
    EXPECT_EQ(image.size(), found->size);
    EXPECT_THAT(found->description, HasSubstr(GetParam().description));

    CollectingSink sink;
    const auto read = read_ubifs(image, {}, sink);
    EXPECT_TRUE(read) << read.error().message;
    EXPECT_EQ(0, sink.doubles + sink.misuses);
    expect_same(tree_on_disk(tree.path()), sink.entries);
}

INSTANTIATE_TEST_SUITE_P(Ubifs, EveryUbifs,
                         testing::Values(Making{"none", "-m 2048 -e 126976 -c 200 -x none", "blocks of 126,976 bytes, none"}, Making{"lzo", "-m 2048 -e 126976 -c 200 -x lzo", ", lzo"},
                                         Making{"zlib", "-m 2048 -e 126976 -c 200 -x zlib", ", zlib"}, Making{"zstd", "-m 2048 -e 126976 -c 200 -x zstd", ", zstd"},
                                         Making{"favor_lzo", "-m 2048 -e 129024 -c 200 -x favor_lzo", "blocks of 129,024 bytes"},
                                         Making{"small_pages", "-m 512 -e 15872 -c 600 -x zlib", "blocks of 15,872 bytes"},
                                         Making{"nor", "-m 8 -e 65408 -c 200 -x lzo", "blocks of 65,408 bytes"},
                                         Making{"large_pages", "-m 4096 -e 253952 -c 100 -x zstd -F", "blocks of 253,952 bytes"},
                                         Making{"wide_index", "-m 2048 -e 126976 -c 200 -f 64 -k test -l 8 -p 3", ", lzo"}),
                         [](const auto& making) { return std::string(making.param.name); });

TEST(Ubifs, AuthenticatedImagesAreRead) {
    const TemporaryFolder tree;
    const TemporaryFolder work;
    make_sample_tree(tree.path(), 16384);
    ASSERT_TRUE(run("cd " + work.path().string() + "; openssl req -x509 -newkey rsa:2048 -nodes -keyout k.pem -out c.pem -subj /CN=x -days 10"));
    for (const char* hash : {"sha1", "sha256", "sha512"}) {
        const Buffer image = format_ubifs(tree.path(), work.path(), std::string("-m 2048 -e 126976 -c 200 --auth-key=k.pem --auth-cert=c.pem --hash-algo=") + hash);
        EXPECT_THAT(identify_ubifs(image).value().description, HasSubstr("authenticated"));
        CollectingSink sink;
        const auto read = read_ubifs(image, {}, sink);
        EXPECT_TRUE(read) << read.error().message;
        expect_same(tree_on_disk(tree.path()), sink.entries);
    }
}

TEST(Ubifs, EncryptedImagesAreSaidToBe) {
    const TemporaryFolder tree;
    const TemporaryFolder work;
    std::filesystem::create_directories(tree.path() / "d");
    put(tree.path() / "d/secret", sample_text(9000, 1));
    std::filesystem::create_symlink("d/secret", tree.path() / "link");
    put(work.path() / "key", sample_noise(64, 1));
    const Buffer image = format_ubifs(tree.path(), work.path(), "-m 2048 -e 126976 -c 200 -C AES-256-XTS -K key -b 0123456789abcdef");
    EXPECT_THAT(identify_ubifs(image).value().description, HasSubstr("with encryption"));
    CollectingSink sink;
    const auto read = read_ubifs(image, {}, sink);
    ASSERT_FALSE(read);
    EXPECT_THAT(read.error().message, HasSubstr("the names in it are encrypted"));
    EXPECT_THAT(sink.description, HasSubstr("2 files encrypted with fscrypt"));
    ASSERT_EQ(3U, sink.entries.size());
    for (const auto& [path, entry] : sink.entries) {
        EXPECT_THAT(path, HasSubstr("encrypted-name-"));
        EXPECT_THAT(entry.damage, HasSubstr("encrypted (fscrypt)"));
        EXPECT_EQ("", entry.content);
    }
}

TEST(Ubifs, ThroughUbi) {
    const making::Workshop shop;
    shop.sample_tree("root");
    const Buffer image = shop.run(
        "PATH=$PATH:/usr/sbin:/sbin; mkfs.ubifs -r root -m 2048 -e 126976 -c 100 -o fs >/dev/null; "
        "printf '[a]\nmode=ubi\nimage=fs\nvol_id=0\nvol_type=dynamic\nvol_name=rootfs\nvol_size=8MiB\n' > cfg; ubinize -o image -p 128KiB -m 2048 cfg >/dev/null; cat image");
    const auto tree = making::unpacked(joined({noise(4321, 1), image, noise(777, 2)}));
    making::expect_sample(*tree, "ubi@0x10e1/rootfs/ubifs@0x0");
    EXPECT_EQ(tree->gaps().size(), 2U);
    making::expect_covered(*tree);
}

struct SmallUbifs : testing::Test {
    static constexpr std::size_t block = 15872;

    Buffer make(const std::string& options) {
        std::filesystem::remove_all(tree.path() / "d");
        std::filesystem::create_directories(tree.path() / "d/e");
        for (const int size : {0, 1, 1000, 5000, 13000})
            put(tree.path() / "d" / std::to_string(size), sample_text(static_cast<std::size_t>(size), static_cast<unsigned>(size)));
        put(tree.path() / "d/e/f", "text\n");
        std::filesystem::remove(tree.path() / "link");
        std::filesystem::create_symlink("d/e", tree.path() / "link");
        return format_ubifs(tree.path(), work.path(), "-m 512 -e 15872 -c 100 " + options);
    }

    static void number(Buffer& node, std::size_t at, std::uint64_t value, std::size_t size) {
        for (std::size_t i = 0; i < size; ++i)
            node[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
    }
    /// Writes a node where the last one of this block ended.
    void append(Buffer& image, std::size_t in_block, UbifsType type, Buffer node) {
        number(node, 0, 0x06101831, 4);
        number(node, 8, ++sequence, 8);
        number(node, 16, node.size(), 4);
        node[20] = static_cast<std::uint8_t>(type);
        number(node, 4, flash_checksum(0xffffffff, Bytes(node).subspan(8)), 4);
        std::size_t at = in_block * block;
        std::uint64_t budget = 1 << 20;
        walk_ubifs(image, at, at + block, budget, [&](const UbifsNode& known) {
            const std::size_t padding = known.type == UbifsType::padding ? load_le<std::uint32_t>(known.bytes.data() + 24) : 0;
            at = (known.at + known.bytes.size() + padding + 7) / 8 * 8;
            return true;
        });
        std::ranges::copy(node, image.begin() + static_cast<std::ptrdiff_t>(at));
    }
    static Buffer with_key(std::size_t size, std::uint32_t inode, std::uint32_t type, std::uint32_t low) {
        Buffer node(size);
        number(node, 24, inode, 4);
        number(node, 28, type << 29U | low, 4);
        return node;
    }
    static Buffer inode(std::uint32_t of, std::uint64_t size, std::uint32_t links, std::uint32_t mode = 0100600) {
        Buffer node = with_key(160, of, 0, 0);
        number(node, 48, size, 8);
        number(node, 92, links, 4);
        number(node, 104, mode, 4);
        return node;
    }
    static Buffer data(std::uint32_t of, std::uint32_t at, std::string_view text) {
        Buffer node = with_key(48 + text.size(), of, 1, at);
        number(node, 40, text.size(), 4);
        std::ranges::copy(text, node.begin() + 48);
        return node;
    }
    static Buffer dirent(std::uint32_t parent, std::uint32_t to, std::string_view name) {
        Buffer node = with_key(56 + name.size() + 1, parent, 2, 4711);
        number(node, 40, to, 8);
        number(node, 50, name.size(), 2);
        std::ranges::copy(name, node.begin() + 56);
        return node;
    }
    static Buffer cut(std::uint32_t of, std::uint64_t size) {
        Buffer node(56);
        number(node, 24, of, 4);
        number(node, 48, size, 8);
        return node;
    }
    static Buffer reference(std::uint32_t to) {
        Buffer node(64);
        number(node, 24, to, 4);
        return node;
    }
    /// An erased block among those for files, for the journal.
    static std::uint32_t erased_block(const Buffer& image) {
        for (std::uint32_t at = ubifs_superblock(image)->main_start; (at + 1) * block <= image.size(); ++at)
            if (is_erased(clipped(image, at * block, block)))
                return at;
        ADD_FAILURE() << "no erased block";
        return 0;
    }

    std::uint32_t inode_of(const Buffer& image, std::string_view name) {
        std::uint32_t found = 0;
        std::uint64_t budget = 1 << 20;
        for (std::size_t at = 0; at < image.size(); at += block)
            walk_ubifs(image, at, at + block, budget, [&](const UbifsNode& node) {
                if (node.type == UbifsType::dirent && as_text(node.bytes.subspan(56, node.bytes[50])) == name)
                    found = load_le<std::uint32_t>(node.bytes.data() + 40);
                return true;
            });
        EXPECT_NE(0U, found);
        return found;
    }

    TemporaryFolder tree;
    TemporaryFolder work;
    std::uint64_t sequence = 100'000;
};

TEST_F(SmallUbifs, TheJournalIsNewerThanTheIndex) {
    Buffer image = make("-x none");
    CollectingSink before;
    ASSERT_TRUE(read_ubifs(image, {}, before));
    const std::uint32_t changed = inode_of(image, "13000");
    const std::uint32_t removed = inode_of(image, "5000");
    const std::uint32_t directory = inode_of(image, "d");
    const std::uint32_t journal = erased_block(image);
    append(image, 3, UbifsType::reference, reference(journal));
    const auto add = [&](UbifsType type, const Buffer& node) { append(image, journal, type, node); };
    add(UbifsType::data, data(changed, 1, std::string(4096, 'n')));
    add(UbifsType::truncation, cut(changed, 8192));
    add(UbifsType::inode, inode(changed, 16384, 1));  // grown again: what the cut took away is zeros now
    add(UbifsType::dirent, dirent(directory, 0, "5000"));
    add(UbifsType::inode, inode(removed, 0, 0));
    add(UbifsType::inode, inode(5000, 3, 1));
    add(UbifsType::dirent, dirent(1, 5000, "fresh"));
    add(UbifsType::data, data(5000, 0, "old"));
    add(UbifsType::data, data(5000, 0, "new"));
    CollectingSink sink;
    const auto read = read_ubifs(image, {}, sink);
    EXPECT_TRUE(read) << read.error().message;
    EXPECT_THAT(sink.description, HasSubstr("9 nodes from the journal"));
    EXPECT_EQ("new", sink.entries["fresh"].content);
    EXPECT_EQ(0U, sink.entries.count("d/5000"));
    EXPECT_TRUE(before.entries["d/13000"].content.substr(0, 4096) + std::string(4096, 'n') + std::string(8192, '\0') == sink.entries["d/13000"].content);
    EXPECT_EQ(before.entries["d/1000"].content, sink.entries["d/1000"].content);
    EXPECT_EQ(before.entries.size(), sink.entries.size());
    for (const auto& [path, entry] : sink.entries)
        EXPECT_EQ("", entry.damage) << path;
}

TEST_F(SmallUbifs, WithoutTheIndexAllNodesAreGathered) {
    for (const char* options : {"-x none", "-x zstd"}) {
        Buffer image = make(options);
        CollectingSink before;
        ASSERT_TRUE(read_ubifs(image, {}, before));
        for (std::size_t at = 0; at < image.size(); at += 8)
            if (load_le<std::uint32_t>(image.data() + at) == 0x06101831 && image[at + 20] == 9)
                image[at + 30] ^= 1U;
        CollectingSink sink;
        const auto read = read_ubifs(image, {}, sink);
        ASSERT_FALSE(read);
        EXPECT_THAT(read.error().message, HasSubstr("cannot be read: all nodes were gathered instead"));
        expect_same(before.entries, sink.entries);
    }
}

TEST_F(SmallUbifs, LossesAreNamed) {
    Buffer image = make("-x none");
    CollectingSink before;
    ASSERT_TRUE(read_ubifs(image, {}, before));
    const std::uint32_t spoiled = inode_of(image, "13000");
    const std::uint32_t unnamed = inode_of(image, "f");
    std::uint64_t budget = 1 << 20;
    std::vector<std::uint64_t> places;
    for (std::size_t at = 0; at < image.size(); at += block)
        walk_ubifs(image, at, at + block, budget, [&](const UbifsNode& node) {
            const bool its_data = node.type == UbifsType::data && load_le<std::uint32_t>(node.bytes.data() + 24) == spoiled && node.bytes[28] == 1;
            const bool its_name = node.type == UbifsType::dirent && load_le<std::uint32_t>(node.bytes.data() + 40) == unnamed;
            if (its_data || its_name)
                places.push_back(node.at + 50);
            return true;
        });
    ASSERT_EQ(2U, places.size());
    for (const std::uint64_t at : places)
        image[at] ^= 1U;
    CollectingSink sink;
    ASSERT_TRUE(read_ubifs(image, {}, sink));
    EXPECT_EQ("1 of its blocks (zeros stand for them) cannot be read", sink.entries["d/13000"].damage);
    EXPECT_EQ(std::string(4096, '\0'), sink.entries["d/13000"].content.substr(4096, 4096));
    EXPECT_EQ("1 of its entries cannot be read", sink.entries["d/e"].damage);
    EXPECT_EQ("text\n", sink.entries["lost+found/inode-" + std::to_string(unnamed)].content);
}

void expect_safe(const Buffer& image, const CollectingSink& whole) {
    const auto found = identify_ubifs(image);
    EXPECT_LE(found ? found->size : 0, image.size());
    CollectingSink sink(8 << 20);
    (void)read_ubifs(image, {}, sink);
    expect_part_or_lost(whole.entries, sink);
}

TEST_F(SmallUbifs, TruncatedAnywhereGivesAPartAndNoMore) {
    const Buffer image = make("-x zlib");  // the smallest possible has 17 blocks: only lengths where something stands are tried, and some others
    CollectingSink whole;
    ASSERT_TRUE(read_ubifs(image, {}, whole));
    for (std::size_t size = 0; size < image.size(); size += size > 0 && is_erased(clipped(image, size, 97)) ? 1499 : 97)
        expect_safe(Buffer(image.begin(), image.begin() + static_cast<std::ptrdiff_t>(size)), whole);
}

TEST_F(SmallUbifs, FlippedBytesNeverBreakOut) {
    std::mt19937 random(4);
    for (const char* options : {"-x none", "-x lzo", "-x zlib", "-x zstd"}) {
        const Buffer image = make(options);
        CollectingSink whole;
        ASSERT_TRUE(read_ubifs(image, {}, whole));
        std::vector<std::size_t> nodes;
        for (std::size_t at = 4096; at < image.size(); at += 8)
            if (load_le<std::uint32_t>(image.data() + at) == 0x06101831)
                nodes.push_back(at);
        for (int round = 0; round < 150; ++round) {
            Buffer flipped = image;
            for (int i = 0; i < 3; ++i) {
                const std::size_t node = nodes[random() % nodes.size()];
                const std::size_t length = std::min<std::size_t>(load_le<std::uint32_t>(image.data() + node + 16), 200);
                flipped[node + random() % length] ^= static_cast<std::uint8_t>(1 + random() % 255);
                if (i == 0)  // one that nobody can tell by its checksum
                    number(flipped, node + 4, flash_checksum(0xffffffff, Bytes(flipped).subspan(node + 8, load_le<std::uint32_t>(image.data() + node + 16) - 8)), 4);
            }
            (void)identify_ubifs(flipped);
            CollectingSink sink(8 << 20);
            (void)read_ubifs(flipped, {}, sink);
            EXPECT_EQ(0, sink.misuses);
        }
        for (int round = 0; round < 100; ++round) {
            Buffer flipped = image;
            for (int i = 0; i < 4; ++i)
                flipped[nodes[random() % nodes.size()] + random() % 64] ^= static_cast<std::uint8_t>(1 + random() % 255);
            expect_safe(flipped, whole);
        }
    }
}

}  // namespace
}  // namespace shirushi::unpack
