#include "vuln/package_version.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "base/text.hpp"
#include "vuln/characters.hpp"
#include "vuln/version.hpp"

namespace shirushi::vuln {
namespace {

std::string_view take_digits(std::string_view& text) {
    const auto end = std::ranges::find_if_not(text, is_digit);
    const std::string_view digits(text.begin(), end);
    text.remove_prefix(digits.size());
    return digits;
}

std::weak_ordering compare_numbers(std::string_view left, std::string_view right) {
    left.remove_prefix(std::min(left.find_first_not_of('0'), left.size()));
    right.remove_prefix(std::min(right.find_first_not_of('0'), right.size()));
    if (left.size() != right.size())
        return left.size() <=> right.size();
    return left <=> right;
}

// ---- Debian -----------------------------------------------------------------------------------------------------------

struct DebianVersion {
    std::string_view epoch;
    std::string_view upstream;
    std::string_view revision;
};

DebianVersion debian_parts(std::string_view text) {
    DebianVersion parts;
    if (const auto colon = text.find(':'); colon != std::string_view::npos && std::ranges::all_of(text.substr(0, colon), is_digit)) {
        parts.epoch = text.substr(0, colon);
        text.remove_prefix(colon + 1);
    }
    const auto dash = text.rfind('-');
    parts.upstream = text.substr(0, dash);
    if (dash != std::string_view::npos)
        parts.revision = text.substr(dash + 1);
    return parts;
}

/// Policy 5.6.12: the tilde sorts before the end of the text, the end before letters, letters before everything else.
int debian_weight(char c) {
    if (c == '~')
        return -1;
    if (is_letter(c))
        return static_cast<unsigned char>(c);
    return static_cast<unsigned char>(c) + 256;
}

std::weak_ordering compare_debian_part(std::string_view left, std::string_view right) {
    while (!left.empty() || !right.empty()) {
        while ((!left.empty() && !is_digit(left[0])) || (!right.empty() && !is_digit(right[0]))) {
            const int a = left.empty() || is_digit(left[0]) ? 0 : debian_weight(left[0]);
            const int b = right.empty() || is_digit(right[0]) ? 0 : debian_weight(right[0]);
            if (a != b)
                return a <=> b;
            left.remove_prefix(1);
            right.remove_prefix(1);
        }
        const auto order = compare_numbers(take_digits(left), take_digits(right));
        if (order != 0)
            return order;
    }
    return std::weak_ordering::equivalent;
}

// ---- Alpine -----------------------------------------------------------------------------------------------------------

/// Where two versions differ in kind, the earlier kind is the newer version; suffixes before the release are older than all.
enum class AlpinePiece { older_suffix, end, revision, newer_suffix, letter, number };

struct AlpineToken {
    AlpinePiece piece = AlpinePiece::end;
    std::string_view text;  ///< digits of a number, letter, or digits after a suffix
    int suffix = 0;
    bool first = false;  ///< the leading number, where zeros in front never count
};

constexpr std::array<std::string_view, 9> alpine_suffixes = {"alpha", "beta", "pre", "rc", "cvs", "svn", "git", "hg", "p"};
constexpr int alpine_suffixes_before_release = 4;

AlpineToken take_alpine_suffix(std::string_view& rest) {
    const auto end = std::find_if_not(rest.begin() + 1, rest.end(), is_letter);
    const std::string_view word(rest.begin() + 1, end);
    const auto* const found = std::ranges::find(alpine_suffixes, word);
    if (found == alpine_suffixes.end())
        return {};
    rest.remove_prefix(1 + word.size());
    const int suffix = static_cast<int>(found - alpine_suffixes.begin());
    const auto piece = suffix < alpine_suffixes_before_release ? AlpinePiece::older_suffix : AlpinePiece::newer_suffix;
    return {piece, take_digits(rest), suffix, false};
}

/// The next piece; `end` (with `rest` untouched) where the grammar ends.
AlpineToken take_alpine(std::string_view& rest, bool first) {
    if (rest.empty())
        return {};
    if (is_digit(rest[0]))
        return {AlpinePiece::number, take_digits(rest), 0, first};
    if (rest.size() > 1 && rest[0] == '.' && is_digit(rest[1])) {
        rest.remove_prefix(1);
        return {AlpinePiece::number, take_digits(rest), 0, first};
    }
    if (is_letter(rest[0])) {
        const AlpineToken letter{AlpinePiece::letter, rest.substr(0, 1), 0, false};
        rest.remove_prefix(1);
        return letter;
    }
    if (rest[0] == '_')
        return take_alpine_suffix(rest);
    if (rest.size() > 2 && rest.starts_with("-r") && is_digit(rest[2])) {
        rest.remove_prefix(2);
        return {AlpinePiece::revision, take_digits(rest), 0, false};
    }
    return {};
}

std::weak_ordering compare_alpine_tokens(const AlpineToken& a, const AlpineToken& b) {
    if (a.piece != b.piece)
        return a.piece <=> b.piece;
    if (a.suffix != b.suffix)
        return a.suffix <=> b.suffix;
    const bool fraction = a.piece == AlpinePiece::number && !a.first && (a.text.starts_with('0') || b.text.starts_with('0'));
    if (a.piece == AlpinePiece::letter || fraction)
        return a.text <=> b.text;
    return compare_numbers(a.text, b.text);
}

// ---- rpm --------------------------------------------------------------------------------------------------------------

/// rpm-version(7): the tilde is older than the end of the text, the caret newer; then letters, then numbers. All else only separates.
enum class RpmPiece { tilde, end, caret, letters, number };

struct RpmToken {
    RpmPiece piece = RpmPiece::end;
    std::string_view text;
};

RpmToken take_rpm(std::string_view& rest) {
    const auto counts = [](char c) { return is_digit(c) || is_letter(c) || c == '~' || c == '^'; };
    rest.remove_prefix(static_cast<std::size_t>(std::ranges::find_if(rest, counts) - rest.begin()));
    if (rest.empty())
        return {};
    if (is_digit(rest[0]))
        return {RpmPiece::number, take_digits(rest)};
    if (!is_letter(rest[0])) {
        const RpmPiece piece = rest[0] == '~' ? RpmPiece::tilde : RpmPiece::caret;
        rest.remove_prefix(1);
        return {piece, {}};
    }
    const std::string_view letters(rest.begin(), std::ranges::find_if_not(rest, is_letter));
    rest.remove_prefix(letters.size());
    return {RpmPiece::letters, letters};
}

std::weak_ordering compare_rpm_part(std::string_view left, std::string_view right) {
    while (true) {
        const RpmToken a = take_rpm(left);
        const RpmToken b = take_rpm(right);
        if (a.piece != b.piece)
            return a.piece <=> b.piece;
        const auto order = a.piece == RpmPiece::number ? compare_numbers(a.text, b.text) : std::weak_ordering(a.text <=> b.text);
        if (order != 0 || a.piece == RpmPiece::end)
            return order;
    }
}

// ---- what upstream called it --------------------------------------------------------------------------------------------

bool is_hash(std::string_view text) {
    return text.size() >= 6 && std::ranges::all_of(text, [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
}

/// Cuts what packagers append to upstream's own text: repacked sources and snapshots.
std::string_view without_packaging(std::string_view upstream) {
    if (const auto really = upstream.find("+really"); really != std::string_view::npos)
        upstream.remove_prefix(really + std::string_view("+really").size());
    upstream = upstream.substr(0, upstream.find('+'));
    for (const std::string_view mark : {"~dfsg", ".dfsg", "-dfsg", "~ds", ".ds"})
        upstream = upstream.substr(0, upstream.find(mark));
    if (const auto tilde = upstream.rfind('~'); tilde != std::string_view::npos && is_hash(upstream.substr(tilde + 1)))
        upstream = upstream.substr(0, tilde);
    return upstream;
}

/// OpenWrt writes the kernel's package as 4.14.171-1-<hash of its configuration>.
std::string_view opkg_upstream(const DebianVersion& parts) {
    std::string_view upstream = parts.upstream;
    if (!is_hash(parts.revision))
        return upstream;
    const auto dash = upstream.rfind('-');
    const bool revision = dash != std::string_view::npos && std::ranges::all_of(upstream.substr(dash + 1), is_digit);
    return revision ? upstream.substr(0, dash) : upstream;
}

std::string_view alpine_upstream(std::string_view version) {
    version = version.substr(0, version.rfind("-r"));
    for (const std::string_view mark : {"_git", "_cvs", "_svn", "_hg"})
        version = version.substr(0, version.find(mark));
    return without_packaging(version);
}

}  // namespace

std::weak_ordering compare_debian_versions(std::string_view left, std::string_view right) {
    const DebianVersion a = debian_parts(left);
    const DebianVersion b = debian_parts(right);
    if (const auto order = compare_numbers(a.epoch, b.epoch); order != 0)
        return order;
    if (const auto order = compare_debian_part(a.upstream, b.upstream); order != 0)
        return order;
    return compare_debian_part(a.revision, b.revision);
}

std::weak_ordering compare_alpine_versions(std::string_view left, std::string_view right) {
    for (bool first = true;; first = false) {
        const AlpineToken a = take_alpine(left, first);
        const AlpineToken b = take_alpine(right, first);
        if (const auto order = compare_alpine_tokens(a, b); order != 0)
            return order;
        if (a.piece == AlpinePiece::end)
            return left <=> right;
    }
}

/// [epoch:]version[-release], taken apart as Debian's. A text without a release is older than the same with one.
std::weak_ordering compare_rpm_versions(std::string_view left, std::string_view right) {
    const DebianVersion a = debian_parts(left);
    const DebianVersion b = debian_parts(right);
    if (const auto order = compare_numbers(a.epoch, b.epoch); order != 0)
        return order;
    if (const auto order = compare_rpm_part(a.upstream, b.upstream); order != 0)
        return order;
    return compare_rpm_part(a.revision, b.revision);
}

std::string upstream_part(std::string_view version, VersionScheme scheme) {
    version = trimmed(version.substr(0, longest_version));
    switch (scheme) {
        case VersionScheme::dpkg:
            return std::string(without_packaging(debian_parts(version).upstream));
        case VersionScheme::opkg:
            return std::string(without_packaging(opkg_upstream(debian_parts(version))));
        case VersionScheme::rpm: {
            const std::string_view upstream = debian_parts(version).upstream;
            return std::string(without_packaging(upstream.substr(0, upstream.find('^'))));
        }
        case VersionScheme::apk:
            return std::string(alpine_upstream(version));
        default:
            return std::string(version);
    }
}

bool has_distribution_revision(std::string_view version, VersionScheme scheme) {
    switch (scheme) {
        case VersionScheme::dpkg:
        case VersionScheme::opkg:
        case VersionScheme::rpm:
            return !debian_parts(version).revision.empty();
        case VersionScheme::apk: {
            const auto at = version.rfind("-r");
            return at != std::string_view::npos && at + 2 < version.size() && is_digit(version[at + 2]);
        }
        default:
            return false;
    }
}

}  // namespace shirushi::vuln
