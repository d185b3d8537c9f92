#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdio>

#include "app/catalogue_choice.hpp"
#include "app/command.hpp"
#include "app/coverage_table.hpp"
#include "app/program_files.hpp"
#include "app/requirement_text.hpp"
#include "catalog/coverage.hpp"
#include "model/json_fields.hpp"
#include "report/display_width.hpp"

namespace shirushi::app {
namespace {

/// A catalogue without its requirements, as `list --json` gives it.
struct Entry {
    std::string id;
    Text title;
    std::string edition;
    CatalogueKind kind = CatalogueKind::testable;
    std::uint64_t requirements = 0;
    std::string source;
    std::string confidence;
    std::uint64_t unconfirmed = 0;  ///< requirements of which something is
    SHIRUSHI_FIELDS(Entry, id, title, edition, kind, requirements, source, confidence, unconfirmed)
};

Entry entry_of(const Catalogue& catalogue) {
    const auto unconfirmed = std::ranges::count_if(catalogue.requirements, [](const Requirement& each) { return !each.unconfirmed.empty(); });
    return {.id = catalogue.id,
            .title = catalogue.title,
            .edition = catalogue.edition,
            .kind = catalogue.kind,
            .requirements = catalogue.requirements.size(),
            .source = catalogue.source,
            .confidence = catalogue.confidence,
            .unconfirmed = static_cast<std::uint64_t>(unconfirmed)};
}

/// What every subcommand works with.
struct Shelf {
    catalog::Library library;
    report::Texts texts;
    Language language;

    [[nodiscard]] std::string text(std::string_view key) const { return texts.of(key).in(language); }
};

Result<Shelf> shelf_of(const CommonOptions& common) {
    const auto folder = TRY(catalogues_folder(common.catalogues_folder));
    return Shelf{.library = TRY(catalog::load(folder)), .texts = report::Texts::embedded(), .language = common.language};
}

template <class T>
void print_json(const T& value) {
    std::fputs(json::text_of(value).c_str(), stdout);
}

Result<void> list(const CommonOptions& common, const CatalogueOptions& options) {
    const Shelf shelf = TRY(shelf_of(common));
    std::vector<Entry> entries;
    for (const Catalogue& catalogue : shelf.library.catalogues)
        entries.push_back(entry_of(catalogue));
    if (options.json) {
        print_json(entries);
        return {};
    }
    for (const Entry& entry : entries) {
        fmt::print("{:<20} {:>3} {}  {}\n", entry.id, entry.requirements, shelf.text("catalogue.requirements"), entry.title.in(shelf.language));
        fmt::print("{:<20} {} {}{}\n", "", shelf.text("about.edition"), entry.edition,
                   entry.kind == CatalogueKind::reference ? "; " + shelf.text("catalogue.reference") : "");
        fmt::print("{:<20} {}: {}\n", "", shelf.text("catalogue.confidence"), entry.confidence);
        if (entry.unconfirmed != 0) {
            fmt::print("{:<20} ", "");
            fmt::print(fmt::runtime(shelf.text("catalogue.unconfirmed")), entry.unconfirmed);
            fmt::print("\n");
        }
    }
    return {};
}

void print_requirements(const Shelf& shelf, const Catalogue& catalogue) {
    std::size_t widest = 0;
    for (const Requirement& requirement : catalogue.requirements)
        widest = std::max(widest, requirement.id.size());
    std::string_view group;
    for (const Requirement& requirement : catalogue.requirements) {
        const auto named = std::ranges::find(catalogue.groups, requirement.group, &CatalogueGroup::id);
        if (requirement.group != group && named != catalogue.groups.end())
            fmt::print("\n{} {}\n", named->id, named->title.in(shelf.language));
        group = requirement.group;
        const std::string settling = catalogue.kind == CatalogueKind::reference ? "" : shelf.texts.word("settling", catalog::settling_of(requirement)).in(shelf.language);
        fmt::print("  {:<{}}  {}{}{}{}\n", requirement.id, widest, settling.empty() ? "" : report::fitted(settling, 11), requirement.title.in(shelf.language),
                   requirement.obligation == Obligation::recommended ? fmt::format(" ({})", shelf.text("catalogue.recommended")) : "",
                   requirement.unconfirmed.empty() ? "" : fmt::format(" [{}]", shelf.text("page.unconfirmed")));
    }
}

/// A product field's threat analysis: what may happen to what, what stands against it, and how that is verified.
void print_profile(const Shelf& shelf, const FieldProfile& profile) {
    fmt::print("\n");
    fmt::print(fmt::runtime(shelf.text("catalogue.profile")), profile.level, profile.field, fmt::join(profile.builds_on, ", "));
    fmt::print("\n");
    for (const Threat& threat : profile.threats)
        fmt::print("  {}  {}: {}\n       {}: {}\n       {}: {}\n", threat.id, threat.asset.in(shelf.language), threat.threat.in(shelf.language), shelf.text("catalogue.measures"),
                   fmt::join(threat.measures, ", "), shelf.text("catalogue.verification"), threat.verification.in(shelf.language));
}

Result<void> show(const CommonOptions& common, const CatalogueOptions& options) {
    const Shelf shelf = TRY(shelf_of(common));
    const Catalogue& catalogue = *TRY(catalogue_named(shelf.library, options.id));
    if (options.requirement.empty()) {
        if (options.json) {
            print_json(catalogue);
            return {};
        }
        fmt::print("{}  {}\n{} {}\n{}: {}\n{}: {}\n", catalogue.id, catalogue.title.in(shelf.language), shelf.text("about.edition"), catalogue.edition,
                   shelf.text("catalogue.source"), catalogue.source, shelf.text("catalogue.confidence"), catalogue.confidence);
        print_requirements(shelf, catalogue);
        if (catalogue.profile)
            print_profile(shelf, *catalogue.profile);
        return {};
    }
    const auto requirement = std::ranges::find(catalogue.requirements, options.requirement, &Requirement::id);
    if (requirement == catalogue.requirements.end())
        return fail(Errc::not_found, fmt::format("catalogue {} has no requirement \"{}\"; \"catalogue show {}\" lists them", catalogue.id, options.requirement, catalogue.id));
    if (options.json)
        print_json(*requirement);
    else
        fmt::print("{}", requirement_text(shelf.library, catalogue, *requirement, shelf.texts, shelf.language));
    return {};
}

void print_comparison(const Shelf& shelf, const catalog::Comparison& comparison, const Catalogue& of) {
    std::size_t counts[std::size(EnumNames<catalog::Reach>::list)] = {};
    for (const catalog::Reached& each : comparison.requirements)
        ++counts[static_cast<std::size_t>(each.reach)];
    fmt::print(fmt::runtime(shelf.text("catalogue.direction")), comparison.of, comparison.by, comparison.requirements.size(),
               counts[static_cast<std::size_t>(catalog::Reach::full)], counts[static_cast<std::size_t>(catalog::Reach::partial)],
               counts[static_cast<std::size_t>(catalog::Reach::none)]);
    fmt::print("\n");
    for (std::size_t i = 0; i < comparison.requirements.size(); ++i) {
        const catalog::Reached& each = comparison.requirements[i];
        fmt::print("  {:<9} {}  {}\n", each.requirement, report::fitted(shelf.texts.word("reach", each.reach).in(shelf.language), 9), of.requirements[i].title.in(shelf.language));
        if (!each.by.empty())
            fmt::print("            {}{}\n", fmt::join(each.by, " "),
                       each.through.empty() ? "" : fmt::format("  ({} {})", shelf.text("catalogue.through"), fmt::join(each.through, " ")));
    }
}

struct BothWays {
    Text remark;
    std::vector<catalog::Comparison> comparisons;
    SHIRUSHI_FIELDS(BothWays, remark, comparisons)
};

Result<void> compare(const CommonOptions& common, const CatalogueOptions& options) {
    const Shelf shelf = TRY(shelf_of(common));
    const Catalogue& one = *TRY(catalogue_named(shelf.library, options.id));
    const Catalogue& other = *TRY(catalogue_named(shelf.library, options.other));
    if (&one == &other)
        return fail(Errc::bad_input, fmt::format("{} is compared with itself; name two catalogues", one.id));
    const auto& crosswalk = shelf.library.crosswalk;
    const BothWays both{.remark = crosswalk.remark, .comparisons = {catalog::compare(crosswalk, one, other), catalog::compare(crosswalk, other, one)}};
    if (options.json) {
        print_json(both);
        return {};
    }
    print_comparison(shelf, both.comparisons[0], one);
    fmt::print("\n");
    print_comparison(shelf, both.comparisons[1], other);
    if (!both.remark.in(shelf.language).empty())
        fmt::print("\n{}\n", both.remark.in(shelf.language));
    return {};
}

Result<void> coverage(const CommonOptions& common, const CatalogueOptions& options) {
    const Shelf shelf = TRY(shelf_of(common));
    std::vector<const Catalogue*> catalogues;
    if (options.id.empty())
        for (const Catalogue& catalogue : shelf.library.catalogues)
            catalogues.push_back(&catalogue);
    else
        catalogues.push_back(TRY(catalogue_named(shelf.library, options.id)));
    std::vector<catalog::Coverage> rows;
    for (const Catalogue* catalogue : catalogues)
        rows.push_back(catalog::coverage_of(*catalogue));
    if (options.json)
        print_json(rows);
    else if (options.markdown)
        fmt::print("{}", coverage_document(catalogues, shelf.texts, shelf.language));
    else
        fmt::print("{}", coverage_table(rows, !options.id.empty(), shelf.texts, shelf.language));
    return {};
}

int code_of(const Result<void>& done) { return done ? 0 : could_not_run(done.error()); }

}  // namespace

int run_catalogue_list(const CommonOptions& common, const CatalogueOptions& options) { return code_of(list(common, options)); }
int run_catalogue_show(const CommonOptions& common, const CatalogueOptions& options) { return code_of(show(common, options)); }
int run_catalogue_compare(const CommonOptions& common, const CatalogueOptions& options) { return code_of(compare(common, options)); }
int run_catalogue_coverage(const CommonOptions& common, const CatalogueOptions& options) { return code_of(coverage(common, options)); }

}  // namespace shirushi::app
