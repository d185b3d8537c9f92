#include "crypto/ssh_keys.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "crypto/public_key.hpp"
#include "crypto/sha256.hpp"

namespace shirushi::crypto {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kOpensshMark = "openssh-key-v1\0"sv;
constexpr std::size_t kEd25519Size = 32;
constexpr std::size_t kMinimumRsaBits = 256;
constexpr std::uint32_t kMaximumKeys = 16;  // ssh-keygen writes one

struct PublicKey {
    std::string name;
    std::optional<Buffer> spki;
};

/// RFC 4251 5: a string is its length in four bytes and so many bytes.
Result<Bytes> ssh_string(Reader& reader) {
    return reader.take(TRY(reader.u32()));
}

Result<Bytes> ssh_magnitude(Reader& reader) {
    const Bytes magnitude = TRY(ssh_string(reader));
    if (bit_length(magnitude) == 0 || (magnitude[0] & 0x80) != 0)
        return fail(Errc::bad_input, "SSH integer is not positive");
    return magnitude;
}

PublicKey with_name(Buffer spki) {
    auto name = key_name(spki);
    return {name ? *std::move(name) : std::string{}, std::move(spki)};
}

/// RFC 4253 6.6, RFC 5656 3.1, RFC 8709 4 and OpenSSH's PROTOCOL.u2f: what follows the type's name. For Dropbear RSA's exponent comes
/// first as well, so this also reads the front part of its private keys.
Result<PublicKey> read_public_fields(std::string_view type, Reader& reader) {
    if (type == "ssh-rsa") {
        const Bytes exponent = TRY(ssh_magnitude(reader));
        const Bytes modulus = TRY(ssh_magnitude(reader));
        if (bit_length(modulus) < kMinimumRsaBits)
            return fail(Errc::bad_input, "RSA modulus is too short to be one");
        return with_name(rsa_public_key(modulus, exponent));
    }
    if (type == "ssh-dss") {
        const Bytes p = TRY(ssh_magnitude(reader));
        const Bytes q = TRY(ssh_magnitude(reader));
        const Bytes g = TRY(ssh_magnitude(reader));
        return with_name(dsa_public_key(p, q, g, TRY(ssh_magnitude(reader))));
    }
    if (type.starts_with("ecdsa-sha2-") || type.starts_with("sk-ecdsa-sha2-")) {
        const Bytes curve = ssh_curve(as_text(TRY(ssh_string(reader))));
        const Bytes point = TRY(ssh_string(reader));
        if (curve.empty() || point.empty())
            return PublicKey{"EC", std::nullopt};
        return with_name(ec_public_key(curve, point));
    }
    if (type == "ssh-ed25519" || type == "sk-ssh-ed25519@openssh.com") {
        const Bytes key = TRY(ssh_string(reader));
        if (key.size() != kEd25519Size)
            return fail(Errc::bad_input, "Ed25519 key is not 32 bytes long");
        return with_name(ed25519_public_key(key));
    }
    return PublicKey{printable(type.substr(0, 64)), std::nullopt};
}

PrivateKeyInfo info_of(std::string_view format, PublicKey key, bool encrypted, std::uint64_t length) {
    PrivateKeyInfo info{.format = std::string(format), .algorithm = std::move(key.name), .encrypted = encrypted, .length = length};
    if (key.spki)
        info.public_key_sha256 = sha256(*key.spki);
    return info;
}

}  // namespace

bool is_openssh_key(Bytes bytes) {
    return as_text(bytes).starts_with(kOpensshMark);
}

Result<PrivateKeyInfo> read_openssh_key(Bytes bytes) {
    if (!is_openssh_key(bytes))
        return fail(Errc::bad_input, "no OpenSSH private key");
    Reader reader(bytes);
    reader.set_endian(Endian::big);
    TRY(reader.skip(kOpensshMark.size()));
    const std::string_view cipher = as_text(TRY_WITHIN("cipher", ssh_string(reader)));
    TRY_WITHIN("key derivation", ssh_string(reader));
    TRY_WITHIN("key derivation options", ssh_string(reader));
    const std::uint32_t count = TRY_WITHIN("number of keys", reader.u32());
    if (count == 0 || count > kMaximumKeys)
        return fail(Errc::bad_input, fmt::format("{} keys in an OpenSSH private key", count));
    const Bytes first = TRY_WITHIN("public key", ssh_string(reader));
    for (std::uint32_t i = 1; i < count; ++i)
        TRY_WITHIN("public key", ssh_string(reader));
    if (TRY_WITHIN("private keys", ssh_string(reader)).empty())
        return fail(Errc::bad_input, "OpenSSH private key without its private part");
    Reader fields(first, Endian::big);
    const std::string_view type = as_text(TRY_WITHIN("public key", ssh_string(fields)));
    PublicKey key = TRY_WITHIN("public key", read_public_fields(type, fields));
    return info_of("OpenSSH", std::move(key), cipher != "none", reader.position());
}

Result<PrivateKeyInfo> read_dropbear_key(Bytes bytes) {
    Reader reader(bytes, Endian::big);
    const std::string_view type = as_text(TRY_WITHIN("Dropbear key", ssh_string(reader)));
    if (type == "ssh-ed25519") {  // one string of the seed and the public key
        const Bytes pair = TRY_WITHIN("Dropbear Ed25519 key", ssh_string(reader));
        if (pair.size() != 2 * kEd25519Size)
            return fail(Errc::bad_input, "no Dropbear private key");
        return info_of("dropbear", with_name(ed25519_public_key(pair.subspan(kEd25519Size))), false, reader.position());
    }
    if (type != "ssh-rsa" && type != "ssh-dss" && !type.starts_with("ecdsa-sha2-nistp"))
        return fail(Errc::bad_input, "no Dropbear private key");
    PublicKey key = TRY_WITHIN("Dropbear key", read_public_fields(type, reader));
    TRY_WITHIN("Dropbear private part", ssh_magnitude(reader));
    if (type == "ssh-rsa" && !reader.at_end()) {  // the primes, which very old versions left out
        TRY_WITHIN("Dropbear primes", ssh_magnitude(reader));
        TRY_WITHIN("Dropbear primes", ssh_magnitude(reader));
    }
    return info_of("dropbear", std::move(key), false, reader.position());
}

}  // namespace shirushi::crypto
