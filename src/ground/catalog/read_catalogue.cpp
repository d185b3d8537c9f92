// requirements/<id>.toml.
#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "catalog/read.hpp"
#include "model/product.hpp"

namespace shirushi::toml_text {
template <>
inline constexpr std::string_view optional_keys<Requirement>[] = {"verification", "cwe",          "checks",      "declarations", "open_points", "only_with",
                                                                  "obligation",   "applies_when", "assessments", "ixit",         "unconfirmed"};
template <>
inline constexpr std::string_view optional_keys<Catalogue>[] = {"kind", "groups", "ixit", "profile"};
}  // namespace shirushi::toml_text

namespace shirushi::catalog {
namespace {

/// One requirement and where it stands.
struct Place {
    const Catalogue& catalogue;
    const Requirement& requirement;
    const toml::table& table;
    std::string_view file;

    [[nodiscard]] std::unexpected<Error> wrong(std::string_view key, std::string_view what) const {
        const toml::node* at = table.get(key);
        return toml_text::wrong(file, at == nullptr ? table : *at, what);
    }
};

template <class Struct>
bool has_member(std::string_view name) {
    return std::apply([&](const auto&... field) { return ((field.name == name) || ...); }, Struct::fields());
}

/// What product.toml states about the product itself; observations speak about requirements.
bool is_declaration(std::string_view name) { return has_member<Product>(name) && name != "observations"; }

template <class Enum>
Result<void> check_once(const Place& place, std::string_view key, const std::vector<Enum>& list) {
    for (const Enum value : list)
        if (std::ranges::count(list, value) > 1)
            return place.wrong(key, fmt::format("{} stands twice in {}; remove one", name_of(value), place.requirement.id));
    return {};
}

/// Each word of the list once, and each one that `known` knows.
template <class Known>
Result<void> check_words(const Place& place, std::string_view key, const std::vector<std::string>& list, const Known& known, std::string_view cure) {
    std::set<std::string_view> seen;
    for (const std::string& word : list) {
        if (!known(word))
            return place.wrong(key, fmt::format("\"{}\" {}", excerpt(word, 60), cure));
        if (!seen.insert(word).second)
            return place.wrong(key, fmt::format("{} stands twice in {}; remove one", word, place.requirement.id));
    }
    return {};
}

auto one_of(const std::vector<CatalogueGroup>& groups) {
    return [&groups](std::string_view id) { return std::ranges::find(groups, id, &CatalogueGroup::id) != groups.end(); };
}

Result<void> check_lists(const Place& place) {
    const Requirement& requirement = place.requirement;
    TRY(check_cwe(requirement.cwe, place.table.get("cwe"), place.file));
    TRY(check_words(place, "checks", requirement.checks, is_check_id, "is no check id; write it as \"SHI-NET-001\""));
    TRY(check_words(place, "declarations", requirement.declarations, is_declaration, "is nothing that product.toml states; see docs/formats/product.md"));
    TRY(check_words(place, "ixit", requirement.ixit, one_of(place.catalogue.ixit), "is none of the file's [[ixit]]; add it there"));
    TRY(check_once(place, "assessments", requirement.assessments));
    return check_once(place, "unconfirmed", requirement.unconfirmed);
}

Result<void> check_open_points(const Place& place) {
    std::set<std::string_view> seen;
    for (const OpenPoint& point : place.requirement.open_points) {
        if (!is_slug(point.id))
            return place.wrong("", fmt::format("\"{}\" is no open point id; use small letters, digits and -", excerpt(point.id, 60)));
        if (!seen.insert(point.id).second)
            return place.wrong("", fmt::format("open point \"{}\" stands twice in {}; rename one", point.id, place.requirement.id));
    }
    return {};
}

/// A reference list is never judged, so that nothing in it may look as if it were.
Result<void> check_not_judged(const Place& place) {
    for (const char* key : {"verification", "checks", "declarations", "open_points", "only_with"})
        if (place.table.contains(key))
            return place.wrong(key, fmt::format("a reference list is never judged; remove {}, or kind = \"reference\"", key));
    return {};
}

Result<void> check_judged(const Place& place) {
    const Requirement& requirement = place.requirement;
    if (requirement.verification != "tool" && requirement.verification != "process")
        return place.wrong("verification", "verification must be \"tool\" or \"process\"");
    if (!requirement.only_with.empty() && !has_member<DeclaredInterfaces>(requirement.only_with))
        return place.wrong("only_with", fmt::format("\"{}\" is no interface that product.toml declares", excerpt(requirement.only_with, 60)));
    if (requirement.checks.empty() && requirement.declarations.empty() && requirement.open_points.empty())
        return place.wrong("", fmt::format("{} names neither checks nor declarations nor open points; add one", requirement.id));
    return {};
}

Result<void> check_requirement(const Place& place) {
    const Requirement& requirement = place.requirement;
    if (!is_requirement_id(requirement.id))
        return place.wrong("", fmt::format("\"{}\" is no requirement id; use letters, digits, . and -", excerpt(requirement.id, 60)));
    if (!place.catalogue.groups.empty() && !one_of(place.catalogue.groups)(requirement.group))
        return place.wrong("group", fmt::format("\"{}\" is none of the file's [[groups]]; add it there", excerpt(requirement.group, 60)));
    TRY(place.catalogue.kind == CatalogueKind::reference ? check_not_judged(place) : check_judged(place));
    TRY(check_lists(place));
    return check_open_points(place);
}

Result<void> check_ids(const std::vector<CatalogueGroup>& groups, std::string_view key, const toml::table& table, std::string_view file) {
    std::set<std::string_view> seen;
    for (std::size_t i = 0; i < groups.size(); ++i) {
        const toml::node& at = *table[key][i].node();
        if (!is_requirement_id(groups[i].id))
            return toml_text::wrong(file, at, fmt::format("\"{}\" is no id; use letters, digits, . and -", excerpt(groups[i].id, 60)));
        if (!seen.insert(groups[i].id).second)
            return toml_text::wrong(file, at, fmt::format("{} stands twice in {}; rename or remove one", groups[i].id, key));
    }
    return {};
}

/// A threat without a measure, or a requirement that stands against no threat, is a gap in the analysis. Requirements of other catalogues
/// are looked up where all are read (load.cpp).
Result<void> check_profile(const Catalogue& catalogue, const toml::table& root, std::string_view file) {
    const FieldProfile& profile = *catalogue.profile;
    const toml::table& table = *root.get_as<toml::table>("profile");
    if (profile.level != 2 && profile.level != 3)
        return toml_text::wrong(file, *table.get("level"), "level must be 2 (a product field's) or 3 (one product's)");
    if (!is_slug(profile.field))
        return toml_text::wrong(file, *table.get("field"), "a field is made of small letters, digits and -");
    std::set<std::string_view> ids;
    std::set<std::string_view> needed;
    for (std::size_t i = 0; i < profile.threats.size(); ++i) {
        const Threat& threat = profile.threats[i];
        const toml::table& at = *table["threats"][i].as_table();
        if (!is_requirement_id(threat.id) || !ids.insert(threat.id).second)
            return toml_text::wrong(file, at, fmt::format("\"{}\" is no id of a threat, or stands twice; use letters, digits, . and -", excerpt(threat.id, 60)));
        if (threat.measures.empty())
            return toml_text::wrong(file, at, fmt::format("nothing stands against {}; name requirements in measures", threat.id));
        for (const std::string& measure : threat.measures) {
            const bool own = std::ranges::find(catalogue.requirements, measure, &Requirement::id) != catalogue.requirements.end();
            if (!own && measure.find('/') == std::string::npos)
                return toml_text::wrong(file, *at.get("measures"), fmt::format("the catalogue has no requirement \"{}\"; another catalogue's is written \"ccds-27/D-1\"", excerpt(measure, 60)));
            needed.insert(measure);
        }
    }
    for (std::size_t i = 0; i < catalogue.requirements.size(); ++i)
        if (!needed.contains(catalogue.requirements[i].id))
            return toml_text::wrong(file, *root["requirements"][i].as_table(), fmt::format("{} stands against no threat; name it in one's measures, or remove it", catalogue.requirements[i].id));
    return {};
}

}  // namespace

Result<Sourced<Catalogue>> sourced_catalogue(std::string_view text, std::string_view file) {
    auto result = TRY(sourced<Catalogue>(text, file));
    const Catalogue& catalogue = result.value;
    if (!is_slug(catalogue.id))
        return result.wrong(result.table.get("id"), "a catalogue's id is made of small letters, digits and -");
    if (catalogue.requirements.empty())
        return result.wrong(nullptr, "no requirements; add [[requirements]]");
    TRY(check_ids(catalogue.groups, "groups", result.table, file));
    TRY(check_ids(catalogue.ixit, "ixit", result.table, file));
    std::set<std::string_view> seen;
    for (std::size_t i = 0; i < catalogue.requirements.size(); ++i) {
        const Requirement& requirement = catalogue.requirements[i];
        const toml::table& table = *result.table["requirements"][i].as_table();
        TRY(check_requirement({catalogue, requirement, table, file}));
        if (!seen.insert(requirement.id).second)
            return toml_text::wrong(file, table, fmt::format("requirement {} stands twice; rename or remove one", requirement.id));
    }
    if (catalogue.profile)
        TRY(check_profile(catalogue, result.table, file));
    return result;
}

Result<Catalogue> read_catalogue(std::string_view text, std::string_view file) { return TRY(sourced_catalogue(text, file)).value; }

}  // namespace shirushi::catalog
