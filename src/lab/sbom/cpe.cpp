#include "sbom/cpe.hpp"

#include <fmt/format.h>

#include "model/package_url.hpp"

namespace shirushi::sbom {
namespace {

/// 6.2.2.1: letters, digits and underscore stand for themselves; '.' and '-' are quoted in a well-formed name but bare in the formatted
/// string, unless a hyphen is all there is (it would mean "not applicable"); every other punctuation is quoted. A CPE has no
/// blanks and no characters beyond ASCII: they become underscores.
std::string bound(std::string_view value) {
    if (value == "-")
        return "\\-";
    std::string out;
    for (const char c : value) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
        const bool upper = c >= 'A' && c <= 'Z';
        const bool graphic = c > ' ' && c < 0x7F;
        if (upper)
            out += static_cast<char>(c - 'A' + 'a');
        else if (plain)
            out += c;
        else if (graphic)
            (out += '\\') += c;
        else
            out += '_';
    }
    return out;
}

}  // namespace

std::string cpe_name(char part, std::string_view pair, std::string_view version) {
    std::size_t colon = 0;
    while (colon < pair.size() && pair[colon] != ':')
        colon += pair[colon] == '\\' ? 2 : 1;
    if (colon == 0 || colon + 1 >= pair.size() || version.empty())
        return {};
    return fmt::format("cpe:2.3:{}:{}:{}:{}:*:*:*:*:*:*:*", part, bound(cpe_unescaped(pair.substr(0, colon))),
                       bound(cpe_unescaped(pair.substr(colon + 1))), bound(version));
}

}  // namespace shirushi::sbom
