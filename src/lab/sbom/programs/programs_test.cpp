// Programs by a small writer of ELF files: the records are laid out as the compilers and builders document them.

#include <libdeflate.h>

#include "sbom/packages/reader_test.hpp"
#include "sbom/programs/program_file.hpp"
#include "sbom/sbom.hpp"
#include "unpack/tree_builder.hpp"

namespace shirushi::sbom {
namespace {

using Names = std::vector<std::string>;

void put(Buffer& into, std::size_t at, std::uint64_t value, int bytes) {
    for (int i = 0; i < bytes; ++i)
        into.at(at + static_cast<std::size_t>(i)) = static_cast<std::uint8_t>(value >> (8 * i));
}

constexpr std::uint64_t kBase = 0x400000;
constexpr std::size_t kContent = 0x100;

/// A 64-bit little-endian program with one writable segment, which holds `content` from file offset 0x100 on at address kBase + 0x100; with
/// a section of that name over all of it, where one is asked for.
Buffer elf_with(std::string_view content, std::string_view section = {}) {
    Buffer file(kContent);
    constexpr std::string_view magic{
        "\x7f"
        "ELF\x02\x01\x01",
        7};
    std::ranges::copy(magic, file.begin());
    put(file, 16, 2, 2);
    put(file, 18, 62, 2);
    put(file, 20, 1, 4);
    put(file, 32, 64, 8);  // program headers
    put(file, 52, 64, 2);
    put(file, 54, 56, 2);
    put(file, 56, 1, 2);
    put(file, 58, 64, 2);
    file.insert(file.end(), content.begin(), content.end());
    const std::size_t end = file.size();
    put(file, 64, 1, 4);
    put(file, 68, 6, 4);  // readable, writable
    put(file, 80, kBase, 8);
    put(file, 96, end, 8);
    put(file, 104, end, 8);
    if (section.empty())
        return file;
    std::string names = std::string(1, '\0') + ".shstrtab" + std::string(1, '\0') + std::string(section) + std::string(1, '\0');
    const std::size_t names_at = file.size();
    file.insert(file.end(), names.begin(), names.end());
    const std::size_t table = file.size();
    file.resize(table + 3 * 64);
    put(file, 40, table, 8);
    put(file, 60, 3, 2);
    put(file, 62, 1, 2);
    const auto row = [&](std::size_t i, std::uint32_t name, std::uint32_t type, std::uint64_t address, std::uint64_t offset, std::uint64_t size) {
        put(file, table + i * 64, name, 4);
        put(file, table + i * 64 + 4, type, 4);
        put(file, table + i * 64 + 16, address, 8);
        put(file, table + i * 64 + 24, offset, 8);
        put(file, table + i * 64 + 32, size, 8);
    };
    row(1, 1, 3, 0, names_at, names.size());
    row(2, 11, 1, kBase + kContent, kContent, content.size());
    return file;
}

PackageList read(PackageList (*reader)(const elf::ElfFile&), const Buffer& file) {
    const auto program = elf::ElfFile::read(file);
    return program ? reader(*program) : PackageList{};
}

std::string framed(std::string_view modules) {
    return std::string(16, '0') + std::string(modules) + std::string(16, 'f');
}

constexpr std::string_view kModules =
    "path\texample.org/cmd/tool\nmod\texample.org/tool\t(devel)\t\ndep\tgithub.com/gorilla/mux\tv1.8.0\th1:abc=\ndep\tgolang.org/x/"
    "crypto\tv0.1.0\th1:x=\n"
    "=>\tgithub.com/fork/crypto\tv0.2.0\th1:y=\ndep\tgopkg.in/yaml\tv2.4.0\n=>\t./yaml\t(devel)\t\nbuild\t-compiler=gc\n";

std::string go_inline() {
    const std::string modules = framed(kModules);
    std::string record = "\xFF Go buildinf:";
    record += '\x08';
    record += '\x02';
    record.resize(32);
    record += static_cast<char>(8);
    record += "go1.20.3";
    record += static_cast<char>(0x80 | (modules.size() & 0x7F));
    record += static_cast<char>(modules.size() >> 7);
    return record + modules;
}

/// Pointers to string headers (pointer, length), all in the one segment.
std::string go_pointers() {
    const std::string modules = framed(kModules);
    Buffer record(96);
    constexpr std::string_view mark = "\xFF Go buildinf:";
    std::ranges::copy(mark, record.begin());
    record[14] = 8;
    put(record, 16, kBase + kContent + 32, 8);
    put(record, 24, kBase + kContent + 48, 8);
    put(record, 32, kBase + kContent + 64, 8);
    put(record, 40, 8, 8);
    put(record, 48, kBase + kContent + 96, 8);
    put(record, 56, modules.size(), 8);
    std::ranges::copy(std::string_view("go1.15.2"), record.begin() + 64);
    return std::string(record.begin(), record.end()) + modules;
}

TEST(GoBuildInfo, IsReadInBothFormsAndWhenStripped) {
    for (const std::string_view section : {".go.buildinfo", ""}) {
        const PackageList list = read(read_go_build_info, elf_with(go_inline(), section));
        EXPECT_EQ(names_of(list), (Names{"stdlib 1.20.3", "example.org|tool ", "github.com/gorilla|mux v1.8.0", "github.com/fork|crypto v0.2.0",
                                         "gopkg.in|yaml v2.4.0"}));
        EXPECT_EQ(list.packages.at(0).offset, kContent);
        EXPECT_EQ(
            names_of(read(read_go_build_info, elf_with(go_pointers(), section))),
            (Names{"stdlib 1.15.2", "example.org|tool ", "github.com/gorilla|mux v1.8.0", "github.com/fork|crypto v0.2.0", "gopkg.in|yaml v2.4.0"}));
    }
    EXPECT_EQ(names_of(read(read_go_build_info, elf_with("nothing of Go"))), Names{});
    const PackageList list = read(read_go_build_info, elf_with(go_inline()));
    EXPECT_EQ(package_url(program_readers()[0].ecosystem, list.packages.at(2), {}), "pkg:golang/github.com/gorilla/mux@v1.8.0");
}

std::string rust_audit() {
    constexpr std::string_view json =
        R"({"packages":[{"name":"adler","version":"0.2.3","source":"registry"},{"name":"cc","version":"1.0.0","source":"crates.io","kind":"build"},)"
        R"({"name":"tool","version":"0.1.0","source":"local","dependencies":[0],"root":true}]})";
    std::string packed(1024, '\0');
    libdeflate_compressor* compressor = libdeflate_alloc_compressor(9);
    packed.resize(libdeflate_zlib_compress(compressor, json.data(), json.size(), packed.data(), packed.size()));
    libdeflate_free_compressor(compressor);
    return packed;
}

TEST(RustAudit, NamesCratesButThoseOfTheBuild) {
    EXPECT_EQ(names_of(read(read_rust_audit, elf_with(rust_audit(), ".dep-v0"))), (Names{"adler 0.2.3", "tool 0.1.0"}));
    EXPECT_EQ(names_of(read(read_rust_audit, elf_with(rust_audit()))), Names{});
    EXPECT_EQ(read(read_rust_audit, elf_with("no zlib", ".dep-v0")).gaps.size(), 1U);
}

std::string module_info(std::string_view more) {
    std::string info;
    for (const std::string_view word : {"name=wl", "license=Proprietary", "version=6.30.163", "vermagic=4.14.171 SMP mod_unload"})
        (info += word) += '\0';
    return (info += more) += '\0';
}

TEST(KernelModule, OnlyThoseFromElsewhereAreComponents) {
    const PackageList list = read(read_kernel_module, elf_with(module_info("author=B"), ".modinfo"));
    ASSERT_EQ(names_of(list), (Names{"wl 6.30.163"}));
    EXPECT_EQ(list.packages[0].license, "Proprietary");
    EXPECT_EQ(names_of(read(read_kernel_module, elf_with(module_info("intree=Y"), ".modinfo"))), Names{});
    std::string old = module_info("");
    old.replace(old.find("4.14.171"), 8, "2.6.31.1");
    EXPECT_EQ(names_of(read(read_kernel_module, elf_with(old, ".modinfo"))), Names{});
}

std::string busybox() {
    std::string text = "BusyBox v1.35.0";
    text += '\0';
    for (const char* option : {"all", "force", "zip"})
        (text += option) += '\0';
    text += "\x01";
    for (const char* applet : {"[", "[[", "ash", "cat", "udhcpc", "zcat"})
        (text += applet) += '\0';
    return text + "\xFF";
}

TEST(BusyBox, AppletsAreTheLongestSortedRun) {
    const std::string text = busybox();
    EXPECT_EQ(busybox_applets(as_bytes(text)), (Names{"[", "[[", "ash", "cat", "udhcpc", "zcat"}));
    EXPECT_EQ(busybox_applets(as_bytes(text.substr(9))), Names{});
    for (std::size_t length = 0; length <= text.size(); ++length)
        EXPECT_LE(busybox_applets(as_bytes(text.substr(0, length))).size(), 6U);
}

TEST(Programs, TheirPackagesAreComponentsWithEveryFileAsEvidence) {
    auto builder = unpack::TreeBuilder::owning(Buffer(64));
    const auto system = builder.add_container(unpack::NodeId{0}, "squashfs", 0, 64, "");
    for (const char* path : {"usr/bin/one", "usr/bin/two"})
        builder.add_entry(system, path, {.mode = 0755}, builder.keep(elf_with(go_inline())));
    builder.add_entry(system, "lib/modules/wl.ko", {}, builder.keep(elf_with(module_info("author=B"), ".modinfo")));
    const auto identifiers = Identifiers::compile(
        {{.product = "go", .anchor = "go1.", .pattern = R"(^go(1\.\d+(?:\.\d+)?))", .cpe = {"golang:go"}, .with = {"Go buildinf:"}}});
    const auto table = components(std::move(builder).finish(), *identifiers);
    Names rows;
    for (const Component& component : table.rows)
        rows.push_back(component.product + " " + component.id + " " + component.purl + " " + std::to_string(component.evidence.size()));
    EXPECT_EQ(rows, (Names{"go stdlib@1.20.3 pkg:golang/stdlib@1.20.3 4", "golang/example.org/tool example.org/tool pkg:golang/example.org/tool 2",
                           "golang/github.com/fork/crypto github.com/fork/crypto@v0.2.0 pkg:golang/github.com/fork/crypto@v0.2.0 2",
                           "golang/github.com/gorilla/mux github.com/gorilla/mux@v1.8.0 pkg:golang/github.com/gorilla/mux@v1.8.0 2",
                           "golang/gopkg.in/yaml gopkg.in/yaml@v2.4.0 pkg:golang/gopkg.in/yaml@v2.4.0 2",
                           "kernel_module/wl wl@6.30.163 pkg:generic/wl@6.30.163 1"}));
    EXPECT_EQ(table.rows.at(0).cpe, (Names{"golang:go"}));
    EXPECT_EQ(table.rows.at(0).source, ComponentSource::build_information);
    EXPECT_EQ(table.rows.at(5).license, "Proprietary");
}

TEST(Programs, CutAnywhereGiveNoMoreThanThereIs) {
    const auto cut = [](const Buffer& whole, PackageList (*reader)(const elf::ElfFile&)) {
        const std::size_t all = read(reader, whole).packages.size();
        for (std::size_t length = 0; length <= whole.size(); ++length) {
            const Buffer part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
            EXPECT_LE(read(reader, part).packages.size(), all) << length;
        }
    };
    cut(elf_with(go_inline()), read_go_build_info);
    cut(elf_with(go_pointers()), read_go_build_info);
    cut(elf_with(rust_audit(), ".dep-v0"), read_rust_audit);
    cut(elf_with(module_info(""), ".modinfo"), read_kernel_module);
}

}  // namespace
}  // namespace shirushi::sbom
