#include "make_snapshot/components.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "base/text.hpp"

namespace shirushi::make_snapshot {
namespace {

using vuln::VersionScheme;

/// Everything else numbers its versions in ways the generic scheme knows.
constexpr std::array<std::pair<std::string_view, VersionScheme>, 8> special_schemes = {{
    {"linux_kernel", VersionScheme::kernel},
    {"openssl", VersionScheme::openssl},
    {"openssh", VersionScheme::portable},
    {"node.js", VersionScheme::semver},
    {"zephyr", VersionScheme::semver},
    {"esp-idf", VersionScheme::semver},
    {"openthread", VersionScheme::semver},
    {"jerryscript", VersionScheme::semver},
}};

/// Names that the table lists beside a component but that are other projects with versions of their own.
constexpr std::array<std::pair<std::string_view, std::string_view>, 15> siblings = {{
    {"wolfssl:wolfmqtt", "wolfmqtt"},
    {"wolfssl:wolfssh", "wolfssh"},
    {"arm:mbed_crypto", "mbed_crypto"},
    {"acme:micro_httpd", "micro_httpd"},
    {"miniupnp_project:minissdpd", "minissdpd"},
    {"miniupnp_project:miniupnpc", "miniupnpc"},
    {"miniupnp_project:ngiflib", "ngiflib"},
    {"espressif:esp-idf", "esp-idf"},
    {"espressif:esp8266_nonos_sdk", "esp8266_nonos_sdk"},
    {"espressif:esp32", "esp32"},
    {"openwrt:luci", "luci"},
    {"pcre:pcre2", "pcre2"},
    {"amazon:freertos+fat", "freertos_fat"},
    {"weston-embedded:cesium_net", "cesium_net"},
    {"rpcbind_project:rpcbind", "rpcbind"},
}};

}  // namespace

std::vector<vuln::ProductNames> components_from_table(std::string_view table) {
    std::map<std::string, std::vector<std::string>> names;
    const auto lines = lines_of(table);
    for (std::size_t i = 1; i < lines.size(); ++i) {
        const auto columns = split(lines[i], '\t');
        if (columns.size() < 3)
            continue;
        for (const auto pair : words_of(columns[2])) {
            const auto* const sibling = std::ranges::find(siblings, pair, &std::pair<std::string_view, std::string_view>::first);
            names[std::string(sibling == siblings.end() ? columns[0] : sibling->second)].emplace_back(pair);
        }
    }
    std::vector<vuln::ProductNames> components;
    for (auto& [product, pairs] : names) {
        const auto* const special = std::ranges::find(special_schemes, product, &std::pair<std::string_view, VersionScheme>::first);
        components.push_back({product, std::move(pairs), special == special_schemes.end() ? VersionScheme::generic : special->second});
    }
    return components;
}

std::vector<vuln::ProductRecord> products_of(const std::vector<vuln::ProductNames>& components) {
    std::map<std::string, VersionScheme> schemes;
    for (const auto& component : components)
        for (const std::string& pair : component.cpe)
            schemes.emplace(pair, component.scheme);
    std::vector<vuln::ProductRecord> products;
    for (const auto& [product, scheme] : schemes)
        products.push_back({product, scheme});
    return products;
}

std::string components_toml(const std::vector<vuln::ProductNames>& components) {
    std::string out =
        "# Components by their canonical name, the names they go by in advisories (vendor:product of CPE 2.3, escaped as there), and\n"
        "# how they number their versions. Written by tools/make_snapshot; catalogues/advisories/README.md says how.\n";
    for (const auto& component : components) {
        out += fmt::format("\n[[component]]\nproduct = \"{}\"\ncpe = [", component.product);
        for (std::size_t i = 0; i < component.cpe.size(); ++i)
            out += fmt::format("{}'{}'", i == 0 ? "" : ", ", component.cpe[i]);
        out += fmt::format("]\nversion_scheme = \"{}\"\n", vuln::scheme_name(component.scheme));
    }
    return out;
}

}  // namespace shirushi::make_snapshot
