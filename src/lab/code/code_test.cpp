#include "code/code.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "code/format_text.hpp"
#include "code/library.hpp"
#include "elf/elf_builder.hpp"

namespace shirushi::code {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

Buffer bytes_of(const fs::path& path) {
    const std::string text = text_of(path);
    return {text.begin(), text.end()};
}

fs::path corpus() { return fs::path(SHIRUSHI_SOURCE_DIR) / "fuzz/corpus/code_call_sites"; }

std::set<CallWeakness> kinds(const Analysis& analysis) {
    std::set<CallWeakness> found;
    for (const CallSite& site : analysis.rows)
        found.insert(site.weakness);
    return found;
}

TEST(CallSites, RefusesWhatIsNotElf) {
    EXPECT_FALSE(call_sites({}));
    EXPECT_FALSE(call_sites(as_bytes("#!/bin/sh\n")));
    EXPECT_EQ(code_size(as_bytes("#!/bin/sh\n")), 0U);
}

TEST(CallSites, SaysWhatItCannotRead) {
    const Buffer powerpc = elf::ElfBuilder(32, Endian::big, elf::machine::powerpc).imports("strcpy").build();
    const auto analysis = call_sites(powerpc);
    ASSERT_TRUE(analysis);
    ASSERT_EQ(analysis->gaps.size(), 1U);
    EXPECT_EQ(analysis->gaps.front(), "machine code of powerpc is not read");
    EXPECT_TRUE(analysis->rows.empty());
}

TEST(CallSites, SaysThatAStaticProgramWithoutSymbolsHidesItsCalls) {
    const Buffer bare = elf::ElfBuilder(64, Endian::little, elf::machine::x86_64).type(elf::FileType::executable).section(".text", 1, 6, "\xc3").build();
    const auto analysis = call_sites(bare);
    ASSERT_TRUE(analysis);
    ASSERT_EQ(analysis->gaps.size(), 1U);
    EXPECT_NE(analysis->gaps.front().find("linked statically"), std::string::npos);
}

/// The same three functions, without symbols, for each processor: every kind that they hold is found.
TEST(CallSites, AreFoundForEveryProcessor) {
    for (const char* name : {"x86-64", "arm", "aarch64", "mips", "mipsel"}) {
        const Buffer file = bytes_of(corpus() / (std::string(name) + "-library"));
        const auto analysis = call_sites(file);
        ASSERT_TRUE(analysis) << name;
        const auto found = kinds(*analysis);
        for (const CallWeakness kind : {CallWeakness::unbounded_copy, CallWeakness::unchecked_allocation, CallWeakness::use_after_free,
                                        CallWeakness::command_injection, CallWeakness::format_string})
            EXPECT_TRUE(found.contains(kind)) << name << " " << name_of(kind);
        for (const CallSite& site : analysis->rows) {
            EXPECT_EQ(site.machine, name);
            ASSERT_FALSE(site.disassembly.empty()) << name;
            EXPECT_LE(site.disassembly.size(), 6U);
        }
        EXPECT_GT(analysis->calls, 4U) << name;
        EXPECT_TRUE(analysis->gaps.empty()) << name << " " << analysis->gaps.front();
    }
}

TEST(CallSites, AreTheSameEveryTime) {
    const Buffer file = bytes_of(corpus() / "mips-library");
    const auto first = call_sites(file), second = call_sites(file);
    ASSERT_TRUE(first && second);
    EXPECT_EQ(first->rows, second->rows);
}

TEST(CallSites, StopAtTheirLimits) {
    const Buffer file = bytes_of(corpus() / "x86-64-library");
    const auto one = call_sites(file, {.rows = 1});
    ASSERT_TRUE(one);
    EXPECT_EQ(one->rows.size(), 1U);
    EXPECT_FALSE(one->gaps.empty());
    const auto none = call_sites(file, {.code_bytes = 0});
    ASSERT_TRUE(none);
    EXPECT_TRUE(none->rows.empty());
    EXPECT_EQ(none->decoded_bytes, 0U);
    EXPECT_FALSE(none->gaps.empty());
    const auto short_only = call_sites(file, {.function_bytes = 4});
    ASSERT_TRUE(short_only);
    EXPECT_FALSE(short_only->gaps.empty());
}

TEST(Truncation, IsSafeAtEveryLengthOfAFile) {
    for (const char* name : {"x86-64-library", "arm-library", "aarch64-library", "mips-library", "mipsel-library"}) {
        const Buffer file = bytes_of(corpus() / name);
        ASSERT_FALSE(file.empty());
        for (std::size_t length = 0; length < file.size(); ++length) {
            const Buffer cut(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(length));
            const auto analysis = call_sites(cut, {.rows = 20});
            if (length < 64)
                EXPECT_FALSE(analysis && !analysis->rows.empty());
        }
    }
}

TEST(Formats, OfPrintf) {
    const auto found = conversions_of("%d%% %-5.3s %s %lld %*.*f %zu%");
    ASSERT_EQ(found.size(), 6U);
    EXPECT_EQ(found[0].kind, Conversion::Kind::number);
    EXPECT_TRUE(found[1].limited);
    EXPECT_EQ(found[2].kind, Conversion::Kind::text);
    EXPECT_FALSE(found[2].limited);
    EXPECT_EQ(found[3].kind, Conversion::Kind::wide);
    EXPECT_EQ(found[4].stars, 2);
}

TEST(Formats, OfScanf) {
    const auto found = scanned_of("SET %15s %*d %[^\n] %s");
    ASSERT_EQ(found.size(), 4U);
    EXPECT_TRUE(found[0].limited);
    EXPECT_TRUE(found[1].suppressed);
    EXPECT_EQ(found[2].kind, Conversion::Kind::text);
    EXPECT_FALSE(found[3].limited);
}

TEST(Library, KnowsFunctionsUnderTheirOtherNames) {
    EXPECT_EQ(library_function("__isoc99_sscanf@GLIBC_2.7")->name, "sscanf");
    EXPECT_TRUE(library_function("__strcpy_chk")->guarded);
    EXPECT_EQ(library_function("strcpyx"), nullptr);
}

}  // namespace
}  // namespace shirushi::code
