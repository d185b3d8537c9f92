// The lists of catalogues/licences/.

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "catalog/read.hpp"

namespace shirushi::toml_text {
template <>
inline constexpr std::string_view optional_keys<LicenceNames>[] = {"alias", "text"};
template <>
inline constexpr std::string_view optional_keys<LicenceText>[] = {"without"};
template <>
inline constexpr std::string_view optional_keys<LicencePolicy>[] = {"obligation", "conflict"};
template <>
inline constexpr std::string_view optional_keys<LicenceGroup>[] = {"obligations"};
}  // namespace shirushi::toml_text

namespace shirushi::catalog {

Result<LicenceIds> read_licence_ids(std::string_view text, std::string_view file) {
    auto result = TRY(sourced<LicenceIds>(text, file));
    std::set<std::string> seen;
    for (const auto* list : {&result.value.licences, &result.value.deprecated, &result.value.exceptions})
        for (const std::string& id : *list)
            if (!seen.insert(lowered(id)).second)
                return result.wrong(nullptr, fmt::format("\"{}\" stands twice; remove one", excerpt(id, 60)));
    return std::move(result.value);
}

Result<LicenceNames> read_licence_names(std::string_view text, std::string_view file) {
    auto result = TRY(sourced<LicenceNames>(text, file));
    std::set<std::string> seen;
    for (std::size_t i = 0; i < result.value.alias.size(); ++i)
        for (const std::string& name : result.value.alias[i].names)
            if (!seen.insert(lowered(name)).second)
                return result.wrong(result.table["alias"][i].node(),
                                    fmt::format("the name \"{}\" stands for two licences; remove one", excerpt(name, 60)));
    for (std::size_t i = 0; i < result.value.text.size(); ++i)
        if (result.value.text[i].phrases.empty())
            return result.wrong(result.table["text"][i].node(), "a licence's text needs at least one phrase");
    return std::move(result.value);
}

Result<LicencePolicy> read_licence_policy(std::string_view text, std::string_view file) {
    auto result = TRY(sourced<LicencePolicy>(text, file));
    std::set<std::string> obligations;
    for (const LicenceObligation& obligation : result.value.obligation)
        obligations.insert(obligation.id);
    std::set<std::string> groups;
    for (std::size_t i = 0; i < result.value.group.size(); ++i) {
        const LicenceGroup& group = result.value.group[i];
        const toml::node* at = result.table["group"][i].node();
        if (!groups.insert(group.id).second)
            return result.wrong(at, fmt::format("group \"{}\" stands twice; rename or merge one", excerpt(group.id, 60)));
        for (const std::string& id : group.obligations)
            if (!obligations.contains(id))
                return result.wrong(at, fmt::format("there is no obligation \"{}\"; add an [[obligation]] or remove it here", excerpt(id, 60)));
    }
    return std::move(result.value);
}

}  // namespace shirushi::catalog
