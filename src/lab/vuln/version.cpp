#include "vuln/version.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "vuln/characters.hpp"
#include "vuln/language_version.hpp"
#include "vuln/package_version.hpp"

namespace shirushi::vuln {
namespace {

constexpr std::array<std::pair<std::string_view, VersionScheme>, 14> scheme_names = {{
    {"generic", VersionScheme::generic},
    {"openssl", VersionScheme::openssl},
    {"kernel", VersionScheme::kernel},
    {"portable", VersionScheme::portable},
    {"semver", VersionScheme::semver},
    {"dpkg", VersionScheme::dpkg},
    {"opkg", VersionScheme::opkg},
    {"apk", VersionScheme::apk},
    {"rpm", VersionScheme::rpm},
    {"pep440", VersionScheme::pep440},
    {"gem", VersionScheme::gem},
    {"maven", VersionScheme::maven},
    {"composer", VersionScheme::composer},
    {"nuget", VersionScheme::nuget},
}};

/// What a piece of a version is. The order of the values is the order of versions that differ first in this piece: a text
/// that ends where another goes on with `beta` is newer, where it goes on with a number older.
enum class Piece { development, alpha, beta, test, preview, candidate, end, letter, patch, number, identifier };

struct Token {
    Piece piece = Piece::end;
    std::string_view text;  ///< of the text that was split: digits without leading zeros, letters, or an identifier; empty for words
};

std::weak_ordering compare_shortest_first(std::string_view left, std::string_view right) {
    if (left.size() != right.size())
        return left.size() <=> right.size();
    return left <=> right;
}

std::weak_ordering compare_tokens(const std::vector<Token>& left, const std::vector<Token>& right) {
    static const Token end;
    for (std::size_t i = 0; i < std::max(left.size(), right.size()); ++i) {
        const Token& a = i < left.size() ? left[i] : end;
        const Token& b = i < right.size() ? right[i] : end;
        if (a.piece != b.piece)
            return a.piece <=> b.piece;
        const auto order = a.piece == Piece::identifier ? std::weak_ordering(a.text <=> b.text) : compare_shortest_first(a.text, b.text);
        if (order != 0)
            return order;
    }
    return std::weak_ordering::equivalent;
}

std::optional<Piece> word_before_release(std::string_view word) {
    constexpr std::array<std::pair<std::string_view, Piece>, 16> words = {{
        {"dev", Piece::development},
        {"devel", Piece::development},
        {"git", Piece::development},
        {"svn", Piece::development},
        {"cvs", Piece::development},
        {"snapshot", Piece::development},
        {"alpha", Piece::alpha},
        {"beta", Piece::beta},
        {"b", Piece::beta},
        {"a", Piece::alpha},
        {"test", Piece::test},
        {"pre", Piece::preview},
        {"preview", Piece::preview},
        {"prerelease", Piece::preview},
        {"rc", Piece::candidate},
        {"cr", Piece::candidate},
    }};
    const auto* const found = std::ranges::find(words, word, &std::pair<std::string_view, Piece>::first);
    return found == words.end() ? std::nullopt : std::optional(found->second);
}

bool is_word_after_release(std::string_view word) {
    return word == "p" || word == "pl" || word == "patch" || word == "sp" || word == "post";
}

/// Splits a version into its pieces, which point into it. Text is lower-case and bounded.
class Splitter {
public:
    Splitter(std::string_view text, VersionScheme scheme) : text_(text), scheme_(scheme) {}

    std::vector<Token> split() && {
        tokens_.reserve(12);  // nearly all have fewer: no allocation but this one
        if (text_.size() > 1 && text_[0] == 'v' && is_digit(text_[1]))
            at_ = 1;
        while (at_ < text_.size() && step()) {
        }
        drop_zeros();
        return std::move(tokens_);
    }

private:
    /// One piece or separator; false where only a builder's label follows.
    bool step() {
        const char c = text_[at_];
        if (is_digit(c))
            return take_number();
        if (is_letter(c))
            return take_word();
        if (c == '+')
            return false;
        separator_ = c;
        ++at_;
        return true;
    }

    bool take_number() {
        if (separator_ == '-' && scheme_ != VersionScheme::generic && after_number())
            return false;
        if (separator_ == '~')
            push(Piece::development, "");
        const auto end = std::find_if_not(text_.begin() + at_, text_.end(), is_digit);
        std::string_view digits(text_.begin() + at_, end);
        at_ += digits.size();
        digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size() - 1));
        tokens_.push_back({Piece::number, digits});
        separator_ = 0;
        return true;
    }

    bool take_word() {
        const auto end = std::find_if_not(text_.begin() + at_, text_.end(), is_letter);
        const std::string_view word(text_.begin() + at_, end);
        const std::size_t next = at_ + word.size();
        const bool numbered = next < text_.size() && is_digit(text_[next]);
        const bool attached = separator_ == 0 || separator_ == '.';
        at_ = next;
        if (word == "final" || word == "release" || word == "ga")
            return true;
        if (const auto piece = word_before_release(word); piece && (word.size() > 1 || (numbered && scheme_ == VersionScheme::generic)))
            return push(*piece, "");
        if (scheme_ == VersionScheme::generic && numbered && is_word_after_release(word))
            return push(Piece::patch, "");
        if (scheme_ == VersionScheme::kernel || tokens_.empty())
            return false;
        if (word.size() == 1 && (attached || !numbered))
            return push(Piece::letter, word);
        if (word.size() == 2 && separator_ == 0)
            return push(Piece::letter, word);
        return false;
    }

    bool push(Piece piece, std::string_view text) {
        drop_zeros();
        tokens_.push_back({piece, text});
        separator_ = 0;
        return true;
    }

    [[nodiscard]] bool after_number() const {
        return !tokens_.empty() && (tokens_.back().piece == Piece::number || tokens_.back().piece == Piece::letter);
    }

    void drop_zeros() {
        while (!tokens_.empty() && tokens_.back().piece == Piece::number && tokens_.back().text == "0")
            tokens_.pop_back();
    }

    std::string_view text_;
    VersionScheme scheme_;
    std::size_t at_ = 0;
    char separator_ = 0;
    std::vector<Token> tokens_;
};

/// Semantic Versioning: numbers, then "-" and dot-separated identifiers in ASCII's order; numeric identifiers are lower than others.
/// The numbers' letters are read from `lower`, which is `text` in lower case.
std::vector<Token> split_semantic(std::string_view text, std::string_view lower) {
    const std::string_view unbuilt = text.substr(0, text.find('+'));
    const std::size_t dash = unbuilt.find('-');
    auto tokens = Splitter(lower.substr(0, std::min(dash, unbuilt.size())), VersionScheme::kernel).split();
    if (dash == std::string_view::npos)
        return tokens;
    tokens.push_back({Piece::development, ""});
    for (const auto identifier : split(unbuilt.substr(dash + 1), '.')) {
        if (!identifier.empty() && std::ranges::all_of(identifier, is_digit)) {
            const auto significant = std::min(identifier.find_first_not_of('0'), identifier.size() - 1);
            tokens.push_back({Piece::number, identifier.substr(significant)});
        } else {
            tokens.push_back({Piece::identifier, identifier});
        }
    }
    return tokens;
}

/// A version in pieces, which point into its text: it stays where it is.
class Pieces {
public:
    Pieces(std::string_view version, VersionScheme scheme) : lower_(lowered(trimmed(version))) {
        if (scheme == VersionScheme::semver || scheme == VersionScheme::nuget)
            tokens_ = split_semantic(scheme == VersionScheme::semver ? trimmed(version) : std::string_view(lower_), lower_);
        else
            tokens_ = Splitter(lower_, scheme == VersionScheme::portable ? VersionScheme::generic : scheme).split();
    }
    Pieces(const Pieces&) = delete;
    Pieces& operator=(const Pieces&) = delete;
    [[nodiscard]] const std::vector<Token>& tokens() const { return tokens_; }

private:
    std::string lower_;
    std::vector<Token> tokens_;
};

}  // namespace

std::string_view scheme_name(VersionScheme scheme) {
    return scheme_names[static_cast<std::size_t>(scheme)].first;
}

std::optional<VersionScheme> scheme_from_name(std::string_view name) {
    const auto* const found = std::ranges::find(scheme_names, name, &std::pair<std::string_view, VersionScheme>::first);
    return found == scheme_names.end() ? std::nullopt : std::optional(found->second);
}

std::weak_ordering compare_versions(std::string_view left, std::string_view right, VersionScheme scheme) {
    left = left.substr(0, longest_version);
    right = right.substr(0, longest_version);
    switch (scheme) {
        case VersionScheme::dpkg:
        case VersionScheme::opkg:
            return compare_debian_versions(left, right);
        case VersionScheme::apk:
            return compare_alpine_versions(left, right);
        case VersionScheme::rpm:
            return compare_rpm_versions(left, right);
        case VersionScheme::pep440:
            return compare_python_versions(left, right);
        case VersionScheme::gem:
            return compare_gem_versions(left, right);
        case VersionScheme::maven:
            return compare_maven_versions(left, right);
        case VersionScheme::composer:
            return compare_composer_versions(left, right);
        default:
            return compare_tokens(Pieces(left, scheme).tokens(), Pieces(right, scheme).tokens());
    }
}

}  // namespace shirushi::vuln
