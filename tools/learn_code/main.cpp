// learn_code FOLDER > src/lab/unpack/code_tables.cpp: how often each key of unpack/code_keys.hpp occurs in the raw code in
// FOLDER/<family>/*.bin (little endian; PowerPC's big endian). Every file counts the same, whatever its size.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "unpack/code_tables.hpp"

namespace {

using namespace shirushi;
using namespace shirushi::unpack;

constexpr std::array<std::string_view, kCodeFamilies> kNames{"arm", "thumb", "aarch64", "mips", "mips64", "mips16", "powerpc", "riscv32", "riscv64",
                                                             "x86", "x86_64", "superh", "xtensa", "avr", "mcs51"};
constexpr std::size_t kColumns = 128;
constexpr std::size_t kChunk = 32768;

std::size_t keys_of(CodeFamily family) {
    return family == CodeFamily::x86 || family == CodeFamily::x86_64 || family == CodeFamily::mcs51 ? kCodeKeys : 1024;
}

std::vector<double> shares_in(const std::filesystem::path& path, CodeFamily family) {
    std::ifstream file(path, std::ios::binary);
    const Buffer code{std::istreambuf_iterator<char>(file), {}};
    std::vector<double> shares(kCodeKeys);
    double all = 0;
    for (std::size_t at = 0; at < code.size(); at += kChunk) {
        KeyCounts counts{};
        all += count_keys(family, family == CodeFamily::powerpc, clipped(code, at, kChunk), counts);
        for (std::size_t key = 0; key < kCodeKeys; ++key)
            shares[key] += counts[key];
    }
    for (double& share : shares)
        share /= std::max(all, 1.0);
    return shares;
}

std::string table_of(const std::filesystem::path& folder, CodeFamily family) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
        files.push_back(entry.path());
    std::ranges::sort(files);
    std::vector<double> shares(kCodeKeys);
    for (const auto& file : files) {
        const auto more = shares_in(file, family);
        for (std::size_t key = 0; key < kCodeKeys; ++key)
            shares[key] += more[key] / static_cast<double>(files.size());
    }
    std::string table;
    for (std::size_t key = 0; key < keys_of(family); ++key)
        table += kCodeTableDigits[std::min<std::size_t>(static_cast<std::size_t>(std::lround(100 * std::sqrt(shares[key]))), kCodeTableDigits.size() - 1)];
    return table;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        fmt::print(stderr, "usage: learn_code FOLDER\n");
        return 2;
    }
    fmt::print("// Made by tools/learn_code; not to be edited.\n#include \"unpack/code_tables.hpp\"\n\nnamespace shirushi::unpack {{\n\n"
               "std::string_view code_table(CodeFamily family) {{\n    switch (family) {{\n");
    for (std::size_t family = 0; family < kCodeFamilies; ++family) {
        const std::string table = table_of(std::filesystem::path(argv[1]) / kNames[family], static_cast<CodeFamily>(family));
        fmt::print("        case CodeFamily::{}:\n            return", kNames[family]);
        for (std::size_t at = 0; at < table.size(); at += kColumns)
            fmt::print("\n                \"{}\"", table.substr(at, kColumns));
        fmt::print(";\n");
    }
    fmt::print("    }}\n    return \"\";\n}}\n\n}}  // namespace shirushi::unpack\n");
    return 0;
}
