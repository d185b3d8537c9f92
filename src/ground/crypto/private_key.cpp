#include "crypto/private_key.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "crypto/der.hpp"
#include "crypto/public_key.hpp"
#include "crypto/sha256.hpp"
#include "crypto/ssh_keys.hpp"

namespace shirushi::crypto {
namespace {

// A 16,384-bit RSA key takes 10 KiB.
constexpr std::size_t kMaximumKey = 64 << 10;
constexpr std::size_t kMinimumRsaBits = 256;
constexpr std::size_t kMaximumEcScalar = 80;

struct Label {
    std::string_view label;
    std::string_view format;  ///< of the old encrypted form, whose content cannot be looked at
    std::string_view algorithm;
};

constexpr auto kLabels = std::to_array<Label>({
    {"PRIVATE KEY", "PEM PKCS#8", ""},
    {"ENCRYPTED PRIVATE KEY", "PEM PKCS#8", ""},
    {"RSA PRIVATE KEY", "PEM PKCS#1 RSA", "RSA"},
    {"EC PRIVATE KEY", "PEM SEC1 EC", "EC"},
    {"DSA PRIVATE KEY", "PEM DSA", "DSA"},
    {"OPENSSH PRIVATE KEY", "OpenSSH", ""},
});

/// What a key's structure says, the container's name without "PEM" or "DER".
struct Found {
    std::string container;
    std::string algorithm;
    bool encrypted = false;
    std::optional<Buffer> spki;
};

Found found_key(std::string_view container, Buffer spki) {
    Found found{.container = std::string(container)};
    if (auto name = key_name(spki))
        found.algorithm = *std::move(name);
    found.spki = std::move(spki);
    return found;
}

/// RFC 8017 A.1.2, behind the version: n, e, d and the rest.
Result<Found> rsa_key(DerReader& reader) {
    const Bytes modulus = TRY(reader.magnitude());
    const Bytes exponent = TRY(reader.magnitude());
    const Bytes secret = TRY(reader.magnitude());
    for (int i = 0; i < 5; ++i)
        TRY(reader.expect(der_tag::integer));
    if (bit_length(modulus) < kMinimumRsaBits || exponent.empty() || secret.empty())
        return fail(Errc::bad_input, "not the numbers of an RSA key");
    return found_key("PKCS#1 RSA", rsa_public_key(modulus, exponent));
}

/// OpenSSL's traditional form, behind the version: p, q, g, y, x.
Result<Found> dsa_key(DerReader& reader) {
    std::array<Bytes, 5> numbers;
    for (Bytes& number : numbers)
        number = TRY(reader.magnitude());
    if (bit_length(numbers[0]) < kMinimumRsaBits)
        return fail(Errc::bad_input, "not the numbers of a DSA key");
    return found_key("DSA", dsa_public_key(numbers[0], numbers[1], numbers[2], numbers[3]));
}

/// RFC 5915 3. `outer_parameters` are those of an enclosing PKCS#8, which leaves the inner ones out.
Result<Found> ec_key(DerReader& reader, Bytes outer_parameters) {
    const Bytes scalar = TRY(reader.expect(der_tag::octet_string)).content;
    if (scalar.empty() || scalar.size() > kMaximumEcScalar)
        return fail(Errc::bad_input, "not the number of an EC key");
    Bytes parameters = outer_parameters;
    if (const auto inner = TRY(reader.optional(der_tag::context_0)))
        parameters = inner->content;
    if (parameters.empty())
        return fail(Errc::bad_input, "EC key without its curve");
    const Buffer object = der_encode(der_tag::object, {as_bytes(object_id::ec)});
    const Buffer identifier = der_encode(der_tag::sequence, {object, parameters});

    std::optional<Buffer> point;
    if (const auto given = TRY(reader.optional(der_tag::context_1))) {
        DerReader bits(given->content);
        const Bytes content = TRY(bits.expect(der_tag::bit_string)).content;
        if (content.size() > 1)
            point = Buffer(content.begin() + 1, content.end());
    }
    DerReader curve_reader(parameters);
    const auto curve = TRY(curve_reader.optional(der_tag::object));
    constexpr std::uint8_t kUncompressed = 4;
    if (curve && (!point || point->front() != kUncompressed))
        point = ec_point_of(curve->content, scalar);
    if (point)
        return found_key("SEC1 EC", der_encode(der_tag::sequence, {identifier, der_bits(*point)}));
    DerReader whole(identifier);
    const Bytes fields = TRY(whole.next()).content;
    return Found{.container = "SEC1 EC", .algorithm = TRY(algorithm_name(fields))};
}

/// The public key, as a BIT STRING's bytes, that belongs to a PKCS#8 private key. Nothing where it cannot be told.
Result<std::optional<Buffer>> pkcs8_public_bytes(Bytes object, const std::optional<DerElement>& parameters, Bytes key) {
    DerReader reader(key);
    const std::string_view kind = as_text(object);
    if (kind == object_id::dsa && parameters) {
        DerReader numbers(parameters->content);
        const Bytes p = TRY(numbers.magnitude());
        TRY(numbers.expect(der_tag::integer));
        const Bytes g = TRY(numbers.magnitude());
        const auto y = dsa_y_of(p, g, TRY(reader.magnitude()));
        return y ? std::optional(der_integer(*y)) : std::nullopt;
    }
    if (kind == object_id::rsa_pss) {
        DerReader numbers(TRY(reader.expect(der_tag::sequence)).content);
        TRY(numbers.expect(der_tag::integer));
        const Bytes modulus = TRY(numbers.magnitude());
        const Bytes exponent = TRY(numbers.magnitude());
        return der_encode(der_tag::sequence, {der_integer(modulus), der_integer(exponent)});
    }
    const auto raw = reader.optional(der_tag::octet_string);  // RFC 8410 7
    return raw && *raw ? raw_public_key_of(object, (*raw)->content) : std::nullopt;
}

/// RFC 5958 2, behind the version.
Result<Found> pkcs8_key(DerReader& reader) {
    const DerElement identifier = TRY(reader.expect(der_tag::sequence));
    const Bytes key = TRY(reader.expect(der_tag::octet_string)).content;
    DerReader algorithm(identifier.content);
    const Bytes object = TRY(algorithm.expect(der_tag::object)).content;
    std::optional<DerElement> parameters;
    if (!algorithm.at_end())
        parameters = TRY(algorithm.next());

    if (as_text(object) == object_id::rsa || as_text(object) == object_id::ec) {
        DerReader outer(key);
        DerReader inner(TRY(outer.expect(der_tag::sequence)).content);
        TRY(inner.expect(der_tag::integer));
        const bool rsa = as_text(object) == object_id::rsa;
        Found found = TRY(rsa ? rsa_key(inner) : ec_key(inner, parameters ? parameters->whole : Bytes{}));
        found.container = "PKCS#8";
        return found;
    }
    Found found{.container = "PKCS#8", .algorithm = TRY(algorithm_name(identifier.content))};
    if (key.empty())
        return fail(Errc::bad_input, "PKCS#8 without a key");
    if (const auto bytes = TRY(pkcs8_public_bytes(object, parameters, key)))
        return found_key("PKCS#8", der_encode(der_tag::sequence, {identifier.whole, der_bits(*bytes)}));
    return found;
}

/// RFC 5958 3: an algorithm for encryption with a password, and the encrypted key.
Result<Found> encrypted_pkcs8_key(Bytes identifier, DerReader& reader) {
    DerReader algorithm(identifier);
    const std::string_view object = as_text(TRY(algorithm.expect(der_tag::object)).content);
    if (!object.starts_with(object_id::pkcs5) && !object.starts_with(object_id::pkcs12_pbe))
        return fail(Errc::bad_input, "not an algorithm that encrypts with a password");
    if (TRY(reader.expect(der_tag::octet_string)).content.empty())
        return fail(Errc::bad_input, "encrypted key without content");
    return Found{.container = "PKCS#8", .encrypted = true};
}

/// The structures are told apart by their first elements: no two of them start alike.
Result<Found> der_key(Bytes content) {
    DerReader reader(content);
    const DerElement first = TRY(reader.next());
    if (first.tag == der_tag::sequence)
        return encrypted_pkcs8_key(first.content, reader);
    if (first.tag != der_tag::integer || first.content.size() != 1 || first.content[0] > 1)
        return fail(Errc::bad_input, "not the version of a private key");
    DerReader ahead = reader;
    const DerElement second = TRY(ahead.next());
    if (second.tag == der_tag::sequence)
        return pkcs8_key(reader);
    if (second.tag == der_tag::octet_string)
        return ec_key(reader, {});
    // DSA has five numbers behind the version, RSA eight or more.
    int numbers = 1;
    for (; !ahead.at_end() && numbers < 8; ++numbers)
        TRY(ahead.expect(der_tag::integer));
    return numbers == 5 ? dsa_key(reader) : rsa_key(reader);
}

Result<PrivateKeyInfo> read_der(std::string_view form, Bytes der) {
    DerReader outer(der);
    const DerElement whole = TRY_WITHIN("private key", outer.expect(der_tag::sequence));
    Found found = TRY_WITHIN("private key", der_key(whole.content));
    PrivateKeyInfo info{.format = fmt::format("{} {}", form, found.container),
                        .algorithm = std::move(found.algorithm),
                        .encrypted = found.encrypted,
                        .length = whole.whole.size()};
    if (found.spki)
        info.public_key_sha256 = sha256(*found.spki);
    return info;
}

const Label* label_of(std::string_view label) {
    const auto found = std::ranges::find(kLabels, label, &Label::label);
    return found == kLabels.end() ? nullptr : &*found;
}

}  // namespace

bool is_private_key_label(std::string_view label) {
    return label_of(label) != nullptr;
}

Result<PrivateKeyInfo> read_private_key(std::string_view label, Bytes der) {
    if (label.empty()) {
        const Bytes front = clipped(der, 0, kMaximumKey);  // the key is at the start of something possibly large
        if (is_openssh_key(front))
            return read_openssh_key(front);
        const bool is_sequence = !front.empty() && front[0] == der_tag::sequence;
        return is_sequence ? read_der("DER", front) : read_dropbear_key(front);
    }
    if (!is_private_key_label(label))
        return fail(Errc::unsupported, "not the label of a private key");
    if (der.size() > kMaximumKey)
        return fail(Errc::limit, fmt::format("private key of {} bytes, more than {}", der.size(), kMaximumKey));
    return label == "OPENSSH PRIVATE KEY" ? read_openssh_key(der) : read_der("PEM", der);
}

Result<PrivateKeyInfo> read_private_key(const PemBlock& block) {
    const Label* const label = label_of(block.label);
    if (label == nullptr || !block.encrypted())
        return label == nullptr ? fail(Errc::unsupported, "not the label of a private key") : read_private_key(block.label, block.bytes);
    return PrivateKeyInfo{
        .format = std::string(label->format), .algorithm = std::string(label->algorithm), .encrypted = true, .length = block.bytes.size()};
}

}  // namespace shirushi::crypto
