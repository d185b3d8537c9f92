#include "unpack/vendor/vendor_image.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint64_t kSmallRest = 128;  // less between two parts is a header or a checksum of theirs, of which the description tells

template <class T>
T loaded(Bytes bytes, std::uint64_t offset, Endian endian) {
    if (bytes.size() < sizeof(T) || offset > bytes.size() - sizeof(T))
        return 0;
    return endian == Endian::big ? load_be<T>(bytes.data() + offset) : load_le<T>(bytes.data() + offset);
}

constexpr std::array<std::uint32_t, 256> posix_table() {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < table.size(); ++i) {
        std::uint32_t value = i << 24U;
        for (int bit = 0; bit < 8; ++bit)
            value = (value & 0x80000000U) != 0 ? value << 1U ^ 0x04c11db7U : value << 1U;
        table[i] = value;
    }
    return table;
}

/// Without the zeros or 0xff that fill it up at either end.
Bytes without_padding(Bytes bytes) {
    for (const std::uint8_t fill : {std::uint8_t{0}, std::uint8_t{0xff}}) {
        const auto from = std::ranges::find_if(bytes, [fill](std::uint8_t byte) { return byte != fill; });
        bytes = bytes.subspan(static_cast<std::size_t>(from - bytes.begin()));
        while (!bytes.empty() && bytes.back() == fill)
            bytes = bytes.first(bytes.size() - 1);
    }
    return bytes;
}

/// Ranges that no part names: nothing of the image may be lost only because a header does not mention it.
void add_rests(Bytes bytes, const VendorImage& image, std::vector<Part>& parts) {
    std::vector<std::pair<std::uint64_t, std::uint64_t>> taken;
    for (const Part& part : parts)
        taken.emplace_back(part.offset, part.offset + part.size);
    std::ranges::sort(taken);
    const std::uint64_t end = std::min<std::uint64_t>(bytes.size(), image.size - std::min(image.size, image.trailer));
    taken.emplace_back(end, end);
    std::uint64_t position = image.header;
    for (const auto& [from, to] : taken) {
        const std::uint64_t rest = std::min(from, end);
        if (rest > position && without_padding(clipped(bytes, position, rest - position)).size() >= kSmallRest)
            parts.push_back({fmt::format("rest-0x{:x}", position), position, rest - position, {}});
        position = std::max(position, to);
    }
}

}  // namespace

std::optional<FoundContainer> identify_vendor_image(std::optional<VendorImage> image, std::uint64_t there) {
    if (!image || image->size == 0)
        return std::nullopt;
    FoundContainer found{.size = std::min(image->size, there),
                         .description = std::move(image->description),
                         .checked = image->checked,
                         .encrypted = std::move(image->encrypted)};
    if (found.size < image->size)
        found.description += ", " + cut_off(there, image->size);
    return found;
}

Result<Parts> split_vendor_image(std::optional<VendorImage> image, Bytes bytes) {
    if (!image)
        return fail(Errc::internal, "the header is none after all");
    Parts result{.parts = std::move(image->parts), .damage = {}};
    if (bytes.size() < image->size)
        result.damage = cut_off(bytes.size(), image->size);
    else if (image->verify != nullptr)
        result.damage = image->verify(bytes.first(image->size));
    add_rests(bytes, *image, result.parts);
    return result;
}

std::uint16_t be16(Bytes bytes, std::uint64_t offset) {
    return loaded<std::uint16_t>(bytes, offset, Endian::big);
}
std::uint16_t le16(Bytes bytes, std::uint64_t offset) {
    return loaded<std::uint16_t>(bytes, offset, Endian::little);
}
std::uint32_t be32(Bytes bytes, std::uint64_t offset) {
    return loaded<std::uint32_t>(bytes, offset, Endian::big);
}
std::uint32_t le32(Bytes bytes, std::uint64_t offset) {
    return loaded<std::uint32_t>(bytes, offset, Endian::little);
}
std::uint64_t le64(Bytes bytes, std::uint64_t offset) {
    return loaded<std::uint64_t>(bytes, offset, Endian::little);
}
std::uint32_t word32(Bytes bytes, std::uint64_t offset, Endian endian) {
    return loaded<std::uint32_t>(bytes, offset, endian);
}
std::uint16_t word16(Bytes bytes, std::uint64_t offset, Endian endian) {
    return loaded<std::uint16_t>(bytes, offset, endian);
}

bool stands_at(Bytes bytes, std::uint64_t offset, std::string_view what) {
    return as_text(clipped(bytes, offset, what.size())) == what;
}

std::string field_text(Bytes bytes, std::uint64_t offset, std::uint64_t length) {
    const std::string_view field = as_text(clipped(bytes, offset, length));
    return printable(trimmed(field.substr(0, field.find_first_of(std::string_view("\0\xff", 2)))));
}

bool is_text_field(Bytes bytes, std::uint64_t offset, std::uint64_t length, bool may_be_empty) {
    const Bytes field = clipped(bytes, offset, length);
    if (field.size() != length)
        return false;
    const auto end = std::ranges::find_if(field, [](std::uint8_t byte) { return byte < 0x20 || byte > 0x7e; });
    const bool filled_up = std::all_of(end, field.end(), [](std::uint8_t byte) { return byte == 0 || byte == 0xff; });
    return filled_up && (may_be_empty || end != field.begin());
}

bool is_filled_with(Bytes bytes, std::uint8_t fill) {
    return std::ranges::all_of(bytes, [fill](std::uint8_t byte) { return byte == fill; });
}

std::uint32_t crc32_of(Bytes bytes) {
    return static_cast<std::uint32_t>(crc32_z(0, bytes.data(), bytes.size()));
}
std::uint32_t crc32_not_inverted(Bytes bytes) {
    return ~crc32_of(bytes);
}

std::uint32_t posix_checksum(Bytes bytes) {
    static constexpr auto kTable = posix_table();
    std::uint32_t sum = 0;
    const auto add = [&](std::uint8_t byte) { sum = sum << 8U ^ kTable[(sum >> 24U ^ byte) & 0xffU]; };
    for (const std::uint8_t byte : bytes)
        add(byte);
    for (std::uint64_t length = bytes.size(); length != 0; length >>= 8U)
        add(static_cast<std::uint8_t>(length));
    return ~sum;
}

std::uint32_t byte_sum(Bytes bytes) {
    std::uint32_t sum = 0;
    for (const std::uint8_t byte : bytes)
        sum += byte;
    return sum;
}

std::string address_text(std::string_view what, std::uint32_t address) {
    return address == 0 ? "" : fmt::format(", {} 0x{:08x}", what, address);
}

void add_fault(std::string& faults, std::string_view fault) {
    if (!faults.empty())
        faults += "; ";
    faults += fault;
}

}  // namespace shirushi::unpack
