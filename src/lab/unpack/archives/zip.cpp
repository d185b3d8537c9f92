#include <archive.h>
#include <fmt/format.h>

#include <algorithm>

#include "unpack/archives/archives.hpp"
#include "unpack/archives/libarchive_reader.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint64_t kLocalHeader = 30;
constexpr std::uint64_t kCentralHeader = 46;
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

/// What the end record of an archive that starts with the first byte says.
struct End {
    std::uint64_t size = 0;         // of the whole archive
    std::uint64_t record = 0;       // where the end record stands
    std::uint64_t directory = 0;    // where the central directory starts; 0 when that is not known
    std::uint64_t directory_end = 0;
    std::uint64_t prefix = 0;  // bytes that stood before the archive when its offsets were written (self-extracting ones)
};

std::optional<End> closing(Bytes bytes, std::uint64_t end) {
    const Bytes record = clipped(bytes, end, kEndRecord);
    if (record.size() < kEndRecord)
        return std::nullopt;
    const auto size = load_le<std::uint32_t>(record.data() + 12);
    const auto offset = load_le<std::uint32_t>(record.data() + 16);
    const auto comment = load_le<std::uint16_t>(record.data() + 20);
    End found{.size = std::min<std::uint64_t>(end + kEndRecord + comment, bytes.size()), .record = end};
    if ((offset == 0xffffffff || size == 0xffffffff) && end >= kLocator && stands_at(bytes, end - kLocator, kLocatorMagic)) {
        const Bytes large = clipped(bytes, load_le<std::uint64_t>(bytes.data() + end - kLocator + 8), 56);
        if (large.size() < 56 || as_text(large.first(4)) != "PK\x06\x06")
            return std::nullopt;
        found.directory = load_le<std::uint64_t>(large.data() + 48);
        found.directory_end = end - kLocator;
        return found;
    }
    if (size > end || std::uint64_t{offset} + size < end || (size != 0 && !stands_at(bytes, end - size, kCentralMagic)))
        return std::nullopt;
    found.directory = end - size;
    found.directory_end = end;
    found.prefix = offset - found.directory;
    // With bytes before it, the first entry's offset must lead to this archive's first byte.
    if (found.prefix != 0 && (size < kCentralHeader || load_le<std::uint32_t>(bytes.data() + found.directory + 42) != found.prefix))
        return std::nullopt;
    return found;
}

/// Calls `visit` with each header of the central directory (APPNOTE 4.3.12) and its place.
template <class Visit>
void walk_directory(Bytes bytes, const End& end, const Visit& visit) {
    for (std::uint64_t at = end.directory; at < end.directory_end && stands_at(bytes, at, kCentralMagic);) {
        const Bytes header = clipped(bytes, at, kCentralHeader);
        if (header.size() < kCentralHeader)
            return;
        visit(at, header);
        at += kCentralHeader + load_le<std::uint16_t>(header.data() + 28) + load_le<std::uint16_t>(header.data() + 30) + load_le<std::uint16_t>(header.data() + 32);
    }
}

/// Methods that are not read here, by APPNOTE 4.4.5's numbers.
bool readable(std::uint16_t method) { return method == 0 || method == 8 || method == 12 || method == 14 || method == 95 || method == 98; }

FoundContainer found_by(Bytes bytes, const End& end) {
    FoundContainer found{.size = end.size, .checked = true};
    std::uint64_t members = 0;
    std::uint64_t filled = 0;
    std::uint64_t encrypted = 0;
    std::uint64_t unreadable = 0;
    walk_directory(bytes, end, [&](std::uint64_t /*at*/, Bytes header) {
        ++members;
        const bool secret = (load_le<std::uint16_t>(header.data() + 8) & 1U) != 0;
        filled += load_le<std::uint32_t>(header.data() + 24) != 0 ? 1 : 0;
        encrypted += secret ? 1 : 0;
        unreadable += !secret && !readable(load_le<std::uint16_t>(header.data() + 10)) ? 1 : 0;
    });
    found.description = fmt::format("{} members", members);
    if (end.prefix != 0)
        found.description += fmt::format(", with {} bytes before it", end.prefix);
    if (unreadable != 0)
        found.description += fmt::format(", {} by methods that are not read", unreadable);
    if (encrypted != 0 && encrypted == filled)
        found.encrypted = "every file, as its directory says";
    else if (encrypted != 0)
        found.description += fmt::format(", {} encrypted", encrypted);
    return found;
}

/// libarchive takes offsets as they stand: those of an archive with something before it are made to count from its first byte.
Buffer without_prefix(Bytes bytes, const End& end) {
    Buffer copy(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(end.size));
    const auto shift = [&](std::uint64_t at) {
        const auto value = load_le<std::uint32_t>(copy.data() + at);
        for (std::size_t i = 0; value >= end.prefix && value != 0xffffffff && i < 4; ++i)
            copy[at + i] = static_cast<std::uint8_t>((value - end.prefix) >> 8 * i);
    };
    walk_directory(bytes, end, [&](std::uint64_t at, Bytes /*header*/) { shift(at + 42); });
    shift(end.record + 16);
    return copy;
}

/// The end record that closes the archive, among those that stand in it.
std::optional<End> end_of(Bytes bytes) {
    const std::string_view text = as_text(bytes);
    std::uint64_t from = 0;
    for (int tries = 0; tries < kMaxEnds; ++tries) {
        const std::size_t end = text.find(kEndMagic, from);
        if (end == std::string_view::npos)
            break;
        if (const auto found = closing(bytes, end))
            return found;
        from = end + 4;
    }
    return std::nullopt;
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
    if (const auto end = end_of(bytes))
        return found_by(bytes, *end);
    const std::uint64_t end = chain_end(bytes);
    if (end < kLocalHeader + 16)
        return std::nullopt;
    return FoundContainer{.size = end, .description = "cut off, or without its directory", .checked = false};
}

Result<void> read_zip(Bytes bytes, Share share, Sink& sink) {
    constexpr std::uint64_t kMostCopied = std::uint64_t{256} << 20;  // larger ones are read without their directory: modes get lost
    const auto end = end_of(bytes);
    if (end && end->prefix != 0 && end->size <= kMostCopied)
        return read_with_libarchive(without_prefix(bytes, *end), archive_read_support_format_zip, sink, share);
    return read_with_libarchive(bytes, archive_read_support_format_zip, sink, share);
}

}  // namespace shirushi::unpack
