// What cargo-auditable leaves in Rust programs (its PARSING.md): section .dep-v0, a zlib stream of JSON.

#include <libdeflate.h>

#include <memory>

#include "sbom/packages/reading.hpp"
#include "sbom/programs/program_file.hpp"

namespace shirushi::sbom {
namespace {

constexpr std::size_t kUnpacked = std::size_t{8} << 20;  // its readers' advice; real ones have some ten KiB

struct FreeDecompressor {
    void operator()(libdeflate_decompressor* decompressor) const { libdeflate_free_decompressor(decompressor); }
};

/// Grows with what is there: a stream of few bytes takes no megabytes.
std::optional<Buffer> unpacked(Bytes packed) {
    const std::unique_ptr<libdeflate_decompressor, FreeDecompressor> decompressor(libdeflate_alloc_decompressor());
    for (std::size_t size = std::min(kUnpacked, std::max<std::size_t>(4096, packed.size() * 8)); decompressor; size = std::min(kUnpacked, size * 4)) {
        Buffer out(size);
        std::size_t actual = 0;
        const auto result = libdeflate_zlib_decompress(decompressor.get(), packed.data(), packed.size(), out.data(), out.size(), &actual);
        if (result == LIBDEFLATE_SUCCESS) {
            out.resize(actual);
            return out;
        }
        if (result != LIBDEFLATE_INSUFFICIENT_SPACE || size == kUnpacked)
            break;
    }
    return std::nullopt;
}

}  // namespace

PackageList read_rust_audit(const elf::ElfFile& program) {
    PackageList list;
    const elf::Section* section = program.section(".dep-v0");
    if (section == nullptr || program.contents(*section).empty())
        return list;
    const Bytes packed = program.contents(*section);
    const auto offset = static_cast<std::uint64_t>(packed.data() - program.bytes().data());
    const auto text = unpacked(packed);
    if (!text) {
        list.gaps.emplace_back("Rust audit data: not a zlib stream of at most 8 MiB");
        return list;
    }
    const auto json = package_json(*text, list);
    if (!json || !json->is_object() || !json->contains("packages") || !(*json)["packages"].is_array())
        return list;
    for (const PackageJson& entry : (*json)["packages"])
        if (json_text(entry, "kind") != "build")  // build scripts' crates are not in the program
            if (!add_package(list, {.name = json_text(entry, "name"), .version = json_text(entry, "version"), .offset = offset}))
                break;
    return list;
}

}  // namespace shirushi::sbom
