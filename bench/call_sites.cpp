// call_sites FOLDER: the call-site analysis over every ELF program of a folder, beside capstone decoding the same bytes. Prints findings of each
// confidence, those at level error for ten programs, and both times. call_sites --list FILE...: every call site of these files.

#include <capstone/capstone.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "code/code.hpp"
#include "elf/elf.hpp"

namespace {

namespace fs = std::filesystem;
using namespace shirushi;

Buffer bytes_of(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

double now() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// Instructions that capstone decodes, with details, of all executable sections of an x86-64 program.
std::uint64_t decode(const elf::ElfFile& file) {
    csh handle = 0;
    if (file.header().machine != 62 || cs_open(CS_ARCH_X86, CS_MODE_64, &handle) != CS_ERR_OK)
        return 0;
    cs_option(handle, CS_OPT_DETAIL, CS_OPT_ON);
    cs_insn* instruction = cs_malloc(handle);
    std::uint64_t count = 0;
    for (const elf::Section& section : file.sections()) {
        if ((section.flags & 6) != 6)
            continue;
        const Bytes code = file.contents(section);
        const std::uint8_t* at = code.data();
        std::size_t left = code.size();
        std::uint64_t address = section.address;
        while (left > 0) {
            if (cs_disasm_iter(handle, &at, &left, &address, instruction)) {
                ++count;
                continue;
            }
            ++at;
            --left;
            ++address;
        }
    }
    cs_free(instruction, 1);
    cs_close(&handle);
    return count;
}

void list(const fs::path& path) {
    const Buffer bytes = bytes_of(path);
    const auto analysis = code::call_sites(bytes);
    if (!analysis) {
        fmt::print("{}: {}\n", path.string(), analysis.error().message);
        return;
    }
    fmt::print("{}: {} of {} bytes decoded, {} calls\n", path.string(), analysis->decoded_bytes, analysis->code_bytes, analysis->calls);
    for (const std::string& gap : analysis->gaps)
        fmt::print("  gap: {}\n", gap);
    for (const CallSite& site : analysis->rows) {
        fmt::print("  {:<22} {:<8} {:x} {} in {}, {} {} {:x}, {} bytes\n", name_of(site.weakness), name_of(site.confidence), site.address, site.callee, site.function,
                   name_of(site.origin), site.origin_call, site.origin_address, site.buffer_bytes.value_or(0));
        for (const std::string& line : site.disassembly)
            fmt::print("      {}\n", line);
    }
}

int measure(const fs::path& folder) {
    std::vector<fs::path> paths;
    for (const auto& entry : fs::directory_iterator(folder))
        if (entry.is_regular_file() && !entry.is_symlink())
            paths.push_back(entry.path());
    std::ranges::sort(paths);
    std::map<std::string, std::uint64_t> found;
    std::uint64_t programs = 0, code = 0, decoded = 0, calls = 0, certain = 0, instructions = 0, gaps = 0;
    double analysing = 0, decoding = 0;
    for (const fs::path& path : paths) {
        const Buffer bytes = bytes_of(path);
        const auto file = elf::ElfFile::read(bytes);
        if (!file || file->header().machine != 62)
            continue;
        const double first = now();
        const auto analysis = code::call_sites(bytes, {.code_bytes = UINT64_MAX});
        const double second = now();
        instructions += decode(*file);
        decoding += now() - second;
        analysing += second - first;
        ++programs;
        code += analysis->code_bytes;
        decoded += analysis->decoded_bytes;
        calls += analysis->calls;
        gaps += analysis->gaps.size();
        for (const CallSite& site : analysis->rows) {
            ++found[fmt::format("{:<21} {}", name_of(site.weakness), name_of(site.confidence))];
            if (site.confidence == CallConfidence::certain) {
                ++certain;
                fmt::print("error: {} {:x} {} in {}: {}, {} {}\n", path.filename().string(), site.address, site.callee, site.function, name_of(site.weakness), name_of(site.origin),
                           site.origin_call);
            }
        }
    }
    for (const auto& [what, count] : found)
        fmt::print("{:<31} {:>6}\n", what, count);
    fmt::print("{} programs, {} bytes of code, {} decoded, {} calls judged, {} gaps\n", programs, code, decoded, calls, gaps);
    fmt::print("{:.2f} at level error for 10 programs\n", 10.0 * static_cast<double>(certain) / static_cast<double>(std::max<std::uint64_t>(programs, 1)));
    fmt::print("analysis {:.2f} s, capstone alone {:.2f} s ({} instructions): {:.2f}\n", analysing, decoding, instructions, analysing / std::max(decoding, 1e-9));
    return 0;
}

}  // namespace

int main(int count, char** arguments) {
    if (count < 2) {
        fmt::print("call_sites FOLDER | call_sites --list FILE...\n");
        return 3;
    }
    if (std::string_view(arguments[1]) != "--list")
        return measure(arguments[1]);
    for (int i = 2; i < count; ++i)
        list(arguments[i]);
    return 0;
}
