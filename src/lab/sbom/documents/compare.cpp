#include "sbom/documents/compare.hpp"

#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "model/json_fields.hpp"
#include "model/package_url.hpp"
#include "sbom/documents/documents.hpp"
#include "sbom/product_names.hpp"

namespace shirushi::sbom {
namespace {

bool same_version(const Component& declared, const Component& found) {
    if (declared.version == found.version)
        return true;
    if (declared.version.empty() || found.version.empty())
        return false;
    // "1.30.1" is declared, "1.30.1-4" of a distribution is found, or the other way round; two distributions' revisions do differ.
    const std::string upstream = upstream_version(found.ecosystem, found.version);
    return upstream == declared.version || upstream_version(declared.ecosystem, declared.version) == found.version;
}

std::vector<std::string> purl_keys(const Component& component) {
    const auto url = parse_package_url(component.purl);
    return url ? std::vector{url->type + "/" + lowered(url->space) + "/" + lowered(url->name)} : std::vector<std::string>{};
}
std::vector<std::string> cpe_keys(const Component& component) { return component.cpe; }
std::vector<std::string> name_keys(const Component& component) { return {lowered(component.product), lowered(component.name)}; }

struct Way {
    const char* name;
    std::vector<std::string> (*keys)(const Component&);
};
constexpr Way kWays[] = {{"purl", purl_keys}, {"cpe", cpe_keys}, {"name", name_keys}};

class Comparer {
public:
    Comparer(const std::vector<Component>& declared, const std::vector<Component>& found)
        : declared_(declared), found_(found), declared_done_(declared.size()), found_done_(found.size()) {}

    std::vector<ComparedRow> run() {
        for (const Way& way : kWays)
            pair_up(way, Comparison::same);
        for (const Way& way : kWays)
            pair_up(way, Comparison::version_differs);
        for (std::size_t i = 0; i < declared_.size(); ++i)
            if (!declared_done_[i])
                rows_.push_back({.result = Comparison::declared_only,
                                 .name = declared_[i].name,
                                 .declared = declared_[i].id,
                                 .declared_version = declared_[i].version});
        for (std::size_t i = 0; i < found_.size(); ++i)
            if (!found_done_[i])
                rows_.push_back(
                    {.result = Comparison::found_only, .name = found_[i].name, .found = found_[i].id, .found_version = found_[i].version});
        std::ranges::sort(rows_);
        return std::move(rows_);
    }

private:
    /// What is found and not yet placed, with what is declared under the same key: the same version, or another of what else had no partner.
    void pair_up(const Way& way, Comparison result) {
        std::map<std::string, std::vector<std::size_t>> by_key;
        const std::vector<bool> open = declared_done_;
        for (std::size_t i = 0; i < declared_.size(); ++i)
            if (result == Comparison::same || !open[i])
                for (const std::string& key : way.keys(declared_[i]))
                    by_key[key].push_back(i);
        for (std::size_t at = 0; at < found_.size(); ++at)
            for (const std::string& key : way.keys(found_[at])) {
                const auto candidates = by_key.find(key);
                if (found_done_[at] || candidates == by_key.end())
                    continue;
                for (const std::size_t i : candidates->second)
                    if (!found_done_[at] && (result == Comparison::version_differs || same_version(declared_[i], found_[at])))
                        place(i, at, way, result);
            }
    }

    void place(std::size_t declared, std::size_t found, const Way& way, Comparison result) {
        declared_done_[declared] = true;
        found_done_[found] = true;
        rows_.push_back({.result = result, .name = declared_[declared].name, .matched_by = way.name, .declared = declared_[declared].id,
                         .declared_version = declared_[declared].version, .found = found_[found].id, .found_version = found_[found].version});
    }

    const std::vector<Component>& declared_;
    const std::vector<Component>& found_;
    std::vector<bool> declared_done_;
    std::vector<bool> found_done_;
    std::vector<ComparedRow> rows_;
};

}  // namespace

ComparedTable compare(const Document& declared, const Table<Component>& found, const ProductNames& names) {
    auto rows = components(declared, names).rows;
    if (declared.subject && !declared.components.empty())  // the product itself is not one of its components
        std::erase_if(rows, [&](const Component& component) { return component.id == declared.subject->ref; });
    return {.rows = Comparer(rows, found.rows).run(), .found_is_partial = !found.observed || !found.gaps.empty()};
}

std::string to_json(const ComparedTable& table) { return json::text_of(table); }

}  // namespace shirushi::sbom
