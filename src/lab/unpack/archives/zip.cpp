#include <archive.h>
#include <fmt/format.h>

#include <algorithm>

#include "unpack/archives/archives.hpp"
#include "unpack/archives/libarchive_reader.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint64_t kLocalHeader = 30;
constexpr std::uint64_t kEndRecord = 22;
constexpr std::uint64_t kLocator = 20;
constexpr std::string_view kLocalMagic = "PK\x03\x04";
constexpr std::string_view kCentralMagic = "PK\x01\x02";
constexpr std::string_view kEndMagic = "PK\x05\x06";
constexpr std::string_view kLocatorMagic = "PK\x06\x07";
constexpr int kMaxEnds = 64;  // end records of archives inside, stored uncompressed, that are looked at before the right one

bool stands_at(Bytes bytes, std::uint64_t at, std::string_view magic) { return as_text(clipped(bytes, at, magic.size())) == magic; }

/// APPNOTE 4.3.7: version, flags, method, sizes, lengths. True when they are what they can be.
bool plausible_local_header(Bytes bytes, std::uint64_t at) {
    const Bytes header = clipped(bytes, at, kLocalHeader);
    if (header.size() < kLocalHeader || !stands_at(bytes, at, kLocalMagic))
        return false;
    const auto version = load_le<std::uint16_t>(header.data() + 4) & 0xffU;
    const auto method = load_le<std::uint16_t>(header.data() + 8);
    const auto name = load_le<std::uint16_t>(header.data() + 26);
    return version <= 63 && (method <= 20 || (method >= 93 && method <= 99)) && name != 0 && name <= 4096;
}

/// Where the archive ends if the record at `end` closes one that starts with the first byte.
std::optional<std::uint64_t> closing(Bytes bytes, std::uint64_t end) {
    const Bytes record = clipped(bytes, end, kEndRecord);
    if (record.size() < kEndRecord)
        return std::nullopt;
    const auto size = load_le<std::uint32_t>(record.data() + 12);
    const auto offset = load_le<std::uint32_t>(record.data() + 16);
    const auto comment = load_le<std::uint16_t>(record.data() + 20);
    const bool plain = std::uint64_t{offset} + size == end && (size == 0 || stands_at(bytes, offset, kCentralMagic));
    const bool large = (offset == 0xffffffff || size == 0xffffffff) && end >= kLocator && stands_at(bytes, end - kLocator, kLocatorMagic) &&
                       stands_at(bytes, load_le<std::uint64_t>(bytes.data() + end - kLocator + 8), "PK\x06\x06");
    if (!plain && !large)
        return std::nullopt;
    return std::min<std::uint64_t>(end + kEndRecord + comment, bytes.size());
}

/// Without an end record: as far as the local headers lead.
std::uint64_t chain_end(Bytes bytes) {
    std::uint64_t at = 0;
    while (plausible_local_header(bytes, at)) {
        const std::uint8_t* header = bytes.data() + at;
        const std::uint64_t content = load_le<std::uint32_t>(header + 18);
        const std::uint64_t names = std::uint64_t{load_le<std::uint16_t>(header + 26)} + load_le<std::uint16_t>(header + 28);
        if ((load_le<std::uint16_t>(header + 6) & 8U) != 0)
            return bytes.size();  // the size follows the content: nobody knows where that ends
        at = std::min<std::uint64_t>(at + kLocalHeader + names + content, bytes.size());
    }
    return at;
}

}  // namespace

std::optional<FoundContainer> identify_zip(Bytes bytes) {
    if (!plausible_local_header(bytes, 0))
        return std::nullopt;
    const std::string_view text = as_text(bytes);
    std::uint64_t from = 0;
    for (int tries = 0; tries < kMaxEnds; ++tries) {
        const std::size_t end = text.find(kEndMagic, from);
        if (end == std::string_view::npos)
            break;
        if (const auto size = closing(bytes, end)) {
            const auto members = load_le<std::uint16_t>(bytes.data() + end + 10);
            return FoundContainer{.size = *size, .description = fmt::format("{} members", members), .checked = true};
        }
        from = end + 4;
    }
    const std::uint64_t end = chain_end(bytes);
    if (end < kLocalHeader + 16)
        return std::nullopt;
    return FoundContainer{.size = end, .description = "cut off, or without its directory", .checked = false};
}

Result<void> read_zip(Bytes bytes, Share /*share*/, Sink& sink) { return read_with_libarchive(bytes, archive_read_support_format_zip, sink); }

}  // namespace shirushi::unpack
