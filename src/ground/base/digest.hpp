#pragma once
// A SHA-256 digest as a value. Computing one is crypto's work; base only carries, compares and prints it.

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace shirushi {

struct Digest {
    std::array<std::uint8_t, 32> bytes{};
    auto operator<=>(const Digest&) const = default;

    [[nodiscard]] std::string hex() const;
    /// Exactly 64 hexadecimal digits.
    static Result<Digest> from_hex(std::string_view text);
};

}  // namespace shirushi
