#include "unpack/filesystems/utf16.hpp"

namespace shirushi::unpack {

namespace {

void append_utf8(std::string& text, std::uint32_t code) {
    const auto put = [&](std::uint32_t byte) { text.push_back(static_cast<char>(byte)); };
    if (code < 0x80) {
        put(code);
    } else if (code < 0x800) {
        put(0xc0 | code >> 6);
        put(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
        put(0xe0 | code >> 12);
        put(0x80 | (code >> 6 & 0x3f));
        put(0x80 | (code & 0x3f));
    } else {
        put(0xf0 | code >> 18);
        put(0x80 | (code >> 12 & 0x3f));
        put(0x80 | (code >> 6 & 0x3f));
        put(0x80 | (code & 0x3f));
    }
}

}  // namespace

std::string utf8_of_utf16(Bytes raw, Endian endian) {
    const auto unit = [&](std::size_t i) -> std::uint32_t {
        return endian == Endian::little ? load_le<std::uint16_t>(raw.data() + 2 * i) : load_be<std::uint16_t>(raw.data() + 2 * i);
    };
    std::string text;
    const std::size_t count = raw.size() / 2;
    for (std::size_t i = 0; i < count; ++i) {
        std::uint32_t code = unit(i);
        const bool high = code >= 0xd800 && code < 0xdc00;
        if (high && i + 1 < count && unit(i + 1) >= 0xdc00 && unit(i + 1) < 0xe000)
            code = 0x10000 + ((code - 0xd800) << 10) + (unit(++i) - 0xdc00);
        append_utf8(text, code);
    }
    return text;
}

std::string utf8_until_nul(Bytes raw, Endian endian) {
    std::size_t end = 0;
    while (end + 1 < raw.size() && (raw[end] != 0 || raw[end + 1] != 0))
        end += 2;
    return utf8_of_utf16(raw.first(end), endian);
}

}  // namespace shirushi::unpack
