// make_snapshot: public vulnerability feeds in, one snapshot file (and the table of components) out. See the README.md beside
// the snapshot for the command that was used.

#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "make_snapshot/components.hpp"
#include "make_snapshot/record_set.hpp"
#include "vuln/vuln.hpp"

namespace shirushi::make_snapshot {
namespace {

constexpr std::string_view usage =
    "usage: make_snapshot --components TABLE.tsv [--nvd FILE]... [--overrides FILE]... [--cve FILE]... [--kev FILE]\n"
    "                     --components-out FILE.toml --output FILE.snapshot\n"
    "NVD JSON 1.1 (yearly feed, or one item a line), override layer and CVE JSON 5 (one record a line); *.xz is unpacked.\n";

struct Arguments {
    std::string components;
    std::string components_out;
    std::string output;
    std::string kev;
    std::vector<std::string> nvd;
    std::vector<std::string> overrides;
    std::vector<std::string> cve;
};

Result<Arguments> arguments_from(const std::vector<std::string>& words) {
    Arguments arguments;
    for (std::size_t i = 0; i + 1 < words.size(); i += 2) {
        const std::string& option = words[i];
        const std::string& value = words[i + 1];
        if (option == "--components")
            arguments.components = value;
        else if (option == "--components-out")
            arguments.components_out = value;
        else if (option == "--output")
            arguments.output = value;
        else if (option == "--kev")
            arguments.kev = value;
        else if (option == "--nvd")
            arguments.nvd.push_back(value);
        else if (option == "--overrides")
            arguments.overrides.push_back(value);
        else if (option == "--cve")
            arguments.cve.push_back(value);
        else
            return fail(Errc::bad_input, fmt::format("unknown option {}\n{}", option, usage));
    }
    if (words.size() % 2 != 0 || arguments.components.empty() || arguments.components_out.empty() || arguments.output.empty())
        return fail(Errc::bad_input, std::string(usage));
    return arguments;
}

/// A yearly feed is one large object: its items are handled one at a time and dropped.
Result<void> add_yearly_feed(const std::string& path, RecordSet& records) {
    const std::string text = TRY(read_text(path));
    constexpr int item_depth = 2;
    std::string problem;
    const auto value = nlohmann::json::parse(
        text,
        [&](int depth, nlohmann::json::parse_event_t event, nlohmann::json& item) {
            if (event != nlohmann::json::parse_event_t::object_end || depth != item_depth)
                return true;
            if (auto record = record_from_nvd_item(item))
                records.add_nvd(std::move(*record));
            else
                problem = record.error().message;
            return false;
        },
        false);
    if (value.is_discarded())
        return fail(Errc::bad_input, path + ": not JSON");
    return problem.empty() ? Result<void>{} : fail(Errc::bad_input, path + ": " + problem);
}

/// Calls `add` with each line's record as `read` understands it.
template <class Read, class Add>
Result<void> add_lines(const std::string& path, const Read& read, const Add& add) {
    return for_each_line(path, [&](std::string_view line) -> Result<void> {
        const nlohmann::json item = TRY(parse_json(line));
        if (item.contains("statements"))  // OpenSSL's collection ends with its remarks on old branches
            return {};
        add(TRY(read(item)));
        return {};
    });
}

Result<void> add_feeds(const Arguments& arguments, RecordSet& records) {
    for (const std::string& path : arguments.nvd)
        if (path.find(".jsonl") == std::string::npos)
            TRY(add_yearly_feed(path, records));
        else
            TRY(add_lines(path, record_from_nvd_item, [&](FeedRecord record) { records.add_nvd(std::move(record)); }));
    for (const std::string& path : arguments.overrides) {
        auto done = add_lines(path, record_from_override, [&](FeedRecord record) { records.add_override(std::move(record)); });
        TRY(std::move(done));
    }
    const auto read_cve = [&](const nlohmann::json& item) { return record_from_cve(item, records.products()); };
    for (const std::string& path : arguments.cve) {
        auto done = add_lines(path, read_cve, [&](CveRecord record) { records.add_cve(std::move(record)); });
        TRY(std::move(done));
    }
    if (arguments.kev.empty())
        return {};
    const std::string text = TRY(read_text(arguments.kev));
    const nlohmann::json catalogue = TRY_WITHIN(arguments.kev, parse_json(text));
    records.add_exploited(TRY_WITHIN(arguments.kev, known_exploited(catalogue)));
    return {};
}

Result<void> write_file(const std::string& path, std::string_view content) {
    std::ofstream file(path, std::ios::binary);
    file.write(content.data(), static_cast<std::streamsize>(content.size()));
    file.close();
    return file ? Result<void>{} : fail(Errc::io, path + ": cannot be written");
}

void print_summary(const vuln::Snapshot& snapshot, std::size_t size) {
    std::size_t scored = 0;
    std::size_t exploited = 0;
    std::size_t dated = 0;
    for (std::uint32_t i = 0; i < snapshot.info().advisories; ++i) {
        const vuln::AdvisoryFacts& facts = snapshot.advisory(i);
        scored += facts.tenths >= 0 ? 1 : 0;
        exploited += facts.exploited_since != 0 ? 1 : 0;
        dated += facts.published != 0 ? 1 : 0;
    }
    fmt::print(
        "{} bytes, {} advisories ({} with a score, {} with a date, {} known exploited), {} products, {} criteria, {} texts, "
        "newest {}, sha256 {}\n",
        size, snapshot.info().advisories, scored, dated, exploited, snapshot.products().size(), snapshot.criteria_count(),
        snapshot.text_count(), snapshot.info().date, snapshot.info().sha256.hex());
}

Result<void> run(const Arguments& arguments) {
    const std::string table = TRY(read_text(arguments.components));
    const auto components = components_from_table(table);
    RecordSet records(products_of(components));
    TRY(add_feeds(arguments, records));
    const Buffer file = TRY(vuln::write_snapshot(std::move(records).finish()));
    const vuln::Snapshot snapshot = TRY(vuln::Snapshot::read(file));
    TRY(write_file(arguments.output, as_text(file)));
    TRY(write_file(arguments.components_out, components_toml(components)));
    print_summary(snapshot, file.size());
    return {};
}

}  // namespace
}  // namespace shirushi::make_snapshot

int main(int count, char** words) {
    using namespace shirushi::make_snapshot;
    const auto arguments = arguments_from({words + 1, words + count});
    const auto done = arguments ? run(*arguments) : std::unexpected(arguments.error());
    if (!done)
        fmt::print(stderr, "make_snapshot: {}\n", done.error().message);
    return done ? 0 : 3;
}
