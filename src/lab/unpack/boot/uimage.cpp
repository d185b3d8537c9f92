#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "unpack/boot/boot_images.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint64_t kHeader = 64;
constexpr std::uint8_t kMulti = 4;
constexpr std::uint8_t kScript = 6;
constexpr std::size_t kMaxParts = 64;

// U-Boot include/image.h: IH_OS_*, IH_ARCH_*, IH_TYPE_*, IH_COMP_*, by number.
constexpr std::array kSystems{"invalid os", "OpenBSD", "NetBSD", "FreeBSD", "4.4BSD", "Linux", "SVR4", "Esix", "Solaris", "Irix", "SCO", "Dell", "NCR",
                              "LynxOS", "VxWorks", "pSOS", "QNX", "firmware", "RTEMS", "Artos", "Unity", "INTEGRITY", "OSE", "Plan 9", "OpenRTOS",
                              "Arm Trusted Firmware", "TEE", "OpenSBI", "EFI"};
constexpr std::array kProcessors{"invalid architecture", "alpha", "arm", "x86", "ia64", "mips", "mips64", "powerpc", "s390", "sh", "sparc", "sparc64",
                                 "m68k", "nios", "microblaze", "nios2", "blackfin", "avr32", "st200", "sandbox", "nds32", "openrisc", "arm64", "arc",
                                 "x86_64", "xtensa", "riscv"};
constexpr std::array kTypes{"invalid type", "standalone", "kernel", "ramdisk", "multi-file", "firmware", "script", "file system", "flat device tree",
                            "kwbimage", "imximage", "ublimage", "omapimage", "aisimage", "kernel, any address"};
constexpr std::array kCompressions{"uncompressed", "compressed gzip", "compressed bzip2", "compressed lzma", "compressed lzo", "compressed lz4", "compressed zstd"};

template <std::size_t size>
std::string named(const std::array<const char*, size>& names, std::uint8_t number, const char* what) {
    return number < size ? names.at(number) : fmt::format("{} {}", what, number);
}

struct Header {
    std::uint32_t size = 0;
    std::uint32_t load = 0;
    std::uint32_t entry = 0;
    std::uint32_t data_checksum = 0;
    std::uint8_t system = 0;
    std::uint8_t processor = 0;
    std::uint8_t type = 0;
    std::uint8_t compression = 0;
    std::string name;
};

std::optional<Header> header_of(Bytes bytes) {
    if (bytes.size() < kHeader)
        return std::nullopt;
    const std::uint8_t* at = bytes.data();
    std::array<std::uint8_t, kHeader> copy{};
    std::ranges::copy(bytes.first(kHeader), copy.begin());
    std::ranges::fill(std::span(copy).subspan(4, 4), std::uint8_t{0});  // the checksum is made with itself as zero
    if (crc32(0, copy.data(), copy.size()) != load_be<std::uint32_t>(at + 4))
        return std::nullopt;
    const std::string_view name = as_text(bytes.subspan(32, 32));
    return Header{.size = load_be<std::uint32_t>(at + 12), .load = load_be<std::uint32_t>(at + 16), .entry = load_be<std::uint32_t>(at + 20),
                  .data_checksum = load_be<std::uint32_t>(at + 24), .system = at[28], .processor = at[29], .type = at[30], .compression = at[31],
                  .name = printable(name.substr(0, name.find('\0')))};
}

std::uint32_t checksum(Bytes bytes) { return static_cast<std::uint32_t>(crc32_z(0, bytes.data(), bytes.size())); }

}  // namespace

std::optional<FoundContainer> identify_uimage(Bytes bytes) {
    const auto header = header_of(bytes);
    if (!header)
        return std::nullopt;
    const Bytes data = clipped(bytes, kHeader, header->size);
    std::string description = fmt::format("{}: {}, {}, {}, {}, load 0x{:08x}, entry 0x{:08x}", header->name.empty() ? "unnamed" : header->name,
                                          named(kSystems, header->system, "os"), named(kProcessors, header->processor, "architecture"),
                                          named(kTypes, header->type, "type"), named(kCompressions, header->compression, "compression"), header->load, header->entry);
    const bool whole = data.size() == header->size;
    if (!whole)
        description += ", " + cut_off(data.size(), header->size);
    return FoundContainer{.size = kHeader + data.size(), .description = std::move(description), .checked = true};
}

Result<Parts> split_uimage(Bytes bytes) {
    const auto header = header_of(bytes);
    if (!header)
        return fail(Errc::internal, "not a uImage after all");
    const Bytes data = clipped(bytes, kHeader, header->size);
    Parts result;
    if (data.size() < header->size)
        result.damage = cut_off(data.size(), header->size);
    else if (checksum(data) != header->data_checksum)
        result.damage = "the data's checksum does not match";
    if (header->type != kMulti && header->type != kScript) {
        result.parts.push_back({header->name.empty() ? "payload" : header->name, kHeader, data.size()});
        return result;
    }
    // A table of sizes, ended by zero, then the files, each filled up to four bytes.
    Reader reader(data, Endian::big);
    std::vector<std::uint32_t> sizes;
    while (sizes.size() < kMaxParts) {
        const auto size = reader.u32();
        if (!size || *size == 0)
            break;
        sizes.push_back(*size);
    }
    std::uint64_t at = kHeader + reader.position();
    for (const std::uint32_t size : sizes) {
        result.parts.push_back({fmt::format("part{}", result.parts.size()), at, size});
        at += (std::uint64_t{size} + 3) / 4 * 4;
    }
    return result;
}

}  // namespace shirushi::unpack
