// Secrets and certificates: both come from one parallel pass over all files.

#include <algorithm>
#include <set>

#include "base/parallel.hpp"
#include "base/text.hpp"
#include "crypto/sha256.hpp"
#include "inspect/configured_secrets.hpp"
#include "inspect/inspectors.hpp"
#include "inspect/key_material.hpp"
#include "inspect/secret_marks.hpp"

namespace shirushi::inspect {
namespace {

void add_tokens(const Marks& marks, const std::string& path, std::vector<Secret>& secrets) {
    for (const Token& token : marks.tokens)
        secrets.push_back({.kind = SecretKind::api_token, .format = std::string(token.service), .fingerprint = crypto::sha256(as_bytes(token.text)).hex(),
                           .evidence = {.path = path, .offset = token.offset, .excerpt = masked(token.text)}});
}

void add_configured(std::string_view text, const std::string& path, std::vector<Secret>& secrets) {
    for (const ConfiguredSecret& one : configured_secrets("/" + path, text))
        secrets.push_back({.kind = one.kind, .format = std::string(one.format), .fingerprint = crypto::sha256(as_bytes(one.value)).hex(),
                           .evidence = {.path = path, .offset = offset_in(text, one.line), .excerpt = masked_excerpt(one.line, one.value)}});
}

KeyMaterial look_into(const unpack::Tree& tree, unpack::NodeId id) {
    const Bytes bytes = tree.bytes(id);
    const Marks marks = find_marks(bytes);
    KeyMaterial found = key_material_in(tree, id, marks.pem);
    const std::string path = tree.path(id);
    if (is_sample(path))
        return found;
    add_tokens(marks, path, found.secrets);
    const std::string_view text = text_of(tree, id);
    if (tree.node(id).kind == unpack::NodeKind::entry && looks_like_text(text))
        add_configured(text, path, found.secrets);
    return found;
}

}  // namespace

SecretTables inspect_secrets(const Image& image) {
    const unpack::Tree& tree = *image.tree;
    SecretTables tables;
    tables.secrets = {.observed = true, .gaps = tree.gaps(), .rows = {}};
    tables.certificates = {.observed = true, .gaps = tree.gaps(), .rows = {}};
    auto found = parallel_map<KeyMaterial>(image.leaves.size(), [&](std::size_t i) { return look_into(tree, image.leaves[i]); });

    std::set<std::string> certified;  // public keys
    for (KeyMaterial& one : found)
        for (FoundCertificate& certificate : one.certificates) {
            certified.insert(certificate.public_key.hex());
            tables.certificates.rows.push_back(std::move(certificate.row));
        }
    for (KeyMaterial& one : found)
        for (Secret& secret : one.secrets) {
            secret.fits_certificate = secret.kind == SecretKind::private_key && certified.contains(secret.fingerprint);
            tables.secrets.rows.push_back(std::move(secret));
        }
    std::ranges::stable_sort(tables.secrets.rows, {}, &Secret::evidence);
    std::ranges::stable_sort(tables.certificates.rows, {}, &Certificate::evidence);
    return tables;
}

}  // namespace shirushi::inspect
