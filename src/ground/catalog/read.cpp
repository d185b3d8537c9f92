#include "catalog/read.hpp"

#include <algorithm>
#include <set>

#include "base/text.hpp"

namespace shirushi::catalog {
namespace {

struct MessagesFile {
    std::vector<MessageText> messages;
    SHIRUSHI_FIELDS(MessagesFile, messages)
};
struct PasswordsFile {
    std::vector<PasswordEntry> entry;
    SHIRUSHI_FIELDS(PasswordsFile, entry)
};
struct ComponentsFile {
    std::vector<ComponentEntry> component;
    SHIRUSHI_FIELDS(ComponentsFile, component)
};

}  // namespace
}  // namespace shirushi::catalog

namespace shirushi::toml_text {
template <>
inline constexpr std::string_view optional_keys<CheckText>[] = {"cwe", "parameters"};
template <>
inline constexpr std::string_view optional_keys<catalog::PasswordEntry>[] = {"user", "source"};
template <>
inline constexpr std::string_view optional_keys<catalog::ComponentEntry>[] = {"version_scheme"};
template <>
inline constexpr std::string_view optional_keys<catalog::Identifier>[] = {"kind", "anchor", "exclude", "with", "where", "cpe", "purl", "confidence", "note"};
template <>
inline constexpr std::string_view optional_keys<catalog::Identifiers>[] = {"alias"};
}  // namespace shirushi::toml_text

namespace shirushi::catalog {
namespace {

constexpr std::string_view lower = "abcdefghijklmnopqrstuvwxyz";
constexpr std::string_view upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::string_view digits = "0123456789";

bool made_of(std::string_view text, std::initializer_list<std::string_view> alphabets) {
    return !text.empty() && std::ranges::all_of(text, [&](char c) {
        return std::ranges::any_of(alphabets, [&](std::string_view set) { return set.find(c) != std::string_view::npos; });
    });
}

bool is_cwe(std::string_view id) { return id.starts_with("CWE-") && id.size() <= 10 && made_of(id.substr(4), {digits}); }
bool is_key(std::string_view id) { return made_of(id, {lower, digits, "_."}); }

Result<void> check_places(const std::vector<MessageText>& messages, const toml::table& table, std::string_view file) {
    for (const MessageText& message : messages) {
        const toml::node* at = table["messages"][message.key].node();
        if (!is_key(message.key))
            return toml_text::wrong(file, *at, fmt::format("\"{}\" is no message key; use small letters, digits and _", excerpt(message.key, 60)));
        if (places(message.text.en) != places(message.text.ja))
            return toml_text::wrong(file, *at, fmt::format("message \"{}\" has other {{places}} in ja than in en; make them the same", message.key));
    }
    return {};
}

}  // namespace

bool is_check_id(std::string_view id) {
    const auto parts = split(id, '-');
    return parts.size() == 3 && parts[0] == "SHI" && parts[1].size() == 3 && made_of(parts[1], {upper}) && parts[2].size() == 3 &&
           made_of(parts[2], {digits});
}

bool is_slug(std::string_view id) { return made_of(id, {lower, digits, "-"}); }
bool is_requirement_id(std::string_view id) { return made_of(id, {lower, upper, digits, ".-"}); }

Result<void> check_cwe(const std::vector<std::string>& list, const toml::node* at, std::string_view file) {
    for (const std::string& cwe : list)
        if (!is_cwe(cwe))
            return toml_text::wrong(file, *at, fmt::format("\"{}\" is no CWE id; write it as \"CWE-119\"", excerpt(cwe, 60)));
    return {};
}

Result<Sourced<CheckText>> sourced_check(std::string_view text, std::string_view file) {
    auto result = TRY(sourced<CheckText>(text, file));
    if (!is_check_id(result.value.id))
        return result.wrong(result.table.get("id"), "a check's id is written as \"SHI-NET-001\"");
    if (result.value.messages.empty())
        return result.wrong(nullptr, "no messages; add [messages.KEY] with en and ja");
    TRY(check_cwe(result.value.cwe, result.table.get("cwe"), file));
    TRY(check_places(result.value.messages, result.table, file));
    return result;
}

Result<CheckText> read_check(std::string_view text, std::string_view file) { return TRY(sourced_check(text, file)).value; }

Result<std::vector<MessageText>> read_runner_messages(std::string_view text, std::string_view file) {
    auto result = TRY(sourced<MessagesFile>(text, file));
    TRY(check_places(result.value.messages, result.table, file));
    return std::move(result.value.messages);
}

Result<std::vector<PasswordEntry>> read_passwords(std::string_view text, std::string_view file) {
    return std::move(TRY(sourced<PasswordsFile>(text, file)).value.entry);
}

Result<std::vector<ComponentEntry>> read_components(std::string_view text, std::string_view file) {
    auto result = TRY(sourced<ComponentsFile>(text, file));
    std::set<std::string_view> seen;
    for (std::size_t i = 0; i < result.value.component.size(); ++i) {
        const ComponentEntry& entry = result.value.component[i];
        const toml::node* at = result.table["component"][i].node();
        if (entry.product.empty())
            return result.wrong(at, "a component needs a product name");
        if (!seen.insert(entry.product).second)
            return result.wrong(at, fmt::format("component \"{}\" stands twice; merge the two", excerpt(entry.product, 60)));
        for (const std::string& cpe : entry.cpe)
            if (std::ranges::count(cpe, ':') != 1 || cpe.starts_with(':') || cpe.ends_with(':'))
                return result.wrong(at, fmt::format("\"{}\" is not \"vendor:product\"", excerpt(cpe, 60)));
    }
    return std::move(result.value.component);
}

Result<Identifiers> read_identifiers(std::string_view text, std::string_view file) {
    auto result = TRY(sourced<Identifiers>(text, file));
    for (std::size_t i = 0; i < result.value.identifier.size(); ++i) {
        const Identifier& entry = result.value.identifier[i];
        const toml::node* at = result.table["identifier"][i].node();
        if (entry.product.empty() || entry.pattern.empty())
            return result.wrong(at, "an identifier needs a product and a pattern");
        if (!entry.kind.empty() && std::ranges::find(EnumNames<ComponentKind>::list, entry.kind) == std::end(EnumNames<ComponentKind>::list))
            return result.wrong(at, fmt::format("kind \"{}\" is not one of {}", excerpt(entry.kind, 60), fmt::join(EnumNames<ComponentKind>::list, ", ")));
        if (entry.confidence > 100)
            return result.wrong(at, fmt::format("a confidence of {} per cent; at most 100", entry.confidence));
        if (!entry.purl.empty() && !entry.purl.starts_with("pkg:"))
            return result.wrong(at, fmt::format("\"{}\" is not a package-url; it starts with \"pkg:\"", excerpt(entry.purl, 60)));
        for (const std::string& cpe : entry.cpe)
            if (std::ranges::count(cpe, ':') != 1 || cpe.starts_with(':') || cpe.ends_with(':'))
                return result.wrong(at, fmt::format("\"{}\" is not \"vendor:product\"", excerpt(cpe, 60)));
        if (!entry.where.empty() && entry.where != "content" && entry.where != "file_name")
            return result.wrong(at, fmt::format("where \"{}\" is neither \"content\" nor \"file_name\"", excerpt(entry.where, 60)));
    }
    for (std::size_t i = 0; i < result.value.alias.size(); ++i)
        if (result.value.alias[i].product.empty() || result.value.alias[i].names.empty())
            return result.wrong(result.table["alias"][i].node(), "an alias needs a product and at least one name");
    return std::move(result.value);
}

}  // namespace shirushi::catalog
