#include "elf/hardening.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "elf/elf_builder.hpp"
#include "elf/functions.hpp"

namespace shirushi::elf {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

ElfBuilder mipsel_program() {
    ElfBuilder builder(32, Endian::little, machine::mips);
    return builder.type(FileType::executable).interpreter("/lib/ld-uClibc.so.0").needs("libc.so.0");
}
ElfBuilder arm_program() {
    ElfBuilder builder(32, Endian::little, machine::arm);
    return builder.type(FileType::executable).interpreter("/lib/ld-linux.so.3").needs("libc.so.6");
}
ElfBuilder library() {
    return {64, Endian::little, machine::aarch64};
}

Executable described(const ElfBuilder& builder) {
    ElfBuilder copy = builder;
    const Buffer bytes = copy.build();
    const auto found = describe(bytes);
    EXPECT_TRUE(found) << (found ? "" : found.error().message);
    return found.value_or(Executable{});
}

TEST(Hardening, ProgramWithoutAny) {
    const Executable found = described(mipsel_program().imports("strcpy").imports("system").imports("printf").run_path("/tmp/lib"));
    EXPECT_EQ(found.machine, "mipsel");
    EXPECT_EQ(found.bits, 32U);
    EXPECT_FALSE(found.big_endian);
    EXPECT_EQ(found.kind, ElfKind::executable);
    EXPECT_TRUE(found.dynamic);
    EXPECT_TRUE(found.stripped);
    EXPECT_EQ(found.pie, Answer::no);
    EXPECT_EQ(found.nx, Answer::unknown);
    EXPECT_EQ(found.relro, Relro::none);
    EXPECT_EQ(found.canary, Answer::no);
    EXPECT_EQ(found.fortified, Answer::no);
    EXPECT_THAT(found.dangerous, ElementsAre("strcpy", "system"));
    EXPECT_THAT(found.fortifiable, ElementsAre("printf", "strcpy"));
    EXPECT_THAT(found.needed, ElementsAre("libc.so.0"));
    EXPECT_EQ(found.run_path, "/tmp/lib");
}

TEST(Hardening, NxFollowsTheStackSegmentElseTheProcessor) {
    EXPECT_EQ(described(mipsel_program().segment(segment_type::gnu_stack, 6)).nx, Answer::yes);
    EXPECT_EQ(described(mipsel_program().segment(segment_type::gnu_stack, 7)).nx, Answer::no);
    EXPECT_EQ(described(arm_program()).nx, Answer::no);
    EXPECT_EQ(described(library().soname("a")).nx, Answer::yes);
    EXPECT_EQ(described(ElfBuilder(32, Endian::little, 94).soname("a")).nx, Answer::unknown);
}

TEST(Hardening, RelroIsFullOnlyWhenNothingIsBoundLate) {
    const auto relro = [](ElfBuilder builder) { return described(builder.segment(segment_type::gnu_relro, 4)).relro; };
    ElfBuilder lazy = arm_program().dynamic(dynamic_tag::plt_relocations, 1);
    EXPECT_EQ(described(lazy).relro, Relro::none);
    EXPECT_EQ(relro(lazy), Relro::partial);
    EXPECT_EQ(relro(ElfBuilder(lazy).dynamic(dynamic_tag::bind_now, 0)), Relro::full);
    EXPECT_EQ(relro(ElfBuilder(lazy).dynamic(dynamic_tag::flags, 8)), Relro::full);
    EXPECT_EQ(relro(ElfBuilder(lazy).dynamic(dynamic_tag::flags_1, 1)), Relro::full);
    EXPECT_EQ(relro(arm_program()), Relro::full);  // no procedure linkage table
    EXPECT_EQ(relro(mipsel_program()), Relro::partial);
    EXPECT_EQ(relro(ElfBuilder(32, Endian::little, machine::arm).type(FileType::executable)), Relro::partial);
}

TEST(Hardening, KindOfSharedFiles) {
    EXPECT_EQ(described(library().soname("liba.so")).kind, ElfKind::shared_library);
    EXPECT_EQ(described(library().needs("liba.so")).kind, ElfKind::shared_library);  // a plug-in without a name
    EXPECT_EQ(described(library().soname("libc.so.6").interpreter("/lib/ld.so")).kind, ElfKind::shared_library);
    EXPECT_EQ(described(library().needs("a").interpreter("/lib/ld.so")).kind, ElfKind::executable);
    EXPECT_EQ(described(library().needs("a").dynamic(dynamic_tag::debug, 0)).kind, ElfKind::executable);
    const Executable static_pie = described(library().dynamic(dynamic_tag::flags_1, dynamic_flag::pie_1));
    EXPECT_EQ(static_pie.kind, ElfKind::executable);
    EXPECT_EQ(static_pie.pie, Answer::yes);
    EXPECT_FALSE(static_pie.dynamic);
}

TEST(Hardening, ObjectsAndModules) {
    ElfBuilder object(32, Endian::big, machine::mips);
    object.type(FileType::relocatable).symbol("printk", false).symbol("strcpy", false);
    Executable found = described(object);
    EXPECT_EQ(found.kind, ElfKind::relocatable);
    EXPECT_EQ(found.machine, "mips");
    EXPECT_TRUE(found.big_endian);
    EXPECT_FALSE(found.stripped);
    EXPECT_EQ(found.pie, Answer::unknown);
    EXPECT_EQ(found.canary, Answer::unknown);
    EXPECT_THAT(found.dangerous, ElementsAre("strcpy"));
    found = described(object.section(".modinfo", 1, 2, "license=GPL").symbol("__stack_chk_fail", false));
    EXPECT_EQ(found.kind, ElfKind::kernel_module);
    EXPECT_EQ(found.canary, Answer::yes);
    EXPECT_EQ(found.nx, Answer::unknown);
    ElfBuilder stack(32, Endian::little, machine::x86);
    stack.type(FileType::relocatable);
    EXPECT_EQ(described(ElfBuilder(stack).section(".note.GNU-stack", 1, 0)).nx, Answer::yes);
    EXPECT_EQ(described(ElfBuilder(stack).section(".note.GNU-stack", 1, 4)).nx, Answer::no);
    EXPECT_EQ(described(ElfBuilder(stack).section(".text", 1, 6)).nx, Answer::no);
}

TEST(Hardening, CanaryIsDeniedOnlyWhereBuffersAreToBeExpected) {
    EXPECT_EQ(described(arm_program().imports("__stack_chk_fail")).canary, Answer::yes);
    EXPECT_EQ(described(arm_program().imports("__stack_chk_guard@GLIBC_2.4")).canary, Answer::yes);
    EXPECT_EQ(described(arm_program().imports("sprintf")).canary, Answer::no);
    EXPECT_EQ(described(arm_program().imports("read").imports("memcpy").imports("memset").imports("recv")).canary, Answer::no);
    EXPECT_EQ(described(arm_program().imports("read").imports("memcpy").imports("__memcpy_chk").imports("recv")).canary, Answer::unknown);
    EXPECT_EQ(described(arm_program().imports("puts").imports("__libc_start_main")).canary, Answer::unknown);
    EXPECT_EQ(described(library().soname("libc.so").imports("strcpy").defines("__stack_chk_fail")).canary, Answer::unknown);
    ElfBuilder fixed(32, Endian::little, machine::arm);
    fixed.type(FileType::executable);
    EXPECT_EQ(described(fixed).canary, Answer::unknown);
    EXPECT_EQ(described(ElfBuilder(fixed).symbol("main", true)).canary, Answer::no);
    EXPECT_EQ(described(ElfBuilder(fixed).symbol("__stack_chk_fail", true)).canary, Answer::yes);
    EXPECT_EQ(described(arm_program().imports("strcpy").section(".gopclntab", 1, 2)).canary, Answer::unknown);
}

TEST(Hardening, FortifiedIsDeniedOnlyWhereItWouldShow) {
    EXPECT_EQ(described(arm_program().imports("__printf_chk").imports("strcpy")).fortified, Answer::yes);
    EXPECT_EQ(described(arm_program().imports("printf")).fortified, Answer::no);
    EXPECT_EQ(described(arm_program().imports("memcpy").imports("read")).fortified, Answer::unknown);
    EXPECT_EQ(described(arm_program().imports("memcpy").imports("read").imports("recv").imports("strcpy")).fortified, Answer::no);
    EXPECT_EQ(described(arm_program().imports("__stack_chk_fail")).fortified, Answer::unknown);
    EXPECT_EQ(described(library().soname("a").needs("libc.so").imports("printf")).fortified, Answer::unknown);
    EXPECT_EQ(described(library().needs("b").interpreter("/lib/ld-musl-aarch64.so.1").imports("printf")).fortified, Answer::unknown);
}

TEST(Hardening, NamesAreSortedUniqueAndPrintable) {
    const Executable found = described(arm_program()
                                           .imports("system")
                                           .imports("__isoc99_sscanf")
                                           .imports("sscanf@GLIBC_2.4")
                                           .imports("gets")
                                           .needs("lib\x01.so")
                                           .run_path("\xff"));
    EXPECT_THAT(found.dangerous, ElementsAre("gets", "sscanf", "system"));
    EXPECT_THAT(found.needed, ElementsAre("libc.so.6", "lib\\x01.so"));
    EXPECT_EQ(found.run_path, "\\xff");
}

TEST(Hardening, WhatNoLoaderLoadsIsRefused) {
    const auto code = [](ElfBuilder builder) {
        const Buffer bytes = builder.build();
        const auto found = describe(bytes);
        return found ? Errc::internal : found.error().code;
    };
    EXPECT_EQ(code(library().type(FileType::core)), Errc::unsupported);
    EXPECT_EQ(code(library().section(".text", section_type::nobits, 6)), Errc::unsupported);
    EXPECT_EQ(code(library().section("__ksymtab", 1, 2)), Errc::unsupported);
    EXPECT_EQ(describe(as_bytes("#!/bin/sh")).error().code, Errc::bad_input);
}

TEST(Hardening, EveryTruncationAndFlipIsDescribedOrRefused) {
    const Buffer bytes =
        arm_program().imports("strcpy").segment(segment_type::gnu_relro, 4).section(".text", 1, 6, "x").symbol("main", true).build();
    for (std::size_t length = 0; length < bytes.size(); ++length) {
        const Buffer cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(length));
        EXPECT_EQ(describe(cut).has_value(), length >= 52) << length;
    }
    std::size_t same = 0;
    const auto whole = describe(bytes);
    ASSERT_TRUE(whole);
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
        Buffer damaged = bytes;
        damaged[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
        const auto found = describe(damaged);
        same += found && *found == *whole ? 1 : 0;
    }
    EXPECT_GT(same, bytes.size());
}

TEST(Functions, Names) {
    EXPECT_EQ(fortified_name("__memcpy_chk@GLIBC_2.4"), "memcpy");
    EXPECT_EQ(fortified_name("__fdelt_chk"), "fdelt");
    EXPECT_EQ(fortified_name("__stack_chk_fail"), "");
    EXPECT_EQ(fortified_name("____chk"), "");
    EXPECT_TRUE(is_dangerous("vsprintf"));
    EXPECT_TRUE(is_dangerous("execvp"));
    EXPECT_FALSE(is_dangerous("strtok"));
    EXPECT_FALSE(is_dangerous("snprintf"));
    EXPECT_TRUE(is_fortifiable("snprintf"));
}

}  // namespace
}  // namespace shirushi::elf
