#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <tuple>

#include "app/command.hpp"
#include "app/pipeline.hpp"
#include "app/progress.hpp"
#include "app/supplied_documents.hpp"
#include "assess/priority.hpp"
#include "base/text.hpp"
#include "model/advisory_match.hpp"
#include "model/json.hpp"
#include "report/shown.hpp"
#include "report/texts.hpp"

namespace shirushi::app {
namespace {

enum class Weight { applies, undecided, excluded };

Weight weight_of(const AdvisoryMatch& match) {
    if (affects(match))
        return Weight::applies;
    if (is_set_aside(match) || match.state == MatchState::mended || match.state == MatchState::not_compiled_in)
        return Weight::excluded;
    return Weight::undecided;
}

/// Components of a bill of materials, or of an image with how they are reached.
Result<Facts> components_in(const CommonOptions& common, const std::string& path, const Knowledge& knowledge) {
    if (const auto document = TRY(bill_in(path)))
        return Facts{.components = sbom::components(*document, names_of(knowledge.library))};
    ProgressLine progress(common.progress);
    const OpenedImage image = TRY(open_image(path, [&](std::string_view what, std::uint64_t done, std::uint64_t total) { progress.show(what, done, total); }));
    return observe_exposures(image, knowledge);
}

/// Matches on the terminal: what applies by priority, then the rest, what is exploited first, then by score.
class Printer {
public:
    Printer(const Facts& facts, const vuln::Snapshot& snapshot, const catalog::Library& library, Language language)
        : facts_(facts), snapshot_(snapshot), language_(language), priorities_(assess::priorities(facts, library)) {
        for (std::size_t i = 0; i < priorities_.size(); ++i)
            places_.emplace(std::pair(priorities_[i].advisory, priorities_[i].component), i);
    }

    void rows(bool all) const {
        std::vector<const AdvisoryMatch*> rows;
        for (const AdvisoryMatch& each : facts_.advisory_matches.rows)
            if (all || weight_of(each) != Weight::excluded || each.statement)
                rows.push_back(&each);
        std::ranges::stable_sort(rows, {}, [this](const AdvisoryMatch* each) {
            return std::tuple(static_cast<int>(weight_of(*each)), place_of(*each), each->exploited_since ? 0 : 1, -each->score.value_or(-1), -each->epss.value_or(-1));
        });
        for (const AdvisoryMatch* each : rows)
            row(*each);
    }

private:
    [[nodiscard]] std::string text(std::string_view key) const { return texts_.of(key).in(language_); }

    [[nodiscard]] std::size_t place_of(const AdvisoryMatch& match) const {
        const auto found = places_.find(std::pair(match.advisory, match.component));
        return found == places_.end() ? priorities_.size() : found->second;
    }

    void row(const AdvisoryMatch& row) const {
        const std::size_t place = place_of(row);
        const bool has_priority = place < priorities_.size() && affects(row);
        std::string more;
        if (row.exploited_since && !has_priority)
            more += "; " + fmt::format(fmt::runtime(text("matches.exploited")), *row.exploited_since);
        if (row.epss && !has_priority)
            more += fmt::format("; EPSS {:.1f} %", *row.epss * 100);
        if (!row.reason.empty())
            more += "; " + printable(row.reason);
        fmt::print("{:<17} {:>4}  {}  {}  [{}{}{}]\n", row.advisory.empty() ? "-" : row.advisory, row.score ? fmt::format("{:.1f}", *row.score) : "-", printable(row.component),
                   printable(row.range), texts_.word("match", row.state).in(language_), row.source.empty() ? "" : ", " + row.source, more);
        if (has_priority)
            fmt::print("    {}: {}\n", texts_.word("priority", priorities_[place].priority).in(language_), printable(priorities_[place].words.in(language_)));
        aliases(row);
        if (row.statement)
            statement(*row.statement);
    }

    /// Under which other names it is known; in Japanese with JVN iPedia's title.
    void aliases(const AdvisoryMatch& row) const {
        const vuln::AdvisoryFacts* const facts = snapshot_.advisory(row.advisory);
        if (facts == nullptr)
            return;
        for (const vuln::Alias& each : snapshot_.aliases(*facts)) {
            const std::string title = language_ == Language::ja ? printable(snapshot_.text(each.title)) : std::string();
            if (!title.empty() || each.id != facts->id)
                fmt::print("    {}{}{}\n", printable(snapshot_.text(each.id)), title.empty() ? "" : "  ", title);
        }
    }

    /// "set aside: maker states: not affected: component_not_present; words (maker.vex.json /statements/0)".
    void statement(const MatchStatement& stated) const {
        std::string why = stated.justification == VexJustification::none ? "" : ": " + std::string(name_of(stated.justification));
        if (!stated.words.empty())
            why += (why.empty() ? ": " : "; ") + stated.words;
        const std::string use = stated.use == StatementUse::applied ? text(is_settling(stated.status) ? "vex.suppressed" : "vex.heard") : texts_.word("vex", stated.use).in(language_);
        fmt::print("    VEX, {}{}: {}{} ({}{} {})\n", use, stated.contradiction.empty() ? "" : " (" + printable(stated.contradiction) + ")", texts_.word("vex", stated.status).in(language_),
                   printable(why), stated.author.empty() ? "" : printable(stated.author) + ", ", printable(stated.document), printable(stated.place));
    }

    static bool is_settling(VexStatus status) { return status == VexStatus::not_affected || status == VexStatus::fixed; }

    const Facts& facts_;
    const vuln::Snapshot& snapshot_;
    Language language_;
    report::Texts texts_ = report::Texts::embedded();
    std::vector<MatchPriority> priorities_;
    std::map<std::pair<std::string, std::string>, std::size_t> places_;
};

Result<int> print_matches(const CommonOptions& common, const MatchOptions& options) {
    const Knowledge knowledge = TRY(load_knowledge(common.catalogues_folder, catalog::Parts::lists, options.snapshot));
    if (!knowledge.snapshot)
        return fail(Errc::not_found, "there is no advisory snapshot: name one with --snapshot");
    const vuln::Snapshot& snapshot = *knowledge.snapshot;
    const Statements statements = TRY(statements_in(options.statements));
    for (const std::string& remark : statements.remarks)
        fmt::print(stderr, "{}\n", remark);
    Facts facts = TRY(components_in(common, options.input, knowledge));
    facts.snapshot = snapshot.info();
    const auto names = product_names(knowledge.library);
    facts.advisory_matches = vuln::match(facts.components, snapshot, names);
    const bool covered = facts.advisory_matches.gaps.size() == facts.components.gaps.size();
    hear(statements, std::nullopt, facts);
    std::array<std::size_t, 3> counts{};
    for (const AdvisoryMatch& each : facts.advisory_matches.rows)
        ++counts[static_cast<std::size_t>(weight_of(each))];
    if (options.json) {
        std::fputs(to_json(facts).c_str(), stdout);
    } else {
        const auto texts = report::Texts::embedded();
        Printer(facts, snapshot, knowledge.library, common.language).rows(options.all);
        const auto text = [&](const char* key) { return texts.of(key).in(common.language); };
        fmt::print(fmt::runtime(text("matches.counts")), facts.components.rows.size(), facts.advisory_matches.rows.size(), counts[0], counts[1], counts[2]);
        fmt::print("\n");
        for (std::size_t i = facts.components.gaps.size(); i < facts.advisory_matches.gaps.size(); ++i) {
            fmt::print(fmt::runtime(text("matches.not_covered")), printable(facts.advisory_matches.gaps[i]));
            fmt::print("\n");
        }
        if (const std::size_t count = vuln::unidentified(facts.components, names); count != 0) {
            fmt::print(fmt::runtime(text("matches.unidentified")), count);
            fmt::print("\n");
        }
        fmt::print(fmt::runtime(text("matches.data")), report::grouped(snapshot.info().advisories), snapshot.info().date, snapshot.info().sha256.hex());
        fmt::print("\n");
    }
    return counts[0] != 0 ? 1 : counts[1] != 0 || !covered ? 2 : 0;
}

}  // namespace

int run_match(const CommonOptions& common, const MatchOptions& options) {
    const auto done = print_matches(common, options);
    return done ? *done : could_not_run(done.error());
}

}  // namespace shirushi::app
