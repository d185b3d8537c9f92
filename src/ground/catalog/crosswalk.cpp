#include "catalog/crosswalk.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "base/text.hpp"
#include "catalog/read.hpp"

namespace shirushi::catalog {
namespace {

/// The pairs from one catalogue to another; nothing where there are none.
std::vector<const CrosswalkPair*> pairs_between(const Crosswalk& crosswalk, std::string_view from, std::string_view to) {
    std::vector<const CrosswalkPair*> pairs;
    for (const CrosswalkMapping& mapping : crosswalk.mapping)
        if (mapping.from == from && mapping.to == to)
            for (const CrosswalkPair& pair : mapping.pairs)
                pairs.push_back(&pair);
    return pairs;
}

/// What reaches a requirement, before it is put into the order of its catalogue.
struct Gathered {
    Reach reach = Reach::none;
    std::set<std::string_view> by;
    std::set<std::string> through;

    void add(Reach how, std::string_view requirement) {
        reach = std::max(reach, how);
        by.insert(requirement);
    }
};

using ByRequirement = std::map<std::string_view, Gathered>;

void gather_pairs(ByRequirement& gathered, const Crosswalk& crosswalk, const Catalogue& of, const Catalogue& by) {
    for (const CrosswalkPair* pair : pairs_between(crosswalk, by.id, of.id))
        gathered[pair->to].add(pair->reach, pair->from);
    for (const CrosswalkPair* pair : pairs_between(crosswalk, of.id, by.id))
        gathered[pair->from].add(Reach::partial, pair->to);
}

/// Evidence for a third catalogue's requirement that reaches both: it helps with both, no more.
void gather_shared(ByRequirement& gathered, const Crosswalk& crosswalk, const Catalogue& of, const Catalogue& by) {
    for (const CrosswalkMapping& mapping : crosswalk.mapping) {
        if (mapping.to != of.id || mapping.from == by.id)
            continue;
        const auto others = pairs_between(crosswalk, mapping.from, by.id);
        for (const CrosswalkPair& pair : mapping.pairs)
            for (const CrosswalkPair* other : others)
                if (other->from == pair.from) {
                    gathered[pair.to].add(Reach::partial, other->to);
                    gathered[pair.to].through.insert(mapping.from + "/" + pair.from);
                }
    }
}

/// Those of the catalogue's requirements, in its order.
std::vector<std::string> in_order(const std::set<std::string_view>& ids, const Catalogue& catalogue) {
    std::vector<std::string> ordered;
    for (const Requirement& requirement : catalogue.requirements)
        if (ids.contains(requirement.id))
            ordered.push_back(requirement.id);
    return ordered;
}

bool has_requirement(const Catalogue& catalogue, std::string_view id) {
    return std::ranges::find(catalogue.requirements, id, &Requirement::id) != catalogue.requirements.end();
}

const Catalogue* find_catalogue(const std::vector<Catalogue>& catalogues, std::string_view id) {
    const auto at = std::ranges::find(catalogues, id, &Catalogue::id);
    return at == catalogues.end() ? nullptr : &*at;
}

Result<void> check_pairs(const CrosswalkMapping& mapping, const toml::node& table, std::string_view file) {
    std::set<std::pair<std::string_view, std::string_view>> seen;
    for (std::size_t i = 0; i < mapping.pairs.size(); ++i) {
        const CrosswalkPair& pair = mapping.pairs[i];
        const toml::node& at = *(*table.as_table())["pairs"][i].node();
        if (pair.reach == Reach::none)
            return toml_text::wrong(file, at, fmt::format("{} does not reach {}; leave the pair out", pair.from, pair.to));
        if (!seen.insert({pair.from, pair.to}).second)
            return toml_text::wrong(file, at, fmt::format("the pair {} -> {} stands twice; remove one", pair.from, pair.to));
    }
    return {};
}

}  // namespace

Comparison compare(const Crosswalk& crosswalk, const Catalogue& of, const Catalogue& by) {
    ByRequirement joined;
    gather_pairs(joined, crosswalk, of, by);
    ByRequirement shared;
    gather_shared(shared, crosswalk, of, by);
    Comparison comparison{.of = of.id, .by = by.id, .requirements = {}};
    for (const Requirement& requirement : of.requirements) {
        const Gathered& found = joined.contains(requirement.id) ? joined[requirement.id] : shared[requirement.id];
        comparison.requirements.push_back({.requirement = requirement.id,
                                           .reach = found.reach,
                                           .by = in_order(found.by, by),
                                           .through = {found.through.begin(), found.through.end()}});
    }
    return comparison;
}

Result<Sourced<Crosswalk>> sourced_crosswalk(std::string_view text, std::string_view file) {
    auto result = TRY(sourced<Crosswalk>(text, file));
    std::set<std::pair<std::string_view, std::string_view>> seen;
    for (std::size_t i = 0; i < result.value.mapping.size(); ++i) {
        const CrosswalkMapping& mapping = result.value.mapping[i];
        const toml::node& at = *result.table["mapping"][i].node();
        if (mapping.from == mapping.to)
            return result.wrong(&at, fmt::format("{} is mapped to itself; remove the mapping", mapping.from));
        if (!seen.insert({mapping.from, mapping.to}).second)
            return result.wrong(&at, fmt::format("the mapping {} -> {} stands twice; merge the two", mapping.from, mapping.to));
        TRY(check_pairs(mapping, at, file));
    }
    return result;
}

Result<void> check_crosswalk(const Sourced<Crosswalk>& crosswalk, const std::vector<Catalogue>& catalogues) {
    for (std::size_t i = 0; i < crosswalk.value.mapping.size(); ++i) {
        const CrosswalkMapping& mapping = crosswalk.value.mapping[i];
        const toml::table& table = *crosswalk.table["mapping"][i].as_table();
        const Catalogue* const from = find_catalogue(catalogues, mapping.from);
        const Catalogue* const to = find_catalogue(catalogues, mapping.to);
        for (const auto& [catalogue, id, key] : {std::tuple(from, &mapping.from, "from"), std::tuple(to, &mapping.to, "to")})
            if (catalogue == nullptr)
                return crosswalk.wrong(table.get(key), fmt::format("there is no catalogue \"{}\"; write requirements/{}.toml or remove the mapping", excerpt(*id, 60), excerpt(*id, 60)));
        for (std::size_t k = 0; k < mapping.pairs.size(); ++k) {
            const CrosswalkPair& pair = mapping.pairs[k];
            for (const auto& [catalogue, id] : {std::pair(from, &pair.from), std::pair(to, &pair.to)})
                if (!has_requirement(*catalogue, *id))
                    return crosswalk.wrong(table["pairs"][k].node(), fmt::format("catalogue {} has no requirement \"{}\"; correct or remove the pair", catalogue->id, excerpt(*id, 60)));
        }
    }
    return {};
}

Result<Crosswalk> read_crosswalk(std::string_view text, std::string_view file) { return TRY(sourced_crosswalk(text, file)).value; }

}  // namespace shirushi::catalog
