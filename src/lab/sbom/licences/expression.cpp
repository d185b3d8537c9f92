#include "sbom/licences/expression.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.hpp"

namespace shirushi::sbom {
namespace {

constexpr std::size_t kBytes = 16'384;
constexpr int kDepth = 64;

bool is_id_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == ':' || c == '+' || c == '_';
}

/// The grammar: any_of = all_of *("OR" all_of); all_of = simple *("AND" simple); simple = "(" any_of ")" / id ["WITH" exception].
class Parser {
public:
    Parser(std::string_view text, const LicenceList& list) : text_(text), list_(list) { next(); }

    Result<LicenceExpression> whole() {
        LicenceExpression expression = TRY(any_of(0));
        if (!word_.empty())
            return wrong("expected AND, OR or the end");
        return expression;
    }

private:
    std::unexpected<Error> wrong(std::string_view what) const {
        return fail(Errc::bad_input, fmt::format("licence expression, byte {}: {}, found {}", start_ + 1, what,
                                                 word_.empty() ? "the end" : fmt::format("\"{}\"", excerpt(word_, 60))));
    }

    void next() {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t'))
            ++at_;
        start_ = at_;
        if (at_ < text_.size() && !is_id_character(text_[at_]))
            ++at_;  // a parenthesis, or what no rule expects
        else
            while (at_ < text_.size() && is_id_character(text_[at_]))
                ++at_;
        word_ = text_.substr(start_, at_ - start_);
    }

    [[nodiscard]] bool is(std::string_view upper, std::string_view lower) const { return word_ == upper || word_ == lower; }

    Result<LicenceExpression> any_of(int depth) { return joined(LicenceExpression::Kind::any_of, depth); }

    Result<LicenceExpression> joined(LicenceExpression::Kind kind, int depth) {
        const bool any = kind == LicenceExpression::Kind::any_of;
        const auto part = [&] { return any ? joined(LicenceExpression::Kind::all_of, depth) : simple(depth); };
        LicenceExpression first = TRY(part());
        LicenceExpression whole{.kind = kind};
        whole.parts.push_back(std::move(first));
        while (any ? is("OR", "or") : is("AND", "and")) {
            next();
            LicenceExpression more = TRY(part());
            if (more.kind == kind)  // (a OR b) OR c is a OR b OR c
                std::ranges::move(more.parts, std::back_inserter(whole.parts));
            else
                whole.parts.push_back(std::move(more));
        }
        if (whole.parts.size() == 1) {
            LicenceExpression alone = std::move(whole.parts.front());
            return alone;
        }
        if (whole.parts.front().kind == kind) {
            LicenceExpression head = std::move(whole.parts.front());
            whole.parts.erase(whole.parts.begin());
            whole.parts.insert(whole.parts.begin(), std::make_move_iterator(head.parts.begin()), std::make_move_iterator(head.parts.end()));
        }
        return whole;
    }

    Result<LicenceExpression> simple(int depth) {
        if (depth > kDepth)
            return fail(Errc::limit, fmt::format("licence expression, byte {}: nested deeper than {} levels", start_ + 1, kDepth));
        if (word_ == "(") {
            next();
            LicenceExpression inner = TRY(any_of(depth + 1));
            if (word_ != ")")
                return wrong("expected )");
            next();
            return inner;
        }
        LicenceExpression licence = TRY(identifier());
        if (is("WITH", "with")) {
            next();
            const std::string* exception = list_.exception(word_);
            if (exception == nullptr)
                return wrong("expected a licence exception that SPDX lists");
            licence.exception = *exception;
            next();
        }
        return licence;
    }

    Result<LicenceExpression> identifier() {
        LicenceExpression licence;
        std::string_view id = word_;
        const auto reference = id.substr(id.starts_with("DocumentRef-") ? std::min(id.find(':') + 1, id.size()) : 0);
        if (reference.starts_with("LicenseRef-") && reference.size() > 11 && reference.find_first_of("+:_") == std::string_view::npos) {
            licence.id = id;
            next();
            return licence;
        }
        const std::string* known = list_.licence(id);  // "GPL-2.0+" is an identifier of its own, if a deprecated one
        if (known == nullptr && id.ends_with('+')) {
            licence.or_later = true;
            known = list_.licence(id.substr(0, id.size() - 1));
        }
        if (known == nullptr)
            return wrong("expected a licence that SPDX lists, or LicenseRef-NAME");
        licence.id = *known;
        next();
        return licence;
    }

    std::string_view text_;
    const LicenceList& list_;
    std::size_t at_ = 0;
    std::size_t start_ = 0;
    std::string_view word_;
};

const std::string* found(const std::map<std::string, std::string, std::less<>>& map, std::string_view id) {
    const auto at = map.find(lowered(id));
    return at == map.end() ? nullptr : &at->second;
}

std::string licence_text(const LicenceExpression& licence) {
    return licence.id + (licence.or_later ? "+" : "") + (licence.exception.empty() ? "" : " WITH " + licence.exception);
}

void collect(const LicenceExpression& expression, std::set<std::string>& into) {
    if (expression.kind == LicenceExpression::Kind::licence)
        into.insert(licence_text(expression));
    for (const LicenceExpression& part : expression.parts)
        collect(part, into);
}

}  // namespace

LicenceList::LicenceList(const std::vector<std::string>& licences, const std::vector<std::string>& exceptions) {
    for (const std::string& id : licences)
        licences_.emplace(lowered(id), id);
    for (const std::string& id : exceptions)
        exceptions_.emplace(lowered(id), id);
}

const std::string* LicenceList::licence(std::string_view id) const { return found(licences_, id); }
const std::string* LicenceList::exception(std::string_view id) const { return found(exceptions_, id); }

Result<LicenceExpression> parse_licence_expression(std::string_view text, const LicenceList& list) {
    if (text.size() > kBytes)
        return fail(Errc::limit, fmt::format("licence expression: {} bytes are more than the {} that are read", text.size(), kBytes));
    return Parser(text, list).whole();
}

std::string text_of(const LicenceExpression& expression) {
    if (expression.kind == LicenceExpression::Kind::licence)
        return licence_text(expression);
    const bool all = expression.kind == LicenceExpression::Kind::all_of;
    std::string text;
    for (const LicenceExpression& part : expression.parts) {
        text += text.empty() ? "" : all ? " AND " : " OR ";
        const bool wrapped = all && part.kind == LicenceExpression::Kind::any_of;
        text += wrapped ? "(" + text_of(part) + ")" : text_of(part);
    }
    return text;
}

std::vector<std::string> licences_in(const LicenceExpression& expression) {
    std::set<std::string> all;
    collect(expression, all);
    return {all.begin(), all.end()};
}

}  // namespace shirushi::sbom
