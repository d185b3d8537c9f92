#include <gtest/gtest.h>

#include <algorithm>

#include "report/report.hpp"
#include "report/texts.hpp"
#include "sample.hpp"

namespace shirushi::report {
namespace {

using Rows = std::vector<std::vector<std::string>>;

/// RFC 4180 as a spreadsheet reads it.
Rows rows_of(std::string_view text) {
    EXPECT_TRUE(text.starts_with("\xEF\xBB\xBF"));
    text.remove_prefix(3);
    Rows rows(1, {""});
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        std::string& cell = rows.back().back();
        if (quoted && text[i] == '"' && i + 1 < text.size() && text[i + 1] == '"')
            cell += text[i++];
        else if (text[i] == '"')
            quoted = !quoted;
        else if (!quoted && text[i] == ',')
            rows.back().emplace_back();
        else if (!quoted && text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n')
            rows.push_back({""}), ++i;
        else
            cell += text[i];
    }
    EXPECT_FALSE(quoted);
    return rows;
}

std::vector<std::string> row_of(const Rows& rows, std::string_view first) {
    const auto found = std::ranges::find(rows, first, [](const auto& row) { return row.front(); });
    return found == rows.end() ? std::vector<std::string>() : *found;
}

TEST(Checklist, HasALineForEachRequirementInBothLanguages) {
    const auto sample = report_sample::router();
    const Texts texts = Texts::embedded();
    for (const Language language : {Language::en, Language::ja}) {
        const Rows rows = rows_of(checklist(sample.assessment, sample.catalogue, language));
        for (const Verdict& verdict : sample.assessment.verdicts) {
            const auto row = row_of(rows, verdict.requirement);
            ASSERT_EQ(row.size(), 9U) << verdict.requirement;
            const auto requirement = std::ranges::find(sample.catalogue.requirements, verdict.requirement, &Requirement::id);
            EXPECT_EQ(row[1], requirement->title.in(language));
            EXPECT_EQ(row[3], texts.word("verdict", verdict.verdict).in(language));
            EXPECT_FALSE(row[5].empty()) << "the grounds of " << verdict.requirement;
            EXPECT_EQ(std::ranges::count(row[7], '\n') + (row[7].empty() ? 0 : 1), static_cast<std::ptrdiff_t>(verdict.remedy.size()));
        }
    }
}

TEST(Checklist, NothingInItIsAFormula) {
    auto sample = report_sample::router();
    sample.assessment.product = Product{.vendor = "=HYPERLINK(\"http://example\")", .model = "+1", .version = "a,b\"c\nd"};
    const std::string text = checklist(sample.assessment, sample.catalogue, Language::en);
    const Rows rows = rows_of(text);
    EXPECT_EQ(row_of(rows, "Maker")[1], "'=HYPERLINK(\"http://example\")");
    EXPECT_EQ(row_of(rows, "Product, version")[1], "'+1");
    for (const auto& row : rows)
        for (const std::string& cell : row)
            EXPECT_TRUE(cell.empty() || std::string_view("=+-@").find(cell[0]) == std::string_view::npos) << cell;
}

TEST(Checklist, SaysWhatOfARequirementIsUnconfirmed) {
    auto sample = report_sample::router();
    sample.catalogue.requirements.front().unconfirmed = {Unconfirmed::text};
    const Rows rows = rows_of(checklist(sample.assessment, sample.catalogue, Language::en));
    EXPECT_EQ(row_of(rows, sample.catalogue.requirements.front().id)[8], "unconfirmed");
}

}  // namespace
}  // namespace shirushi::report
