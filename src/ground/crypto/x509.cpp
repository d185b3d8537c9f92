#include "crypto/x509.hpp"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/x509.h>

#include <algorithm>
#include <memory>

#include "base/text.hpp"
#include "crypto/der.hpp"
#include "crypto/public_key.hpp"
#include "crypto/sha256.hpp"

namespace shirushi::crypto {
namespace {

// The longest of a million public certificates are near 50 KiB, for their lists of names.
constexpr std::size_t kMaximumCertificate = 64 << 10;

struct Extensions {
    bool authority = false;
    Bytes subject_key;
    Bytes authority_key;
};

/// RFC 4514's predecessor RFC 2253, in UTF-8.
Result<std::string> name_text(const DerElement& name) {
    const unsigned char* at = name.whole.data();
    const std::unique_ptr<X509_NAME, decltype(&X509_NAME_free)> decoded(d2i_X509_NAME(nullptr, &at, static_cast<long>(name.whole.size())),
                                                                        X509_NAME_free);
    const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
    if (!decoded || !out || X509_NAME_print_ex(out.get(), decoded.get(), 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) < 0)
        return fail(Errc::bad_input, "malformed name");
    char* text = nullptr;
    const long length = BIO_get_mem_data(out.get(), &text);
    return length <= 0 ? std::string{} : printable({text, static_cast<std::size_t>(length)});
}

/// RFC 5280 4.1.2.5: two-digit years are those from 1950 to 2049.
Result<Date> date_of(const DerElement& time) {
    std::string text(as_text(time.content));
    if (time.tag == der_tag::utc_time && text.size() >= 6)
        text.insert(0, text[0] >= '5' ? "19" : "20");
    else if (time.tag != der_tag::generalized_time || text.size() < 8)
        return fail(Errc::bad_input, "malformed time");
    return Date::from_text(fmt::format("{}-{}-{}", text.substr(0, 4), text.substr(4, 2), text.substr(6, 2)));
}

Result<void> read_extension(Bytes extension, Extensions& all) {
    DerReader reader(extension);
    const std::string_view object = as_text(TRY(reader.expect(der_tag::object)).content);
    TRY(reader.optional(der_tag::boolean));
    DerReader value(TRY(reader.expect(der_tag::octet_string)).content);
    if (object == object_id::basic_constraints) {
        DerReader fields(TRY(value.expect(der_tag::sequence)).content);
        const auto authority = TRY(fields.optional(der_tag::boolean));
        all.authority = authority && !authority->content.empty() && authority->content[0] != 0;
    } else if (object == object_id::subject_key_identifier) {
        all.subject_key = TRY(value.expect(der_tag::octet_string)).content;
    } else if (object == object_id::authority_key_identifier) {
        constexpr std::uint8_t kKeyIdentifier = 0x80;
        DerReader fields(TRY(value.expect(der_tag::sequence)).content);
        if (const auto key = TRY(fields.optional(kKeyIdentifier)))
            all.authority_key = key->content;
    }
    return {};
}

/// What stands behind the public key: unique identifiers, which nobody uses, and the extensions.
Result<Extensions> read_extensions(DerReader& fields) {
    Extensions all;
    while (!fields.at_end()) {
        const DerElement field = TRY(fields.next());
        if (field.tag != der_tag::context_3)
            continue;
        DerReader outer(field.content);
        DerReader list(TRY(outer.expect(der_tag::sequence)).content);
        while (!list.at_end()) {
            const DerElement extension = TRY_WITHIN("extension", list.expect(der_tag::sequence));
            (void)read_extension(extension.content, all);  // a malformed one says nothing, but the certificate is still there
        }
    }
    return all;
}

Result<CertificateInfo> read_fields(DerReader& fields) {
    CertificateInfo info;
    TRY(fields.optional(der_tag::context_0));  // version
    TRY_WITHIN("serial number", fields.expect(der_tag::integer));
    TRY_WITHIN("inner signature algorithm", fields.expect(der_tag::sequence));
    const DerElement issuer = TRY_WITHIN("issuer", fields.expect(der_tag::sequence));
    DerReader validity(TRY_WITHIN("validity", fields.expect(der_tag::sequence)).content);
    const DerElement start = TRY_WITHIN("validity", validity.next());
    const DerElement end = TRY_WITHIN("validity", validity.next());
    info.not_before = TRY_WITHIN("start of validity", date_of(start));
    info.not_after = TRY_WITHIN("end of validity", date_of(end));
    const DerElement subject = TRY_WITHIN("subject", fields.expect(der_tag::sequence));
    const DerElement key = TRY_WITHIN("public key", fields.expect(der_tag::sequence));
    const Extensions extensions = TRY(read_extensions(fields));

    info.issuer = TRY_WITHIN("issuer", name_text(issuer));
    info.subject = TRY_WITHIN("subject", name_text(subject));
    info.key = TRY_WITHIN("public key", key_name(key.whole));
    info.public_key_sha256 = sha256(key.whole);
    info.authority = extensions.authority;
    const bool same_keys = extensions.subject_key.empty() || extensions.authority_key.empty() ||
                           std::ranges::equal(extensions.subject_key, extensions.authority_key);
    info.self_signed = std::ranges::equal(issuer.whole, subject.whole) && same_keys;
    return info;
}

}  // namespace

Result<CertificateInfo> read_certificate(Bytes der) {
    DerReader outer(der);
    const DerElement whole = TRY_WITHIN("certificate", outer.expect(der_tag::sequence));
    if (whole.whole.size() > kMaximumCertificate)
        return fail(Errc::limit, fmt::format("certificate of {} bytes, more than {}", whole.whole.size(), kMaximumCertificate));
    DerReader parts(whole.content);
    DerReader fields(TRY_WITHIN("certificate", parts.expect(der_tag::sequence)).content);
    DerReader algorithm(TRY_WITHIN("signature algorithm", parts.expect(der_tag::sequence)).content);
    const Bytes object = TRY_WITHIN("signature algorithm", algorithm.expect(der_tag::object)).content;
    TRY_WITHIN("signature", parts.expect(der_tag::bit_string));
    CertificateInfo info = TRY_WITHIN("certificate", read_fields(fields));
    info.signature_algorithm = object_name(object);
    info.sha256 = sha256(whole.whole);
    info.length = whole.whole.size();
    return info;
}

}  // namespace shirushi::crypto
