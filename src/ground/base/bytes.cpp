#include "base/bytes.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace shirushi {

Result<Bytes> slice(Bytes bytes, std::uint64_t offset, std::uint64_t length) {
    if (offset > bytes.size() || length > bytes.size() - offset)
        return fail(Errc::bad_input,
                    fmt::format("needs {} bytes at offset {}, but only {} bytes are there", length, offset, bytes.size()));
    return bytes.subspan(offset, length);
}

Bytes clipped(Bytes bytes, std::uint64_t offset, std::uint64_t length) {
    if (offset >= bytes.size())
        return {};
    return bytes.subspan(offset, std::min<std::uint64_t>(length, bytes.size() - offset));
}

Result<Bytes> Reader::take(std::uint64_t count) {
    if (failed_ || count > remaining()) {
        failed_ = true;
        return fail(Errc::bad_input, fmt::format("ends after {} of {} bytes at offset {}", std::min(remaining(), count), count, position_));
    }
    const Bytes taken = bytes_.subspan(position_, count);
    position_ += count;
    return taken;
}

namespace {
template <class T>
Result<T> integer(Reader& reader) {
    const Bytes raw = TRY(reader.take(sizeof(T)));
    return reader.endian() == Endian::little ? load_le<T>(raw.data()) : load_be<T>(raw.data());
}
}  // namespace

Result<std::uint8_t> Reader::u8() { return integer<std::uint8_t>(*this); }
Result<std::uint16_t> Reader::u16() { return integer<std::uint16_t>(*this); }
Result<std::uint32_t> Reader::u32() { return integer<std::uint32_t>(*this); }
Result<std::uint64_t> Reader::u64() { return integer<std::uint64_t>(*this); }

Result<void> Reader::skip(std::uint64_t count) {
    TRY(take(count));
    return {};
}

Result<void> Reader::seek(std::uint64_t position) {
    if (position > bytes_.size()) {
        failed_ = true;
        return fail(Errc::bad_input, fmt::format("offset {} is beyond the end at {}", position, bytes_.size()));
    }
    position_ = position;
    failed_ = false;
    return {};
}

Result<std::string> Reader::fixed_text(std::uint64_t count) {
    const std::string_view raw = as_text(TRY(take(count)));
    return std::string(raw.substr(0, raw.find('\0')));
}

Result<std::string> Reader::c_text(std::uint64_t limit) {
    const std::string_view rest = failed_ ? std::string_view() : as_text(clipped(bytes_, position_, limit));
    const auto end = rest.find('\0');
    failed_ = end == std::string_view::npos;
    if (failed_)
        return fail(Errc::bad_input, fmt::format("text at offset {} does not end within {} bytes", position_, rest.size()));
    position_ += end + 1;
    return std::string(rest.substr(0, end));
}

}  // namespace shirushi
