#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>

#include "unpack/vendor/vendor_images.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint64_t kChecksummedFrom = 12;

struct Header {
    std::uint32_t size = 0;
    std::uint32_t checksum = 0;
    unsigned version = 0;
    std::vector<std::uint32_t> offsets;  // of those partitions that are there, ascending
};

std::optional<Header> header_of(Bytes bytes) {
    Reader reader(bytes);
    if (!reader.skip(4))
        return std::nullopt;
    const auto size = reader.u32();
    const auto checksum = reader.u32();
    const auto flags = reader.u16();
    const auto version = reader.u16();
    if (!version || (*version != 1 && *version != 2) || *size < 32)
        return std::nullopt;
    (void)flags;
    Header header{.size = *size, .checksum = *checksum, .version = *version, .offsets = {}};
    const std::uint32_t header_size = *version == 1 ? 28 : 32;
    for (int i = 0; i < (*version == 1 ? 3 : 4); ++i) {
        const auto offset = reader.u32();
        if (!offset)
            return std::nullopt;
        if (*offset == 0)
            continue;
        if (*offset < header_size || *offset >= header.size || (!header.offsets.empty() && *offset <= header.offsets.back()))
            return std::nullopt;
        header.offsets.push_back(*offset);
    }
    if (header.offsets.empty())
        return std::nullopt;
    return header;
}

}  // namespace

std::optional<FoundContainer> identify_trx(Bytes bytes) {
    const auto header = header_of(bytes);
    if (!header)
        return std::nullopt;
    const std::uint64_t there = std::min<std::uint64_t>(header->size, bytes.size());
    return FoundContainer{.size = there,
                          .description = fmt::format("version {}, {} partitions{}", header->version, header->offsets.size(),
                                                     there < header->size ? fmt::format(", cut off: {} of {} bytes are there", there, header->size) : ""),
                          .checked = false};
}

Result<Parts> split_trx(Bytes bytes) {
    const auto header = header_of(bytes);
    if (!header)
        return fail(Errc::internal, "not a TRX header after all");
    Parts result;
    if (bytes.size() < header->size) {
        result.damage = fmt::format("cut off: {} of {} bytes are there", bytes.size(), header->size);
    } else {
        // CRC-32 without the final inversion.
        const Bytes covered = bytes.subspan(kChecksummedFrom, header->size - kChecksummedFrom);
        if ((~crc32_z(0, covered.data(), covered.size()) & 0xffffffffU) != header->checksum)
            result.damage = "the checksum does not match";
    }
    for (std::size_t i = 0; i < header->offsets.size(); ++i) {
        const std::uint64_t end = i + 1 < header->offsets.size() ? header->offsets[i + 1] : header->size;
        result.parts.push_back({fmt::format("partition{}", i), header->offsets[i], end - header->offsets[i]});
    }
    return result;
}

}  // namespace shirushi::unpack
