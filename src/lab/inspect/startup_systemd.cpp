// systemd: units that a target wants (systemd.unit(5) "wants" folders), or that a preset enables where nothing has been enabled yet
// (systemd.preset(5): applied at first boot).

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "inspect/daemons.hpp"
#include "inspect/startup.hpp"

namespace shirushi::inspect {
namespace {

using unpack::Node;
using unpack::NodeId;

constexpr std::size_t kMaxUnits = 2000;
constexpr std::string_view kFolders[] = {"etc/systemd/system", "run/systemd/system", "usr/local/lib/systemd/system", "usr/lib/systemd/system",
                                         "lib/systemd/system"};

struct UnitLine {
    std::string_view section;
    std::string_view key;
    std::string_view value;
    std::string_view line;
};

std::vector<UnitLine> read_unit(std::string_view text) {
    std::vector<UnitLine> found;
    std::string_view section;
    for (const std::string_view line : lines_of(text)) {
        const std::string_view content = trimmed(line);
        if (content.starts_with('[') && content.ends_with(']'))
            section = content.substr(1, content.size() - 2);
        const auto equals = content.find('=');
        if (content.starts_with('#') || content.starts_with(';') || equals == std::string_view::npos || found.size() == 1000)
            continue;
        found.push_back({.section = section, .key = trimmed(content.substr(0, equals)), .value = trimmed(content.substr(equals + 1)), .line = line});
    }
    return found;
}

/// "/etc/systemd/system/getty@tty1.service" -> "getty@.service".
std::string unit_file_name(std::string_view name) {
    const auto at = name.find('@');
    const auto dot = name.rfind('.');
    if (at == std::string_view::npos || dot == std::string_view::npos || dot < at)
        return std::string(name);
    return std::string(name.substr(0, at + 1)) + std::string(name.substr(dot));
}

class Units {
public:
    Units(const Root& root, std::vector<Start>& starts, std::vector<Start>* once) : root_(&root), starts_(&starts), once_(once) {}

    void collect() {
        for (const std::string_view folder : kFolders)
            for (const NodeId id : root_->list(folder)) {
                const std::string& name = root_->tree().node(id).name;
                if (!name.ends_with(".wants") && !name.ends_with(".requires"))
                    continue;
                for (const NodeId unit : root_->tree().node(id).children)
                    wanted_.insert(root_->tree().node(unit).name);
                configured_ |= folder.starts_with("etc") && !root_->tree().node(id).children.empty();
            }
        if (!configured_)
            add_presets();
        for (const std::string& name : wanted_)
            add(name);
    }

private:
    void add_presets() {
        for (const char* folder : {"etc/systemd/system-preset", "usr/lib/systemd/system-preset", "lib/systemd/system-preset"})
            for (const NodeId file : root_->list(folder))
                for (const std::string_view line : lines_of(text_of(root_->tree(), file))) {
                    const auto words = words_of(line.substr(0, 512));
                    if (words.size() == 2 && words[0] == "enable" && words[1].find('*') == std::string_view::npos && wanted_.size() < kMaxUnits)
                        wanted_.insert(std::string(words[1]));
                }
    }

    /// The unit's file; nothing when it is masked (a link to /dev/null) or absent.
    [[nodiscard]] std::optional<std::string> file_of(std::string_view name) const {
        for (const std::string_view folder : kFolders) {
            const std::string path = fmt::format("{}/{}", folder, unit_file_name(name));
            const auto id = root_->find(path);
            if (id && root_->tree().node(*id).file.kind == FileKind::regular)
                return root_->tree().node(*id).size == 0 ? std::nullopt : std::optional(path);
            if (is_masked(folder, unit_file_name(name)))
                return std::nullopt;
        }
        return std::nullopt;
    }
    [[nodiscard]] bool is_masked(std::string_view folder, std::string_view name) const {
        if (!folder.starts_with("etc") && !folder.starts_with("run"))
            return false;
        for (const NodeId id : root_->list(folder))
            if (const Node& node = root_->tree().node(id); node.name == name)
                return node.file.kind == FileKind::symlink && node.file.target == "/dev/null";
        return false;
    }

    void add(const std::string& name) {
        if (!seen_.insert(name).second || seen_.size() > kMaxUnits)
            return;
        const auto path = file_of(name);
        if (!path)
            return;
        const auto lines = read_unit(*root_->text(*path));
        if (name.ends_with(".socket"))
            add_socket(name, lines);
        else if (name.ends_with(".service"))
            add_service(*path, lines, nullptr, name);
    }

    void add_socket(const std::string& name, const std::vector<UnitLine>& lines) {
        bool accept = false;
        std::string service;
        Start start{.started_by = StartedBy::systemd, .is_service = true};
        for (const UnitLine& line : lines) {
            if (line.key == "Accept")
                accept = line.value == "yes" || line.value == "true" || line.value == "1";
            else if (line.key == "Service")
                service = line.value;
            else if (line.key == "ListenStream" || line.key == "ListenDatagram")
                set_port(start, line);
        }
        if (start.tcp_port == 0 && start.udp_port == 0)
            return;  // a local socket
        const std::string stem = name.substr(0, name.rfind('.'));
        if (service.empty())
            service = stem + (accept ? "@.service" : ".service");
        if (const auto file = file_of(service))
            add_service(*file, read_unit(*root_->text(*file)), &start, service);
    }

    static void set_port(Start& start, const UnitLine& line) {
        const auto colon = line.value.rfind(':');
        const auto port = to_integer<std::uint16_t>(colon == std::string_view::npos ? line.value : line.value.substr(colon + 1));
        if (!port)
            return;
        (line.key == "ListenStream" ? start.tcp_port : start.udp_port) = *port;
        if (colon != std::string_view::npos)
            start.address = std::string(line.value.substr(0, colon));
    }

    void add_service(const std::string& path, const std::vector<UnitLine>& lines, const Start* socket, const std::string& name) {
        const std::string_view whole = *root_->text(path);
        std::vector<const UnitLine*> commands;
        Variables variables;
        bool once = false;
        for (const UnitLine& line : lines) {
            if (line.section != "Service")
                continue;
            if (line.key == "ExecStart" && line.value.empty())
                commands.clear();
            else if (line.key == "ExecStart")
                commands.push_back(&line);
            else if (line.key == "Type")
                once = line.value == "oneshot";
            else if (line.key == "EnvironmentFile")
                read_environment(line.value, variables);
            else if (line.key == "Environment")
                variables = read_shell(line.value, std::move(variables)).variables;
        }
        for (const UnitLine* line : commands) {
            const std::string_view command = line->value.substr(std::min(line->value.find_first_not_of("-@+!:"), line->value.size()));
            const ShellScript shell = read_shell(command, variables);
            if (shell.commands.empty())
                continue;
            Start start = socket != nullptr ? *socket : Start{.started_by = StartedBy::systemd, .is_service = true};
            start.arguments = invocation_of(shell.commands.front().words).arguments;
            start.service = name;
            start.evidence = {.path = root_->tree().path(*root_->find(path)), .offset = offset_in(whole, line->line), .excerpt = excerpt(line->line)};
            if (start.arguments.empty() || is_terminal(start.arguments[0]))
                continue;
            if (!once || find_daemon(start.arguments[0]) != nullptr)
                starts_->push_back(std::move(start));
            else if (once_ != nullptr)
                once_->push_back(std::move(start));
        }
    }
    static bool is_terminal(std::string_view program) {
        return base_name(program) == "agetty" || base_name(program) == "getty" || base_name(program) == "sulogin";
    }
    void read_environment(std::string_view file, Variables& variables) const {
        if (const auto text = root_->text(file.substr(file.starts_with('-') ? 1 : 0)))
            variables = read_shell(text->substr(0, 64 * 1024), std::move(variables)).variables;
    }

    const Root* root_;
    std::vector<Start>* starts_;
    std::vector<Start>* once_;
    std::set<std::string> wanted_;
    std::set<std::string> seen_;
    bool configured_ = false;
};

}  // namespace

void add_systemd_starts(const Root& root, std::vector<Start>& starts, std::vector<Start>* once) { Units(root, starts, once).collect(); }

}  // namespace shirushi::inspect
