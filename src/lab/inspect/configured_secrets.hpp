#pragma once
// Passwords and passphrases that configuration files hold: only files whose format and name are known, so that what is found is one.

#include <string>
#include <string_view>
#include <vector>

#include "model/facts.hpp"

namespace shirushi::inspect {

struct ConfiguredSecret {
    SecretKind kind = SecretKind::password;
    std::string_view format;  ///< "hostapd", "uci", "htpasswd" ...
    std::string_view value;
    std::string_view line;
};

/// `path` of the file (its folders and name decide the format). Borrows the text. Empty values, placeholders and variables are left
/// out. At most 1,000 of a file.
std::vector<ConfiguredSecret> configured_secrets(std::string_view path, std::string_view text);

}  // namespace shirushi::inspect
