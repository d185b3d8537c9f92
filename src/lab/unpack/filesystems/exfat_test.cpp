// mkfs.exfat makes the volume; no tool of Debian puts files into one without mounting it, so a small writer does, and fsck.exfat judges it.

#include "unpack/filesystems/exfat.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unpack/making_test.hpp"
#include "unpack/sample_tree.hpp"

namespace shirushi::unpack {
namespace {

using testing::HasSubstr;

constexpr std::int64_t kTime = 1614834368;  // 2021-03-04 05:06:08 UTC
constexpr std::uint32_t kStamp = (41U << 9 | 3U << 5 | 4U) << 16 | (5U << 11 | 6U << 5 | 4U);

void store(std::uint8_t* at, std::uint64_t value, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i)
        at[i] = static_cast<std::uint8_t>(value >> 8 * i);
}

/// UTF-16 of valid UTF-8.
std::vector<std::uint16_t> units_of(std::string_view text) {
    std::vector<std::uint16_t> units;
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = static_cast<std::uint8_t>(text[i]);
        const std::size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
        std::uint32_t code = length == 1 ? lead : lead & (0xffU >> (length + 1));
        for (std::size_t j = 1; j < length; ++j)
            code = code << 6 | (static_cast<std::uint8_t>(text[i + j]) & 0x3fU);
        if (code >= 0x10000)
            units.push_back(static_cast<std::uint16_t>(0xd7c0 + (code >> 10)));
        units.push_back(static_cast<std::uint16_t>(code >= 0x10000 ? 0xdc00 | (code & 0x3ff) : code));
        i += length;
    }
    return units;
}

class ExfatWriter {
public:
    explicit ExfatWriter(Buffer empty) : image(std::move(empty)) {
        const std::uint8_t* boot = image.data();
        const std::size_t sector = std::size_t{1} << boot[108];
        cluster_size = sector << boot[109];
        table_ = load_le<std::uint32_t>(boot + 80) * sector;
        heap_ = load_le<std::uint32_t>(boot + 88) * sector;
        root_ = load_le<std::uint32_t>(boot + 96);
        std::uint8_t* record = at(root_);
        for (; *record != 0; record += 32)
            if (*record == 0x81)
                bitmap_ = at(load_le<std::uint32_t>(record + 20)) - image.data();
        root_end_ = static_cast<std::size_t>(record - at(root_));
        next_ = root_ + 1;
    }

    /// Everything below a folder; files with an even size are contiguous, the others lie in every second cluster.
    void add_tree(const std::filesystem::path& folder) {
        const Buffer records = directory(folder);
        std::uint32_t cluster = root_;
        std::size_t place = root_end_;
        for (std::size_t done = 0; done < records.size(); done += 32, place += 32) {
            if (place == cluster_size) {
                const std::uint32_t more = take(1);
                set_next(cluster, more);
                set_next(more, 0xffffffff);
                cluster = more;
                place = 0;
            }
            std::copy_n(records.begin() + static_cast<std::ptrdiff_t>(done), 32, at(cluster) + place);
        }
    }

    Buffer record_set(std::string_view name, std::uint16_t attributes, std::uint32_t cluster, std::uint64_t size, std::uint64_t valid, bool contiguous) {
        const auto units = units_of(name);
        const std::size_t name_records = (units.size() + 14) / 15;
        Buffer set(32 * (2 + name_records));
        set[0] = 0x85;
        set[1] = static_cast<std::uint8_t>(1 + name_records);
        store(&set[4], attributes, 2);
        for (const std::size_t stamp : {8, 12, 16})
            store(&set[stamp], kStamp, 4);
        set[22] = set[23] = set[24] = 0x80;
        set[32] = 0xc0;
        set[33] = contiguous ? 3 : 1;
        set[35] = static_cast<std::uint8_t>(units.size());
        std::uint16_t hash = 0;
        for (const std::uint16_t unit : units) {
            const auto upper = static_cast<std::uint16_t>(unit >= 'a' && unit <= 'z' ? unit - 32 : unit);
            for (const int shift : {0, 8})
                hash = static_cast<std::uint16_t>(static_cast<std::uint16_t>(hash >> 1 | hash << 15) + (upper >> shift & 0xff));
        }
        store(&set[36], hash, 2);
        store(&set[40], valid, 8);
        store(&set[52], cluster, 4);
        store(&set[56], size, 8);
        for (std::size_t i = 0; i < name_records; ++i)
            set[64 + 32 * i] = 0xc1;
        for (std::size_t i = 0; i < units.size(); ++i)
            store(&set[64 + 32 * (i / 15) + 2 + 2 * (i % 15)], units[i], 2);
        seal(set);
        return set;
    }

    static void seal(std::span<std::uint8_t> set) {
        std::uint16_t sum = 0;
        for (std::size_t i = 0; i < set.size(); ++i)
            if (i != 2 && i != 3)
                sum = static_cast<std::uint16_t>(static_cast<std::uint16_t>(sum >> 1 | sum << 15) + set[i]);
        store(&set[2], sum, 2);
    }

    Buffer image;
    std::size_t cluster_size = 0;

private:
    std::uint8_t* at(std::uint32_t cluster) { return image.data() + heap_ + (cluster - 2) * cluster_size; }
    void set_next(std::uint32_t cluster, std::uint32_t value) { store(image.data() + table_ + std::size_t{4} * cluster, value, 4); }

    std::uint32_t take(std::uint32_t count) {
        const std::uint32_t first = next_;
        for (std::uint32_t i = 0; i < count; ++i, ++next_)
            image[bitmap_ + (next_ - 2) / 8] |= static_cast<std::uint8_t>(1U << (next_ - 2) % 8);
        return first;
    }

    /// The first cluster of content put into the heap.
    std::uint32_t content(Bytes bytes, bool contiguous) {
        std::uint32_t first = 0;
        std::uint32_t before = 0;
        for (std::size_t done = 0; done < bytes.size(); done += cluster_size) {
            const std::uint32_t cluster = take(1);
            next_ += contiguous ? 0 : 1;
            first = first == 0 ? cluster : first;
            std::ranges::copy(clipped(bytes, done, cluster_size), at(cluster));
            if (!contiguous) {
                if (before != 0)
                    set_next(before, cluster);
                set_next(cluster, 0xffffffff);
            }
            before = cluster;
        }
        return first;
    }

    Buffer directory(const std::filesystem::path& folder) {
        Buffer records;
        std::vector<std::filesystem::directory_entry> sorted(std::filesystem::directory_iterator(folder), {});
        std::ranges::sort(sorted);
        for (const auto& entry : sorted) {
            const std::string name = entry.path().filename().string();
            Buffer set;
            if (entry.is_directory()) {
                Buffer inside = directory(entry.path());
                inside.resize(std::max<std::size_t>(1, (inside.size() + cluster_size - 1) / cluster_size) * cluster_size);
                set = record_set(name, 0x10, content(inside, true), inside.size(), inside.size(), true);
            } else {
                const Buffer bytes = file_bytes(entry.path());
                const bool contiguous = bytes.size() % 2 == 0 && !bytes.empty();
                std::size_t valid = bytes.size();  // a tail of zeros need not be written
                while (name == "tail" && valid > 0 && bytes[valid - 1] == 0)
                    --valid;
                const bool is_read_only = (entry.status().permissions() & std::filesystem::perms::owner_write) == std::filesystem::perms::none;
                set = record_set(name, is_read_only ? 0x21 : 0x20, content(bytes, contiguous), bytes.size(), valid, contiguous);
                if (bytes.empty()) {
                    set[33] = 1;
                    seal(set);
                }
            }
            records.insert(records.end(), set.begin(), set.end());
        }
        return records;
    }

    std::size_t table_ = 0;
    std::size_t heap_ = 0;
    std::size_t bitmap_ = 0;
    std::uint32_t root_ = 0;
    std::size_t root_end_ = 0;
    std::uint32_t next_ = 0;
};

Buffer empty_exfat(const std::filesystem::path& work, const std::string& options, int kilobytes) {
    const std::string image = (work / "image.exfat").string();
    EXPECT_TRUE(run("rm -f " + image + "; truncate -s " + std::to_string(kilobytes) + "K " + image + " && /sbin/mkfs.exfat " + options + " " + image));
    return file_bytes(image);
}

void make_tree(const std::filesystem::path& root) {
    add_sized_files(root, 8192);
    std::filesystem::create_directories(root / "a/b/c");
    std::filesystem::create_directories(root / "many");
    for (int i = 0; i < 200; ++i)
        put(root / "many" / ("a-file-with-a-name-that-takes-room-" + std::to_string(i)), std::to_string(i));
    put(root / "a/b/c/deep", "deep down\n");
    put(root / std::string(255, 'n'), "long name\n");
    put(root / "\xE5\x8D\xB0 \xE3\x81\x97\xE3\x82\x8B\xE3\x81\x97", "unicode\n");
    put(root / "many/\xF0\x9F\x94\x8F", "beyond the basic plane\n");
    put(root / "tail", "some text" + std::string(9000, '\0'));
    put(root / "locked", "read-only\n");
    std::filesystem::permissions(root / "locked", std::filesystem::perms(0444));
}

std::map<std::string, CollectedEntry> expected_in_exfat(const std::filesystem::path& root) {
    auto entries = tree_on_disk(root);
    for (auto& [path, entry] : entries) {
        entry.info.mode = (entry.info.mode & 0200) == 0 ? 0555 : 0755;
        entry.info.uid = entry.info.gid = 0;
        entry.info.modified = kTime;
    }
    return entries;
}

TEST(Exfat, GivesBackTheTreeThatWasWritten) {
    for (const char* options : {"-L VOLUME -c 4096", "-c 512"}) {
        const TemporaryFolder tree;
        const TemporaryFolder work;
        make_tree(tree.path());
        ExfatWriter writer(empty_exfat(work.path(), options, 4096));
        writer.add_tree(tree.path());
        put(work.path() / "image.exfat", as_text(writer.image));
        EXPECT_EQ(0, std::system(("/sbin/fsck.exfat -n " + (work.path() / "image.exfat").string() + " > " + (work.path() / "said").string() + " 2>&1").c_str()))
            << as_text(file_bytes(work.path() / "said"));

        const auto found = identify_exfat(writer.image);
        ASSERT_TRUE(found);
        EXPECT_TRUE(found->checked);
        EXPECT_EQ(writer.image.size(), found->size);
        CollectingSink sink;
        const auto read = read_exfat(writer.image, {}, sink);
        ASSERT_TRUE(read) << read.error().message;
        EXPECT_EQ(0, sink.doubles + sink.misuses);
        expect_same(expected_in_exfat(tree.path()), sink.entries);
        EXPECT_EQ(std::string_view(options).contains("VOLUME") ? "label \"VOLUME\"" : "", sink.description);
    }
}

struct SmallExfat : testing::Test {
    SmallExfat() {
        for (const int size : {0, 1, 600, 3001, 3002})
            put(tree.path() / (std::to_string(size) + " bytes.bin"), sample_text(static_cast<std::size_t>(size), 3));
        std::filesystem::create_directories(tree.path() / "d");
        put(tree.path() / "d/f", "text\n");
        ExfatWriter writer(empty_exfat(work.path(), "-c 512 -b 32K", 512));
        writer.add_tree(tree.path());
        image = writer.image;
        while (image.size() > 4096 && image.back() == 0)
            image.pop_back();
        image.resize((image.size() + 511) / 512 * 512);
    }
    TemporaryFolder tree;
    TemporaryFolder work;
    Buffer image;  ///< without the empty clusters at its end
};

TEST_F(SmallExfat, BetweenOtherBytes) {
    ExfatWriter writer(empty_exfat(work.path(), "-c 512 -b 32K", 512));
    writer.add_tree(tree.path());
    const auto unpacked = making::unpacked(making::joined({making::noise(1237, 1), writer.image, making::noise(777, 2)}));
    const auto found = making::find(*unpacked, "exfat@0x4d5/d/f");
    ASSERT_TRUE(found) << making::tables(*unpacked);
    EXPECT_EQ("text\n", as_text(unpacked->bytes(*found)));
    EXPECT_EQ(unpacked->gaps().size(), 2U);
    making::expect_covered(*unpacked);
}

TEST_F(SmallExfat, TruncatedAnywhereGivesAPartAndNoMore) {
    CollectingSink whole;
    ASSERT_TRUE(read_exfat(image, {}, whole));
    EXPECT_EQ(7U, whole.entries.size());
    const std::size_t files = image.size() - 14 * 1024;  // before lie tables and what mkfs.exfat puts into the heap
    for (std::size_t size = 0; size < image.size(); size += size < 520 ? 1 : size < files ? 499 : 7) {
        const Buffer part(image.begin(), image.begin() + static_cast<std::ptrdiff_t>(size));  // its own memory: overruns show
        const auto found = identify_exfat(part);
        EXPECT_EQ(size >= 512, found.has_value()) << size;
        EXPECT_LE(found ? found->size : 0, size);
        CollectingSink sink(1 << 20);
        (void)read_exfat(part, {}, sink);
        expect_part(whole.entries, sink);
    }
}

TEST_F(SmallExfat, FlippedBytesNeverBreakOut) {
    std::mt19937 random(20);
    const std::size_t root = as_text(image).find("\x85");
    ASSERT_NE(std::string::npos, root);
    for (int round = 0; round < 1500; ++round) {
        Buffer flipped = image;
        for (int i = 0; i < 4; ++i)
            flipped[i == 0 && round % 4 == 0 ? 64 + random() % 50 : i < 3 ? std::min(flipped.size() - 1, root + random() % 1024) : random() % flipped.size()] ^=
                static_cast<std::uint8_t>(1 + random() % 255);
        const auto found = identify_exfat(flipped);
        EXPECT_LE(found ? found->size : 0, flipped.size());
        CollectingSink sink(1 << 20);
        (void)read_exfat(flipped, {}, sink);
        EXPECT_EQ(0, sink.misuses);
    }
}

TEST_F(SmallExfat, DamagedRecordsAreReadAndNamed) {
    CollectingSink whole;
    ASSERT_TRUE(read_exfat(image, {}, whole));
    const std::size_t set = as_text(image).find(std::string_view("3\0" "0\0" "0\0" "1\0", 8)) - 66;
    ASSERT_EQ(0x85, image[set]);
    Buffer damaged = image;
    damaged[set + 8] ^= 1;  // a time
    CollectingSink sink;
    ASSERT_TRUE(read_exfat(damaged, {}, sink));
    EXPECT_THAT(sink.entries["3001 bytes.bin"].damage, HasSubstr("checksum"));
    EXPECT_EQ(whole.entries["3001 bytes.bin"].content, sink.entries["3001 bytes.bin"].content);
    EXPECT_EQ("", sink.entries["3002 bytes.bin"].damage);

    damaged = image;
    damaged[set + 32] = 0x40;  // no stream record any more
    CollectingSink lost;
    const auto read = read_exfat(damaged, {}, lost);
    ASSERT_FALSE(read);
    EXPECT_THAT(read.error().message, HasSubstr("belong to no file"));
    EXPECT_EQ(0U, lost.entries.count("3001 bytes.bin"));
    EXPECT_EQ(whole.entries.size() - 1, lost.entries.size());

    damaged = image;
    damaged[set] = 0x05;  // deleted
    for (std::size_t at = set + 32; (damaged[at] & 0xc0U) == 0xc0U; at += 32)
        damaged[at] &= 0x7f;
    CollectingSink without;
    ASSERT_TRUE(read_exfat(damaged, {}, without));
    EXPECT_EQ(0U, without.entries.count("3001 bytes.bin"));
}

TEST_F(SmallExfat, TheCopyOfTheBootRegionStandsInForIt) {
    CollectingSink whole;
    ASSERT_TRUE(read_exfat(image, {}, whole));
    std::fill_n(image.begin(), 512, std::uint8_t{0});
    const auto found = identify_exfat(image);
    ASSERT_TRUE(found);
    EXPECT_THAT(found->description, HasSubstr("its copy was taken"));
    CollectingSink sink;
    ASSERT_TRUE(read_exfat(image, {}, sink));
    expect_same(whole.entries, sink.entries);
}

}  // namespace
}  // namespace shirushi::unpack
