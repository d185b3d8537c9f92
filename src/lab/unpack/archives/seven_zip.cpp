#include <archive.h>
#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>

#include "unpack/archives/archives.hpp"
#include "unpack/archives/libarchive_reader.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint64_t kHeader = 32;
constexpr std::string_view kMagic{"7z\xbc\xaf\x27\x1c", 6};
constexpr std::uint64_t kMostHeader = std::uint64_t{64} << 20;  // a list of a million files takes that
constexpr std::uint8_t kPackedHeader = 0x17;
constexpr std::string_view kAes{"\x24\x06\xf1\x07\x01", 5};  // a coder with properties whose id of four bytes is AES-256 with SHA-256
constexpr std::string_view kEncrypted = "AES-256, names too, as 7z's header says";

std::uint32_t checksum(Bytes bytes) { return static_cast<std::uint32_t>(crc32_z(0, bytes.data(), bytes.size())); }

struct Header {
    std::uint64_t end = 0;  // of the whole archive, as stated
    Bytes directory;        // as much as is there
    std::uint64_t directory_size = 0;
    std::uint32_t directory_checksum = 0;
};

std::optional<Header> header_of(Bytes bytes) {
    if (bytes.size() < kHeader || as_text(bytes.first(kMagic.size())) != kMagic || bytes[6] != 0 || checksum(bytes.subspan(12, 20)) != load_le<std::uint32_t>(bytes.data() + 8))
        return std::nullopt;
    const auto offset = load_le<std::uint64_t>(bytes.data() + 12);
    const auto size = load_le<std::uint64_t>(bytes.data() + 20);
    if (offset > std::uint64_t{1} << 50U || size > kMostHeader)
        return std::nullopt;
    return Header{.end = kHeader + offset + size, .directory = clipped(bytes, kHeader + offset, size), .directory_size = size,
                  .directory_checksum = load_le<std::uint32_t>(bytes.data() + 28)};
}

bool directory_is_encrypted(const Header& header) {
    return !header.directory.empty() && header.directory[0] == kPackedHeader && as_text(clipped(header.directory, 0, 4096)).contains(kAes);
}

}  // namespace

std::optional<FoundContainer> identify_seven_zip(Bytes bytes) {
    const auto header = header_of(bytes);
    if (!header)
        return std::nullopt;
    FoundContainer found{.size = std::min<std::uint64_t>(header->end, bytes.size()), .description = fmt::format("version {}.{}", bytes[6], bytes[7]), .checked = true};
    if (header->directory_size == 0)
        found.description += ", empty";
    else if (header->directory.size() < header->directory_size)
        found.description += ", " + cut_off(found.size, header->end);
    else if (checksum(header->directory) != header->directory_checksum)
        found.description += ", the directory's checksum does not match";
    if (directory_is_encrypted(*header))
        found.encrypted = kEncrypted;
    return found;
}

Result<void> read_seven_zip(Bytes bytes, Share /*share*/, Sink& sink) {
    if (const auto header = header_of(bytes); header && directory_is_encrypted(*header))
        return {};
    return read_with_libarchive(bytes, archive_read_support_format_7zip, sink);
}

}  // namespace shirushi::unpack
