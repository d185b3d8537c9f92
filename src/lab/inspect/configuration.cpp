#include "inspect/configuration.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "inspect/image.hpp"

namespace shirushi::inspect {
namespace {

constexpr std::size_t kMaxSettings = 20'000;

}  // namespace

std::vector<Setting> read_settings(std::string_view text) {
    std::vector<Setting> settings;
    for (const std::string_view line : lines_of(text)) {
        const std::string_view content = trimmed(line);
        if (content.empty() || content.front() == '#' || content.front() == ';' || settings.size() == kMaxSettings)
            continue;
        const auto end = std::min(content.find_first_of(" \t="), content.size());
        std::string_view value = trimmed(content.substr(end));
        if (value.starts_with('='))
            value = trimmed(value.substr(1));
        if (value.ends_with(';'))
            value = trimmed(value.substr(0, value.size() - 1));
        settings.push_back({.key = content.substr(0, end), .value = unquoted(value), .line = line});
    }
    return settings;
}

std::optional<std::string_view> last_value(const std::vector<Setting>& settings, std::string_view key) {
    std::optional<std::string_view> value;
    const std::string wanted = lowered(key);
    for (const Setting& setting : settings)
        if (setting.key.size() == wanted.size() && lowered(setting.key) == wanted)
            value = setting.value;
    return value;
}

bool is_yes(std::string_view value) {
    const std::string word = lowered(value.substr(0, 16));
    return word == "yes" || word == "true" || word == "on" || word == "1" || word == "enable";
}

std::vector<std::string> option_values(const std::vector<std::string>& arguments, std::string_view option) {
    std::vector<std::string> values;
    const bool is_short = option.size() == 2;
    for (std::size_t i = 1; i < arguments.size(); ++i) {
        const std::string& argument = arguments[i];
        if (argument == option) {
            if (i + 1 < arguments.size())
                values.push_back(arguments[++i]);
        } else if (is_short && argument.starts_with(option)) {
            values.push_back(argument.substr(2));
        } else if (!is_short && argument.starts_with(option) && argument.substr(option.size()).starts_with('=')) {
            values.push_back(argument.substr(option.size() + 1));
        }
    }
    return values;
}

bool has_flag(const std::vector<std::string>& arguments, std::string_view flag) {
    return std::any_of(arguments.begin() + (arguments.empty() ? 0 : 1), arguments.end(), [&](const std::string& argument) {
        if (argument == flag)
            return true;
        const bool cluster = flag.size() == 2 && argument.size() > 2 && argument[0] == '-' && argument[1] != '-';
        const bool letters = cluster && std::all_of(argument.begin() + 1, argument.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); });
        return letters && argument.find(flag[1]) != std::string::npos;
    });
}

std::optional<Endpoint> endpoint_from(std::string_view text, std::string_view transport) {
    const auto colon = text.rfind(':');
    const auto port = to_integer<std::uint16_t>(colon == std::string_view::npos ? text : text.substr(colon + 1));
    if (!port || *port == 0)
        return std::nullopt;
    std::string_view address = colon == std::string_view::npos ? std::string_view() : text.substr(0, colon);
    if (address == "*" || address == "0.0.0.0" || address == "[::]" || address == "::")
        address = {};
    return Endpoint{.transport = std::string(transport), .port = *port, .address = printable(address.substr(0, 64))};
}

}  // namespace shirushi::inspect
