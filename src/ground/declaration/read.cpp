#include <fmt/format.h>

#include <set>

#include "base/civil_time.hpp"
#include "base/text.hpp"
#include "declaration/declaration.hpp"
#include "model/toml_fields.hpp"

namespace shirushi::toml_text {
template <>
inline constexpr std::string_view optional_keys<Product>[] = {"field", "contact", "support_until", "interfaces", "services", "observations", "scope", "system", "uses"};
template <>
inline constexpr std::string_view optional_keys<DeclaredInterfaces>[] = {"ethernet", "wifi", "bluetooth", "usb", "web_interface", "sql_database"};
template <>
inline constexpr std::string_view optional_keys<DeclaredService>[] = {"purpose"};
template <>
inline constexpr std::string_view optional_keys<DeclaredObservation>[] = {"point", "document"};
template <>
inline constexpr std::string_view optional_keys<Scope>[] = {"reason"};
template <>
inline constexpr std::string_view optional_keys<SystemPart>[] = {"level", "mark"};
template <>
inline constexpr std::string_view optional_keys<Use>[] = {"likelihood", "residual", "measures"};
}  // namespace shirushi::toml_text

namespace shirushi::declaration {
namespace {

/// A declaration with a few thousand services and observations is a few hundred KiB; applicants send them to a body.
constexpr std::size_t max_size = 1U << 20U;

using toml_text::wrong;

Result<void> check_date(const std::string& date, const toml::node* at, std::string_view file, std::string_view name) {
    if (!Date::from_text(date))
        return wrong(file, *at, fmt::format("{} \"{}\" is no date; write it as 2027-03-31", name, excerpt(date, 40)));
    return {};
}

Result<void> check_filled(const std::string& text, const toml::table& table, std::string_view key, std::string_view file) {
    if (trimmed(text).empty())
        return wrong(file, *table.get(key), fmt::format("{} is empty; fill it in", key));
    return {};
}

Result<void> check_services(const Product& product, const toml::table& root, std::string_view file) {
    std::set<std::pair<std::string_view, std::uint32_t>> seen;
    for (std::size_t i = 0; product.services && i < product.services->size(); ++i) {
        const DeclaredService& service = (*product.services)[i];
        const toml::table& table = *root["services"][i].as_table();
        if (service.transport != "tcp" && service.transport != "udp")
            return wrong(file, *table.get("transport"), "transport must be \"tcp\" or \"udp\"");
        if (service.port == 0 || service.port > 65535)
            return wrong(file, *table.get("port"), "port must be from 1 to 65535");
        TRY(check_filled(service.protocol, table, "protocol", file));
        if (!seen.insert({service.transport, service.port}).second)
            return wrong(file, table, fmt::format("port {}/{} is declared twice; remove one", service.port, service.transport));
    }
    return {};
}

Result<void> check_observations(const Product& product, const toml::table& root, std::string_view file) {
    for (std::size_t i = 0; i < product.observations.size(); ++i) {
        const DeclaredObservation& observation = product.observations[i];
        const toml::table& table = *root["observations"][i].as_table();
        TRY(check_filled(observation.requirement, table, "requirement", file));
        TRY(check_filled(observation.person, table, "person", file));
        TRY(check_filled(observation.reason, table, "reason", file));
        TRY(check_date(observation.date, table.get("date"), file, "date"));
        if (observation.method == Method::examine && trimmed(observation.document).empty())
            return wrong(file, table, "method \"examine\" needs the document that was read; add document = \"...\"");
    }
    return {};
}

Result<void> check_scope(const Product& product, const toml::table& root, std::string_view file) {
    if (product.scope && product.scope->reach == Reach::isolated && trimmed(product.scope->reason).empty())
        return wrong(file, *root.get("scope"), "reach \"isolated\" needs a reason: why the product cannot come into a network; add reason = \"...\"");
    for (std::size_t i = 0; i < product.system.size(); ++i) {
        const toml::table& table = *root["system"][i].as_table();
        TRY(check_filled(product.system[i].name, table, "name", file));
        if (product.system[i].level > 3)
            return wrong(file, *table.get("level"), "level must be from 0 (not certified) to 3");
    }
    return {};
}

Result<void> check_uses(const Product& product, const toml::table& root, std::string_view file) {
    for (std::size_t i = 0; i < product.uses.size(); ++i) {
        const Use& use = product.uses[i];
        const toml::table& table = *root["uses"][i].as_table();
        TRY(check_filled(use.name, table, "name", file));
        TRY(check_filled(use.incident, table, "incident", file));
        TRY(check_filled(use.place.reason, *table.get_as<toml::table>("place"), "reason", file));
        if (use.residual) {
            TRY(check_filled(use.residual->reason, *table.get_as<toml::table>("residual"), "reason", file));
            if (use.measures.empty())
                return wrong(file, *table.get("residual"), "what is left after measures needs the measures; add [[uses.measures]]");
        }
        for (std::size_t k = 0; k < use.measures.size(); ++k) {
            const toml::table& measure = *table["measures"][k].as_table();
            TRY(check_filled(use.measures[k].stakeholder, measure, "stakeholder", file));
            TRY(check_filled(use.measures[k].what, measure, "what", file));
        }
    }
    return {};
}

}  // namespace

Result<Product> read(std::string_view text, std::string_view file_name) {
    const toml::table root = TRY(toml_text::parse(text, file_name, max_size));
    Product product = TRY(toml_text::read<Product>(root, file_name, "the file"));
    TRY(check_filled(product.vendor, root, "vendor", file_name));
    TRY(check_filled(product.model, root, "model", file_name));
    TRY(check_filled(product.version, root, "version", file_name));
    if (!product.support_until.empty())
        TRY(check_date(product.support_until, root.get("support_until"), file_name, "support_until"));
    TRY(check_services(product, root, file_name));
    TRY(check_observations(product, root, file_name));
    TRY(check_scope(product, root, file_name));
    TRY(check_uses(product, root, file_name));
    return product;
}

}  // namespace shirushi::declaration
