// A program's symbols are stripped from nearly every firmware: what is found without them must be what is found with them.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "code/code.hpp"

namespace shirushi::code {
namespace {

namespace fs = std::filesystem;

constexpr const char* kProgram = R"(
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
static int __attribute__((noinline)) ask(void) { char name[16]; if (scanf("%s", name) != 1) return 1; return puts(name); }
static int __attribute__((noinline)) rename_it(const char *from) {
    char name[16], line[100];
    if (read(0, line, sizeof line) <= 0) return 1;
    strcpy(name, line);
    return puts(name) + puts(from);
}
static int __attribute__((noinline)) run(const char *from) { system(getenv("QUERY_STRING")); return puts(from); }
static const struct { const char *name; int (*function)(const char *); } commands[] = {{"rename", rename_it}, {"run", run}};
int main(int count, char **words) {
    char more[8];
    if (count < 2) return ask();
    if (scanf("%s", more) != 1) return 1;
    for (int i = 0; i < 2; i++)
        if (!strcmp(words[1], commands[i].name)) return commands[i].function(more);
    return 0;
}
)";

/// "scanf unbounded_copy certain" of each call, by its address.
std::set<std::pair<std::uint64_t, std::string>> found_in(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    const auto analysis = call_sites(Buffer(text.begin(), text.end()));
    std::set<std::pair<std::uint64_t, std::string>> found;
    if (analysis)
        for (const CallSite& site : analysis->rows)
            found.emplace(site.address, site.callee + " " + std::string(name_of(site.weakness)) + " " + std::string(name_of(site.confidence)));
    return found;
}

class Stripped : public testing::TestWithParam<const char*> {};

TEST_P(Stripped, HidesNothing) {
    const fs::path folder = fs::temp_directory_path() / ("shirushi-stripped-" + std::to_string(std::hash<std::string>{}(GetParam())));
    fs::create_directories(folder);
    std::ofstream(folder / "program.c") << kProgram;
    for (const std::string kind : {" -fPIE -pie", " -fno-pie -no-pie"}) {
        const std::string command = GetParam() + kind + " -w -U_FORTIFY_SOURCE -O2 " + (folder / "program.c").string() + " -o ";
        ASSERT_EQ(std::system((command + (folder / "whole").string()).c_str()), 0) << command;
        ASSERT_EQ(std::system((command + (folder / "bare").string() + " -s").c_str()), 0) << command;
        const auto whole = found_in(folder / "whole");
        EXPECT_GE(whole.size(), 4U) << command;
        EXPECT_EQ(found_in(folder / "bare"), whole) << command;
    }
    fs::remove_all(folder);
}

INSTANTIATE_TEST_SUITE_P(Processors, Stripped,
                         testing::Values("gcc", "arm-linux-gnueabihf-gcc", "arm-linux-gnueabihf-gcc -marm", "aarch64-linux-gnu-gcc", "mips-linux-gnu-gcc", "mipsel-linux-gnu-gcc"));

}  // namespace
}  // namespace shirushi::code
