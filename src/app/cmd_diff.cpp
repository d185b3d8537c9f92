// What changed from one firmware version to the next: assessments, facts, or the folders that hold both.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "app/command.hpp"
#include "app/program_files.hpp"
#include "assess/difference.hpp"
#include "base/text.hpp"
#include "model/json.hpp"
#include "report/texts.hpp"

namespace shirushi::app {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kDocumentLimit = std::uint64_t{512} << 20;

/// What one side of the comparison has.
struct Side {
    std::string path;
    std::optional<Assessment> assessment;
    std::optional<Facts> facts;
};

/// The headings of the facts' tables that are compared.
constexpr std::string_view kTables[] = {"diff.table.components",   "diff.table.advisory_matches", "diff.table.accounts",          "diff.table.secrets",    "diff.table.certificates",
                                        "diff.table.services",     "diff.table.permissions",      "diff.table.update_mechanisms", "diff.table.executables",
                                        "diff.table.web_handlers", "diff.table.web_exposures", "diff.table.wireless_networks",   "diff.table.bluetooth_settings",
                                        "diff.table.usb_exposures", "diff.table.reset_mechanisms"};

std::string_view heading_of(std::string_view table) {
    const auto* const found = std::ranges::find_if(kTables, [&](std::string_view key) { return key.substr(key.rfind('.') + 1) == table; });
    return found == std::end(kTables) ? table : *found;
}

/// An assessment has a schema's name as its first member, facts have none.
bool is_assessment(std::string_view text) { return text.substr(0, 400).find("/assessment-") != std::string_view::npos; }

Result<void> read_into(const fs::path& file, Side& side) {
    const Buffer bytes = TRY(read_file(file, kDocumentLimit));
    if (is_assessment(as_text(bytes)))
        side.assessment = TRY_WITHIN(file.string(), assessment_from_json(as_text(bytes)));
    else
        side.facts = TRY_WITHIN(file.string(), facts_from_json(as_text(bytes)));
    return {};
}

Result<Side> side_of(const std::string& path) {
    Side side{.path = path, .assessment = {}, .facts = {}};
    std::error_code error;
    if (!fs::is_directory(path, error)) {
        TRY(read_into(path, side));
        return side;
    }
    for (const char* name : {"assessment.json", "facts.json"})
        if (fs::exists(fs::path(path) / name, error))
            TRY(read_into(fs::path(path) / name, side));
    if (!side.assessment && !side.facts)
        return fail(Errc::not_found, fmt::format("{} holds neither assessment.json nor facts.json: name a folder that verify wrote", path));
    return side;
}

Result<Difference> difference_of(const Side& before, const Side& after) {
    Difference difference;
    if (before.assessment && after.assessment) {
        if (before.assessment->catalogue != after.assessment->catalogue)
            return fail(Errc::bad_input, fmt::format("{} was judged by {}, {} by {}: only judgements by the same catalogue can be compared", before.path, printable(before.assessment->catalogue),
                                                     after.path, printable(after.assessment->catalogue)));
        assess::compare(*before.assessment, *after.assessment, difference);
    }
    if (before.facts && after.facts)
        assess::compare(*before.facts, *after.facts, difference);
    if (difference.catalogue.empty() && !difference.files && !(before.facts && after.facts))
        return fail(Errc::bad_input, fmt::format("{} and {} have nothing in common: hand in two assessments, two facts.json, or two folders that verify wrote", before.path, after.path));
    return difference;
}

class Printer {
public:
    Printer(const Difference& difference, Language language) : difference_(difference), language_(language), texts_(report::Texts::embedded()) {}

    void all() const {
        verdicts();
        findings();
        facts();
        inputs();
        const bool same = difference_.verdicts.empty() && difference_.findings.empty() && difference_.facts.empty() && difference_.inputs.empty() &&
                          (!difference_.files || difference_.files == FileChanges{});
        if (same)
            fmt::print("{}\n", text("diff.same"));
    }

private:
    [[nodiscard]] std::string text(std::string_view key) const { return texts_.of(key).in(language_); }
    template <class Enum>
    [[nodiscard]] std::string word(std::string_view family, Enum value) const { return texts_.word(family, value).in(language_); }
    void heading(std::string_view key) const { fmt::print("{}\n", text(key)); }
    static char mark(Change change) { return change == Change::added ? '+' : change == Change::removed ? '-' : '~'; }

    void verdicts() const {
        if (difference_.verdicts.empty())
            return;
        heading("diff.verdicts");
        for (const VerdictChange& each : difference_.verdicts)
            fmt::print("  {:<10} {} -> {}\n", printable(each.requirement), each.before ? word("verdict", *each.before) : text("diff.none"), each.after ? word("verdict", *each.after) : text("diff.none"));
        fmt::print("\n");
    }

    void findings() const {
        for (const Change change : {Change::added, Change::removed}) {
            const auto count = std::ranges::count(difference_.findings, change, &FindingChange::change);
            if (count == 0)
                continue;
            fmt::print("{} ({})\n", text(change == Change::added ? "diff.findings_added" : "diff.findings_removed"), count);
            for (const FindingChange& each : difference_.findings)
                if (each.change == change)
                    fmt::print("  {} {} [{}] {}\n", mark(change), printable(each.finding.check_id), word("kind", each.finding.kind), printable(each.finding.message.in(language_)));
            fmt::print("\n");
        }
    }

    void facts() const {
        std::string table;
        for (const FactChange& each : difference_.facts) {
            if (table != each.table)
                fmt::print("{}{}\n", table.empty() ? "" : "\n", text(heading_of(each.table)));
            table = each.table;
            const std::string words = each.change == Change::changed ? fmt::format("{} -> {}", each.before, each.after) : each.before + each.after;
            fmt::print("  {} {}{}{}\n", mark(each.change), printable(each.name), words.empty() ? "" : ": ", printable(words));
        }
        if (difference_.files && *difference_.files != FileChanges{}) {
            fmt::print("{}", table.empty() ? "" : "\n");
            fmt::print(fmt::runtime(text("diff.files")), difference_.files->added, difference_.files->removed, difference_.files->changed);
            fmt::print("\n");
        }
        if (!table.empty() || (difference_.files && *difference_.files != FileChanges{}))
            fmt::print("\n");
    }

    void inputs() const {
        if (difference_.inputs.empty())
            return;
        heading("diff.inputs");
        for (const InputChange& each : difference_.inputs)
            fmt::print("  {} {}\n", mark(each.change), printable(each.name));
    }

    const Difference& difference_;
    Language language_;
    report::Texts texts_;
};

Result<int> compare(const CommonOptions& common, const DiffOptions& options) {
    const Side before = TRY(side_of(options.before));
    const Side after = TRY(side_of(options.after));
    const Difference difference = TRY(difference_of(before, after));
    if (options.json)
        std::fputs(to_json(difference).c_str(), stdout);
    else
        Printer(difference, common.language).all();
    return assess::is_worse(difference) ? 1 : assess::is_more_open(difference) ? 2 : 0;
}

}  // namespace

int run_diff(const CommonOptions& common, const DiffOptions& options) {
    const auto code = compare(common, options);
    return code ? *code : could_not_run(code.error());
}

}  // namespace shirushi::app
