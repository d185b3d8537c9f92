#include "unpack/archives/signed_message.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "crypto/der.hpp"
#include "crypto/x509.hpp"

namespace shirushi::unpack {
namespace {

namespace tag = crypto::der_tag;
using crypto::DerReader;

constexpr unsigned kMostCertificates = 16;  // chains of bundles hold two or three
constexpr std::uint8_t kSet = 0x31;
constexpr std::array<std::uint8_t, 9> kSignedData{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02};
constexpr std::array<std::uint8_t, 9> kEnvelopedData{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x03};

/// The certificate of whoever signed: the first that is no authority's, else the first.
std::string signer_among(Bytes certificates) {
    DerReader reader(certificates);
    std::string first;
    for (unsigned i = 0; i < kMostCertificates && !reader.at_end(); ++i) {
        const auto element = reader.next();
        if (!element)
            break;
        const auto certificate = crypto::read_certificate(element->whole);
        if (certificate && !certificate->authority)
            return certificate->subject;
        if (certificate && first.empty())
            first = certificate->subject;
    }
    return first;
}

/// RFC 5652, 5.1: version, digest algorithms, the content, certificates.
Result<void> read_signed_data(Bytes bytes, SignedMessage& message) {
    DerReader outer(bytes);
    DerReader data(TRY(outer.expect(tag::sequence)).content);
    (void)TRY(data.expect(tag::integer));
    (void)TRY(data.expect(kSet));
    DerReader encapsulated(TRY(data.expect(tag::sequence)).content);
    (void)TRY(encapsulated.expect(tag::object));
    if (const auto content = TRY(encapsulated.optional(tag::context_0))) {
        DerReader inner(content->content);
        message.content = TRY(inner.expect(tag::octet_string)).content;
    }
    if (const auto certificates = TRY(data.optional(tag::context_0)))
        message.signer = signer_among(certificates->content);
    return {};
}

}  // namespace

std::optional<SignedMessage> read_signed_message(Bytes bytes) {
    DerReader outer(bytes);
    const auto whole = outer.expect(tag::sequence);
    if (!whole)
        return std::nullopt;
    DerReader info(whole->content);
    const auto type = info.expect(tag::object);
    const auto content = type ? info.expect(tag::context_0) : type;
    if (!content)
        return std::nullopt;
    SignedMessage message{.enveloped = std::ranges::equal(type->content, kEnvelopedData), .size = whole->whole.size()};
    if (message.enveloped)
        return message;
    if (!std::ranges::equal(type->content, kSignedData) || !read_signed_data(content->content, message))
        return std::nullopt;
    return message;
}

std::optional<FoundContainer> identify_signed_message(Bytes bytes) {
    const auto message = read_signed_message(bytes);
    if (!message)
        return std::nullopt;
    FoundContainer found{.size = message->size, .checked = true};
    if (message->enveloped)
        found.encrypted = "for its recipients only, as the CMS message says";
    else
        found.description = fmt::format("signed{} (not verified), {} bytes of content", message->signer.empty() ? "" : " by " + message->signer, message->content.size());
    return found;
}

}  // namespace shirushi::unpack
