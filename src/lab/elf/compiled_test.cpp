// The same small program, compiled by real toolchains with and without each protection; readelf as second opinion.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <ostream>
#include <string>

#include "elf/hardening.hpp"

namespace shirushi::elf {
namespace {

constexpr std::string_view kSource = R"(
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
__attribute__((noinline)) void greet(const char *name, int count) {
    char text[32];
    strcpy(text, name);
    printf("%s %d\n", text, count);
}
int main(int count, char **arguments) {
    greet(arguments[count - 1], count);
    return system(arguments[0]);
}
)";

struct Toolchain {
    std::string prefix;
    std::string package;  ///< of Debian
    std::string machine;
    std::uint32_t bits;
    Answer nx_unstated;  ///< what the toolchain's files say without -z execstack or noexecstack
};

void PrintTo(const Toolchain& toolchain, std::ostream* out) {
    *out << toolchain.package;
}

struct Shell {
    std::string output;
    int status = -1;
};

Shell run(const std::string& command) {
    Shell shell;
    FILE* const pipe = popen((command + " 2>&1").c_str(), "r");
    if (pipe == nullptr)
        return shell;
    std::array<char, 4096> chunk{};
    while (const std::size_t length = fread(chunk.data(), 1, chunk.size(), pipe))
        shell.output.append(chunk.data(), length);
    shell.status = pclose(pipe);
    return shell;
}

class Compiled : public testing::TestWithParam<Toolchain> {
protected:
    void SetUp() override {
        std::string pattern = (std::filesystem::temp_directory_path() / "shirushi-elf-XXXXXX").string();
        ASSERT_NE(mkdtemp(pattern.data()), nullptr);
        folder_ = pattern;
        std::ofstream(folder_ / "program.c") << kSource;
        ASSERT_EQ(run(compiler() + " --version").status, 0) << "install " << GetParam().package;
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    static std::string compiler() { return GetParam().prefix + "gcc"; }

    /// The program compiled with these flags; protections that the toolchain may have on by default are off unless named.
    Buffer compiled(const std::string& flags) {
        const std::string name = (folder_ / "program").string();
        const std::string off = " -U_FORTIFY_SOURCE -fno-stack-protector -w ";
        const Shell result = run(compiler() + off + flags + " -o " + name + " " + (folder_ / "program.c").string());
        EXPECT_EQ(result.status, 0) << flags << "\n" << result.output;
        std::ifstream in(name, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }

    Executable described(const std::string& flags) {
        const Buffer bytes = compiled(flags);
        const auto found = describe(bytes);
        EXPECT_TRUE(found) << flags << ": " << (found ? "" : found.error().message);
        if (found) {
            EXPECT_EQ(found->machine, GetParam().machine);
            EXPECT_EQ(found->bits, GetParam().bits);
        }
        return found.value_or(Executable{});
    }

    [[nodiscard]] std::string readelf(const std::string& flags) const {
        return run("readelf -W " + flags + " " + (folder_ / "program").string()).output;
    }

private:
    std::filesystem::path folder_;
};

TEST_P(Compiled, WithEveryProtection) {
    const Executable found = described("-O2 -D_FORTIFY_SOURCE=2 -fstack-protector-all -fPIE -pie -Wl,-z,relro,-z,now,-z,noexecstack -s");
    EXPECT_EQ(found.kind, ElfKind::executable);
    EXPECT_TRUE(found.dynamic);
    EXPECT_TRUE(found.stripped);
    EXPECT_EQ(found.pie, Answer::yes);
    EXPECT_EQ(found.relro, Relro::full);
    EXPECT_EQ(found.canary, Answer::yes);
    EXPECT_EQ(found.fortified, Answer::yes);
    EXPECT_THAT(found.dangerous, testing::ElementsAre("system"));
    EXPECT_THAT(found.needed, testing::Contains("libc.so.6"));
    const std::string second = readelf("-hld");
    EXPECT_THAT(second, testing::HasSubstr("GNU_RELRO"));
    EXPECT_THAT(second, testing::HasSubstr("NOW"));
    const bool executable_stack = second.substr(second.find("GNU_STACK")).substr(0, 80).find("RWE") != std::string::npos;
    EXPECT_EQ(found.nx, executable_stack ? Answer::no : Answer::yes);
    for (const std::string& library : found.needed)
        EXPECT_THAT(second, testing::HasSubstr("[" + library + "]"));
}

TEST_P(Compiled, WithNone) {
    const Executable found = described("-O0 -fno-pie -no-pie -Wl,-z,norelro,-z,lazy,-z,execstack,-rpath,/tmp/here");
    EXPECT_EQ(found.kind, ElfKind::executable);
    EXPECT_FALSE(found.stripped);
    EXPECT_EQ(found.pie, Answer::no);
    EXPECT_EQ(found.nx, Answer::no);
    EXPECT_EQ(found.relro, Relro::none);
    EXPECT_EQ(found.canary, Answer::no);
    EXPECT_EQ(found.fortified, Answer::no);
    EXPECT_THAT(found.dangerous, testing::ElementsAre("strcpy", "system"));
    EXPECT_THAT(found.fortifiable, testing::ElementsAre("printf", "strcpy"));
    EXPECT_EQ(found.run_path, "/tmp/here");
    EXPECT_THAT(readelf("-hl"), testing::HasSubstr("EXEC (Executable file)"));
}

TEST_P(Compiled, EachProtectionAlone) {
    const std::string base = "-O1 -fno-pie -no-pie -Wl,-z,lazy ";
    EXPECT_EQ(described(base + "-Wl,-z,relro").relro, Relro::partial);
    EXPECT_EQ(described(base + "-Wl,-z,norelro -fstack-protector-strong").canary, Answer::yes);
    EXPECT_EQ(described(base + "-D_FORTIFY_SOURCE=2 -O2").fortified, Answer::yes);
    EXPECT_EQ(described(base).nx, GetParam().nx_unstated);
}

TEST_P(Compiled, StaticFiles) {
    const Executable found = described("-O1 -static -fno-pie -no-pie");
    EXPECT_FALSE(found.dynamic);
    EXPECT_EQ(found.pie, Answer::no);
    EXPECT_THAT(found.needed, testing::IsEmpty());
    EXPECT_EQ(found.canary, Answer::yes);  // the C library's own functions are protected
    const Executable stripped = described("-O1 -static -fno-pie -no-pie -s");
    EXPECT_TRUE(stripped.stripped);
    EXPECT_EQ(stripped.canary, Answer::unknown);
    EXPECT_EQ(stripped.fortified, Answer::unknown);
    if (GetParam().bits == 64) {  // rcrt1.o exists for these two only
        const Executable movable = described("-O1 -static-pie -fPIE");
        EXPECT_EQ(movable.kind, ElfKind::executable);
        EXPECT_EQ(movable.pie, Answer::yes);
        EXPECT_FALSE(movable.dynamic);
    }
}

TEST_P(Compiled, LibrariesAndObjects) {
    const Executable library = described("-O1 -shared -fPIC -Wl,-soname,libgreet.so.1");
    EXPECT_EQ(library.kind, ElfKind::shared_library);
    EXPECT_EQ(library.pie, Answer::yes);
    const Executable plug_in = described("-O1 -shared -fPIC");
    EXPECT_EQ(plug_in.kind, ElfKind::shared_library);
    const Executable object = described("-O1 -c");
    EXPECT_EQ(object.kind, ElfKind::relocatable);
    EXPECT_THAT(object.dangerous, testing::ElementsAre("strcpy", "system"));
}

TEST_P(Compiled, ReadsTheSameWithoutSectionHeaders) {
    for (const std::string style : {"gnu", "sysv"}) {
        if (style == "gnu" && GetParam().machine.starts_with("mips"))
            continue;  // its symbol order does not allow that table
        Buffer bytes = compiled("-O1 -fPIE -pie -Wl,--hash-style=" + style);
        const auto whole = ElfFile::read(bytes);
        ASSERT_TRUE(whole);
        const std::size_t count = whole->dynamic_symbols().size();
        const std::string second = readelf("--dyn-syms");
        EXPECT_THAT(second, testing::HasSubstr("contains " + std::to_string(count) + " entries"));
        const Executable before = describe(*whole).value();
        const std::size_t table = whole->header().is_64 ? 40 : 32;
        std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(table), whole->header().is_64 ? 8 : 4, std::uint8_t{0});
        const auto bare = ElfFile::read(bytes);
        ASSERT_TRUE(bare);
        EXPECT_TRUE(bare->sections().empty());
        EXPECT_EQ(bare->dynamic_symbols().size(), count) << style;
        Executable after = describe(*bare).value();
        EXPECT_TRUE(after.stripped);
        after.stripped = before.stripped;
        EXPECT_EQ(after, before) << style;
    }
}

INSTANTIATE_TEST_SUITE_P(Elf, Compiled,
                         testing::Values(Toolchain{"", "gcc", "x86-64", 64, Answer::yes},
                                         Toolchain{"arm-linux-gnueabihf-", "gcc-arm-linux-gnueabihf", "arm", 32, Answer::yes},
                                         Toolchain{"aarch64-linux-gnu-", "gcc-aarch64-linux-gnu", "aarch64", 64, Answer::yes},
                                         Toolchain{"mipsel-linux-gnu-", "gcc-mipsel-linux-gnu", "mipsel", 32, Answer::no}),
                         [](const auto& toolchain) {
                             std::string name = toolchain.param.machine;
                             std::ranges::replace(name, '-', '_');
                             return name;
                         });

}  // namespace
}  // namespace shirushi::elf
