#include "vuln/language_version.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "vuln/characters.hpp"

namespace shirushi::vuln {
namespace {

/// What a version is compared by, one after the other: rank first, then the text, as a number where it is one.
struct Unit {
    int rank = 0;
    bool is_number = false;
    std::string text;
};
using Key = std::vector<Unit>;

std::weak_ordering compare_units(const Unit& a, const Unit& b) {
    if (a.rank != b.rank)
        return a.rank <=> b.rank;
    if (a.is_number && b.is_number && a.text.size() != b.text.size())
        return a.text.size() <=> b.text.size();
    return a.text <=> b.text;
}

/// `end` stands for what a shorter key lacks.
std::weak_ordering compare_keys(const Key& left, const Key& right, const Unit& end) {
    for (std::size_t i = 0; i < std::max(left.size(), right.size()); ++i) {
        const auto order = compare_units(i < left.size() ? left[i] : end, i < right.size() ? right[i] : end);
        if (order != 0)
            return order;
    }
    return std::weak_ordering::equivalent;
}

/// Without zeros in front; "0" for none at all.
std::string significant(std::string_view digits) {
    digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
    return digits.empty() ? "0" : std::string(digits);
}

Unit number(int rank, std::string_view digits) { return {rank, true, significant(digits)}; }

template <class Wanted>
std::string_view take_while(std::string_view& text, const Wanted& wanted) {
    const auto end = std::ranges::find_if_not(text, wanted);
    const std::string_view taken(text.begin(), end);
    text.remove_prefix(taken.size());
    return taken;
}

bool take(std::string_view& text, std::string_view start) {
    if (!text.starts_with(start))
        return false;
    text.remove_prefix(start.size());
    return true;
}

/// Numbers with dots between them.
std::vector<std::string> take_release(std::string_view& text) {
    std::vector<std::string> numbers;
    while (!text.empty() && is_digit(text[0])) {
        numbers.push_back(significant(take_while(text, is_digit)));
        if (text.size() < 2 || text[0] != '.' || !is_digit(text[1]))
            break;
        text.remove_prefix(1);
    }
    return numbers;
}

/// Zeros at the end do not count.
void add_release(Key& key, std::vector<std::string> numbers) {
    while (!numbers.empty() && numbers.back() == "0")
        numbers.pop_back();
    for (const std::string& each : numbers)
        key.push_back({1, true, each});
    key.push_back({0, false, {}});  // the end of the release is older than one more number
}

// ---- Python -----------------------------------------------------------------------------------------------------------

struct PythonPart {
    int kind = 0;
    std::string number = "0";
};

/// One of `words` with its number, with or without '.', '-', '_' before and between; nothing (and `text` untouched) where none stands.
template <std::size_t Count>
std::optional<PythonPart> take_python_part(std::string_view& text, const std::array<std::pair<std::string_view, int>, Count>& words) {
    const auto separated = [](std::string_view rest) {
        if (!rest.empty() && (rest[0] == '.' || rest[0] == '-' || rest[0] == '_'))
            rest.remove_prefix(1);
        return rest;
    };
    std::string_view rest = separated(text);
    const std::string_view word = take_while(rest, is_letter);
    const auto* const found = std::ranges::find(words, word, &std::pair<std::string_view, int>::first);
    if (found == words.end())
        return std::nullopt;
    std::string_view after = separated(rest);
    PythonPart part{.kind = found->second};
    if (const auto digits = take_while(after, is_digit); !digits.empty()) {
        part.number = significant(digits);
        rest = after;
    }
    text = rest;
    return part;
}

/// "1.0-1" is an implicit post-release.
std::optional<PythonPart> take_python_post(std::string_view& text) {
    constexpr std::array<std::pair<std::string_view, int>, 3> words = {{{"post", 1}, {"rev", 1}, {"r", 1}}};
    if (auto part = take_python_part(text, words))
        return part;
    if (text.size() < 2 || text[0] != '-' || !is_digit(text[1]))
        return std::nullopt;
    text.remove_prefix(1);
    return PythonPart{.kind = 1, .number = significant(take_while(text, is_digit))};
}

/// "+ubuntu.1": words and numbers, numbers newer. False where it is none.
bool add_python_local(Key& key, std::string_view& text) {
    if (!take(text, "+")) {
        key.push_back({0, false, {}});
        return true;
    }
    key.push_back({1, false, {}});
    do {
        const auto segment = take_while(text, [](char c) { return is_digit(c) || is_letter(c); });
        if (segment.empty())
            return false;
        key.push_back(std::ranges::all_of(segment, is_digit) ? number(2, segment) : Unit{1, false, std::string(segment)});
    } while (take(text, ".") || take(text, "-") || take(text, "_"));
    return true;
}

/// The key of PEP 440's order; nothing where the text does not follow it.
std::optional<Key> python_key(std::string_view text) {
    constexpr std::array<std::pair<std::string_view, int>, 8> before = {
        {{"a", 1}, {"alpha", 1}, {"b", 2}, {"beta", 2}, {"c", 3}, {"rc", 3}, {"pre", 3}, {"preview", 3}}};
    constexpr std::array<std::pair<std::string_view, int>, 1> development = {{{"dev", 1}}};
    take(text, "v");
    Key key;
    std::string_view rest = text;
    const std::string_view epoch = take_while(rest, is_digit);
    const bool has_epoch = !epoch.empty() && take(rest, "!");
    key.push_back(number(0, has_epoch ? epoch : std::string_view()));
    if (has_epoch)
        text = rest;
    if (text.empty() || !is_digit(text[0]))
        return std::nullopt;
    add_release(key, take_release(text));
    const auto pre = take_python_part(text, before);
    const auto post = take_python_post(text);
    const auto dev = take_python_part(text, development);
    const bool only_dev = dev && !pre && !post;
    key.push_back(pre ? Unit{pre->kind, true, pre->number} : Unit{only_dev ? 0 : 4, true, "0"});
    key.push_back(post ? Unit{1, true, post->number} : Unit{0, true, "0"});
    key.push_back(dev ? Unit{0, true, dev->number} : Unit{1, true, "0"});
    if (!add_python_local(key, text) || !text.empty())
        return std::nullopt;
    return key;
}

// ---- RubyGems ---------------------------------------------------------------------------------------------------------

Key gem_key(std::string_view text) {
    Key key;
    while (!text.empty()) {
        if (is_digit(text[0])) {
            key.push_back(number(1, take_while(text, is_digit)));
        } else if (is_letter(text[0])) {
            key.push_back({0, false, std::string(take_while(text, is_letter))});
        } else {
            if (text[0] == '-')
                key.push_back({0, false, "pre"});
            text.remove_prefix(1);
        }
    }
    return key;
}

// ---- Maven ------------------------------------------------------------------------------------------------------------

/// Ranks of tokens by the specification: qualifiers before the release, its end, the release's own words, "sp", other words, then
/// numbers after a hyphen, numbers after a dot. Zeros and release words that are left after trimming lead to something newer.
enum MavenRank { maven_before = 0, maven_end = 6, maven_release, maven_service_pack, maven_word, maven_hyphen_number, maven_dot_number };

struct MavenToken {
    bool hyphen = false;
    Unit unit;
    [[nodiscard]] bool is_null() const { return unit.is_number ? unit.text == "0" : unit.rank == maven_release; }
};

Unit maven_word_unit(std::string_view word, bool numbered) {
    constexpr std::array<std::pair<std::string_view, int>, 10> words = {{{"alpha", maven_before},
                                                                        {"beta", maven_before + 1},
                                                                        {"milestone", maven_before + 2},
                                                                        {"rc", maven_before + 3},
                                                                        {"cr", maven_before + 3},
                                                                        {"snapshot", maven_before + 4},
                                                                        {"ga", maven_release},
                                                                        {"final", maven_release},
                                                                        {"release", maven_release},
                                                                        {"sp", maven_service_pack}}};
    if (numbered)
        word = word == "a" ? "alpha" : word == "b" ? "beta" : word == "m" ? "milestone" : word;
    const auto* const found = std::ranges::find(words, word, &std::pair<std::string_view, int>::first);
    return found == words.end() ? Unit{maven_word, false, std::string(word)} : Unit{found->second, false, {}};
}

/// Trailing zeros and release words before a hyphen, and at the end, say nothing.
void trim_maven(std::vector<MavenToken>& tokens) {
    while (!tokens.empty() && tokens.back().is_null())
        tokens.pop_back();
}

Key maven_key(std::string_view text) {
    std::vector<MavenToken> tokens;
    const auto add = [&](bool hyphen, Unit unit) {
        if (hyphen)
            trim_maven(tokens);
        if (unit.is_number)
            unit.rank = hyphen ? maven_hyphen_number : maven_dot_number;
        tokens.push_back({hyphen, std::move(unit)});
    };
    bool hyphen = false;
    while (!text.empty()) {
        if (is_digit(text[0])) {
            add(hyphen, number(0, take_while(text, is_digit)));
        } else if (text[0] == '.' || text[0] == '-' || text[0] == '_') {
            add(hyphen, number(0, {}));  // an empty token
        } else {
            const auto word = take_while(text, [](char c) { return !is_digit(c) && c != '.' && c != '-' && c != '_'; });
            add(true, maven_word_unit(word, !text.empty() && is_digit(text[0])));
        }
        hyphen = text.empty() || text[0] != '.';  // also where digits and letters meet
        if (!text.empty() && (text[0] == '.' || text[0] == '-' || text[0] == '_'))
            text.remove_prefix(1);
    }
    trim_maven(tokens);
    Key key;
    for (MavenToken& token : tokens)
        key.push_back(std::move(token.unit));
    return key;
}

// ---- Composer ---------------------------------------------------------------------------------------------------------

/// Ranks of stabilities; after the numbers.
Unit take_composer_stability(std::string_view& text) {
    constexpr std::array<std::pair<std::string_view, int>, 9> words = {
        {{"alpha", 1}, {"a", 1}, {"beta", 2}, {"b", 2}, {"rc", 3}, {"stable", 4}, {"patch", 5}, {"pl", 5}, {"p", 5}}};
    const std::string_view whole = text;
    text.remove_prefix(std::min(text.find_first_not_of("._-"), text.size()));
    const std::string_view word = take_while(text, is_letter);
    if (word == "dev")
        return {0, true, "0"};
    const auto* const found = std::ranges::find(words, word, &std::pair<std::string_view, int>::first);
    if (found == words.end()) {
        text = whole;
        return {4, true, "0"};
    }
    if (text.size() > 1 && (text[0] == '.' || text[0] == '-') && is_digit(text[1]))
        text.remove_prefix(1);
    return number(found->second, take_while(text, is_digit));
}

/// Branches without a number are older than all that have one.
Key composer_key(std::string_view text) {
    text = text.substr(0, text.find_first_of("+# "));
    take(text, "v");
    Key key;
    if (text.empty() || !is_digit(text[0])) {
        key.push_back({0, false, std::string(text)});
        return key;
    }
    key.push_back({1, false, {}});
    auto numbers = take_release(text);
    if (take(text, ".x") || take(text, ".*"))
        numbers.emplace_back("9999999");  // the newest of a branch
    add_release(key, std::move(numbers));
    key.push_back(take_composer_stability(text));
    text.remove_prefix(std::min(text.find_first_not_of("._-"), text.size()));
    key.push_back({take(text, "dev") ? 0 : 1, false, {}});
    key.push_back({0, false, std::string(text)});
    return key;
}

}  // namespace

std::weak_ordering compare_python_versions(std::string_view left, std::string_view right) {
    const std::string a = lowered(trimmed(left));
    const std::string b = lowered(trimmed(right));
    const auto key_a = python_key(a);
    const auto key_b = python_key(b);
    if (key_a.has_value() != key_b.has_value())
        return key_a.has_value() <=> key_b.has_value();
    return key_a ? compare_keys(*key_a, *key_b, {-1, false, {}}) : compare_keys(gem_key(a), gem_key(b), {-1, false, {}});
}

std::weak_ordering compare_gem_versions(std::string_view left, std::string_view right) {
    return compare_keys(gem_key(left), gem_key(right), {1, true, "0"});
}

std::weak_ordering compare_maven_versions(std::string_view left, std::string_view right) {
    return compare_keys(maven_key(lowered(trimmed(left))), maven_key(lowered(trimmed(right))), {maven_end, false, {}});
}

std::weak_ordering compare_composer_versions(std::string_view left, std::string_view right) {
    return compare_keys(composer_key(lowered(trimmed(left))), composer_key(lowered(trimmed(right))), {-1, false, {}});
}

}  // namespace shirushi::vuln
