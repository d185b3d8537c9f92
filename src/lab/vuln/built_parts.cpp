#include "vuln/built_parts.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace shirushi::vuln {
namespace {

constexpr std::size_t kFewestModules = 16;  // a shorter list of built-in modules is no list of a whole kernel

/// Folders whose code is built by tristate options, so that a list of modules tells of it: the part of the path that is compared.
/// Nothing for all other files.
std::string_view judged_folder(std::string_view file) {
    constexpr std::array<std::string_view, 4> roots = {"drivers/", "sound/", "fs/", "net/"};
    const auto end = file.rfind('/');
    if (end == std::string_view::npos)
        return {};
    const std::string_view folder = file.substr(0, end);
    for (const std::string_view root : roots)
        if (folder.starts_with(root) && folder.size() > root.size())
            return folder;
    return {};
}

bool has_module_below(const CompiledIn& built, std::string_view folder) {
    const std::string prefix = fmt::format("kernel/{}/", folder);
    const auto from = std::ranges::lower_bound(built.modules, prefix);
    return from != built.modules.end() && from->starts_with(prefix);
}

std::optional<std::string> no_applet(std::span<const std::string_view> parts, const CompiledIn& built) {
    for (const std::string_view part : parts)
        if (part.find('/') != std::string_view::npos || std::ranges::binary_search(built.applets, part))
            return std::nullopt;
    return fmt::format("applet {} is not among its {}", fmt::join(parts, ", "), built.applets.size());
}

std::optional<std::string> no_file(std::span<const std::string_view> parts, const CompiledIn& built) {
    for (const std::string_view part : parts) {
        const std::string_view folder = judged_folder(part);
        if (folder.empty() || has_module_below(built, folder))
            return std::nullopt;
    }
    return fmt::format("nothing of {} was built (its {} modules are known)", fmt::join(parts, ", "), built.modules.size());
}

/// "drivers/net/tun.c": the module that such a file alone would make, kernel/drivers/net/tun.ko.
std::string module_of(std::string_view file) {
    if (!file.ends_with(".c") || judged_folder(file).empty())
        return {};
    return fmt::format("kernel/{}.ko", file.substr(0, file.size() - 2));
}

}  // namespace

std::string seen_built(std::span<const std::string_view> parts, const Component& component) {
    if (!component.compiled_in)
        return {};
    for (const std::string_view part : parts) {
        if (part.find('/') == std::string_view::npos && std::ranges::binary_search(component.compiled_in->applets, part))
            return std::string(part);
        if (const std::string module = module_of(part); !module.empty() && std::ranges::binary_search(component.compiled_in->modules, module))
            return module;
    }
    return {};
}

std::optional<std::string> not_compiled_in(std::span<const std::string_view> parts, const Component& component) {
    if (parts.empty() || !component.compiled_in)
        return std::nullopt;
    const CompiledIn& built = *component.compiled_in;
    if (!built.applets.empty())
        return no_applet(parts, built);
    if (built.modules.size() >= kFewestModules)
        return no_file(parts, built);
    return std::nullopt;
}

}  // namespace shirushi::vuln
