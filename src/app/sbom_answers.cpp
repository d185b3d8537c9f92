#include "app/sbom_answers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <set>

#include "report/texts.hpp"

namespace shirushi::app {
namespace {

/// Texts in one language.
class Words {
public:
    explicit Words(Language language) : language_(language) {}

    [[nodiscard]] std::string of(std::string_view key) const { return texts_.of(key).in(language_); }
    template <class... Arguments>
    [[nodiscard]] std::string filled(std::string_view key, const Arguments&... arguments) const {
        return fmt::format(fmt::runtime(of(key)), arguments...);
    }

private:
    report::Texts texts_ = report::Texts::embedded();
    Language language_;
};

constexpr std::array<const char*, 4> kComparisons = {"compare.same", "compare.version_differs", "compare.declared_only", "compare.found_only"};
constexpr std::array<const char*, 7> kElements = {"quality.supplier",     "quality.name",   "quality.version",  "quality.identifier",
                                                  "quality.relationship", "quality.author", "quality.timestamp"};
constexpr std::array<const char*, 3> kVerdicts = {"licence.allow", "licence.review", "licence.deny"};
constexpr std::array<const char*, 3> kSources = {"licence.package_field", "licence.copyright_file", "licence.licence_text"};

template <class Enum, std::size_t N>
const char* key_of(const std::array<const char*, N>& keys, Enum value) {
    return keys[static_cast<std::size_t>(value)];
}

std::string versions_of(const sbom::ComparedRow& row, const Words& words) {
    const auto shown = [&](const std::string& version) { return version.empty() ? words.of("compare.no_version") : version; };
    switch (row.result) {
        case sbom::Comparison::declared_only: return shown(row.declared_version);
        case sbom::Comparison::found_only: return shown(row.found_version);
        default: break;
    }
    return row.declared_version == row.found_version
               ? shown(row.found_version)
               : words.filled("compare.columns", shown(row.declared_version), shown(row.found_version));
}

}  // namespace

int SbomAnswers::print(const sbom::ComparedTable& table) const {
    const bool differs = std::ranges::any_of(table.rows, [](const sbom::ComparedRow& row) { return row.result != sbom::Comparison::same; });
    const int code = differs ? 1 : table.found_is_partial ? 2 : 0;
    if (json) {
        std::fputs(to_json(table).c_str(), stdout);
        return code;
    }
    const Words words(language);
    for (std::size_t kind = kComparisons.size(); kind-- > 0;) {  // what differs stands first
        const auto result = static_cast<sbom::Comparison>(kind);
        const auto rows = std::ranges::count(table.rows, result, &sbom::ComparedRow::result);
        if (rows == 0)
            continue;
        fmt::print("{} ({})\n", words.of(key_of(kComparisons, result)), rows);
        for (const sbom::ComparedRow& row : table.rows)
            if (row.result == result)
                fmt::print("  {}  {}{}\n", row.name, versions_of(row, words), row.matched_by.empty() ? "" : "  [" + row.matched_by + "]");
    }
    if (table.found_is_partial)
        fmt::print("{}\n", words.of("compare.partial"));
    return code;
}

int SbomAnswers::print(const sbom::Quality& quality) const {
    const bool complete = std::ranges::all_of(
        quality.elements, [](const sbom::RatedElement& rated) { return rated.total > 0 && rated.present == rated.total; });
    if (json) {
        std::fputs(to_json(quality).c_str(), stdout);
        return complete ? 0 : 1;
    }
    const Words words(language);
    fmt::print("{}\n", words.filled("quality.title", quality.score));
    for (const sbom::RatedElement& rated : quality.elements) {
        fmt::print("  {:>6}/{:<6} {}\n", rated.present, rated.total, words.of(key_of(kElements, rated.element)));
        if (rated.lacking.empty())
            continue;
        std::string list = fmt::format("{}", fmt::join(rated.lacking, ", "));
        if (const std::uint64_t more = rated.total - rated.present - rated.lacking.size(); more > 0)
            list += " " + words.filled("quality.more", more);
        fmt::print("                {}\n", words.filled("quality.lacking", list));
    }
    fmt::print("{}\n", words.of("quality.how"));
    return complete ? 0 : 1;
}

int SbomAnswers::print(const sbom::LicenceTable& table, const LicencePolicy& policy) const {
    const auto worst = std::ranges::max_element(table.rows, {}, &sbom::ComponentLicence::verdict);
    const bool conflict = std::ranges::any_of(table.rows, [](const sbom::ComponentLicence& row) { return !row.conflicts.empty(); });
    const bool denied = worst != table.rows.end() && worst->verdict == LicenceVerdict::deny;
    const bool open = table.texts_are_partial || (worst != table.rows.end() && worst->verdict == LicenceVerdict::review);
    const int code = denied || conflict ? 1 : open ? 2 : 0;
    if (json) {
        std::fputs(to_json(table).c_str(), stdout);
        return code;
    }
    const Words words(language);
    bool texts = false;
    std::set<std::string> obligations;
    for (const sbom::ComponentLicence& row : table.rows) {
        if (row.component.empty() && !texts) {
            fmt::print("{}\n", words.of("licence.texts"));
            texts = true;
        }
        fmt::print("{}  {}  [{}]\n", row.component.empty() ? "-" : row.component, row.expression.empty() ? words.of("licence.none") : row.expression,
                   words.of(key_of(kVerdicts, row.verdict)));
        for (const sbom::LicenceEvidence& one : row.evidence)
            fmt::print("    {}: {}\n", one.licence, words.filled("licence.evidence", one.path, words.of(key_of(kSources, one.source))));
        for (const std::size_t index : row.conflicts)
            fmt::print("    {}\n", words.filled("licence.conflict", policy.conflict[index].text.in(language)));
        obligations.insert(row.obligations.begin(), row.obligations.end());
    }
    if (!obligations.empty())
        fmt::print("{}\n", words.of("licence.obligations"));
    for (const LicenceObligation& obligation : policy.obligation)
        if (obligations.contains(obligation.id))
            fmt::print("  {}: {}\n", obligation.id, obligation.text.in(language));
    if (table.texts_are_partial)
        fmt::print("{}\n", words.of("licence.partial"));
    return code;
}

}  // namespace shirushi::app
