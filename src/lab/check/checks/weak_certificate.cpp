// SHI-KEY-004: certificates have keys and signatures of today's strength. The signature of a self-signed certificate proves
// nothing whatever its algorithm, so only its key counts.
#include <algorithm>

#include "base/text.hpp"
#include "check/check.hpp"

namespace shirushi::check {
namespace {

/// Size in bits of a key written as "RSA-1024", where it is of that algorithm.
std::optional<std::uint32_t> bits_of(std::string_view key, std::string_view algorithm) {
    if (!key.starts_with(algorithm) || key.size() <= algorithm.size() || key[algorithm.size()] != '-')
        return std::nullopt;
    return to_integer<std::uint32_t>(key.substr(algorithm.size() + 1));
}

}  // namespace

extern constexpr Check weak_certificate =
    check_reading<&Facts::certificates>("SHI-KEY-004", 1, [](const std::vector<Certificate>& certificates, Report& out) {
        for (const Certificate& certificate : certificates) {
            const auto say = [&](const char* key, const std::string& what) {
                out.fail({.key = key,
                          .names = {{"subject", certificate.subject}, {"file", certificate.evidence.path}},
                          .figures = {{"what", what}},
                          .evidence = {certificate.evidence}});
            };
            const auto bits = bits_of(certificate.key, "RSA");
            if (bits && *bits < out.number("rsa_bits"))
                say("short_key", certificate.key);
            else if (out.listed("keys", certificate.key))
                say("short_key", certificate.key);
            const std::string algorithm = lowered(certificate.signature_algorithm);
            const bool weak = std::ranges::any_of(out.words("signatures"), [&](const std::string& word) { return algorithm.find(word) != std::string::npos; });
            if (weak && !certificate.self_signed)
                say("weak_signature", certificate.signature_algorithm);
        }
    });

}  // namespace shirushi::check
