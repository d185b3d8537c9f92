#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "sbom/licences/licences.hpp"

namespace shirushi::sbom {
namespace {

constexpr std::size_t kTextBytes = std::size_t{1} << 20;
constexpr std::size_t kFieldBytes = 4096;

/// Small letters and digits, everything between them one blank: texts are broken, indented and decorated in many ways.
std::string squeezed(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
            out += c;
        else if (c >= 'A' && c <= 'Z')
            out += static_cast<char>(c - 'A' + 'a');
        else if (!out.empty() && out.back() != ' ')
            out += ' ';
    }
    return out;
}

/// A field taken apart: operators and parentheses, and between them names, which may hold blanks.
struct Piece {
    enum class Kind { name, all, any, open, close };
    Kind kind = Kind::name;
    std::string name;
};

std::vector<Piece> pieces_of(std::string_view field) {
    std::vector<Piece> pieces;
    std::string word;
    const auto flush = [&] {
        const std::string small = lowered(word);
        if (small == "and" || small == "or")
            pieces.push_back({small == "and" ? Piece::Kind::all : Piece::Kind::any, ""});
        else if (!word.empty() && !pieces.empty() && pieces.back().kind == Piece::Kind::name)
            pieces.back().name += " " + word;
        else if (!word.empty())
            pieces.push_back({Piece::Kind::name, word});
        word.clear();
    };
    for (const char c : field) {
        if (std::string_view(" \t,;&|()").find(c) == std::string_view::npos) {
            word += c;
            continue;
        }
        flush();
        if (c == '(' || c == ')')
            pieces.push_back({c == '(' ? Piece::Kind::open : Piece::Kind::close, ""});
        else if ((c == ',' || c == ';' || c == '&' || c == '|') && !pieces.empty() && pieces.back().kind == Piece::Kind::name)
            pieces.push_back({c == '|' ? Piece::Kind::any : Piece::Kind::all, ""});
    }
    flush();
    // "a, and b" has two operators where one is meant.
    std::erase_if(pieces, [previous = Piece::Kind::open](const Piece& piece) mutable {
        const bool operation = piece.kind == Piece::Kind::all || piece.kind == Piece::Kind::any;
        const bool twice = operation && (previous == Piece::Kind::all || previous == Piece::Kind::any);
        previous = piece.kind;
        return twice;
    });
    return pieces;
}

}  // namespace

LicenceFinder::LicenceFinder(const LicenceList& list, const LicenceNames& names) : list_(list) {
    for (const LicenceAlias& alias : names.alias)
        for (const std::string& name : alias.names)
            aliases_.emplace(lowered(name), alias.licence);
    for (LicenceText text : names.text) {
        for (auto* phrases : {&text.phrases, &text.without})
            for (std::string& phrase : *phrases)
                phrase = std::string(trimmed(squeezed(phrase)));
        texts_.push_back(std::move(text));
    }
}

std::string LicenceFinder::one(std::string_view name) const {
    if (const auto alias = aliases_.find(lowered(name)); alias != aliases_.end())
        return alias->second;
    if (const auto parsed = parse_licence_expression(name, list_))
        return text_of(*parsed);
    return {};
}

std::string LicenceFinder::expression_of(std::string_view field) const {
    if (field.size() > kFieldBytes || trimmed(field).empty())
        return {};
    if (std::string whole = one(trimmed(field)); !whole.empty())
        return whole;
    std::string text;
    for (const Piece& piece : pieces_of(field)) {
        std::string next;
        switch (piece.kind) {
            case Piece::Kind::all: next = "AND"; break;
            case Piece::Kind::any: next = "OR"; break;
            case Piece::Kind::open: next = "("; break;
            case Piece::Kind::close: next = ")"; break;
            case Piece::Kind::name:
                next = one(piece.name);
                if (next.empty())  // opkg separates licences by blanks
                    for (const std::string_view word : words_of(piece.name)) {
                        const std::string part = one(word);
                        if (part.empty())
                            return {};
                        next += (next.empty() ? "" : " AND ") + part;
                    }
                next = "(" + next + ")";
                break;
        }
        text += (text.empty() ? "" : " ") + next;
    }
    const auto parsed = parse_licence_expression(text, list_);
    return parsed ? text_of(*parsed) : "";
}

std::vector<std::string> LicenceFinder::texts_in(Bytes content) const {
    const std::string text = squeezed(as_text(content.first(std::min(content.size(), kTextBytes))));
    const auto holds = [&](const std::string& phrase) { return text.find(phrase) != std::string::npos; };
    std::vector<std::string> found;
    for (const LicenceText& licence : texts_)
        if (std::ranges::all_of(licence.phrases, holds) && std::ranges::none_of(licence.without, holds))
            found.push_back(licence.licence);
    std::ranges::sort(found);
    const auto doubles = std::ranges::unique(found);
    found.erase(doubles.begin(), doubles.end());
    return found;
}

}  // namespace shirushi::sbom
