#include "base/text.hpp"

#include <fmt/format.h>

#include <array>

namespace shirushi {
namespace {

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Length of the valid UTF-8 character at the start of `text` (RFC 3629 section 4), 0 if there is none.
std::size_t utf8_length(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    const auto follows = [&](std::size_t i, std::uint8_t low = 0x80, std::uint8_t high = 0xBF) {
        return i < text.size() && byte(i) >= low && byte(i) <= high;
    };
    if (text.empty())
        return 0;
    const std::uint8_t first = byte(0);
    if (first < 0x80)
        return 1;
    if (first >= 0xC2 && first <= 0xDF)
        return follows(1) ? 2 : 0;
    if (first >= 0xE0 && first <= 0xEF) {
        const std::uint8_t low = first == 0xE0 ? 0xA0 : 0x80;
        const std::uint8_t high = first == 0xED ? 0x9F : 0xBF;
        return follows(1, low, high) && follows(2) ? 3 : 0;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        const std::uint8_t low = first == 0xF0 ? 0x90 : 0x80;
        const std::uint8_t high = first == 0xF4 ? 0x8F : 0xBF;
        return follows(1, low, high) && follows(2) && follows(3) ? 4 : 0;
    }
    return 0;
}

bool is_control(std::string_view character) {
    const auto first = static_cast<std::uint8_t>(character[0]);
    if (character.size() == 1)
        return first < 0x20 || first == 0x7F;
    return character.size() == 2 && first == 0xC2 && static_cast<std::uint8_t>(character[1]) < 0xA0;  // C1 controls
}

}  // namespace

std::string to_hex(Bytes bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const std::uint8_t byte : bytes) {
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

Result<Buffer> from_hex(std::string_view text) {
    if (text.size() % 2 != 0)
        return fail(Errc::bad_input, "hexadecimal text has an odd number of digits");
    Buffer bytes;
    bytes.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const auto byte = to_integer<std::uint8_t>(text.substr(i, 2), 16);
        if (!byte || text[i] == '-' || text[i] == '+')
            return fail(Errc::bad_input, fmt::format("\"{}\" at position {} is not hexadecimal", printable(text.substr(i, 2)), i));
        bytes.push_back(*byte);
    }
    return bytes;
}

std::string to_base64(Bytes bytes) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
        std::uint32_t group = 0;
        for (std::size_t k = 0; k < 3; ++k)
            group = group << 8 | (k < count ? bytes[i + k] : 0U);
        for (std::size_t k = 0; k < 4; ++k)
            text += k <= count ? kBase64[group >> (18 - 6 * k) & 63U] : '=';
    }
    return text;
}

Result<Buffer> from_base64(std::string_view text) {
    Buffer bytes;
    std::uint32_t group = 0;
    int digits = 0;
    int padding = 0;
    for (const char c : text) {
        if (is_blank(c))
            continue;
        if (c == '=') {
            ++padding;
            continue;
        }
        const auto value = kBase64.find(c);
        if (value == std::string_view::npos || padding > 0)
            return fail(Errc::bad_input, fmt::format("\"{}\" is not base64", printable({&c, 1})));
        group = group << 6 | static_cast<std::uint32_t>(value);
        if (++digits == 4) {
            bytes.insert(bytes.end(), {std::uint8_t(group >> 16), std::uint8_t(group >> 8), std::uint8_t(group)});
            digits = 0;
            group = 0;
        }
    }
    if ((digits + padding) % 4 != 0 || digits == 1 || padding > 2)
        return fail(Errc::bad_input, "base64 text is cut short");
    if (digits >= 2)
        bytes.push_back(std::uint8_t(group << (24 - 6 * digits) >> 16));
    if (digits == 3)
        bytes.push_back(std::uint8_t(group << 6 >> 8));
    return bytes;
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        if (length == 0)
            return false;
        text.remove_prefix(length);
    }
    return true;
}

std::string printable(std::string_view raw) {
    std::string text;
    text.reserve(raw.size());
    while (!raw.empty()) {
        const std::size_t length = utf8_length(raw);
        const std::string_view character = raw.substr(0, length == 0 ? 1 : length);
        if (length != 0 && !is_control(character))
            text += character;
        else
            for (const char byte : character)
                text += fmt::format("\\x{:02x}", static_cast<std::uint8_t>(byte));
        raw.remove_prefix(character.size());
    }
    return text;
}

std::string excerpt(std::string_view raw, std::size_t limit) {
    std::string text = printable(raw.substr(0, limit + 4));
    if (text.size() <= limit && raw.size() <= limit)
        return text;
    std::size_t end = std::min(limit, text.size());
    while (end > 0 && end < text.size() && (static_cast<std::uint8_t>(text[end]) & 0xC0) == 0x80)
        --end;
    return text.substr(0, end) + "...";
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && is_blank(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back()))
        text.remove_suffix(1);
    return text;
}

std::string lowered(std::string_view text) {
    std::string result(text);
    for (char& c : result)
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
    return result;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> pieces;
    for (;;) {
        const auto end = text.find(separator);
        pieces.push_back(text.substr(0, end));
        if (end == std::string_view::npos)
            return pieces;
        text.remove_prefix(end + 1);
    }
}

std::vector<std::string_view> lines_of(std::string_view text) {
    if (text.empty())
        return {};
    if (text.ends_with('\n'))
        text.remove_suffix(1);
    auto lines = split(text, '\n');
    for (std::string_view& line : lines)
        if (line.ends_with('\r'))
            line.remove_suffix(1);
    return lines;
}

std::vector<std::string_view> words_of(std::string_view text) {
    std::vector<std::string_view> words;
    std::size_t at = 0;
    while (at < text.size()) {
        while (at < text.size() && is_blank(text[at]))
            ++at;
        const std::size_t start = at;
        while (at < text.size() && !is_blank(text[at]))
            ++at;
        if (at > start)
            words.push_back(text.substr(start, at - start));
    }
    return words;
}

}  // namespace shirushi
