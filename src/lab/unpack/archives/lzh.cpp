#include <archive.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "unpack/archives/archives.hpp"
#include "unpack/archives/libarchive_reader.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint64_t kSmallestHeader = 22;
constexpr unsigned kMostExtensions = 64;  // of one header; writers use five

bool known_method(Bytes header) {
    constexpr std::array kMethods{"-lh0-", "-lh1-", "-lh2-", "-lh3-", "-lh4-", "-lh5-", "-lh6-", "-lh7-", "-lhd-", "-lzs-", "-lz4-", "-lz5-"};
    const std::string_view method = as_text(header.subspan(2, 5));
    return std::ranges::any_of(kMethods, [&](std::string_view one) { return method == one; });
}

/// CRC-16 with polynomial 0x8005 reflected, starting at zero, as LHA uses it.
std::uint16_t crc16(std::uint16_t crc, std::uint8_t byte) {
    unsigned value = crc ^ byte;
    for (int i = 0; i < 8; ++i)
        value = (value & 1U) != 0 ? value >> 1U ^ 0xa001U : value >> 1U;
    return static_cast<std::uint16_t>(value);
}

/// Levels 2 and 3: the header's checksum stands in an extension of type 0, and is counted as zero itself. True when there is one
/// that fits, or none at all.
bool extensions_fit(Bytes header, std::uint64_t at, std::uint64_t width) {
    for (unsigned i = 0; i < kMostExtensions; ++i) {
        const Bytes size_field = clipped(header, at, width);
        if (size_field.size() < width)
            return false;
        const std::uint64_t size = width == 2 ? load_le<std::uint16_t>(size_field.data()) : load_le<std::uint32_t>(size_field.data());
        if (size == 0)
            return true;
        const Bytes extension = clipped(header, at + width, size);
        if (size < width + 1 || extension.size() < size)
            return false;
        if (extension[0] == 0 && size >= width + 3) {
            std::uint16_t crc = 0;
            for (std::uint64_t j = 0; j < header.size(); ++j)
                crc = crc16(crc, j == at + width + 1 || j == at + width + 2 ? std::uint8_t{0} : header[j]);
            return crc == load_le<std::uint16_t>(extension.data() + 1);
        }
        at += size;
    }
    return false;
}

/// Bytes from this header to the next; nothing when it is no header.
std::optional<std::uint64_t> member_span(Bytes bytes) {
    if (bytes.size() < kSmallestHeader || !known_method(bytes))
        return std::nullopt;
    const unsigned level = bytes[20];
    const std::uint64_t content = load_le<std::uint32_t>(bytes.data() + 7);
    if (level < 2) {
        const Bytes covered = clipped(bytes, 2, bytes[0]);
        std::uint8_t sum = 0;
        for (const std::uint8_t byte : covered)
            sum = static_cast<std::uint8_t>(sum + byte);
        if (bytes[0] < kSmallestHeader - 2 || covered.size() < bytes[0] || sum != bytes[1])
            return std::nullopt;
        return std::uint64_t{2} + bytes[0] + content;
    }
    const std::uint64_t size = level == 2 ? load_le<std::uint16_t>(bytes.data()) : level == 3 && bytes.size() >= 32 ? load_le<std::uint32_t>(bytes.data() + 24) : 0;
    constexpr std::uint64_t kMostHeader = 65536;
    const Bytes header = clipped(bytes, 0, size);
    if (size < 26 || size > kMostHeader || header.size() < size || (level == 3 && load_le<std::uint16_t>(bytes.data()) != 4) ||
        !extensions_fit(header, level == 2 ? 24 : 28, level == 2 ? 2 : 4))
        return std::nullopt;
    return size + content;
}

}  // namespace

std::optional<FoundContainer> identify_lzh(Bytes bytes) {
    std::uint64_t at = 0;
    std::uint64_t members = 0;
    bool cut_off = false;
    while (const auto span = member_span(bytes.subspan(at))) {
        ++members;
        cut_off = *span > bytes.size() - at;
        at += std::min<std::uint64_t>(*span, bytes.size() - at);
    }
    if (members == 0)
        return std::nullopt;
    const bool ended = at < bytes.size() && bytes[at] == 0;
    return FoundContainer{.size = at + (ended ? 1 : 0), .description = fmt::format("{} members, header level {}{}", members, bytes[20], cut_off ? ", cut off" : ended ? "" : ", without an end mark"), .checked = !cut_off};
}

Result<void> read_lzh(Bytes bytes, Share /*share*/, Sink& sink) { return read_with_libarchive(bytes, archive_read_support_format_lha, sink); }

}  // namespace shirushi::unpack
