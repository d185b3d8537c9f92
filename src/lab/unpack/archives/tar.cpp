#include <archive.h>
#include <fmt/format.h>

#include <algorithm>

#include "unpack/archives/archives.hpp"
#include "unpack/archives/libarchive_reader.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint64_t kBlock = 512;
constexpr std::uint64_t kRecord = 20 * kBlock;  // tar writes in records of 20 blocks, filled up with zeros

/// A numeric field: octal digits with blanks around, or (GNU) base-256 with the top bit set.
std::optional<std::uint64_t> number(Bytes field) {
    if ((field[0] & 0x80U) != 0) {
        std::uint64_t value = field[0] & 0x3fU;
        for (const std::uint8_t byte : field.subspan(1)) {
            if (value >> 55U != 0)
                return std::nullopt;
            value = value << 8U | byte;
        }
        return value;
    }
    std::uint64_t value = 0;
    bool digits = false;
    for (const std::uint8_t byte : field) {
        if (byte >= '0' && byte <= '7') {
            value = value << 3U | (byte - '0');
            digits = true;
        } else if (byte != ' ' && byte != 0) {
            return std::nullopt;
        } else if (digits) {
            break;
        }
    }
    return value;
}

bool is_zero(Bytes block) {
    return std::ranges::all_of(block, [](std::uint8_t byte) { return byte == 0; });
}

/// Bytes from this header to the next; nothing when it is no header.
std::optional<std::uint64_t> member_span(Bytes header) {
    constexpr std::size_t kChecksum = 148;
    const auto stated = number(header.subspan(kChecksum, 8));
    std::uint64_t sum = 8 * std::uint64_t{' '};  // the checksum field counts as blanks
    for (std::size_t i = 0; i < kBlock; ++i)
        if (i < kChecksum || i >= kChecksum + 8)
            sum += header[i];
    const auto size = number(header.subspan(124, 12));
    if (!stated || *stated != sum || !size || *size > std::uint64_t{1} << 50U)
        return std::nullopt;
    const std::uint8_t type = header[156];
    const bool has_content = type != '1' && type != '2' && type != '3' && type != '4' && type != '5' && type != '6';
    return kBlock + (has_content ? (*size + kBlock - 1) / kBlock * kBlock : 0);
}

}  // namespace

std::optional<FoundContainer> identify_tar(Bytes bytes) {
    std::uint64_t at = 0;
    std::uint64_t members = 0;
    bool ended = false;
    while (bytes.size() - at >= kBlock) {
        const Bytes block = bytes.subspan(at, kBlock);
        if (block[0] == 0 && is_zero(block)) {
            ended = true;
            break;
        }
        const auto span = member_span(block);
        if (!span)
            break;
        ++members;
        at = *span > bytes.size() - at ? bytes.size() : at + *span;
    }
    if (members == 0)
        return std::nullopt;
    while (ended && at % kRecord != 0 && bytes.size() - at >= kBlock && is_zero(bytes.subspan(at, kBlock)))
        at += kBlock;
    return FoundContainer{.size = at, .description = fmt::format("{} members{}", members, ended ? "" : ", cut off or without an end mark"), .checked = true};
}

Result<void> read_tar(Bytes bytes, Share /*share*/, Sink& sink) { return read_with_libarchive(bytes, archive_read_support_format_tar, sink); }

}  // namespace shirushi::unpack
