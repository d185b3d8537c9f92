#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "app/command.hpp"
#include "app/program_files.hpp"
#include "base/civil_time.hpp"
#include "base/text.hpp"
#include "feeds/feed_file.hpp"
#include "report/rank_chart.hpp"
#include "vuln/statistics.hpp"

namespace shirushi::app {
namespace {

constexpr std::uint64_t kLargestTable = std::uint64_t{1} << 20;
constexpr unsigned kCharted = 20;

/// One input's advisories under a short name.
struct Source {
    std::string name;
    std::vector<vuln::ScoredAdvisory> advisories;
    std::map<std::string, std::string> names;  ///< of weaknesses, where it holds CWE's list
};

/// What a file's name says of the state of its data: "nvd-...-state-2020-04-27.tsv.xz" is nvd2020-04.
std::string short_name(const std::string& path) {
    const std::string file = std::filesystem::path(path).filename().string();
    const auto state = file.find("state-");
    if (state != std::string::npos && file.size() >= state + 13)
        return "nvd" + file.substr(state + 6, 7);
    return file.substr(0, file.find('.'));
}

Result<Source> read_table(const std::string& path) {
    auto file = TRY(feeds::FeedFile::open(path));
    if (!TRY(file.next_member()))
        return fail(Errc::bad_input, fmt::format("{} is empty", path));
    vuln::AdvisoryTable table;
    std::string rest;
    for (std::string_view piece = TRY_WITHIN(path, file.read()); !piece.empty(); piece = TRY_WITHIN(path, file.read())) {
        rest += piece;
        std::size_t from = 0;
        for (std::size_t end = rest.find('\n'); end != std::string::npos; end = rest.find('\n', from)) {
            TRY_WITHIN(path, table.line(std::string_view(rest).substr(from, end - from)));
            from = end + 1;
        }
        rest.erase(0, from);
        if (rest.size() > kLargestTable)
            return fail(Errc::limit, fmt::format("{}: a line takes more than {} bytes", path, kLargestTable));
    }
    if (!rest.empty())
        TRY_WITHIN(path, table.line(rest));
    return Source{.name = short_name(path), .advisories = std::move(table.advisories), .names = {}};
}

/// A snapshot, or a table with one advisory a line.
Result<Source> read_source(const std::string& path) {
    const MappedFile file = TRY(MappedFile::open(path));
    const auto snapshot = vuln::Snapshot::view(file.bytes());
    if (!snapshot)
        return read_table(path);
    Source source{.name = short_name(path), .advisories = vuln::scored_advisories(*snapshot), .names = {}};
    for (const vuln::Weakness& each : snapshot->known_weaknesses())
        source.names.emplace(snapshot->text(each.id), printable(snapshot->text(each.name)));
    return source;
}

/// A row of the table that chose the requirements (catalogues/statistics).
struct Published {
    std::string cwe;
    std::string row;  ///< as it stands there: rank, CWE, name, four counts
};

Result<std::vector<Published>> published_table(const std::string& catalogues, std::string& heading) {
    const auto folder = TRY(catalogues_folder(catalogues));
    const Buffer bytes = TRY(read_file(folder / "statistics/cwe-top20-2017.tsv", kLargestTable));
    std::vector<Published> rows;
    for (const std::string_view line : lines_of(as_text(bytes))) {
        const auto fields = split(line, '\t');
        if (heading.empty())
            heading = line;
        else if (fields.size() >= 2)
            rows.push_back({std::string(fields[1]), std::string(line)});
    }
    return rows;
}

void print_beside(const std::vector<Published>& rows, std::string heading, const std::vector<Source>& sources, const vuln::Window& window) {
    std::vector<std::map<std::string, vuln::WeaknessCount>> counts(sources.size());
    for (std::size_t i = 0; i < sources.size(); ++i) {
        const std::string& name = sources[i].name;
        heading += fmt::format("\t{0}_total\t{0}_critical\t{0}_high\t{0}_c_plus_h\t{0}_rank", name);
        for (vuln::WeaknessCount& each : vuln::count_weaknesses(sources[i].advisories, window))
            counts[i].emplace(each.cwe, each);
    }
    fmt::print("{}\n", heading);
    for (const Published& row : rows) {
        std::string line = row.row;
        for (const auto& of : counts) {
            const auto found = of.find(row.cwe);
            const vuln::WeaknessCount count = found == of.end() ? vuln::WeaknessCount{} : found->second;
            line += fmt::format("\t{}\t{}\t{}\t{}\t{}", count.total, count.critical, count.high, count.severe(), found == of.end() ? "-" : fmt::to_string(count.rank));
        }
        fmt::print("{}\n", line);
    }
}

/// With a last column for names, where any of the files has them.
void print_top(const std::vector<Source>& sources, const vuln::Window& window, unsigned count) {
    const auto named = std::ranges::find_if_not(sources, [](const Source& each) { return each.names.empty(); });
    fmt::print("rank\tcwe\ttotal\tcritical\thigh\tc_plus_h{}\n", named == sources.end() ? "" : "\tname");
    const auto name_of_weakness = [&](const std::string& cwe) -> std::string {
        if (named == sources.end())
            return {};
        const auto found = named->names.find(cwe);
        return "\t" + (found == named->names.end() ? std::string("-") : found->second);
    };
    for (const vuln::WeaknessCount& each : vuln::count_weaknesses(sources.front().advisories, window))
        if (each.rank <= count)
            fmt::print("{}\t{}\t{}\t{}\t{}\t{}{}\n", each.rank, each.cwe, each.total, each.critical, each.high, each.severe(), name_of_weakness(each.cwe));
}

/// Ranks year by year, of whatever was among the first in any year.
std::string chart_of(const Source& source, const vuln::Window& window) {
    report::RankChart chart{.title = "CWE ranking by year: advisories with critical or high CVSS v3 scores", .columns = {}, .lines = {}, .ranks = kCharted};
    std::map<std::string, std::vector<std::optional<unsigned>>> ranks;
    std::string first = "9999";
    std::string last = "0000";
    for (const vuln::ScoredAdvisory& each : source.advisories) {
        if (each.published.size() < 4 || each.published < window.from || (!window.to.empty() && each.published > window.to))
            continue;
        first = std::min(first, each.published.substr(0, 4));
        last = std::max(last, each.published.substr(0, 4));
    }
    for (int year = to_integer<int>(first).value_or(9999); year <= to_integer<int>(last).value_or(0); ++year) {
        const std::string name = fmt::format("{:04}", year);
        chart.columns.push_back(name);
        for (const vuln::WeaknessCount& each : vuln::count_weaknesses(source.advisories, {.from = std::max(window.from, name + "-01-01"),
                                                                                         .to = window.to.empty() ? name + "-12-31" : std::min(window.to, name + "-12-31")})) {
            if (each.rank > kCharted)
                continue;
            auto& line = ranks[each.cwe];
            line.resize(chart.columns.size());
            line.back() = each.rank;
        }
    }
    for (auto& [cwe, line] : ranks) {
        line.resize(chart.columns.size());
        chart.lines.push_back({cwe, std::move(line)});
    }
    return report::rank_chart_svg(chart);
}

Result<void> print_statistics(const CommonOptions& common, const StatsOptions& options) {
    for (const std::string& day : {options.from, options.to})
        if (!day.empty())
            TRY(Date::from_text(day));
    const vuln::Window window{.from = options.from, .to = options.to};
    std::vector<Source> sources;
    for (const std::string& path : options.files)
        sources.push_back(TRY(read_source(path)));
    if (options.top == 0) {
        std::string heading;
        const auto rows = TRY(published_table(common.catalogues_folder, heading));
        print_beside(rows, heading, sources, window);
    } else {
        print_top(sources, window, options.top);
    }
    if (options.picture.empty())
        return {};
    const std::filesystem::path path(options.picture);
    const OutputFolder folder = TRY(OutputFolder::open(path.has_parent_path() ? path.parent_path().string() : "."));
    return folder.write({{path.filename().string(), chart_of(sources.front(), window)}});
}

}  // namespace

int run_stats(const CommonOptions& common, const StatsOptions& options) {
    const auto done = print_statistics(common, options);
    return done ? 0 : could_not_run(done.error());
}

}  // namespace shirushi::app
