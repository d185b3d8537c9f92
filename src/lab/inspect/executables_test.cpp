#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "inspect/sample_device.hpp"

namespace shirushi::inspect {
namespace {

TEST(Executables, EveryPathOfAProgramIsARow) {
    std::ifstream self("/proc/self/exe", std::ios::binary);
    const std::string program(std::istreambuf_iterator<char>(self), {});
    ASSERT_FALSE(program.empty());
    const Facts facts = SampleDevice().file("bin/b", program).file("bin/a", program).file("bin/script", "#!/bin/sh\n").facts();
    ASSERT_TRUE(facts.executables.observed);
    ASSERT_EQ(facts.executables.rows.size(), 2U);
    EXPECT_EQ(facts.executables.rows[0].path, "squashfs@0x0/bin/a");
    EXPECT_EQ(facts.executables.rows[0].sha256, facts.executables.rows[1].sha256);
    EXPECT_EQ(facts.executables.rows[1].kind, ElfKind::executable);
    EXPECT_TRUE(facts.executables.gaps.empty());
}

TEST(Executables, OneThatCannotBeReadIsAGap) {
    const Facts facts = SampleDevice().file("bin/cut", std::string_view("\177ELF\1\1\1\0\0\0\0\0\0\0\0\0\2\0", 18)).facts();
    EXPECT_TRUE(facts.executables.rows.empty());
    ASSERT_EQ(facts.executables.gaps.size(), 1U);
    EXPECT_TRUE(facts.executables.gaps[0].starts_with("squashfs@0x0/bin/cut: ")) << facts.executables.gaps[0];
}

}  // namespace
}  // namespace shirushi::inspect
