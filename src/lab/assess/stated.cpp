#include <fmt/format.h>
#include <fmt/ranges.h>

#include "assess/judgement.hpp"

namespace shirushi::assess {
namespace {

std::optional<std::string> said(const std::string& value) { return value.empty() ? std::nullopt : std::optional(value); }

/// Stated once every interface is decided.
std::optional<std::string> said(const DeclaredInterfaces& interfaces) {
    std::vector<std::string> parts;
    bool decided = true;
    const auto add = [&](const auto& field) {
        const Answer answer = interfaces.*field.member;
        decided = decided && answer != Answer::unknown;
        parts.push_back(fmt::format("{}: {}", field.name, name_of(answer)));
    };
    std::apply([&](const auto&... field) { (add(field), ...); }, DeclaredInterfaces::fields());
    return decided ? std::optional(fmt::format("{}", fmt::join(parts, ", "))) : std::nullopt;
}

std::optional<std::string> said(const std::optional<std::vector<DeclaredService>>& services) {
    if (!services)
        return std::nullopt;
    std::vector<std::string> parts;
    for (const DeclaredService& service : *services)
        parts.push_back(fmt::format("{}/{} {}", service.port, service.transport, service.protocol));
    return parts.empty() ? "[]" : fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace

std::optional<std::string> stated(const Product& product, std::string_view name) {
    std::optional<std::string> value;
    const auto look = [&](const auto& field) {
        if constexpr (requires { said(product.*field.member); })
            if (field.name == name)
                value = said(product.*field.member);
    };
    std::apply([&](const auto&... field) { (look(field), ...); }, Product::fields());
    return value;
}

}  // namespace shirushi::assess
