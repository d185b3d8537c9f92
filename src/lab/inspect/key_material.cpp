#include "inspect/key_material.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "crypto/pem.hpp"
#include "crypto/private_key.hpp"
#include "crypto/sha256.hpp"

namespace shirushi::inspect {
namespace {

constexpr std::size_t kMaxBundle = 20;        // more certificates in one file are a store of authorities, not the device's own
constexpr std::size_t kMaxDerFile = 64 * 1024;
constexpr std::uint64_t kDerSlack = 16;       // bytes a file may have behind its one key or certificate

/// Libraries carry their self-tests' keys, which are published with their source.
bool carries_test_keys(std::string_view name) {
    constexpr auto libraries = std::to_array<std::string_view>({"libcrypto", "libcyassl", "libgcrypt", "libgnutls", "libmbed", "libnss", "libpolarssl", "libtomcrypt",
                                                                "libwolfssl"});
    return std::ranges::any_of(libraries, [&](std::string_view library) { return name.starts_with(library); });
}

std::string fingerprint_of(const crypto::PrivateKeyInfo& key, Bytes bytes) {
    return key.public_key_sha256 ? key.public_key_sha256->hex() : crypto::sha256(bytes).hex();
}

void add_key(const crypto::PrivateKeyInfo& key, Bytes bytes, Evidence evidence, KeyMaterial& found) {
    found.secrets.push_back({.kind = SecretKind::private_key, .format = key.format, .algorithm = key.algorithm, .encrypted = key.encrypted,
                             .fingerprint = fingerprint_of(key, bytes), .evidence = std::move(evidence)});
}

void add_certificate(const crypto::CertificateInfo& info, Evidence evidence, KeyMaterial& found) {
    found.certificates.push_back({.row = {.subject = info.subject, .issuer = info.issuer, .not_before = info.not_before.text(), .not_after = info.not_after.text(),
                                          .key = info.key, .signature_algorithm = info.signature_algorithm, .self_signed = info.self_signed,
                                          .authority = info.authority, .sha256 = info.sha256, .evidence = std::move(evidence)},
                                  .public_key = info.public_key_sha256});
}

void read_pem(Bytes bytes, const std::string& path, KeyMaterial& found) {
    for (const crypto::PemBlock& block : crypto::find_pem_blocks(bytes)) {
        Evidence evidence{.path = path, .offset = block.offset, .excerpt = excerpt("-----BEGIN " + block.label + "-----")};
        if (crypto::is_private_key_label(block.label)) {
            if (const auto key = crypto::read_private_key(block))
                add_key(*key, block.bytes, std::move(evidence), found);
        } else if (block.label.ends_with("CERTIFICATE")) {
            if (const auto certificate = crypto::read_certificate(block.bytes))
                add_certificate(*certificate, std::move(evidence), found);
        }
    }
}

/// A file that is one DER structure or one of Dropbear's keys from its first byte to its last.
void read_binary(Bytes bytes, const std::string& path, KeyMaterial& found) {
    const bool der = bytes.size() > 4 && bytes[0] == 0x30 && (bytes[1] == 0x82 || bytes[1] == 0x81);
    const bool dropbear = bytes.size() > 16 && bytes[0] == 0 && bytes[1] == 0 && bytes[2] == 0 && bytes[3] < 32 && (bytes[4] == 's' || bytes[4] == 'e');
    if ((!der && !dropbear) || bytes.size() > kMaxDerFile)
        return;
    const auto whole = [&](std::uint64_t length) { return length <= bytes.size() && bytes.size() - length <= kDerSlack; };
    const Evidence evidence{.path = path, .offset = 0, .excerpt = {}};
    if (const auto certificate = der ? crypto::read_certificate(bytes) : fail(Errc::not_found, ""); certificate && whole(certificate->length))
        return add_certificate(*certificate, evidence, found);
    if (const auto key = crypto::read_private_key("", bytes); key && whole(key->length))
        add_key(*key, bytes, evidence, found);
}

}  // namespace

bool is_sample(std::string_view path) {
    for (const std::string_view part : {"/share/doc/", "/doc/", "/docs/", "/examples/", "/example/", "/test/", "/tests/", "/testdata/", "/share/man/"})
        if (path.find(part) != std::string_view::npos)
            return true;
    return false;
}

KeyMaterial key_material_in(const unpack::Tree& tree, unpack::NodeId id, bool has_pem) {
    KeyMaterial found;
    const std::string path = tree.path(id);
    if (is_sample(path))
        return found;
    const Bytes bytes = tree.bytes(id);
    if (has_pem)
        read_pem(bytes, path, found);
    else if (tree.node(id).kind == unpack::NodeKind::entry)
        read_binary(bytes, path, found);
    if (carries_test_keys(tree.node(id).name))
        return {};
    if (found.certificates.size() > kMaxBundle)
        std::erase_if(found.certificates, [](const FoundCertificate& one) { return one.row.authority; });
    return found;
}

}  // namespace shirushi::inspect
