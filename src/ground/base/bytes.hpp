#pragma once
// Bytes are taken, never indexed: every read of hostile input goes through a Reader whose every step can fail.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace shirushi {

/// Borrowed read-only bytes. Whoever hands them out says how long they live.
using Bytes = std::span<const std::uint8_t>;
using Buffer = std::vector<std::uint8_t>;

enum class Endian { little, big };

inline Bytes as_bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(Bytes bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// The part of `bytes` at [offset, offset + length), or an error that names all three numbers. Never overflows.
Result<Bytes> slice(Bytes bytes, std::uint64_t offset, std::uint64_t length);

/// As much of [offset, offset + length) as exists; possibly empty.
Bytes clipped(Bytes bytes, std::uint64_t offset, std::uint64_t length);

/// A bounded cursor over borrowed bytes (which must outlive it). Errors: bad_input "ends after N of M bytes". After the first error
/// every further read fails too, until seek(): whoever looks at the last of several results only is safe, whatever their sizes.
class Reader {
public:
    explicit Reader(Bytes bytes, Endian endian = Endian::little) : bytes_(bytes), endian_(endian) {}

    [[nodiscard]] std::uint64_t position() const { return position_; }
    [[nodiscard]] std::uint64_t remaining() const { return bytes_.size() - position_; }
    [[nodiscard]] bool at_end() const { return remaining() == 0; }
    [[nodiscard]] Endian endian() const { return endian_; }
    void set_endian(Endian endian) { endian_ = endian; }

    /// Integers in the reader's byte order.
    Result<std::uint8_t> u8();
    Result<std::uint16_t> u16();
    Result<std::uint32_t> u32();
    Result<std::uint64_t> u64();

    Result<Bytes> take(std::uint64_t count);
    Result<void> skip(std::uint64_t count);
    /// Absolute position from the start of the bytes; may be the end, not beyond.
    Result<void> seek(std::uint64_t position);
    /// Text of exactly `count` bytes, cut at the first NUL.
    Result<std::string> fixed_text(std::uint64_t count);
    /// Text up to a NUL (which is consumed), at most `limit` bytes long.
    Result<std::string> c_text(std::uint64_t limit);

private:
    Bytes bytes_;
    std::uint64_t position_ = 0;
    Endian endian_;
    bool failed_ = false;
};

/// Unaligned loads where the caller has already checked the bounds (hot loops only).
template <class T>
[[nodiscard]] T load_le(const std::uint8_t* at) {
    T value;
    std::memcpy(&value, at, sizeof value);
    if constexpr (std::endian::native == std::endian::big)
        value = std::byteswap(value);
    return value;
}
template <class T>
[[nodiscard]] T load_be(const std::uint8_t* at) {
    T value;
    std::memcpy(&value, at, sizeof value);
    if constexpr (std::endian::native == std::endian::little)
        value = std::byteswap(value);
    return value;
}

}  // namespace shirushi
