#pragma once
// Private keys and certificates in one file's bytes: PEM anywhere in it, DER and Dropbear's form where the file is nothing else.

#include <optional>
#include <vector>

#include "crypto/x509.hpp"
#include "inspect/image.hpp"

namespace shirushi::inspect {

struct FoundCertificate {
    Certificate row;
    Digest public_key;
};

struct KeyMaterial {
    std::vector<Secret> secrets;
    std::vector<FoundCertificate> certificates;
};

/// `has_pem`: whether a PEM marker occurs at all (secret_marks.hpp). Thread-safe.
KeyMaterial key_material_in(const unpack::Tree& tree, unpack::NodeId id, bool has_pem);

/// Documentation, examples and test data: what lies there is public by intent.
bool is_sample(std::string_view path);

}  // namespace shirushi::inspect
