#pragma once
// What crypt(5) makes of a password field: which scheme, and what one attempt would cost. The parameters come from a hostile
// file, so they are read here first and crypt() is only called for what the budget allows.

#include <cstddef>
#include <string>
#include <string_view>

namespace shirushi::inspect {

enum class FieldKind { blank, locked, hash };

struct PasswordField {
    FieldKind kind = FieldKind::locked;
    std::string scheme;       ///< "des", "md5", "sha512", "yescrypt" ...; of a locked account too, when a hash stands behind the "!"
    bool supported = false;   ///< crypt() can try words against it
    double seconds = 0;       ///< estimated for one attempt on one core, from measured figures
    std::size_t memory = 0;   ///< bytes one attempt takes, where that matters
};

/// Source: crypt(5) of libxcrypt 4.4. Never fails: what has no known form is locked when it cannot be a hash, else a hash that
/// is not supported.
PasswordField read_password_field(std::string_view field);

/// Whether crypt_r() of the word with this hash as setting gives the hash. The caller has checked the cost.
bool word_fits(const std::string& hash, const std::string& word);

}  // namespace shirushi::inspect
