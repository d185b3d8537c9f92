#include <fmt/format.h>

#include "base/text.hpp"
#include "check/check.hpp"

namespace shirushi::check {
namespace {

using Wide = unsigned __int128;

/// FNV-1a, 128 bits (draft-eastlake-fnv): offset basis and prime.
constexpr Wide offset_basis = (Wide{0x6c62272e07bb0142} << 64U) | 0x62b821756295c58d;
constexpr Wide prime = (Wide{0x1000000} << 64U) | 0x13b;

/// Each part ends with a byte that no printable text holds, so that "ab"+"c" is not "a"+"bc".
Wide mixed(Wide hash, std::string_view part) {
    for (const char c : part)
        hash = (hash ^ static_cast<std::uint8_t>(c)) * prime;
    return (hash ^ 0U) * prime;
}

/// The text without the "@0x40000" by which unpack tells file systems inside an image apart.
std::string without_offsets(std::string_view text) {
    std::string result;
    while (true) {
        const std::size_t at = text.find("@0x");
        result.append(text.substr(0, at));
        if (at == std::string_view::npos)
            return result;
        text.remove_prefix(at + 3);
        text.remove_prefix(std::min(text.find_first_not_of("0123456789abcdef"), text.size()));
    }
}

}  // namespace

std::string fingerprint_of(std::string_view check, std::string_view key, const std::vector<Argument>& names) {
    Wide hash = mixed(mixed(offset_basis, check), key);
    for (const Argument& name : names)
        hash = mixed(mixed(hash, name.name), without_offsets(name.value));
    return fmt::format("{:016x}{:016x}", static_cast<std::uint64_t>(hash >> 64U), static_cast<std::uint64_t>(hash));
}

std::string joined(const std::vector<std::string>& names, std::size_t limit) {
    std::string result;
    for (std::size_t i = 0; i < names.size() && i <= limit; ++i)
        result.append(i == 0 ? "" : ", ").append(i == limit ? "..." : names[i]);
    return result;
}

}  // namespace shirushi::check
