#include "feeds/jvn_versions.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "base/text.hpp"
#include "feeds/readers.hpp"

namespace shirushi::feeds {
namespace {

constexpr std::array<std::string_view, 8> kBefore = {"ファームウェア", "ファームウエア", "firmware", "バージョン", "versions", "version", "ver", "v"};
constexpr std::array<std::string_view, 2> kExcluding = {"未満", "より前"};
constexpr std::array<std::string_view, 6> kIncluding = {"以下", "以前", "およびそれ以前", "及びそれ以前", "までの", "まで"};
constexpr std::array<std::string_view, 4> kFrom = {"以降", "以上", "およびそれ以降", "及びそれ以降"};
constexpr std::array<std::string_view, 6> kTo = {"から", "以上", "以降", "~", "〜", "-"};
constexpr std::array<std::string_view, 4> kAll = {"すべての", "全ての", "全", "すべて"};

/// Full-width ASCII and blanks as plain ones (U+FF01 to U+FF5E, U+3000).
std::string narrowed(std::string_view text) {
    std::string plain;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const auto byte = [&](std::size_t i) { return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U; };
        const unsigned code = (byte(0) & 0x0fU) << 12U | (byte(1) & 0x3fU) << 6U | (byte(2) & 0x3fU);
        const bool three = (byte(0) & 0xf0U) == 0xe0U && (byte(1) & 0xc0U) == 0x80U && (byte(2) & 0xc0U) == 0x80U;
        if (three && code >= 0xff01U && code <= 0xff5eU) {
            plain += static_cast<char>(code - 0xff01U + 0x21U);
            at += 2;
        } else if (three && code == 0x3000U) {
            plain += ' ';
            at += 2;
        } else {
            plain += text[at];
        }
    }
    return plain;
}

/// Takes one of the words off the front.
template <std::size_t N>
bool take(std::string_view& text, const std::array<std::string_view, N>& words) {
    for (const std::string_view word : words)
        if (text.size() >= word.size() && lowered(text.substr(0, word.size())) == word) {
            text = trimmed(text.substr(word.size()));
            return true;
        }
    return false;
}

/// Takes a version off the front, with what people write before one; empty when there is none.
std::string_view take_version(std::string_view& text) {
    while (take(text, kBefore))
        while (!text.empty() && (text[0] == '.' || text[0] == ':' || text[0] == ' '))
            text.remove_prefix(1);
    const auto end = std::min(text.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ._+-"), text.size());
    const std::string_view version = text.substr(0, end);
    if (!is_version(version))
        return {};
    text = trimmed(text.substr(end));
    return version;
}

/// Whether nothing is left but words that every such text may end with.
bool is_end(std::string_view text) {
    if (text.starts_with("の"))
        text = trimmed(text.substr(std::string_view("の").size()));
    (void)take(text, kAll);
    (void)take(text, std::array<std::string_view, 2>{"バージョン", "ファームウェア"});
    return text.empty();
}

}  // namespace

std::optional<vuln::VersionRange> range_from_japanese(std::string_view raw) {
    const std::string plain = narrowed(raw);
    std::string_view text = trimmed(plain);
    vuln::VersionRange range;
    if (is_end(text) && !text.empty())
        return range;
    const std::string_view first = take_version(text);
    if (first.empty())
        return std::nullopt;
    if (text.empty()) {
        range.exact = first;
        return range;
    }
    const auto ends_at = [&](std::string_view version) {
        range.end_included = !take(text, kExcluding);
        range.end = version;
        return is_end(text) || (range.end_included && take(text, kIncluding) && is_end(text));
    };
    std::string_view rest = text;
    if (take(rest, kFrom) && is_end(rest)) {
        range.start = first;
        return range;
    }
    rest = text;
    if (take(rest, kTo)) {
        const std::string_view second = take_version(rest);
        if (second.empty())
            return std::nullopt;
        range.start = first;
        text = rest;
        return ends_at(second) ? std::optional(range) : std::nullopt;
    }
    return ends_at(first) ? std::optional(range) : std::nullopt;
}

}  // namespace shirushi::feeds
