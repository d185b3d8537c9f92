#include "app/requirement_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace shirushi::app {
namespace {

class Page {
public:
    Page(const catalog::Library& library, const Catalogue& catalogue, const Requirement& requirement, const report::Texts& texts, Language language)
        : library_(library), catalogue_(catalogue), requirement_(requirement), texts_(texts), language_(language) {}

    std::string take() {
        line("{} {} ({})", requirement_.id, requirement_.title.in(language_), catalogue_.id);
        line("{}", requirement_.text.in(language_));
        facts();
        checks();
        declarations();
        open_points();
        relatives();
        return std::move(text_);
    }

private:
    template <class... Arguments>
    void line(fmt::format_string<Arguments...> form, Arguments&&... arguments) {
        fmt::format_to(std::back_inserter(text_), form, std::forward<Arguments>(arguments)...);
        text_.push_back('\n');
    }
    [[nodiscard]] std::string word(std::string_view key) const { return texts_.of(key).in(language_); }
    template <class Enum>
    [[nodiscard]] std::string words(std::string_view family, const std::vector<Enum>& values) const {
        std::vector<std::string> all;
        for (const Enum value : values)
            all.push_back(texts_.word(family, value).in(language_));
        return fmt::format("{}", fmt::join(all, ", "));
    }
    void heading(std::string_view key) { line("\n{}", word(fmt::format("explain.{}", key))); }

    void facts() {
        const auto group = std::ranges::find(catalogue_.groups, requirement_.group, &CatalogueGroup::id);
        if (group != catalogue_.groups.end())
            line("  {}: {} {}", word("explain.group"), group->id, group->title.in(language_));
        if (requirement_.obligation == Obligation::recommended)
            line("  {}", word("explain.recommended"));
        if (requirement_.applies_when)
            line("  {}: {}", word("explain.applies_when"), requirement_.applies_when->in(language_));
        if (!requirement_.cwe.empty())
            line("  {}: {}", word("requirements.cwe"), fmt::join(requirement_.cwe, ", "));
        if (!requirement_.assessments.empty())
            line("  {}: {}", word("explain.assessments"), words("assessment_case", requirement_.assessments));
        for (const std::string& id : requirement_.ixit)
            if (const auto table = std::ranges::find(catalogue_.ixit, id, &CatalogueGroup::id); table != catalogue_.ixit.end())
                line("  IXIT {}: {}", id, table->title.in(language_));
        if (!requirement_.unconfirmed.empty())
            line("  {}: {}", word("page.unconfirmed"), words("unconfirmed", requirement_.unconfirmed));
    }

    void checks() {
        if (requirement_.checks.empty())
            return;
        heading("checks");
        for (const std::string& id : requirement_.checks)
            line("  {}  {}", id, library_.check(id)->title.in(language_));
    }

    void declarations() {
        if (requirement_.declarations.empty())
            return;
        heading("declarations");
        for (const std::string& name : requirement_.declarations)
            line("  {}", name);
    }

    void open_points() {
        if (requirement_.open_points.empty())
            return;
        heading("open_points");
        for (const OpenPoint& point : requirement_.open_points)
            line("  {}  {}\n      {}", point.id, point.text.in(language_), point.settle.in(language_));
    }

    /// The crosswalk's pairs that this requirement stands in, at either end.
    void relatives() {
        bool first = true;
        for (const catalog::CrosswalkMapping& mapping : library_.crosswalk.mapping)
            for (const catalog::CrosswalkPair& pair : mapping.pairs) {
                const bool reaches = mapping.from == catalogue_.id && pair.from == requirement_.id;
                const bool is_reached = mapping.to == catalogue_.id && pair.to == requirement_.id;
                if (!reaches && !is_reached)
                    continue;
                if (first)
                    heading("relatives");
                first = false;
                line("  {} {}  {}  ({})", reaches ? mapping.to : mapping.from, reaches ? pair.to : pair.from, word(reaches ? "explain.reaches" : "explain.reached"),
                     texts_.word("reach", pair.reach).in(language_));
            }
        if (!first)
            line("  {}", library_.crosswalk.remark.in(language_));
    }

    const catalog::Library& library_;
    const Catalogue& catalogue_;
    const Requirement& requirement_;
    const report::Texts& texts_;
    Language language_;
    std::string text_;
};

}  // namespace

std::string requirement_text(const catalog::Library& library, const Catalogue& catalogue, const Requirement& requirement, const report::Texts& texts,
                             Language language) {
    return Page(library, catalogue, requirement, texts, language).take();
}

}  // namespace shirushi::app
