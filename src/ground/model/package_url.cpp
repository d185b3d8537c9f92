#include "model/package_url.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "base/text.hpp"

namespace shirushi {
namespace {

/// RFC 3986 2.1; a '%' without two digits stands for itself.
std::string decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size())
            if (const auto byte = to_integer<std::uint8_t>(text.substr(i + 1, 2), 16)) {
                out += static_cast<char>(*byte);
                i += 2;
                continue;
            }
        out += text[i];
    }
    return printable(out);
}

bool is_open(std::string_view field) { return field.empty() || field == "*" || field == "-"; }

}  // namespace

bool is_language_type(std::string_view type) {
    constexpr std::array<std::string_view, 19> types = {"npm", "pypi", "gem",  "maven",    "composer", "nuget", "golang", "cargo", "hex",      "hackage",
                                                        "pub", "cran", "cpan", "luarocks", "swift",    "elm",   "julia",  "bower", "cocoapods"};
    return std::ranges::find(types, type) != types.end();
}

std::optional<PackageUrl> parse_package_url(std::string_view text) {
    if (lowered(text.substr(0, 4)) != "pkg:")
        return std::nullopt;
    text.remove_prefix(4);
    text = text.substr(0, text.find('#'));
    PackageUrl url;
    if (const auto mark = text.find('?'); mark != std::string_view::npos) {
        for (const std::string_view pair : split(text.substr(mark + 1), '&'))
            if (const auto equals = pair.find('='); equals != std::string_view::npos && equals > 0)
                url.qualifiers.emplace(lowered(pair.substr(0, equals)), decoded(pair.substr(equals + 1)));
        text = text.substr(0, mark);
    }
    while (text.starts_with('/'))
        text.remove_prefix(1);
    // The version follows the last '@' behind the last '/': "pkg:npm/@scope/name@1" carries an unencoded one in the namespace.
    const auto slash = text.rfind('/');
    if (const auto at = text.rfind('@'); at != std::string_view::npos && slash != std::string_view::npos && at > slash + 1) {
        url.version = decoded(text.substr(at + 1));
        text = text.substr(0, at);
    }
    const auto parts = split(text, '/');
    url.type = lowered(decoded(parts.front()));
    for (std::size_t i = 1; i < parts.size(); ++i) {
        if (parts[i].empty())
            continue;
        if (!url.name.empty())
            url.space += (url.space.empty() ? "" : "/") + url.name;
        url.name = decoded(parts[i]);
    }
    return url.type.empty() || url.name.empty() ? std::nullopt : std::optional(url);
}

std::vector<std::string> cpe_fields(std::string_view text) {
    std::vector<std::string> fields(1);
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 1 < text.size())
            (fields.back() += '\\') += text[++i];
        else if (text[i] == ':')
            fields.emplace_back();
        else
            fields.back() += text[i];
    }
    return fields;
}

std::string cpe_unescaped(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 1 < text.size())
            ++i;
        out += text[i];
    }
    return out;
}

/// IR 7695 6.2.2.1: letters, digits, '_', '.' and '-' stand bare in a formatted string; all else is quoted, unless it already is.
std::string cpe_part_from_uri(std::string_view field) {
    const std::string text = decoded(field);
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-' || c == '.';
        if (!plain)
            out += '\\';
        out += c == '\\' && i + 1 < text.size() ? text[++i] : c;
    }
    return out;
}

std::optional<CpeParts> parse_cpe(std::string_view text) {
    const std::string small = lowered(text);
    const bool formatted = small.starts_with("cpe:2.3:");
    if (!formatted && !small.starts_with("cpe:/"))
        return std::nullopt;
    auto fields = cpe_fields(std::string_view(small).substr(formatted ? 8 : 5));
    if (fields.size() < 3 || fields[0].size() != 1 || std::string_view("aoh").find(fields[0][0]) == std::string_view::npos)
        return std::nullopt;
    if (!formatted)  // 2.2 quotes by percent-encoding
        for (std::string& field : fields)
            field = cpe_part_from_uri(field);
    if (is_open(fields[1]) || is_open(fields[2]))
        return std::nullopt;
    CpeParts parts{.part = fields[0][0], .pair = fields[1] + ":" + fields[2], .version = {}};
    if (fields.size() > 3 && !is_open(fields[3]))
        parts.version = cpe_unescaped(fields[3]);
    if (formatted && fields.size() > 4 && !is_open(fields[4]))  // "1.0.1:g" of openssl
        parts.version += "-" + cpe_unescaped(fields[4]);
    return parts;
}

}  // namespace shirushi
