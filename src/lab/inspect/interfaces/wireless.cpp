// Wireless networks of one root: which files configure them, and whether start-up leads there.

#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "inspect/daemons.hpp"
#include "inspect/interfaces/interfaces.hpp"
#include "inspect/interfaces/wireless_settings.hpp"

namespace shirushi::inspect::interfaces {
namespace {

using unpack::NodeId;

/// What start-up says about a configuration file.
struct Reader {
    bool access_point = false;  ///< hostapd reads it
    bool station = false;       ///< wpa_supplicant does
    std::string by;             ///< the command
};

/// Files that hostapd and wpa_supplicant are started with.
std::map<NodeId, Reader> files_read(const Surroundings& around) {
    std::map<NodeId, Reader> readers;
    const auto take = [&](const std::vector<std::string>& arguments, std::string_view shown) {
        const std::string_view program = arguments.empty() ? std::string_view() : base_name(arguments[0]);
        if ((program != "hostapd" && program != "wpa_supplicant") || !around.root->program(arguments[0]))
            return;
        std::vector<std::string> paths;
        for (const std::string& argument : arguments)
            if (const auto slash = argument.find('/'); slash != std::string::npos && &argument != arguments.data())
                paths.push_back(argument.substr(argument.starts_with("-c") ? 2 : 0));
        if (paths.empty())
            paths = {"/etc/" + std::string(program) + ".conf", "/etc/" + std::string(program) + "/" + std::string(program) + ".conf"};
        for (const std::string& path : paths)
            if (const auto id = around.root->find(path)) {
                Reader& reader = readers[*id];
                (program == "hostapd" ? reader.access_point : reader.station) = true;
                reader.by = shown;
            }
    };
    for (const auto* list : {&around.start_up.starts, &around.start_up.once})
        for (const Start& start : *list)
            take(start.arguments, start.evidence.excerpt);
    for (const Script& script : around.scripts)
        if (script.at_boot)
            for (const ShellCommand& command : script.shell.commands)
                if (command.at_start)
                    take(invocation_of(command.words).arguments, excerpt(trimmed(command.line)));
    return readers;
}

void add(const Surroundings& around, NodeId file, std::string_view text, FoundNetwork found, Answer in_use, std::string_view note, std::vector<WirelessNetwork>& rows) {
    if (rows.size() >= max_rows)
        return;
    if (found.network.in_use == Answer::no)
        note = "switched off";
    else
        found.network.in_use = in_use;
    found.network.note = excerpt(note);
    found.network.evidence = {.path = around.root->tree().path(file), .offset = found.line.empty() ? std::nullopt : std::optional(offset_in(text, found.line)),
                              .excerpt = masked_excerpt(found.line, found.secret)};
    rows.push_back(std::move(found.network));
}

bool is_nvram_name(std::string_view name) {
    return name.find("nvram") != std::string_view::npos || name == "default.cfg" || name == "defaults.cfg" || name == "factory.cfg" || name == "default_config" ||
           (name.ends_with(".dat") && (name.starts_with("rt") || name.starts_with("mt") || name.starts_with("wifi") || name.starts_with("wlan")));
}

}  // namespace

void add_wireless(const Surroundings& around, std::vector<WirelessNetwork>& rows) {
    const Root& root = *around.root;
    const std::map<NodeId, Reader> readers = files_read(around);
    const bool openwrt = root.has("etc/rc.common") && (root.program("netifd") || root.program("wifi"));
    for (const NodeId id : around.files) {
        const std::string inner = root.inner_path(id);
        const std::string name = lowered(base_name(inner));
        const auto reader = readers.find(id);
        if (reader == readers.end() && is_example(inner))
            continue;
        const bool settings = name.ends_with(".conf") || name.ends_with(".cfg");
        const bool access_point = reader != readers.end() ? reader->second.access_point : settings && name.starts_with("hostapd");
        const bool station = reader != readers.end() ? reader->second.station : settings && (name.starts_with("wpa_supplicant") || name.starts_with("wpa-supplicant"));
        const bool uci = inner == "/etc/config/wireless";
        const bool nvram = !access_point && !station && !uci && is_nvram_name(name);
        if (!access_point && !station && !uci && !nvram)
            continue;
        const std::string_view text = text_of(root.tree(), id);
        if (!looks_like_text(text))
            continue;
        const Answer in_use = reader != readers.end() ? Answer::yes : uci && openwrt ? Answer::yes : Answer::unknown;
        const std::string note = reader != readers.end() ? reader->second.by : uci && openwrt ? "OpenWrt's wireless configuration" : nvram ? "defaults, which may be overwritten when the product is made" : "nothing that was found starts it";
        for (FoundNetwork& found : access_point ? read_hostapd(text) : station ? read_supplicant(text) : uci ? read_uci_wireless(text) : read_nvram_wireless(text))
            add(around, id, text, std::move(found), in_use, note, rows);
    }
}

}  // namespace shirushi::inspect::interfaces
