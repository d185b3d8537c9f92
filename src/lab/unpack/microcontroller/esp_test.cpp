// Espressif's images, partition tables, flash dumps and settings, by small writers after the ESP-IDF Programming Guide.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "crypto/stored_digests.hpp"
#include "crypto/sha256.hpp"
#include "unpack/hostile_test.hpp"
#include "unpack/making_test.hpp"
#include "unpack/microcontroller/microcontroller_images.hpp"

namespace shirushi::unpack {
namespace {

using testing::HasSubstr;

constexpr Parser kImage{identify_esp_image, nullptr, split_esp_image};
constexpr Parser kTable{identify_esp_partition_table, nullptr, nullptr};
constexpr Parser kFlash{identify_esp_flash, nullptr, split_esp_flash};
constexpr Parser kNvs{identify_esp_nvs, read_esp_nvs, nullptr};

struct Segment {
    std::uint32_t address;
    Buffer content;
};

std::uint8_t sum_of(const std::vector<Segment>& segments) {
    std::uint8_t sum = 0xef;
    for (const Segment& segment : segments)
        for (const std::uint8_t byte : segment.content)
            sum ^= byte;
    return sum;
}

void add_segments(Writer& image, const std::vector<Segment>& segments) {
    for (const Segment& segment : segments)
        image.u32(segment.address).u32(segment.content.size()).bytes(segment.content);
    image.to(image.size() | 15U).u8(sum_of(segments));
}

Buffer esp_image(std::uint16_t chip, const std::vector<Segment>& segments) {
    Writer image;
    image.u8(0xe9).u8(segments.size()).u8(2).u8(0x1f).u32(0x40080000).u8(0xee).fill(0, 3).u16(chip).u8(0).u16(0).u16(0xffff).fill(0, 4).u8(1);
    add_segments(image, segments);
    image.bytes(crypto::sha256(image.made()).bytes);
    return image.made();
}

/// A first segment that begins with an application's descriptor.
Buffer described(std::size_t size) {
    Writer data;
    data.u32(0xabcd5432).u32(3).u64(0).field("1.4.2", 32).field("thermostat", 32).field("10:11:12", 16).field("Nov 27 2026", 16).field("v5.3.1", 32).fill(7, 32).to(256);
    return data.bytes(making::noise(size, 5)).made();
}

TEST(EspImage, SegmentsDigestAndDescriptor) {
    const Buffer code = making::noise(1000, 1);
    Buffer image = esp_image(5, {{0x3c000020, described(100)}, {0x40380000, code}});
    const auto found = identify_esp_image(making::joined({image, making::noise(99, 2)}));
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->checked);
    EXPECT_EQ(found->size, image.size());
    EXPECT_EQ(found->description, "ESP32-C3, 2 segments, entry 0x40080000, thermostat 1.4.2, built Nov 27 2026 10:11:12, IDF v5.3.1, secure version 3, SHA-256 fits");
    const auto parts = split_esp_image(image);
    ASSERT_EQ(parts->parts.size(), 2U);
    EXPECT_EQ(parts->damage, "");
    EXPECT_EQ(parts->parts[1].name, "segment1 0x40380000");
    EXPECT_TRUE(as_text(clipped(image, parts->parts[1].offset, parts->parts[1].size)) == as_text(code));
    image[500] ^= 1U;
    EXPECT_EQ(split_esp_image(image)->damage, "the checksum does not match; the SHA-256 does not match");
    EXPECT_FALSE(identify_esp_image(image)->checked);
}

TEST(EspImage, NoEntryOrNoContentIsNone) {
    // As in the tables of a boot loader for PCs: the magic, one segment, and zeros.
    Writer zeros;
    zeros.u8(0xe9).u8(1).to(256);
    EXPECT_FALSE(identify_esp_image(zeros.made()));
    EXPECT_FALSE(identify_esp_image(esp_image(0, {{0x40080000, {}}})));
    EXPECT_TRUE(identify_esp_image(esp_image(0, {{0x40080000, making::noise(40, 1)}})));
}

TEST(EspImage, SignedForSecureBoot) {
    Buffer image = esp_image(0, {{0x3f400020, described(64)}});
    image.resize(4096, 0xff);
    Writer block;
    block.u8(0xe7).u8(2).u16(0).bytes(crypto::sha256(image).bytes).bytes(making::noise(1160, 3));
    block.u32(crc32_z(0, block.made().data(), 1196)).to(1216).to(4096, 0xff);
    const Buffer whole = making::joined({image, block.made(), making::noise(10, 1)});
    const auto found = identify_esp_image(whole);
    EXPECT_EQ(found->size, 8192U);
    EXPECT_THAT(found->description, HasSubstr("signed (Secure Boot v2, RSA)"));
    EXPECT_EQ(split_esp_image(whole)->damage, "");
}

TEST(EspImage, Esp8266OfBothVersions) {
    const std::vector<Segment> segments{{0x40100000, making::noise(400, 1)}, {0x3ffe8000, making::noise(60, 2)}};
    Writer first;
    first.u8(0xe9).u8(2).u8(0).u8(0x20).u32(0x40100004);
    add_segments(first, segments);
    auto found = identify_esp_image(first.made());
    ASSERT_TRUE(found);
    EXPECT_EQ(found->description, "ESP8266, 2 segments, entry 0x40100004");
    EXPECT_EQ(split_esp_image(first.made())->parts[1].name, "segment1 0x3ffe8000");

    Writer second;
    second.u8(0xea).u8(4).u8(0).u8(0x20).u32(0x40100004).u32(0).u32(320).bytes(making::noise(320, 3)).u8(0xe9).u8(2).u8(0).u8(0x20).u32(0x40100004);
    add_segments(second, segments);
    second.u32(0x12345678);
    found = identify_esp_image(second.made());
    ASSERT_TRUE(found);
    EXPECT_EQ(found->description, "ESP8266, 3 segments, entry 0x40100004, version 2");
    EXPECT_EQ(found->size, second.size());
    EXPECT_EQ(split_esp_image(second.made())->parts[0].size, 320U);
}

struct Row {
    std::uint8_t type;
    std::uint8_t subtype;
    std::uint32_t offset;
    std::uint32_t size;
    const char* label;
};
const std::vector<Row> kRows{{1, 2, 0x9000, 0x4000, "nvs"}, {1, 0, 0xd000, 0x2000, "otadata"}, {0, 0x10, 0x10000, 0x8000, "app0"}, {0, 0x11, 0x20000, 0x8000, "app1"}, {1, 0x82, 0x30000, 0x10000, "storage"}};

Buffer partition_table(const std::vector<Row>& rows) {
    Writer table;
    for (const Row& row : rows)
        table.u8(0xaa).u8(0x50).u8(row.type).u8(row.subtype).u32(row.offset).u32(row.size).field(row.label, 16).u32(0);
    const auto sum = crypto::md5({table.made()});
    table.u8(0xeb).u8(0xeb).fill(0xff, 14).bytes(sum).to(0xc00, 0xff);
    return table.made();
}

Buffer flash_dump(std::uint16_t chip, std::size_t boot_loader_at, std::size_t table_at, const Buffer& app0, const Buffer& storage) {
    Writer flash;
    flash.to(boot_loader_at, 0xff).bytes(esp_image(chip, {{0x3fff0000, making::noise(300, 9)}})).to(table_at, 0xff).bytes(partition_table(kRows));
    flash.to(0xe000, 0xff);  // the second sector of "otadata" is the newer one: it chooses app1
    const std::uint32_t sequence = 2;
    flash.u32(sequence).fill(0xff, 20).u32(0xffffffff).u32(crc32(0xffffffff, reinterpret_cast<const Bytef*>(&sequence), 4));
    return flash.to(0x10000, 0xff).bytes(app0).to(0x20000, 0xff).bytes(esp_image(chip, {{0x3f400020, described(3000)}})).to(0x30000, 0xff).bytes(storage).to(0x40000, 0xff).made();
}

TEST(EspFlash, IsCutIntoItsPartitions) {
    const making::Workshop shop;
    shop.sample_tree("root");
    const Buffer storage = shop.run("tar -C root --exclude=numbers -cf - . && seq 1 1000");
    const Buffer app = esp_image(0, {{0x3f400020, described(2000)}, {0x400d0020, making::noise(4000, 3)}});
    const Buffer dump = flash_dump(0, 0x1000, 0x8000, app, storage);
    const auto tree = making::unpacked(making::joined({making::noise(0x1235, 1), dump, making::noise(100, 2)}));
    EXPECT_EQ(tree->regions()[1].format, "esp-flash");
    EXPECT_EQ(tree->regions()[1].offset, 0x1235U);
    EXPECT_EQ(tree->regions()[1].size, dump.size());
    EXPECT_EQ(tree->regions()[1].description,
              "ESP32, table at 0x8000, 5 partitions: nvs (nvs, 0x9000, 16 KiB), otadata (ota, 0xd000, 8 KiB), app0 (ota_0, 0x10000, 32 KiB), app1 (ota_1, 0x20000, 32 KiB), "
              "storage (spiffs, 0x30000, 64 KiB), MD5 fits, starts app1");
    for (const char* inside : {"/bootloader/esp-image@0x0", "/partition-table/esp-partition-table@0x0", "/app0/esp-image@0x0/segment1 0x400d0020", "/app1/esp-image@0x0", "/storage/tar@0x0/etc/passwd"})
        EXPECT_TRUE(making::find(*tree, inside)) << inside;
    making::expect_covered(*tree);
}

TEST(EspFlash, OtherChipsAndPlaces) {
    const Buffer app = esp_image(5, {{0x3c000020, described(2000)}});
    EXPECT_THAT(identify_esp_flash(flash_dump(5, 0, 0x8000, app, {}))->description, HasSubstr("ESP32-C3, table at 0x8000"));
    std::vector<Row> rows = kRows;
    Writer flash;
    flash.to(0x2000, 0xff).bytes(esp_image(18, {{0x4ff00000, making::noise(300, 9)}})).to(0x10000, 0xff).bytes(partition_table({{0, 0, 0x20000, 0x10000, "factory"}}));
    const Buffer merged = flash.to(0x20000, 0xff).bytes(app).made();
    const auto found = identify_esp_flash(merged);
    ASSERT_TRUE(found);
    EXPECT_THAT(found->description, HasSubstr("ESP32-P4, table at 0x10000"));
    EXPECT_THAT(found->description, HasSubstr("ends inside factory"));
    EXPECT_EQ(split_esp_flash(merged)->parts.size(), 3U);
    // A table alone is described, and takes its place only.
    const Buffer table = partition_table(kRows);
    const auto alone = identify_esp_partition_table(table);
    ASSERT_TRUE(alone);
    EXPECT_EQ(alone->size, 0xc00U);
    EXPECT_TRUE(alone->checked);
}

TEST(EspFlash, FlashEncryptionIsSaid) {
    const Buffer dump = flash_dump(0, 0x1000, 0x8000, making::noise(0x8000, 4), {});
    const auto parts = split_esp_flash(dump);
    const auto app = std::ranges::find(parts->parts, "app0", &Part::name);
    ASSERT_NE(app, parts->parts.end());
    EXPECT_EQ(app->encrypted, "flash encryption: no image begins here, and the bytes look random");
    EXPECT_EQ(std::ranges::find(parts->parts, "app1", &Part::name)->encrypted, "");
}

/// One page of settings, entry by entry.
class NvsPage {
public:
    explicit NvsPage(std::uint32_t sequence, std::uint8_t version = 0xfe) {
        page_.u32(0xfffffffe).u32(sequence).u8(version).fill(0xff, 19);
        page_.u32(crc32(0xffffffff, page_.made().data() + 4, 24)).fill(0xff, 32);
    }
    void add(std::uint8_t space, std::uint8_t type, std::uint8_t chunk, std::string_view key, Bytes data, Bytes content = {}) {
        const std::size_t span = 1 + (content.size() + 31) / 32;
        Writer head;
        head.u8(space).u8(type).u8(span).u8(chunk);
        Writer tail;
        tail.field(key, 16).bytes(data).to(24, 0xff);
        const Buffer covered = making::joined({head.made(), tail.made()});
        page_.bytes(head.made()).u32(crc32(0xffffffff, covered.data(), 28)).bytes(tail.made());
        page_.bytes(content).to(64 + 32 * (used_ + span), 0xff);
        for (std::size_t i = used_; i < used_ + span; ++i)
            states_.at(i / 4) = static_cast<std::uint8_t>(states_.at(i / 4) & ~(1U << 2 * (i % 4)));
        used_ += span;
    }
    void add_sized(std::uint8_t space, std::uint8_t type, std::uint8_t chunk, std::string_view key, Bytes content) {
        Writer data;
        data.u16(content.size()).u16(0xffff).u32(crc32(0xffffffff, content.data(), static_cast<uInt>(content.size())));
        add(space, type, chunk, key, data.made(), content);
    }
    void add_index(std::uint8_t space, std::string_view key, std::uint32_t size, std::uint8_t count) {
        Writer data;
        data.u32(size).u8(count).u8(0).u16(0xffff);
        add(space, 0x48, 0xff, key, data.made());
    }
    [[nodiscard]] Buffer made() const {
        Writer page = page_;
        Buffer bytes = page.to(4096, 0xff).made();
        std::ranges::copy(states_, bytes.begin() + 32);
        return bytes;
    }

private:
    Writer page_;
    std::vector<std::uint8_t> states_ = std::vector<std::uint8_t>(32, 0xff);
    std::size_t used_ = 0;
};

Buffer number(std::uint64_t value, int size) { return Writer().number(value, size).to(8, 0xff).made(); }

Buffer settings() {
    NvsPage first(0);
    first.add(0, 1, 0xff, "wifi", number(1, 1));
    first.add(0, 1, 0xff, "device", number(2, 1));
    first.add_sized(1, 0x21, 0xff, "ssid", as_bytes(std::string_view("Example Network\0", 16)));
    first.add_sized(1, 0x21, 0xff, "password", as_bytes(std::string_view("correct horse battery staple, and more\0", 39)));
    first.add(2, 0x14, 0xff, "offset", number(static_cast<std::uint32_t>(-42), 4));
    first.add(2, 0x08, 0xff, "serial", number(0xfedcba9876543210, 8));
    first.add(2, 0x01, 0xff, "mode", number(3, 1));
    first.add_sized(2, 0x42, 0, "certificate", making::noise(1000, 1));
    NvsPage second(1);
    second.add(2, 0x01, 0xff, "mode", number(4, 1));  // newer
    second.add_sized(2, 0x42, 1, "certificate", making::noise(600, 2));
    second.add_index(2, "certificate", 1600, 2);
    return making::joined({second.made(), first.made(), Buffer(4096, 0xff)});
}

TEST(EspNvs, ValuesBecomeFiles) {
    const Buffer image = settings();
    const auto found = identify_esp_nvs(making::joined({image, making::noise(77, 1)}));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->size, image.size());
    EXPECT_EQ(found->description, "3 pages, version 2");
    CollectingSink sink;
    ASSERT_TRUE(read_esp_nvs(image, {}, sink));
    EXPECT_EQ(sink.entries.at("wifi/ssid").content, "Example Network");
    EXPECT_EQ(sink.entries.at("wifi/password").content, "correct horse battery staple, and more");
    EXPECT_EQ(sink.entries.at("device/offset").content, "-42");
    EXPECT_EQ(sink.entries.at("device/serial").content, "18364758544493064720");
    EXPECT_EQ(sink.entries.at("device/mode").content, "4");
    EXPECT_TRUE(as_bytes(sink.entries.at("device/certificate").content).size() == 1600);
    EXPECT_TRUE(sink.entries.at("device/certificate").content == as_text(making::joined({making::noise(1000, 1), making::noise(600, 2)})));
    for (const auto& [path, entry] : sink.entries)
        EXPECT_EQ(entry.damage, "") << path;
    EXPECT_EQ(sink.description, "6 values in 2 namespaces");
}

TEST(EspNvs, DamageAndEncryptionAreSaid) {
    Buffer image = settings();
    image[4096 + 64 + 3 * 32 + 5] ^= 1U;  // in the text of "ssid"
    CollectingSink sink;
    ASSERT_TRUE(read_esp_nvs(image, {}, sink));
    EXPECT_EQ(sink.entries.at("wifi/ssid").damage, "the checksum of its content does not match");

    Buffer secret = settings();
    for (const std::size_t page : {0U, 4096U})
        std::ranges::copy(making::noise(4032, 3), secret.begin() + static_cast<std::ptrdiff_t>(page + 64));
    const auto found = identify_esp_nvs(secret);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->encrypted, "NVS encryption (AES-XTS): the pages are whole, and none of their entries can be read");
    const auto tree = making::unpacked(secret);
    EXPECT_EQ(tree->regions()[0].kind, RegionKind::encrypted);
}

TEST(EspNvs, CutAndChangedAnywhere) {
    const Buffer image = settings();
    cut_everywhere(image, kNvs, 3);
    change_bytes(image, kNvs, 1500, false);
}

TEST(EspImage, CutAndChangedAnywhere) {
    const Buffer image = esp_image(9, {{0x3c000020, described(300)}, {0x40380000, making::noise(200, 1)}});
    cut_everywhere(image, kImage);
    change_bytes(image, kImage, 2000, false);
    const Buffer table = partition_table(kRows);
    cut_everywhere(Buffer(table.begin(), table.begin() + 200), kTable);
    change_bytes(table, kTable, 1000, false);
    const Buffer dump = flash_dump(0, 0x1000, 0x8000, image, {});
    const Buffer small(dump.begin(), dump.begin() + 0x10100);
    cut_everywhere(small, kFlash, 411);
    change_bytes(small, kFlash, 300, false);
}

}  // namespace
}  // namespace shirushi::unpack
