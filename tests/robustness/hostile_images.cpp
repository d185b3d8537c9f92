// Corpus images cut and damaged: whatever comes of it, there is no crash and no sanitizer report, every byte of the image is in
// exactly one top-level region, and nothing is written anywhere (this process gives up the right to write before it starts).
//
//   hostile_images truncate STEP IMAGE...    cut at every multiple of STEP
//   hostile_images flip FLIPS IMAGE...       FLIPS random byte changes per image, spread over variants of 50 each
#include <fmt/format.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>
#include <string>

#include "inspect/inspect.hpp"
#include "sbom/sbom.hpp"
#include "unpack/unpack.hpp"

namespace {

using namespace shirushi;

constexpr std::size_t kFlipsPerVariant = 50;
constexpr std::uint64_t kMemoryCeiling = std::uint64_t{3} << 30;  // of this process, AddressSanitizer's own memory included

void give_up_writing() {
    const landlock_ruleset_attr rules{.handled_access_fs = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_DIR |
                                                           LANDLOCK_ACCESS_FS_MAKE_SYM | LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR};
    const auto set = static_cast<int>(syscall(SYS_landlock_create_ruleset, &rules, sizeof rules, 0));
    if (set < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || syscall(SYS_landlock_restrict_self, set, 0) != 0)
        fmt::print("note: this kernel has no Landlock; writes are not watched\n");
    else
        close(set);
}

Buffer file_bytes(const char* path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

[[noreturn]] void broken(const std::string& variant, const std::string& what) {
    fmt::print("{}: {}\n", variant, what);
    std::exit(1);
}

void expect_covered(const unpack::Tree& tree, std::uint64_t size, const std::string& variant) {
    std::uint64_t next = 0;
    for (const Region& region : tree.regions()) {
        if (!region.path.empty())
            continue;
        if (region.offset != next)
            broken(variant, fmt::format("bytes 0x{:x} to 0x{:x} are in no region or in two", std::min(next, region.offset), std::max(next, region.offset)));
        next += region.size;
    }
    if (next != size)
        broken(variant, fmt::format("regions end at 0x{:x} of 0x{:x}", next, size));
}

void look_at(const Buffer& image, const std::string& variant, const sbom::Identifiers& identifiers) {
    const auto tree = unpack::unpack(image);
    if (!tree)
        broken(variant, tree.error().message);
    expect_covered(*tree, image.size(), variant);
    Facts facts;
    facts.components = sbom::components(*tree, identifiers);
    inspect::inspect(*tree, {}, {}, facts);
}

std::size_t cut(const Buffer& image, std::size_t step, const char* name, const sbom::Identifiers& identifiers) {
    std::size_t variants = 0;
    for (std::size_t size = step; size < image.size(); size += step, ++variants)
        look_at(Buffer(image.begin(), image.begin() + static_cast<std::ptrdiff_t>(size)), fmt::format("{} cut at {}", name, size), identifiers);
    return variants;
}

// A random place; seldom in padding, which says little and fills most of a flash image.
std::size_t somewhere_telling(const Buffer& image, std::mt19937_64& random) {
    std::size_t place = random() % image.size();
    for (int again = 0; again < 12 && (image[place] == 0xFF || image[place] == 0); ++again)
        place = random() % image.size();
    return place;
}

std::size_t flip(const Buffer& image, std::size_t flips, const char* name, const sbom::Identifiers& identifiers) {
    std::mt19937_64 random(image.size());
    std::size_t variants = 0;
    for (; variants * kFlipsPerVariant < flips; ++variants) {
        Buffer damaged = image;
        for (std::size_t i = 0; i < kFlipsPerVariant; ++i)
            damaged[somewhere_telling(image, random)] = static_cast<std::uint8_t>(random());
        look_at(damaged, fmt::format("{} damage {}", name, variants), identifiers);
    }
    return variants;
}

}  // namespace

int main(int count, char** arguments) {
    std::size_t amount = 0;
    if (count < 4 || std::from_chars(arguments[2], arguments[2] + std::string_view(arguments[2]).size(), amount).ec != std::errc{} || amount == 0)
        return 2;
    const auto identifiers = sbom::Identifiers::compile({{.product = "busybox", .kind = "application", .anchor = "BusyBox v", .pattern = R"(BusyBox v(\d+\.\d+(?:\.\d+)?))"}});
    if (!identifiers)
        broken("identifiers", identifiers.error().message);
    give_up_writing();
    std::size_t variants = 0;
    for (int i = 3; i < count; ++i) {
        const Buffer image = file_bytes(arguments[i]);
        if (image.empty())
            broken(arguments[i], "cannot be read");
        const bool truncate = std::string_view(arguments[1]) == "truncate";
        variants += truncate ? cut(image, amount, arguments[i], *identifiers) : flip(image, amount, arguments[i], *identifiers);
    }
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    if (static_cast<std::uint64_t>(usage.ru_maxrss) * 1024 > kMemoryCeiling)
        broken("memory", fmt::format("{} KiB", usage.ru_maxrss));
    fmt::print("{} variants of {} images, every byte covered, {} KiB at most\n", variants, count - 3, usage.ru_maxrss);
    return 0;
}
