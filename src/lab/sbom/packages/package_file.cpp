#include "sbom/packages/package_file.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace shirushi::sbom {
namespace {

constexpr std::size_t kOsRelease = 16 * 1024;  // real ones stay below 1 KiB
constexpr std::size_t kWord = 64;

std::string unquoted(std::string_view value) {
    value = trimmed(value);
    if (value.size() >= 2 && (value.front() == '"' || value.front() == '\'') && value.back() == value.front())
        value = value.substr(1, value.size() - 2);
    return excerpt(lowered(value), kWord);
}

Distribution distribution_by(Bytes content, std::string_view id, std::string_view version) {
    Distribution distribution;
    for (const std::string_view line : lines_of(as_text(clipped(content, 0, kOsRelease)))) {
        const std::size_t equals = line.find('=');
        if (equals == std::string_view::npos)
            continue;
        const std::string_view key = trimmed(line.substr(0, equals));
        if (key == id)
            distribution.id = unquoted(line.substr(equals + 1));
        else if (key == version)
            distribution.version = unquoted(line.substr(equals + 1));
    }
    return distribution;
}

}  // namespace

Distribution distribution_from(Bytes os_release) { return distribution_by(os_release, "ID", "VERSION_ID"); }

Distribution distribution_from_openwrt(Bytes openwrt_release) { return distribution_by(openwrt_release, "DISTRIB_ID", "DISTRIB_RELEASE"); }

bool fits(std::string_view text, std::string_view pattern) {
    const std::size_t star = pattern.find('*');
    if (star == std::string_view::npos)
        return text == pattern;
    return text.size() + 1 >= pattern.size() && text.starts_with(pattern.substr(0, star)) && text.ends_with(pattern.substr(star + 1));
}

std::optional<std::size_t> fitting_end(std::string_view folder, std::string_view pattern) {
    if (pattern.empty())
        return 0;
    const auto wanted = split(pattern, '/');
    std::size_t end = folder.size();
    for (auto segment = wanted.rbegin(); segment != wanted.rend(); ++segment) {
        if (segment != wanted.rbegin()) {
            if (end == 0)
                return std::nullopt;
            --end;  // the '/'
        }
        const std::size_t slash = folder.substr(0, end).rfind('/');
        const std::size_t start = slash == std::string_view::npos ? 0 : slash + 1;
        if (start == end || !fits(folder.substr(start, end - start), *segment))
            return std::nullopt;
        end = start;
    }
    return folder.size() - end;
}

}  // namespace shirushi::sbom
