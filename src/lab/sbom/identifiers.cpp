#include "sbom/identifiers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/text.hpp"
#include "sbom/identifiers_state.hpp"

namespace shirushi::sbom {
namespace {

constexpr std::size_t kProbe = 8;  // a literal's last bytes, which the database looks for: all of it takes twice as long to compile
constexpr std::size_t kShortestAnchor = 2;  // a single character would stop the pass at every other byte

Result<Expression> compile_expression(const std::string& text) {
    int code = 0;
    std::size_t at = 0;
    Expression expression(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), 0, &code, &at, nullptr));
    if (!expression) {
        std::uint8_t words[120] = {};
        pcre2_get_error_message(code, words, sizeof words);
        return fail(Errc::bad_input, fmt::format("pattern {} at character {}: {}", excerpt(text), at, reinterpret_cast<const char*>(words)));
    }
    return expression;
}

Result<ComponentKind> kind_from(const std::string& word) {
    if (word.empty())
        return ComponentKind::application;
    for (std::size_t i = 0; i < std::size(EnumNames<ComponentKind>::list); ++i)
        if (EnumNames<ComponentKind>::list[i] == word)
            return static_cast<ComponentKind>(i);
    return fail(Errc::bad_input, fmt::format("kind \"{}\" is not known", excerpt(word, 40)));
}

/// Whether `pattern` is "^" with the anchor at once behind it (perhaps in the version's group).
bool is_at_line_start(std::string_view pattern, std::string_view anchor) {
    if (!pattern.starts_with('^'))
        return false;
    pattern.remove_prefix(pattern.starts_with("^(") ? 2 : 1);
    for (const char c : anchor) {
        if (pattern.starts_with('\\'))
            pattern.remove_prefix(1);
        if (!pattern.starts_with(c))
            return false;
        pattern.remove_prefix(1);
    }
    return true;
}

/// Literal text behind "^"; empty when the pattern starts otherwise.
std::string literal_start(std::string_view pattern) {
    std::string out;
    if (!pattern.starts_with('^'))
        return out;
    for (std::size_t i = 1; i < pattern.size(); ++i) {
        const bool escaped = pattern[i] == '\\' && i + 1 < pattern.size() && std::ispunct(static_cast<unsigned char>(pattern[i + 1])) != 0;
        if (!escaped && std::string_view("\\^$.[]|()?*+{}").find(pattern[i]) != std::string_view::npos)
            break;
        i += escaped ? 1 : 0;
        if (i + 1 < pattern.size() && std::string_view("?*{|").find(pattern[i + 1]) != std::string_view::npos)
            break;  // optional, or one of several
        out += pattern[i];
    }
    return pattern.find('|') == std::string_view::npos ? out : std::string();
}

Result<CompiledIdentifier> compile_one(const ProductIdentifier& identifier) {
    CompiledIdentifier compiled;
    compiled.kind = TRY(kind_from(identifier.kind));
    compiled.pattern = TRY(compile_expression(identifier.pattern));
    for (const std::string& exclude : identifier.exclude)
        compiled.exclude.push_back(TRY(compile_expression(exclude)));
    std::uint32_t groups = 0;
    pcre2_pattern_info(compiled.pattern.get(), PCRE2_INFO_CAPTURECOUNT, &groups);
    compiled.has_version = groups > 0;
    if (identifier.where != "" && identifier.where != "content" && identifier.where != "file_name")
        return fail(Errc::bad_input, fmt::format("where \"{}\" is neither content nor file_name", excerpt(identifier.where, 40)));
    compiled.reads_names = identifier.where == "file_name";
    if (compiled.reads_names) {
        compiled.name_start = literal_start(identifier.pattern);
        return compiled;
    }
    compiled.anchor = identifier.anchor.empty() ? anchor_of(identifier.pattern) : identifier.anchor;
    const bool has_company = std::ranges::any_of(identifier.with, [](const std::string& literal) { return !literal.empty(); });
    if (compiled.anchor.size() < kShortestAnchor && has_company && identifier.pattern.starts_with('^')) {
        compiled.anchor.clear();
        compiled.stands_alone = true;
        return compiled;
    }
    if (compiled.anchor.size() < kShortestAnchor)
        return fail(Errc::bad_input, fmt::format("pattern {} shows no literal to look for: state an anchor", excerpt(identifier.pattern)));
    compiled.starts_line = is_at_line_start(identifier.pattern, compiled.anchor);
    return compiled;
}

void number_companions(Identifiers::State& state) {
    for (const ProductIdentifier& identifier : state.list)
        for (const std::string& literal : identifier.with)
            if (!literal.empty())
                state.companions.push_back(literal);
    std::ranges::sort(state.companions);
    const auto doubles = std::ranges::unique(state.companions);
    state.companions.erase(doubles.begin(), doubles.end());
    for (std::size_t i = 0; i < state.list.size(); ++i)
        for (const std::string& literal : state.list[i].with)
            if (!literal.empty())
                state.compiled[i].with.push_back(
                    static_cast<std::uint32_t>(std::ranges::lower_bound(state.companions, literal) - state.companions.begin()));
}

Result<void> compile_database(Identifiers::State& state) {
    std::vector<const char*> texts;
    std::vector<unsigned> ids;
    std::vector<std::size_t> lengths;
    const auto look_for = [&](std::size_t id, std::string_view literal) {
        const std::string_view end = literal.substr(literal.size() - std::min(literal.size(), kProbe));
        texts.push_back(end.data());
        ids.push_back(static_cast<unsigned>(id));
        lengths.push_back(end.size());
    };
    for (std::size_t i = 0; i < state.compiled.size(); ++i) {
        const std::string& anchor = state.compiled[i].anchor;
        if (state.compiled[i].stands_alone)
            state.standing_alone.push_back(static_cast<std::uint32_t>(i));
        if (anchor.empty())
            continue;
        look_for(i, anchor);
        state.longest_anchor = std::max(state.longest_anchor, anchor.size());
    }
    for (std::size_t i = 0; i < state.companions.size(); ++i)
        look_for(state.compiled.size() + i, state.companions[i]);
    if (texts.empty())
        return {};
    const std::vector<unsigned> flags(texts.size());
    hs_database_t* database = nullptr;
    hs_compile_error_t* error = nullptr;
    const hs_error_t code = hs_compile_lit_multi(texts.data(), flags.data(), ids.data(), lengths.data(), static_cast<unsigned>(texts.size()),
                                                 HS_MODE_BLOCK, nullptr, &database, &error);
    if (code != HS_SUCCESS) {
        std::string why = error != nullptr ? error->message : "this processor is not supported";
        hs_free_compile_error(error);
        return fail(Errc::internal, "pattern database: " + std::move(why));
    }
    state.database.reset(database);
    return {};
}

}  // namespace

Identifiers::Identifiers() : state_(std::make_unique<State>()) {}
Identifiers::~Identifiers() = default;
Identifiers::Identifiers(Identifiers&&) noexcept = default;
Identifiers& Identifiers::operator=(Identifiers&&) noexcept = default;

Result<Identifiers> Identifiers::compile(std::vector<ProductIdentifier> identifiers, std::vector<ProductAlias> aliases) {
    Identifiers result;
    State& state = *result.state_;
    state.list = std::move(identifiers);
    state.aliases = std::move(aliases);
    for (std::size_t i = 0; i < state.list.size(); ++i)
        state.compiled.push_back(
            TRY_WITHIN(fmt::format("identifier {} ({})", i + 1, excerpt(state.list[i].product, 60)), compile_one(state.list[i])));
    number_companions(state);
    auto database = compile_database(state);
    if (!database)
        return std::unexpected(std::move(database.error()));
    return result;
}

const std::vector<ProductIdentifier>& Identifiers::list() const { return state_->list; }
const std::vector<ProductAlias>& Identifiers::aliases() const { return state_->aliases; }
ComponentKind Identifiers::kind_of(std::size_t identifier) const { return state_->compiled[identifier].kind; }

}  // namespace shirushi::sbom
