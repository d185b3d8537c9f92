#include "app/coverage_table.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "report/display_width.hpp"

namespace shirushi::app {
namespace {

using catalog::Coverage;
using catalog::Settling;

constexpr std::array kSettlings = {Settling::automatic, Settling::guided, Settling::declared, Settling::person};

const std::vector<std::string>& settled(const Coverage& row, Settling how) {
    switch (how) {
        case Settling::automatic: return row.automatic;
        case Settling::guided: return row.guided;
        case Settling::declared: return row.declared;
        case Settling::person: break;
    }
    return row.person;
}

std::size_t total(const Coverage& row) {
    std::size_t sum = 0;
    for (const Settling how : kSettlings)
        sum += settled(row, how).size();
    return sum;
}

/// Text in two languages for one document or table.
class Words {
public:
    Words(const report::Texts& texts, Language language) : texts_(texts), language_(language) {}
    [[nodiscard]] std::string of(std::string_view key) const { return texts_.of(key).in(language_); }
    [[nodiscard]] std::string of(Settling how) const { return texts_.word("settling", how).in(language_); }
    [[nodiscard]] std::string meaning(Settling how) const { return texts_.word("settling_meaning", how).in(language_); }
    [[nodiscard]] Language language() const { return language_; }

private:
    const report::Texts& texts_;
    Language language_;
};

constexpr std::size_t kName = 20;
constexpr std::size_t kColumn = 13;

std::string right(std::string_view text, std::size_t columns) {
    const std::size_t width = report::display_width(text);
    return std::string(width < columns ? columns - width : 0, ' ').append(text);
}

void add_names(std::string& table, const Coverage& row, const Words& words) {
    for (const Settling how : kSettlings) {
        if (settled(row, how).empty())
            continue;
        fmt::format_to(std::back_inserter(table), "\n{}: {}\n", words.of(how), words.meaning(how));
        for (const std::string& line : report::wrapped(fmt::format("{}", fmt::join(settled(row, how), " ")), 76))
            fmt::format_to(std::back_inserter(table), "  {}\n", line);
    }
}

void add_summary_row(std::string& document, const Catalogue& catalogue, const Words& words) {
    const Coverage row = catalog::coverage_of(catalogue);
    fmt::format_to(std::back_inserter(document), "| `{}` | {} | {} |", catalogue.id, catalogue.title.in(words.language()), catalogue.requirements.size());
    for (const Settling how : kSettlings)
        fmt::format_to(std::back_inserter(document), " {} |", catalogue.kind == CatalogueKind::reference ? "-" : fmt::to_string(settled(row, how).size()));
    const auto unconfirmed = std::ranges::count_if(catalogue.requirements, [](const Requirement& each) { return !each.unconfirmed.empty(); });
    fmt::format_to(std::back_inserter(document), " {} |\n", unconfirmed);
}

void add_catalogue(std::string& document, const Catalogue& catalogue, const Words& words) {
    const Coverage row = catalog::coverage_of(catalogue);
    fmt::format_to(std::back_inserter(document), "\n## {}\n\n{}; {} {}.\n{}: {}\n", catalogue.id, catalogue.title.in(words.language()), words.of("about.edition"),
                   catalogue.edition, words.of("catalogue.confidence"), catalogue.confidence);
    for (const Settling how : kSettlings)
        if (!settled(row, how).empty())
            fmt::format_to(std::back_inserter(document), "\n- {} ({}): {}\n", words.of(how), settled(row, how).size(), fmt::join(settled(row, how), ", "));
}

}  // namespace

std::string coverage_table(const std::vector<Coverage>& rows, bool named, const report::Texts& texts, Language language) {
    const Words words(texts, language);
    std::string table(kName, ' ');
    for (const Settling how : kSettlings)
        table += right(words.of(how), kColumn);
    table += right(words.of("catalogue.total"), kColumn) + "\n";
    for (const Coverage& row : rows) {
        table += report::fitted(row.catalogue, kName);
        if (row.kind == CatalogueKind::reference) {
            table += "  " + words.of("catalogue.reference") + "\n";
            continue;
        }
        for (const Settling how : kSettlings)
            table += right(fmt::to_string(settled(row, how).size()), kColumn);
        table += right(fmt::to_string(total(row)), kColumn) + "\n";
        if (named)
            add_names(table, row, words);
    }
    return table;
}

std::string coverage_document(const std::vector<const Catalogue*>& catalogues, const report::Texts& texts, Language language) {
    const Words words(texts, language);
    std::string document = fmt::format("# {}\n\n{}\n\n", words.of("catalogue.document_title"), words.of("catalogue.document_lead"));
    for (const Settling how : kSettlings)
        fmt::format_to(std::back_inserter(document), "- {}: {}\n", words.of(how), words.meaning(how));
    fmt::format_to(std::back_inserter(document), "\n| {} | {} | {} |", words.of("about.catalogue"), words.of("catalogue.title"), words.of("catalogue.total"));
    for (const Settling how : kSettlings)
        fmt::format_to(std::back_inserter(document), " {} |", words.of(how));
    fmt::format_to(std::back_inserter(document), " {} |\n|---|---|---:|---:|---:|---:|---:|---:|\n", words.of("page.unconfirmed"));
    for (const Catalogue* catalogue : catalogues)
        add_summary_row(document, *catalogue, words);
    for (const Catalogue* catalogue : catalogues)
        if (catalogue->kind == CatalogueKind::testable)
            add_catalogue(document, *catalogue, words);
    return document;
}

}  // namespace shirushi::app
