#pragma once
// passwd(5) and shadow(5) as hostile text. Borrows the text.

#include <cstdint>
#include <string_view>
#include <vector>

namespace shirushi::inspect {

struct PasswdLine {
    std::string_view name;
    std::string_view password;
    std::uint32_t uid = 0;
    std::string_view shell;
    std::string_view line;
};

struct ShadowLine {
    std::string_view name;
    std::string_view password;
    std::string_view line;
};

/// Lines of exactly seven fields with numeric ids, at most 4,096 of them; everything else is skipped.
std::vector<PasswdLine> read_passwd(std::string_view text);

/// Lines of exactly nine fields (or of two and more in an embedded system's cut-down form), at most 4,096 of them.
std::vector<ShadowLine> read_shadow(std::string_view text);

/// Whether a login with this shell gives a command line. An empty field means /bin/sh (passwd(5)).
bool is_login_shell(std::string_view shell);

}  // namespace shirushi::inspect
