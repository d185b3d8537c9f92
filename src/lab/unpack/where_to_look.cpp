#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "unpack/boot/efi_program.hpp"
#include "unpack/unpacker.hpp"

namespace shirushi::unpack {
namespace {

using namespace std::string_view_literals;

constexpr std::array kRawSuffixes{".img"sv, ".bin"sv, ".fw"sv, ".rom"sv, ".trx"sv, ".chk"sv, ".itb"sv, ".fit"sv, ".dump"sv, ".ubi"sv,
                                  ".squashfs"sv, ".sqfs"sv, ".raw"sv, ".image"sv, ".update"sv, ".upd"sv, ".flash"sv, ".pkg"sv};
constexpr std::array kKernelNames{"zimage"sv, "bzimage"sv, "vmlinuz"sv, "vmlinux"sv, "uimage"sv, "kernel"sv, "image"sv, "linux"sv};
// An ELF file this large that came out of a compressed stream is a kernel with its initial file system inside, or the like.
constexpr std::uint64_t kLargeProgram = std::uint64_t{1} << 20;
constexpr std::uint64_t kSmallest = 64;  // nothing that could be opened is smaller
constexpr std::uint64_t kTextSample = 4096;

bool stands_at(Bytes content, std::uint64_t offset, std::string_view what) { return as_text(clipped(content, offset, what.size())) == what; }

bool is_elf(Bytes content) { return stands_at(content, 0, "\x7f" "ELF"); }

bool is_media(Bytes content) {
    constexpr std::array kMagics{"\x89PNG"sv, "\xff\xd8\xff"sv, "GIF8"sv, "%PDF"sv, "wOF2"sv, "wOFF"sv, "OggS"sv, "RIFF"sv, "ID3"sv, "fLaC"sv, "BM"sv,
                                 "\0\1\0\0\0"sv, "OTTO"sv, "SQLite format 3"sv};
    return std::ranges::any_of(kMagics, [&](std::string_view magic) { return stands_at(content, 0, magic); });
}

bool is_text(Bytes content) {
    return std::ranges::none_of(clipped(content, 0, kTextSample), [](std::uint8_t byte) {
        return byte < 0x20 && byte != '\n' && byte != '\r' && byte != '\t' && byte != '\f' && byte != 0x1b;
    });
}

/// x86 boot protocol (Linux Documentation/arch/x86/boot.rst), arm zImage, arm64 and RISC-V Image headers.
bool is_kernel(Bytes content) {
    return stands_at(content, 0x202, "HdrS") || stands_at(content, 0x24, "\x18\x28\x6f\x01") || stands_at(content, 0x38, "ARM\x64") ||
           stands_at(content, 0x24, "\x01\x6f\x28\x18") || stands_at(content, 0x38, "RSC\x05") || stands_at(content, 4, "zimg");
}

}  // namespace

Where where_to_look_in_file(std::string_view name, Bytes content) {
    if (content.size() < kSmallest)
        return Where::nowhere;
    if (is_kernel(content))
        return Where::everywhere;
    const std::string lower = lowered(name);
    if (is_elf(content) && content.size() >= kLargeProgram && lower.starts_with("vmlinu"))
        return Where::everywhere;  // with its compressed self, configuration or initial file system inside
    if (is_elf(content) || is_media(content))
        return Where::nowhere;
    const bool raw_name = std::ranges::any_of(kRawSuffixes, [&](std::string_view suffix) { return lower.ends_with(suffix); }) ||
                          std::ranges::any_of(kKernelNames, [&](std::string_view kernel) { return lower.starts_with(kernel); });
    if (raw_name && !is_text(content))
        return Where::everywhere;
    return stands_at(content, 0, "MZ") && !is_unified_kernel(content) ? Where::nowhere : Where::start;
}

Where where_to_look_in_stream(Bytes content) {
    if (content.size() < kSmallest)
        return Where::nowhere;
    if (is_elf(content))
        return content.size() >= kLargeProgram ? Where::everywhere : Where::nowhere;
    if (is_media(content))
        return Where::nowhere;
    return is_text(content) && !stands_at(content, 0, "0707") ? Where::start : Where::everywhere;
}

}  // namespace shirushi::unpack
