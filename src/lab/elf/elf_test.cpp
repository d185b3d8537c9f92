#include "elf/elf.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>

#include "elf/elf_builder.hpp"

namespace shirushi::elf {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct Shape {
    int bits;
    Endian endian;
    std::uint16_t machine;
    std::string_view name;
};
void PrintTo(const Shape& shape, std::ostream* out) {
    *out << shape.name;
}

std::vector<std::string_view> names_of(const std::vector<Symbol>& symbols) {
    std::vector<std::string_view> names;
    for (const Symbol& symbol : symbols)
        if (!symbol.name.empty())
            names.push_back(symbol.name);
    return names;
}

class EveryShape : public testing::TestWithParam<Shape> {
protected:
    static ElfBuilder builder() { return {GetParam().bits, GetParam().endian, GetParam().machine}; }
};

TEST_P(EveryShape, IsReadWithoutSectionHeaders) {
    using Hash = ElfBuilder::Hash;
    for (const Hash hash : {Hash::system_v, Hash::gnu, Hash::gnu_without_definitions, Hash::none}) {
        const Buffer bytes = builder()
                                 .interpreter("/lib/ld.so.1")
                                 .needs("libc.so.6")
                                 .needs("libm.so.6")
                                 .soname("me.so")
                                 .run_path("/opt/lib")
                                 .imports("strcpy")
                                 .imports("puts")
                                 .defines("start")
                                 .hash(hash)
                                 .build();
        const auto file = ElfFile::read(bytes);
        ASSERT_TRUE(file) << file.error().message;
        EXPECT_EQ(machine_name(file->header()), GetParam().name);
        EXPECT_EQ(file->header().is_64, GetParam().bits == 64);
        EXPECT_EQ(file->header().endian, GetParam().endian);
        EXPECT_EQ(file->header().entry, ElfBuilder::kBase);
        EXPECT_EQ(file->interpreter(), "/lib/ld.so.1");
        EXPECT_THAT(file->needed(), ElementsAre("libc.so.6", "libm.so.6"));
        EXPECT_EQ(file->soname(), "me.so");
        EXPECT_EQ(file->run_path(), "/opt/lib");
        EXPECT_THAT(names_of(file->dynamic_symbols()), ElementsAre("strcpy", "puts", "start"));
        EXPECT_TRUE(file->dynamic_symbols().at(1).imported());
        EXPECT_FALSE(file->dynamic_symbols().at(3).imported());
        EXPECT_THAT(file->sections(), IsEmpty());
        EXPECT_THAT(file->problems(), IsEmpty());
        ASSERT_EQ(file->dynamic_relocations().size(), 3U);
        EXPECT_EQ(file->dynamic_relocations()[2].symbol, 3U);
        EXPECT_EQ(file->dynamic_relocations()[2].offset, ElfBuilder::kBase);
    }
}

TEST_P(EveryShape, SectionsSymbolsAndNotesAreFound) {
    const bool little = GetParam().endian == Endian::little;
    const std::string note =
        little ? std::string("\4\0\0\0\3\0\0\0\3\0\0\0GNU\0abc\0", 20) : std::string("\0\0\0\4\0\0\0\3\0\0\0\3GNU\0abc\0", 20);
    const Buffer bytes = builder()
                             .type(FileType::relocatable)
                             .section(".note.gnu.build-id", section_type::note, 0, note)
                             .section(".modinfo", 1, 0, std::string_view("license=GPL\0\0alias=x=y\0odd", 27))
                             .section(".comment", 1, 0, std::string_view("\0GCC: 12\0", 9))
                             .symbol("printk", false)
                             .symbol("init", true)
                             .build();
    const auto file = ElfFile::read(bytes);
    ASSERT_TRUE(file);
    EXPECT_THAT(names_of(file->symbols()), ElementsAre("printk", "init"));
    EXPECT_EQ(as_text(file->build_id()), "abc");
    const auto info = file->module_info();
    ASSERT_EQ(info.size(), 2U);
    EXPECT_EQ(info[0].key, "license");
    EXPECT_EQ(info[1].value, "x=y");
    EXPECT_THAT(file->comments(), ElementsAre("GCC: 12"));
    ASSERT_NE(file->section(".symtab"), nullptr);
    EXPECT_EQ(file->section(".none"), nullptr);
}

void read_everything(Bytes bytes) {
    const auto file = ElfFile::read(bytes);
    if (!file)
        return;
    std::size_t read = file->dynamic_symbols().size() + file->symbols().size() + file->dynamic_relocations().size() + file->notes().size() +
                       file->build_id().size() + file->module_info().size() + file->comments().size() + file->needed().size() +
                       file->run_path().size() + file->soname().size() + file->interpreter().size();
    for (const Section& section : file->sections())
        read += file->relocations(section).size() + file->contents(section).size();
    EXPECT_LE(file->symbols().size(), bytes.size());
    EXPECT_LE(read, 1000 * bytes.size());
}

/// A vector of exactly this size, so that the sanitizer sees one byte too many being read.
void read_copy(Bytes bytes) {
    const Buffer copy(bytes.begin(), bytes.end());
    read_everything(copy);
}

TEST_P(EveryShape, EveryTruncationIsReadOrRefused) {
    const Buffer bytes = builder()
                             .interpreter("/lib/ld.so.1")
                             .needs("libc.so.6")
                             .imports("strcpy")
                             .defines("f")
                             .hash(ElfBuilder::Hash::gnu)
                             .section(".comment", 1, 0, "GCC")
                             .symbol("main", true)
                             .build();
    for (std::size_t length = 0; length < bytes.size(); ++length)
        read_copy(Bytes(bytes).first(length));
    EXPECT_FALSE(ElfFile::read(Bytes(bytes).first(GetParam().bits == 64 ? 63 : 51)));
    EXPECT_TRUE(ElfFile::read(Bytes(bytes).first(GetParam().bits == 64 ? 64 : 52)));
}

TEST_P(EveryShape, FlippedBytesAreReadOrRefused) {
    const Buffer bytes = builder()
                             .interpreter("/lib/ld.so.1")
                             .needs("libc.so.6")
                             .imports("strcpy")
                             .defines("f")
                             .hash(ElfBuilder::Hash::gnu)
                             .section(".note.x", section_type::note, 0, "0123456789abcdef")
                             .symbol("main", true)
                             .build();
    for (std::size_t at = 0; at < bytes.size(); ++at)
        for (const int value : {0x00, 0x7f, 0x80, 0xff}) {
            Buffer damaged = bytes;
            damaged[at] = static_cast<std::uint8_t>(value);
            read_everything(damaged);
        }
}

INSTANTIATE_TEST_SUITE_P(Elf, EveryShape,
                         testing::Values(Shape{32, Endian::little, 40, "arm"}, Shape{32, Endian::big, 8, "mips"},
                                         Shape{32, Endian::little, 8, "mipsel"}, Shape{64, Endian::big, 8, "mips64"},
                                         Shape{64, Endian::little, 8, "mips64el"}, Shape{64, Endian::little, 183, "aarch64"},
                                         Shape{32, Endian::big, 20, "powerpc"}, Shape{64, Endian::little, 62, "x86-64"},
                                         Shape{32, Endian::little, 3, "x86"}, Shape{64, Endian::little, 243, "riscv64"},
                                         Shape{32, Endian::little, 94, "xtensa"}, Shape{32, Endian::little, 42, "sh4"},
                                         Shape{64, Endian::big, 43, "sparc64"}, Shape{32, Endian::little, 4242, "machine-4242"}),
                         [](const auto& shape) {
                             std::string name(shape.param.name);
                             std::ranges::replace(name, '-', '_');
                             return name;
                         });

TEST(Elf, IsRecognisedByItsIdentification) {
    Buffer bytes = ElfBuilder(32, Endian::little, 40).build();
    EXPECT_TRUE(is_elf(bytes));
    bytes[4] = 3;
    EXPECT_FALSE(is_elf(bytes));
    EXPECT_FALSE(is_elf(as_bytes("\177ELF")));
    EXPECT_FALSE(is_elf({}));
}

TEST(Elf, ClaimedCountsAreClippedAndNoted) {
    Buffer bytes = ElfBuilder(64, Endian::little, 62).imports("f").section(".x", 1, 0).build();
    bytes[60] = 0xff;  // e_shnum
    bytes[61] = 0x7f;
    const auto file = ElfFile::read(bytes);
    ASSERT_TRUE(file);
    EXPECT_THAT(file->problems(), ElementsAre("3 of 32767 section headers read"));
    EXPECT_EQ(names_of(file->dynamic_symbols()), std::vector<std::string_view>{"f"});
}

TEST(Elf, SymbolsThatAllNameOneLongStringStayCheap) {
    ElfBuilder builder(32, Endian::little, 3);
    for (int i = 0; i < 2000; ++i)
        builder.imports("f");
    const Buffer bytes = builder.needs(std::string(100000, 'a')).build();
    const auto file = ElfFile::read(bytes);
    ASSERT_TRUE(file);
    EXPECT_EQ(file->dynamic_symbols().size(), 2001U);
    EXPECT_THAT(file->needed(), IsEmpty());  // longer than any path
}

}  // namespace
}  // namespace shirushi::elf
