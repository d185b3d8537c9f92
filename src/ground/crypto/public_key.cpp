#include "crypto/public_key.hpp"

#include <fmt/format.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/objects.h>

#include <algorithm>
#include <array>
#include <bit>
#include <memory>

#include "crypto/der.hpp"

namespace shirushi::crypto {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kMaximumScalar = 80;  // sect571 needs 72 bytes
constexpr std::size_t kMaximumDsaModulusBits = 4096;
constexpr std::size_t kMaximumDsaExponentBits = 512;

struct Curve {
    std::string_view object;
    std::string_view name;
    std::string_view ssh_name;
};

constexpr auto kCurves = std::to_array<Curve>({
    {"\x2a\x86\x48\xce\x3d\x03\x01\x07"sv, "P-256", "nistp256"},
    {"\x2b\x81\x04\x00\x22"sv, "P-384", "nistp384"},
    {"\x2b\x81\x04\x00\x23"sv, "P-521", "nistp521"},
    {"\x2b\x81\x04\x00\x21"sv, "P-224", ""},
    {"\x2a\x86\x48\xce\x3d\x03\x01\x01"sv, "P-192", ""},
});

using BigNumber = std::unique_ptr<BIGNUM, decltype(&BN_clear_free)>;
using BigNumberContext = std::unique_ptr<BN_CTX, decltype(&BN_CTX_free)>;

BigNumber number(Bytes magnitude) {
    return {BN_bin2bn(magnitude.data(), static_cast<int>(magnitude.size()), nullptr), BN_clear_free};
}

std::string curve_name(Bytes object) {
    const auto found = std::ranges::find(kCurves, as_text(object), &Curve::object);
    return found == kCurves.end() ? object_name(object) : std::string(found->name);
}

Buffer key_info(std::string_view object, Bytes parameters, Bytes key) {
    const Buffer identifier = der_encode(der_tag::object, {as_bytes(object)});
    const Buffer algorithm = der_encode(der_tag::sequence, {identifier, parameters});
    return der_encode(der_tag::sequence, {algorithm, der_bits(key)});
}

/// RSAPublicKey's modulus.
Result<std::size_t> rsa_bits(Bytes key) {
    DerReader outer(key);
    DerReader inner(TRY(outer.expect(der_tag::sequence)).content);
    return bit_length(TRY(inner.magnitude()));
}

Result<std::size_t> dsa_bits(Bytes algorithm) {
    DerReader reader(algorithm);
    TRY(reader.expect(der_tag::object));
    DerReader parameters(TRY(reader.expect(der_tag::sequence)).content);
    return bit_length(TRY(parameters.magnitude()));
}

int raw_key_type(Bytes object) {
    const std::string_view text = as_text(object);
    return text == object_id::ed25519  ? EVP_PKEY_ED25519
           : text == object_id::ed448  ? EVP_PKEY_ED448
           : text == object_id::x25519 ? EVP_PKEY_X25519
           : text == object_id::x448   ? EVP_PKEY_X448
                                       : EVP_PKEY_NONE;
}

}  // namespace

std::size_t bit_length(Bytes magnitude) {
    while (!magnitude.empty() && magnitude[0] == 0)
        magnitude = magnitude.subspan(1);
    return magnitude.empty() ? 0 : 8 * magnitude.size() - static_cast<std::size_t>(std::countl_zero(magnitude[0]));
}

Bytes ssh_curve(std::string_view name) {
    const auto found = std::ranges::find(kCurves, name, &Curve::ssh_name);
    return found == kCurves.end() || name.empty() ? Bytes{} : as_bytes(found->object);
}

Result<std::string> algorithm_name(Bytes algorithm_identifier) {
    DerReader reader(algorithm_identifier);
    const std::string_view object = as_text(TRY(reader.expect(der_tag::object)).content);
    if (object == object_id::rsa || object == object_id::rsa_pss)
        return "RSA";
    if (object == object_id::dsa)
        return "DSA";
    if (object == object_id::ec) {
        const auto curve = TRY(reader.optional(der_tag::object));
        return curve ? "EC " + curve_name(curve->content) : "EC with explicit parameters";
    }
    if (object == object_id::ed25519)
        return "Ed25519";
    if (object == object_id::ed448)
        return "Ed448";
    std::string name = object_name(as_bytes(object));
    if (name.empty())
        return fail(Errc::bad_input, "malformed algorithm identifier");
    return name;
}

Result<std::string> key_name(Bytes spki) {
    DerReader outer(spki);
    DerReader reader(TRY(outer.expect(der_tag::sequence)).content);
    const Bytes algorithm = TRY(reader.expect(der_tag::sequence)).content;
    const Bytes bits = TRY(reader.expect(der_tag::bit_string)).content;
    if (bits.empty() || bits[0] != 0)
        return fail(Errc::bad_input, "public key is not whole bytes");
    const std::string name = TRY(algorithm_name(algorithm));
    if (name == "RSA")
        return fmt::format("RSA-{}", TRY_WITHIN("RSA public key", rsa_bits(bits.subspan(1))));
    if (name != "DSA")
        return name;
    const auto size = dsa_bits(algorithm);  // a certificate may leave the parameters to its issuer's
    return size ? fmt::format("DSA-{}", *size) : name;
}

Buffer rsa_public_key(Bytes modulus, Bytes exponent) {
    static constexpr std::array<std::uint8_t, 2> kNull{der_tag::null, 0};
    return key_info(object_id::rsa, kNull, der_encode(der_tag::sequence, {der_integer(modulus), der_integer(exponent)}));
}

Buffer dsa_public_key(Bytes p, Bytes q, Bytes g, Bytes y) {
    return key_info(object_id::dsa, der_encode(der_tag::sequence, {der_integer(p), der_integer(q), der_integer(g)}), der_integer(y));
}

Buffer ec_public_key(Bytes curve, Bytes point) {
    return key_info(object_id::ec, der_encode(der_tag::object, {curve}), point);
}

Buffer ed25519_public_key(Bytes key) {
    return key_info(object_id::ed25519, {}, key);
}

std::optional<Buffer> ec_point_of(Bytes curve, Bytes scalar) {
    if (scalar.empty() || scalar.size() > kMaximumScalar)
        return std::nullopt;
    const Buffer encoded = der_encode(der_tag::object, {curve});
    const unsigned char* at = encoded.data();
    const std::unique_ptr<ASN1_OBJECT, decltype(&ASN1_OBJECT_free)> object(d2i_ASN1_OBJECT(nullptr, &at, static_cast<long>(encoded.size())),
                                                                           ASN1_OBJECT_free);
    const int nid = object ? OBJ_obj2nid(object.get()) : NID_undef;
    if (nid == NID_undef)
        return std::nullopt;
    const std::unique_ptr<EC_GROUP, decltype(&EC_GROUP_free)> group(EC_GROUP_new_by_curve_name(nid), EC_GROUP_free);
    if (!group)
        return std::nullopt;
    const std::unique_ptr<EC_POINT, decltype(&EC_POINT_free)> point(EC_POINT_new(group.get()), EC_POINT_free);
    const BigNumberContext context(BN_CTX_new(), BN_CTX_free);
    const BigNumber factor = number(scalar);
    if (!point || !context || !factor || EC_POINT_mul(group.get(), point.get(), factor.get(), nullptr, nullptr, context.get()) != 1)
        return std::nullopt;
    Buffer out(2 * kMaximumScalar + 1);
    out.resize(EC_POINT_point2oct(group.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED, out.data(), out.size(), context.get()));
    return out.size() > 1 ? std::optional(std::move(out)) : std::nullopt;
}

std::optional<Buffer> raw_public_key_of(Bytes object, Bytes private_key) {
    const int type = raw_key_type(object);
    if (type == EVP_PKEY_NONE)
        return std::nullopt;
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
        EVP_PKEY_new_raw_private_key(type, nullptr, private_key.data(), private_key.size()), EVP_PKEY_free);
    Buffer out(64);
    std::size_t length = out.size();
    if (!key || EVP_PKEY_get_raw_public_key(key.get(), out.data(), &length) != 1)
        return std::nullopt;
    out.resize(length);
    return out;
}

std::optional<Buffer> dsa_y_of(Bytes p, Bytes g, Bytes x) {
    if (bit_length(p) > kMaximumDsaModulusBits || bit_length(g) > kMaximumDsaModulusBits || bit_length(x) > kMaximumDsaExponentBits)
        return std::nullopt;
    const BigNumber modulus = number(p);
    const BigNumber base = number(g);
    const BigNumber exponent = number(x);
    const BigNumber result(BN_new(), BN_clear_free);
    const BigNumberContext context(BN_CTX_new(), BN_CTX_free);
    if (!modulus || !base || !exponent || !result || !context || BN_is_odd(modulus.get()) == 0 ||
        BN_mod_exp(result.get(), base.get(), exponent.get(), modulus.get(), context.get()) != 1)
        return std::nullopt;
    Buffer out(static_cast<std::size_t>(BN_num_bytes(result.get())));
    BN_bn2bin(result.get(), out.data());
    return out;
}

}  // namespace shirushi::crypto
