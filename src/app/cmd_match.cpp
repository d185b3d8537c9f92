#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <tuple>

#include "app/command.hpp"
#include "app/pipeline.hpp"
#include "app/progress.hpp"
#include "app/supplied_documents.hpp"
#include "base/text.hpp"
#include "model/json.hpp"
#include "report/shown.hpp"
#include "report/texts.hpp"

namespace shirushi::app {
namespace {

enum class Weight { applies, undecided, excluded };

Weight weight_of(const AdvisoryMatch& match) {
    switch (match.state) {
        case MatchState::affected: return Weight::applies;
        case MatchState::version_unknown:
        case MatchState::superseded:
        case MatchState::open_ended: return Weight::undecided;
        case MatchState::mended:
        case MatchState::not_compiled_in: return Weight::excluded;
    }
    return Weight::undecided;
}

/// Components of a bill of materials, or of an image.
Result<Table<Component>> components_in(const CommonOptions& common, const std::string& path, const Knowledge& knowledge) {
    if (const auto document = TRY(bill_in(path)))
        return sbom::components(*document, TRY_WITHIN("identifiers", identifiers_of(knowledge.library)));
    ProgressLine progress(common.progress);
    const OpenedImage image = TRY(open_image(path, [&](std::string_view what, std::uint64_t done, std::uint64_t total) { progress.show(what, done, total); }));
    return components_of(image.tree, knowledge.library);
}

/// What is exploited first, then by score.
void sort_by_urgency(std::vector<const AdvisoryMatch*>& rows) {
    std::ranges::stable_sort(rows, [](const AdvisoryMatch* left, const AdvisoryMatch* right) {
        const auto key = [](const AdvisoryMatch* each) {
            return std::tuple(static_cast<int>(weight_of(*each)), each->exploited_since ? 0 : 1, -each->score.value_or(-1), -each->epss.value_or(-1));
        };
        return key(left) < key(right);
    });
}

void print_row(const AdvisoryMatch& row, const report::Texts& texts, Language language) {
    const auto state = texts.of(fmt::format("match.{}", name_of(row.state))).in(language);
    std::string more;
    if (row.exploited_since)
        more += "; " + fmt::format(fmt::runtime(texts.of("matches.exploited").in(language)), *row.exploited_since);
    if (row.epss)
        more += fmt::format("; EPSS {:.1f} %", *row.epss * 100);
    if (!row.reason.empty())
        more += "; " + printable(row.reason);
    fmt::print("{:<17} {:>4}  {}  {}  [{}{}{}]\n", row.advisory.empty() ? "-" : row.advisory, row.score ? fmt::format("{:.1f}", *row.score) : "-", printable(row.component), printable(row.range), state,
               row.source.empty() ? "" : ", " + row.source, more);
}

/// Under which other names it is known; in Japanese with JVN iPedia's title.
void print_aliases(const AdvisoryMatch& row, const vuln::Snapshot& snapshot, Language language) {
    const vuln::AdvisoryFacts* const facts = snapshot.advisory(row.advisory);
    if (facts == nullptr)
        return;
    for (const vuln::Alias& each : snapshot.aliases(*facts)) {
        const std::string title = language == Language::ja ? printable(snapshot.text(each.title)) : std::string();
        if (!title.empty() || each.id != facts->id)
            fmt::print("{:17}       {}{}{}\n", "", printable(snapshot.text(each.id)), title.empty() ? "" : "  ", title);
    }
}

Result<int> print_matches(const CommonOptions& common, const MatchOptions& options) {
    const Knowledge knowledge = TRY(load_knowledge(common.catalogues_folder, options.snapshot));
    if (!knowledge.snapshot)
        return fail(Errc::not_found, "there is no advisory snapshot: name one with --snapshot");
    const vuln::Snapshot& snapshot = *knowledge.snapshot;
    Facts facts;
    facts.components = TRY(components_in(common, options.input, knowledge));
    facts.snapshot = snapshot.info();
    facts.advisory_matches = vuln::match(facts.components, snapshot, product_names(knowledge.library));
    std::vector<const AdvisoryMatch*> rows;
    std::array<std::size_t, 3> counts{};
    for (const AdvisoryMatch& each : facts.advisory_matches.rows) {
        ++counts[static_cast<std::size_t>(weight_of(each))];
        if (options.all || weight_of(each) != Weight::excluded)
            rows.push_back(&each);
    }
    if (options.json) {
        fmt::print("{}", to_json(facts));
    } else {
        const auto texts = report::Texts::embedded();
        sort_by_urgency(rows);
        for (const AdvisoryMatch* each : rows) {
            print_row(*each, texts, common.language);
            print_aliases(*each, snapshot, common.language);
        }
        const auto text = [&](const char* key) { return texts.of(key).in(common.language); };
        fmt::print(fmt::runtime(text("matches.counts")), facts.components.rows.size(), facts.advisory_matches.rows.size(), counts[0], counts[1], counts[2]);
        fmt::print("\n");
        fmt::print(fmt::runtime(text("matches.data")), report::grouped(snapshot.info().advisories), snapshot.info().date, snapshot.info().sha256.hex());
        fmt::print("\n");
    }
    return counts[0] != 0 ? 1 : counts[1] != 0 ? 2 : 0;
}

}  // namespace

int run_match(const CommonOptions& common, const MatchOptions& options) {
    const auto done = print_matches(common, options);
    return done ? *done : could_not_run(done.error());
}

}  // namespace shirushi::app
