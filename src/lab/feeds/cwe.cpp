// CWE's list of weaknesses: MITRE's XML (cwec_v4.xml) and the tables of its views (1000.csv). Kept are names and, in the research view
// (1000), which more general weakness each is a kind of. Categories have no parents there.

#include <fmt/format.h>

#include "base/text.hpp"
#include "feeds/csv.hpp"
#include "feeds/readers.hpp"

namespace shirushi::feeds {
namespace {

constexpr std::string_view kView = "1000";
constexpr std::size_t kLongestName = 400;

bool is_number(std::string_view text) { return !text.empty() && text.size() <= 6 && text.find_first_not_of("0123456789") == std::string_view::npos; }

Result<vuln::WeaknessRecord> weakness(std::string_view number, std::string_view name) {
    if (!is_number(number) || name.empty() || name.size() > kLongestName)
        return fail(Errc::bad_input, fmt::format("\"{}\" named \"{}\" is no weakness", excerpt(number, 40), excerpt(name, 60)));
    return vuln::WeaknessRecord{.id = fmt::format("CWE-{}", number), .name = std::string(name), .parents = {}};
}

/// "NATURE:ChildOf:CWE ID:732:VIEW ID:1000:ORDINAL:Primary", one of those that "::" parts.
void add_parent(std::string_view relation, std::vector<std::string>& parents) {
    const auto words = split(relation, ':');
    std::string_view nature;
    std::string_view number;
    std::string_view view;
    for (std::size_t i = 0; i + 1 < words.size(); i += 2) {
        if (words[i] == "NATURE")
            nature = words[i + 1];
        else if (words[i] == "CWE ID")
            number = words[i + 1];
        else if (words[i] == "VIEW ID")
            view = words[i + 1];
    }
    if (nature == "ChildOf" && view == kView && is_number(number))
        parents.push_back(fmt::format("CWE-{}", number));
}

}  // namespace

Result<std::string> read_cwe(const XmlElement& record, const Place& /*place*/, Builder& builder) {
    auto known = TRY(weakness(record.attribute("ID"), record.attribute("Name")));
    record["Related_Weaknesses"].each("Related_Weakness", [&](const XmlElement& relation) {
        if (relation.attribute("Nature") == "ChildOf" && relation.attribute("View_ID") == kView && is_number(relation.attribute("CWE_ID")))
            known.parents.push_back(fmt::format("CWE-{}", relation.attribute("CWE_ID")));
    });
    builder.set_weakness(known);
    return std::string();
}

Result<std::string> read_cwe_row(const CsvRow& row, const Place& /*place*/, Builder& builder) {
    auto known = TRY(weakness(row["CWE-ID"], row["Name"]));
    std::string_view relations = row["Related Weaknesses"];
    while (!relations.empty()) {
        const auto end = relations.find("::");
        add_parent(relations.substr(0, end), known.parents);
        relations = end == std::string_view::npos ? std::string_view() : relations.substr(end + 2);
    }
    builder.set_weakness(known);
    return std::string();
}

}  // namespace shirushi::feeds
