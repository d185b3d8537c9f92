#include "sbom/licences/licences.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "base/text.hpp"
#include "model/json_fields.hpp"

namespace shirushi::sbom {
namespace {

using unpack::Node;
using unpack::NodeId;
using unpack::NodeKind;
using unpack::Tree;

constexpr std::size_t kFiles = 20'000;
constexpr std::uint64_t kFileBytes = std::uint64_t{1} << 20;
constexpr std::size_t kStatedLicences = 64;  ///< of one copyright file

/// "LICENSE", "COPYING.LIB", "licence.txt" ...; program sources named so ("license.c") are none.
bool is_licence_file(std::string_view name) {
    const std::string small = lowered(name);
    if (small == "copyright")
        return true;
    constexpr std::array<std::string_view, 4> kStarts = {"license", "licence", "copying", "unlicense"};
    constexpr std::array<std::string_view, 9> kEnds = {"", ".txt", ".md", ".lib", ".rst", ".gpl", ".lgpl", ".mit", ".bsd"};
    for (const std::string_view start : kStarts)
        if (small.starts_with(start))
            for (const std::string_view end : kEnds) {
                const std::string_view rest = std::string_view(small).substr(start.size());
                if (rest == end || (rest.starts_with('-') && small.find('.') == std::string::npos))
                    return true;
            }
    return false;
}

/// The package of ".../usr/share/doc/PACKAGE/copyright"; empty for another file.
std::string_view package_of(std::string_view path) {
    constexpr std::string_view kFolder = "usr/share/doc/";
    constexpr std::string_view kName = "/copyright";
    const auto at = path.rfind(kFolder);
    if (at == std::string_view::npos || !path.ends_with(kName))
        return {};
    const std::string_view inside = path.substr(at + kFolder.size());
    const std::string_view package = inside.substr(0, inside.size() - kName.size());
    return package.find('/') == std::string_view::npos ? package : std::string_view();
}

/// What the stanzas of a machine-readable copyright file (DEP-5) state, the one of all files first.
std::vector<std::string> stated_licences(std::string_view text) {
    std::vector<std::string> stated;
    bool all_files = false;
    for (std::string_view rest = text; !rest.empty() && stated.size() < kStatedLicences;) {
        const auto end = std::min(rest.find('\n'), rest.size());
        const std::string_view line = trimmed(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (line.starts_with("Files:"))
            all_files = trimmed(line.substr(6)) == "*";
        if (!line.starts_with("License:") || trimmed(line.substr(8)).empty())
            continue;
        std::string licence = excerpt(trimmed(line.substr(8)));
        if (std::ranges::find(stated, licence) != stated.end())
            continue;
        stated.insert(all_files ? stated.begin() : stated.end(), std::move(licence));
        all_files = false;
    }
    return stated;
}

class Collector {
public:
    Collector(const Table<Component>& components, const LicenceFinder& finder) : finder_(finder) {
        for (const Component& component : components.rows) {
            ComponentLicence row{.component = component.id};
            if (!component.license.empty()) {
                row.expression = finder.expression_of(component.license);
                const std::string path = component.evidence.empty() ? "" : component.evidence.front().path;
                row.evidence.push_back(evidence(component.license, row.expression, LicenceSource::package_field, path));
            }
            if (component.ecosystem == "dpkg")
                by_package_.emplace(component.name, table_.rows.size());
            table_.rows.push_back(std::move(row));
        }
    }

    void look_through(const Tree& tree) {
        std::vector<ComponentLicence> texts;
        std::size_t looked = 0;
        for (std::size_t i = 0; i < tree.size(); ++i) {
            const Node& node = tree.node(static_cast<NodeId>(i));
            if (node.kind != NodeKind::entry || node.file.kind != FileKind::regular || node.size == 0 || node.size > kFileBytes ||
                !is_licence_file(node.name))
                continue;
            if (++looked > kFiles) {
                table_.texts_are_partial = true;
                break;
            }
            file(tree.path(node.id), tree.bytes(node.id), texts);
        }
        std::ranges::sort(texts, {}, [](const ComponentLicence& row) { return row.evidence.front().path; });
        std::ranges::move(texts, std::back_inserter(table_.rows));
    }

    LicenceTable take() { return std::move(table_); }

private:
    static LicenceEvidence evidence(const std::string& words, const std::string& expression, LicenceSource source, const std::string& path) {
        return {.licence = expression.empty() ? words : expression, .known = !expression.empty(), .source = source, .path = path};
    }

    void file(const std::string& path, Bytes content, std::vector<ComponentLicence>& texts) {
        const auto found = finder_.texts_in(content);
        const auto owner = by_package_.find(package_of(path));
        if (owner == by_package_.end()) {
            if (found.empty())
                return;
            ComponentLicence row;
            add_texts(found, path, row);
            texts.push_back(std::move(row));
            return;
        }
        ComponentLicence& row = table_.rows[owner->second];
        bool first = true;
        for (const std::string& words : stated_licences(as_text(content))) {
            const std::string expression = finder_.expression_of(words);
            row.evidence.push_back(evidence(words, expression, LicenceSource::copyright_file, path));
            if (first && row.expression.empty())
                row.expression = expression;
            first = false;
        }
        if (first)
            add_texts(found, path, row);
    }

    static void add_texts(const std::vector<std::string>& found, const std::string& path, ComponentLicence& row) {
        std::string all;
        for (const std::string& licence : found) {
            row.evidence.push_back({.licence = licence, .known = true, .source = LicenceSource::licence_text, .path = path});
            all += (all.empty() ? "" : " AND ") + licence;
        }
        if (row.expression.empty())
            row.expression = all;
    }

    const LicenceFinder& finder_;
    LicenceTable table_;
    std::map<std::string, std::size_t, std::less<>> by_package_;
};

bool listed(const std::vector<std::string>& patterns, std::string_view licence) {
    return std::ranges::any_of(patterns, [&](std::string_view pattern) {
        return pattern.ends_with('*') ? licence.starts_with(pattern.substr(0, pattern.size() - 1)) : licence == pattern;
    });
}

/// The alternative of each OR that the policy likes best; of equal ones, the first. What remains are licences that hold together.
struct Chosen {
    LicenceVerdict verdict = LicenceVerdict::allow;
    std::vector<const LicenceExpression*> licences;
};

const LicenceGroup* group_of(const LicenceExpression& licence, const LicencePolicy& policy) {
    const std::string id = licence.id + (licence.or_later ? "+" : "");
    const auto group = std::ranges::find_if(
        policy.group, [&](const LicenceGroup& one) { return listed(one.licences, id) || listed(one.licences, licence.id); });
    return group == policy.group.end() ? nullptr : &*group;
}

Chosen choose(const LicenceExpression& expression, const LicencePolicy& policy) {
    if (expression.kind == LicenceExpression::Kind::licence) {
        const LicenceGroup* group = group_of(expression, policy);
        return {group == nullptr ? LicenceVerdict::review : group->verdict, {&expression}};
    }
    Chosen chosen;
    bool first = true;
    for (const LicenceExpression& part : expression.parts) {
        Chosen one = choose(part, policy);
        if (expression.kind == LicenceExpression::Kind::any_of) {
            if (first || one.verdict < chosen.verdict)
                chosen = std::move(one);
            first = false;
            continue;
        }
        chosen.verdict = std::max(chosen.verdict, one.verdict);
        chosen.licences.insert(chosen.licences.end(), one.licences.begin(), one.licences.end());
    }
    return chosen;
}

}  // namespace

void judge(ComponentLicence& row, const LicenceList& list, const LicencePolicy& policy) {
    const auto expression = parse_licence_expression(row.expression, list);
    if (!expression)
        return;  // nothing is known: a person has to look
    const Chosen chosen = choose(*expression, policy);
    row.verdict = chosen.verdict;
    std::set<std::string> groups;
    std::set<std::string> obligations;
    std::set<std::string> texts;
    for (const LicenceExpression* licence : chosen.licences) {
        texts.insert(text_of(*licence));
        if (const LicenceGroup* group = group_of(*licence, policy)) {
            groups.insert(group->id);
            obligations.insert(group->obligations.begin(), group->obligations.end());
        }
    }
    for (const std::string& text : texts)
        row.chosen += (row.chosen.empty() ? "" : " AND ") + text;
    row.groups.assign(groups.begin(), groups.end());
    row.obligations.assign(obligations.begin(), obligations.end());
    for (std::size_t i = 0; i < policy.conflict.size(); ++i)
        for (const LicenceExpression* a : chosen.licences)
            for (const LicenceExpression* b : chosen.licences)
                // An exception is what its grantor made for such cases.
                if (a->exception.empty() && listed(policy.conflict[i].licences, a->id) && listed(policy.conflict[i].against, b->id))
                    if (row.conflicts.empty() || row.conflicts.back() != i)
                        row.conflicts.push_back(i);
    if (!row.conflicts.empty())
        row.verdict = std::max(row.verdict, LicenceVerdict::review);
}

LicenceTable licences_of(const Table<Component>& components, const unpack::Tree* tree, const LicenceFinder& finder, const LicencePolicy& policy) {
    Collector collector(components, finder);
    if (tree != nullptr)
        collector.look_through(*tree);
    LicenceTable table = collector.take();
    for (ComponentLicence& row : table.rows)
        judge(row, finder.list(), policy);
    return table;
}

std::string to_json(const LicenceTable& table) { return json::text_of(table); }

}  // namespace shirushi::sbom
