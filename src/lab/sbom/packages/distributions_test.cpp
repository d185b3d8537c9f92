// Databases of rpm as its own tools write them (testdata/README.md says how), and the lists of pacman and of image builders.

#include <libdeflate.h>

#include <algorithm>
#include <fstream>

#include "sbom/packages/reader_test.hpp"
#include "sbom/packages/rpm_header.hpp"
#include "sbom/packages/sqlite_table.hpp"

namespace shirushi::sbom {
namespace {

using Names = std::vector<std::string>;

Buffer unpacked_file(const char* name) {
    std::ifstream file(std::string(SHIRUSHI_TESTDATA "/") + name, std::ios::binary);
    const std::vector<char> packed{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    Buffer out(1 << 20);
    std::size_t size = 0;
    libdeflate_decompressor* decompressor = libdeflate_alloc_decompressor();
    EXPECT_EQ(libdeflate_gzip_decompress(decompressor, packed.data(), packed.size(), out.data(), out.size(), &size), LIBDEFLATE_SUCCESS) << name;
    libdeflate_free_decompressor(decompressor);
    out.resize(size);
    return out;
}

void expect_sample(const PackageList& list) {
    EXPECT_EQ(list.gaps, Names{});
    Names names = names_of(list);
    std::ranges::sort(names);
    ASSERT_EQ(names, (Names{"libsample 2:1.2.3-4.el9", "shirushi-sample 2:1.2.3-4.el9"}));
    for (const Package& package : list.packages) {
        EXPECT_EQ(package.license, package.name == "libsample" ? "LGPL-2.1-or-later" : "MIT");
        EXPECT_EQ(package.source, "shirushi-sample");
        EXPECT_EQ(package.source_version, "1.2.3-4.el9");
        EXPECT_EQ(package.supplier, "Example Vendor");
        EXPECT_EQ(package.architecture, "x86_64");
        EXPECT_EQ(package.epoch, "2");
        EXPECT_GT(package.offset, 0U);
    }
}

TEST(Rpm, ReadsItsSqliteDatabase) {
    const Buffer file = unpacked_file("rpmdb.sqlite.gz");
    const PackageList list = read_rpm_sqlite(file);
    expect_sample(list);
    EXPECT_EQ(package_url({.name = "rpm", .purl_type = "rpm", .of_distribution = true}, list.packages[1], {.id = "fedora", .version = "38"}),
              "pkg:rpm/fedora/libsample@1.2.3-4.el9?arch=x86_64&distro=fedora-38&epoch=2");
}

TEST(Rpm, ReadsItsBerkeleyDatabase) {
    expect_sample(read_rpm_berkeley(unpacked_file("Packages.gz")));
}

/// rpm's ndb of these headers: a page of slots, then the blobs in blocks of 16 bytes.
Buffer ndb_of(const std::vector<Buffer>& headers) {
    Buffer file(4096);
    const auto put = [](Buffer& into, std::size_t at, std::initializer_list<std::uint32_t> words) {
        for (const std::uint32_t word : words)
            for (int i = 0; i < 4; ++i)
                into.at(at++) = static_cast<std::uint8_t>(word >> (8 * i));
    };
    put(file, 0, {0x506D7052, 0, 1, 1, static_cast<std::uint32_t>(headers.size() + 1), 0, 0, 0});
    for (std::size_t slot = 2; slot < 256; ++slot)
        put(file, slot * 16, {0x746F6C53, 0, 0, 0});
    for (std::uint32_t i = 0; i < headers.size(); ++i) {
        const std::size_t at = file.size();
        const std::size_t blocks = (16 + headers[i].size() + 12 + 15) / 16;
        file.resize(at + blocks * 16);
        put(file, (2 + i) * 16, {0x746F6C53, i + 1, static_cast<std::uint32_t>(at / 16), static_cast<std::uint32_t>(blocks)});
        put(file, at, {0x53626C42, i + 1, 1, static_cast<std::uint32_t>(headers[i].size())});
        std::ranges::copy(headers[i], file.begin() + static_cast<std::ptrdiff_t>(at + 16));
    }
    return file;
}

std::vector<Buffer> sample_headers() {
    std::vector<Buffer> headers;
    const Buffer file = unpacked_file("rpmdb.sqlite.gz");
    EXPECT_TRUE(read_sqlite_table(file, "Packages", [&](const std::vector<SqliteValue>& row, std::uint64_t) {
        headers.emplace_back(row.at(1).bytes.begin(), row.at(1).bytes.end());
        return true;
    }));
    return headers;
}

TEST(Rpm, ReadsItsOwnDatabase) {
    expect_sample(read_rpm_ndb(ndb_of(sample_headers())));
    EXPECT_EQ(read_rpm_ndb(as_bytes("RpmP")).gaps.size(), 1U);
}

TEST(Rpm, HeadersCutAnywhereAreRefused) {
    const Buffer header = sample_headers().at(1);
    ASSERT_TRUE(package_of_rpm_header(header));
    for (std::size_t length = 0; length < header.size(); ++length)
        EXPECT_FALSE(package_of_rpm_header(clipped(header, 0, length))) << length;
}

TEST(Rpm, DatabasesCutAnywhereGiveNoMoreThanThereIs) {
    const Buffer sqlite = unpacked_file("rpmdb.sqlite.gz");
    const Buffer berkeley = unpacked_file("Packages.gz");
    const Buffer ndb = ndb_of(sample_headers());
    const auto cut = [](const Buffer& whole, PackageList (*read)(Bytes), std::size_t step) {
        for (std::size_t length = 0; length < whole.size(); length += step) {
            const Buffer part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
            EXPECT_LE(read(part).packages.size(), 2U) << length;
        }
    };
    cut(sqlite, read_rpm_sqlite, 997);
    cut(berkeley, read_rpm_berkeley, 31);
    cut(ndb, read_rpm_ndb, 1);
}

TEST(Sqlite, ChainsThatBiteTheirTailEnd) {
    Buffer file = unpacked_file("rpmdb.sqlite.gz");
    // Every page's first four bytes as if it were an overflow page that continues in itself, but for the first page.
    for (std::size_t page = 1; page * 4096 < file.size(); ++page)
        if (file[page * 4096] == 0)
            file[page * 4096 + 3] = static_cast<std::uint8_t>(page + 1);
    EXPECT_LE(read_rpm_sqlite(file).packages.size(), 2U);
    EXPECT_EQ(read_rpm_sqlite(as_bytes("SQLite format 3")).gaps, (Names{"is not an SQLite database"}));
}

constexpr std::string_view kPacman =
    "%NAME%\nzlib\n\n%VERSION%\n1:1.2.13-2\n\n%BASE%\nzlib\n\n%DESC%\nCompression\n\n%ARCH%\nx86_64\n\n%PACKAGER%\nA "
    "<a@example.org>\n\n%LICENSE%\nMIT\nZlib\n\n%DEPENDS%\nglibc\n";
constexpr std::string_view kOpenWrt = "base-files - 1534-r20028-43d71ad93e\nbusybox - 1.35.0-5\nlibubox20220927 - 2022-09-27-1\n";
constexpr std::string_view kYocto = "base-files qemux86_64 3.0.14-r89\nbusybox core2-64 1.35.0-r0\n";
constexpr std::string_view kYoctoLicenses =
    "PACKAGE NAME: busybox-syslog\nPACKAGE VERSION: 1.35.0\nRECIPE NAME: busybox\nLICENSE: GPL-2.0-only & bzip2-1.0.4\n\nPACKAGE NAME: zlib\nPACKAGE "
    "VERSION: 1.2.11\nRECIPE NAME: zlib\nLICENSE: Zlib\n";
constexpr std::string_view kYoctoInstalled = "base-files_3.0.14-r89_qemux86_64.ipk\nlibz1-1.2.11-r0.core2_64.rpm\n";
constexpr std::string_view kBuildroot =
    "\"PACKAGE\",\"VERSION\",\"LICENSE\",\"LICENSE FILES\",\"SOURCE ARCHIVE\",\"SOURCE SITE\",\"DEPENDENCIES WITH LICENSES\"\n"
    "\"busybox\",\"1.36.1\",\"GPL-2.0, bzip2-1.0.4\",\"LICENSE\",\"busybox-1.36.1.tar.bz2\",\"https://x\",\"skeleton [\"\"unknown\"\"]\"\n"
    "\"skeleton\",\"not_applicable\",\"unknown\",\"\",\"\",\"\",\"\"\n";

TEST(Pacman, ReadsALocalPackage) {
    const PackageList list = read_pacman(as_bytes(kPacman));
    ASSERT_EQ(names_of(list), (Names{"zlib 1:1.2.13-2"}));
    EXPECT_EQ(list.packages[0].license, "MIT AND Zlib");
    EXPECT_EQ(package_url({.name = "pacman", .purl_type = "alpm", .default_namespace = "arch", .of_distribution = true}, list.packages[0], {}),
              "pkg:alpm/arch/zlib@1:1.2.13-2?arch=x86_64");
}

TEST(ImageBuilders, TheirListsAreReadAndToldApart) {
    EXPECT_EQ(names_of(read_image_manifest(as_bytes(kOpenWrt))),
              (Names{"base-files 1534-r20028-43d71ad93e", "busybox 1.35.0-5", "libubox20220927 2022-09-27-1"}));
    EXPECT_EQ(names_of(read_yocto_manifest(as_bytes(kYocto))), (Names{"base-files 3.0.14-r89", "busybox 1.35.0-r0"}));
    EXPECT_EQ(names_of(read_image_manifest(as_bytes(kYocto))), Names{});
    EXPECT_EQ(names_of(read_yocto_manifest(as_bytes(kOpenWrt))), Names{});
    EXPECT_EQ(names_of(read_yocto_manifest(as_bytes("<?xml version='1.0'?>\n<manifest package=\"x\">\n"))), Names{});
    const PackageList licenses = read_yocto_licenses(as_bytes(kYoctoLicenses));
    ASSERT_EQ(names_of(licenses), (Names{"busybox-syslog 1.35.0", "zlib 1.2.11"}));
    EXPECT_EQ(licenses.packages[0].source, "busybox");
    EXPECT_EQ(licenses.packages[0].license, "GPL-2.0-only & bzip2-1.0.4");
    EXPECT_EQ(names_of(read_yocto_installed(as_bytes(kYoctoInstalled))), (Names{"base-files 3.0.14-r89", "libz1 1.2.11-r0"}));
    const PackageList buildroot = read_buildroot_manifest(as_bytes(kBuildroot));
    ASSERT_EQ(names_of(buildroot), (Names{"busybox 1.36.1", "skeleton "}));
    EXPECT_EQ(buildroot.packages[0].license, "GPL-2.0, bzip2-1.0.4");
    EXPECT_EQ(names_of(read_buildroot_manifest(as_bytes("\"NAME\",\"VERSION\"\n\"a\",\"1\"\n"))), Names{});
}

TEST(ImageBuilders, TruncatedAnywhereGiveNoMoreThanThereIs) {
    cut_everywhere(kPacman, read_pacman);
    cut_everywhere(kOpenWrt, read_image_manifest);
    cut_everywhere(kYocto, read_yocto_manifest);
    cut_everywhere(kYoctoLicenses, read_yocto_licenses);
    cut_everywhere(kYoctoInstalled, read_yocto_installed);
    cut_everywhere(kBuildroot, read_buildroot_manifest);
}

TEST(Places, FoldersFitSegmentBySegment) {
    EXPECT_EQ(fitting_end("a/b/var/lib/dpkg", "var/lib/dpkg"), 12U);
    EXPECT_EQ(fitting_end("var/lib/dpkg", "var/lib/dpkg"), 12U);
    EXPECT_EQ(fitting_end("xvar/lib/dpkg", "var/lib/dpkg"), std::nullopt);
    EXPECT_EQ(fitting_end("lib/dpkg", "var/lib/dpkg"), std::nullopt);
    EXPECT_EQ(fitting_end("r/rocks-5.1/a/1-1", "rocks*/*/*"), 15U);
    EXPECT_EQ(fitting_end("x/node_modules/@a/b", "node_modules/@*/*"), 17U);
    EXPECT_EQ(fitting_end("x/node_modules/a/b", "node_modules/@*/*"), std::nullopt);
    EXPECT_EQ(fitting_end("anything", ""), 0U);
    EXPECT_TRUE(fits("a.dist-info", "*.dist-info"));
    EXPECT_FALSE(fits("ab", "ab*bc"));
}

}  // namespace
}  // namespace shirushi::sbom
