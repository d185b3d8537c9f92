#pragma once
// Text from hostile places made fit for people and for JSON.

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"

namespace shirushi {

/// Lower-case hexadecimal, two digits a byte.
std::string to_hex(Bytes bytes);
Result<Buffer> from_hex(std::string_view text);

/// RFC 4648 section 4 with padding; white space is skipped, anything else is refused.
Result<Buffer> from_base64(std::string_view text);
std::string to_base64(Bytes bytes);

bool is_utf8(std::string_view text);

/// The text as valid UTF-8 without control characters: each offending byte becomes "\xNN". Injective but for texts that
/// already hold such a sequence; what is valid stays as it is.
std::string printable(std::string_view raw);

/// `printable`, cut to at most `limit` bytes on a character boundary with "..." at the end when cut.
std::string excerpt(std::string_view raw, std::size_t limit = 120);

std::string_view trimmed(std::string_view text);
std::string lowered(std::string_view text);  ///< ASCII letters only.

/// Pieces between separators, empty ones kept; borrowed from `text`.
std::vector<std::string_view> split(std::string_view text, char separator);
/// Lines without their endings (\n or \r\n); borrowed.
std::vector<std::string_view> lines_of(std::string_view text);
/// Runs of non-blank characters; borrowed.
std::vector<std::string_view> words_of(std::string_view text);

/// The whole text as an unsigned or signed integer; nothing when there is anything else in it or it does not fit.
template <class Integer>
std::optional<Integer> to_integer(std::string_view text, int base = 10) {
    Integer value{};
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (code != std::errc{} || end != text.data() + text.size() || text.empty())
        return std::nullopt;
    return value;
}

}  // namespace shirushi
