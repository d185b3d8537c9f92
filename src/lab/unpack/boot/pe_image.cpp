#include "unpack/boot/pe_image.hpp"

#include <algorithm>

namespace shirushi::unpack {
namespace {

constexpr std::uint16_t kMaxSections = 96;  // the Windows loader's ceiling; EFI programs have about ten

struct Optional {
    std::uint16_t subsystem = 0;
    std::uint32_t certificates_at = 0;
    std::uint32_t certificates_size = 0;
};

std::optional<Optional> optional_header(Bytes header) {
    Reader reader(header);
    const auto magic = reader.u16();
    if (!magic || (*magic != 0x10b && *magic != 0x20b))
        return std::nullopt;
    const std::uint64_t directories = *magic == 0x10b ? 96 : 112;
    Optional result;
    if (!reader.seek(68))
        return std::nullopt;
    const auto subsystem = reader.u16();
    if (!subsystem)
        return std::nullopt;
    result.subsystem = *subsystem;
    // The fifth directory is the certificate table; its address is a position in the file. Short headers have none.
    if (!reader.seek(directories - 4))
        return result;
    const auto count = reader.u32();
    if (!count || *count < 5 || !reader.skip(32))
        return result;
    const auto at = reader.u32();
    const auto size = reader.u32();
    if (at && size) {
        result.certificates_at = *at;
        result.certificates_size = *size;
    }
    return result;
}

}  // namespace

std::optional<PeImage> read_pe(Bytes bytes) {
    if (bytes.size() < 64 || bytes[0] != 'M' || bytes[1] != 'Z')
        return std::nullopt;
    const auto at = load_le<std::uint32_t>(bytes.data() + 0x3c);
    Reader reader(clipped(bytes, at, 24 + 4096 + kMaxSections * 40U));
    const auto signature = reader.u32();
    if (!signature || *signature != 0x00004550)
        return std::nullopt;
    const auto machine = reader.u16();
    const auto count = reader.u16();
    if (!count || *count == 0 || *count > kMaxSections || !reader.skip(12))
        return std::nullopt;
    const auto header_size = reader.u16();
    if (!header_size || *header_size > 4096 || !reader.skip(2))
        return std::nullopt;
    const auto header = reader.take(*header_size);
    const auto optional = header ? optional_header(*header) : std::nullopt;
    if (!optional)
        return std::nullopt;
    PeImage image{.machine = *machine, .subsystem = optional->subsystem, .certificates = optional->certificates_size != 0, .size = 0, .sections = {}};
    for (unsigned i = 0; i < *count; ++i) {
        const auto entry = reader.take(40);
        if (!entry)
            return std::nullopt;
        const std::string_view name = as_text(entry->first(8));
        image.sections.push_back({.name = std::string(name.substr(0, name.find('\0'))), .offset = load_le<std::uint32_t>(entry->data() + 20),
                                  .size = load_le<std::uint32_t>(entry->data() + 16), .in_memory = load_le<std::uint32_t>(entry->data() + 8)});
        if (image.sections.back().size != 0)  // sections without bytes may point anywhere
            image.size = std::max(image.size, image.sections.back().offset + image.sections.back().size);
    }
    image.size = std::max<std::uint64_t>(image.size, std::uint64_t{optional->certificates_at} + optional->certificates_size);
    if (image.size > kLargestPe)
        return std::nullopt;
    return image;
}

}  // namespace shirushi::unpack
