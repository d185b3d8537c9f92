#include "crypto/der.hpp"

#include <fmt/format.h>
#include <openssl/asn1.h>
#include <openssl/objects.h>

#include <array>
#include <memory>

namespace shirushi::crypto {
namespace {

constexpr int kMaximumLengthBytes = 4;
// Real identifiers have some ten bytes; printing one of arbitrary size is quadratic.
constexpr std::size_t kMaximumObject = 64;

}  // namespace

Result<DerElement> DerReader::next() {
    const std::uint64_t start = reader_.position();
    DerElement element;
    element.tag = TRY_WITHIN("DER tag", reader_.u8());
    if ((element.tag & 0x1f) == 0x1f)
        return fail(Errc::bad_input, "DER tag of several bytes");
    std::uint64_t length = TRY_WITHIN("DER length", reader_.u8());
    if (length >= 0x80) {
        const int count = static_cast<int>(length & 0x7f);
        if (count == 0 || count > kMaximumLengthBytes)
            return fail(Errc::bad_input, "DER length is indefinite or too long");
        length = 0;
        for (int i = 0; i < count; ++i)
            length = length << 8 | TRY_WITHIN("DER length", reader_.u8());
    }
    element.content = TRY_WITHIN("DER element", reader_.take(length));
    element.whole = bytes_.subspan(start, reader_.position() - start);
    return element;
}

Result<DerElement> DerReader::expect(std::uint8_t tag) {
    const DerElement element = TRY(next());
    if (element.tag != tag)
        return fail(Errc::bad_input, fmt::format("DER tag {:#04x} where {:#04x} belongs", element.tag, tag));
    return element;
}

Result<std::optional<DerElement>> DerReader::optional(std::uint8_t tag) {
    if (at_end() || bytes_[reader_.position()] != tag)
        return std::nullopt;
    return TRY(next());
}

Result<Bytes> DerReader::magnitude() {
    Bytes digits = TRY(expect(der_tag::integer)).content;
    if (digits.empty() || (digits[0] & 0x80) != 0)
        return fail(Errc::bad_input, "not a positive DER integer");
    while (!digits.empty() && digits[0] == 0)
        digits = digits.subspan(1);
    return digits;
}

Buffer der_encode(std::uint8_t tag, std::initializer_list<Bytes> parts) {
    std::size_t length = 0;
    for (const Bytes part : parts)
        length += part.size();
    Buffer out{tag};
    if (length < 0x80) {
        out.push_back(static_cast<std::uint8_t>(length));
    } else {
        const int count = length > 0xffffff ? 4 : length > 0xffff ? 3 : length > 0xff ? 2 : 1;
        out.push_back(static_cast<std::uint8_t>(0x80 | count));
        for (int i = count - 1; i >= 0; --i)
            out.push_back(static_cast<std::uint8_t>(length >> 8 * i));
    }
    for (const Bytes part : parts)
        out.insert(out.end(), part.begin(), part.end());
    return out;
}

Buffer der_integer(Bytes magnitude) {
    while (magnitude.size() > 1 && magnitude[0] == 0)
        magnitude = magnitude.subspan(1);
    static constexpr std::array<std::uint8_t, 1> kZero{0};
    const bool sign_byte = magnitude.empty() || (magnitude[0] & 0x80) != 0;
    return der_encode(der_tag::integer, {sign_byte ? Bytes(kZero) : Bytes{}, magnitude});
}

Buffer der_bits(Bytes bytes) {
    static constexpr std::array<std::uint8_t, 1> kNoneUnused{0};
    return der_encode(der_tag::bit_string, {kNoneUnused, bytes});
}

std::string object_name(Bytes object) {
    if (object.empty() || object.size() > kMaximumObject)
        return {};
    const Buffer encoded = der_encode(der_tag::object, {object});
    const unsigned char* at = encoded.data();
    const std::unique_ptr<ASN1_OBJECT, decltype(&ASN1_OBJECT_free)> decoded(
        d2i_ASN1_OBJECT(nullptr, &at, static_cast<long>(encoded.size())), ASN1_OBJECT_free);
    if (!decoded)
        return {};
    std::array<char, 512> text{};
    const int length = OBJ_obj2txt(text.data(), static_cast<int>(text.size()), decoded.get(), 0);
    return length <= 0 ? std::string{} : std::string(text.data());
}

}  // namespace shirushi::crypto
