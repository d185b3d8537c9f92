// The start-up graph of one root. Scripts are read, not run: a script leads to others by naming, sourcing or globbing them, and
// each is read once. Where the first link is missing (no inittab), the places every init system looks at are taken.

#include "inspect/startup.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "inspect/daemons.hpp"

namespace shirushi::inspect {
namespace {

using unpack::NodeId;

constexpr std::size_t kMaxStarts = 4096;
constexpr std::size_t kMaxScripts = 1000;        // of one root; a full desktop has fewer
constexpr std::size_t kMaxSourced = 64 * 1024;   // of a file of settings that a script sources
constexpr std::size_t kMaxInittab = 1000;        // lines

bool is_console(std::string_view program) {
    constexpr auto names = std::to_array<std::string_view>({"agetty", "ash", "askfirst", "bash", "console-getty", "getty", "login", "mgetty", "ntlogin", "sh", "sulogin"});
    return std::ranges::binary_search(names, base_name(program));
}

/// Settings files that say a service is off.
bool switched_off(const Variables& variables) {
    const auto is = [&](std::string_view name, std::initializer_list<std::string_view> values) {
        const auto at = variables.find(name);
        return at != variables.end() && std::ranges::find(values, std::string_view(at->second)) != values.end();
    };
    return is("NO_START", {"1", "yes", "true"}) || is("ENABLED", {"0", "no", "false"}) || is("ENABLE", {"0", "no", "false"}) ||
           is("START", {"0", "no", "false"}) || is("START_DAEMON", {"0", "no", "false"}) || is("RUN_DAEMON", {"no"});
}

class StartGraph {
public:
    explicit StartGraph(const Root& root) : root_(&root) {}

    StartUp walk() {
        const bool systemd = root_->has("lib/systemd/systemd") || root_->has("usr/lib/systemd/systemd");
        if (systemd)
            add_systemd_starts(*root_, starts_, &once_);
        else
            follow_inittab();
        follow_run_levels(systemd);
        follow("etc/rc.local", StartedBy::rc_local);
        if (queue_.empty() && starts_.empty())
            follow_conventions();
        for (std::size_t i = 0; i < queue_.size(); ++i)
            read_script(queue_[i].first, queue_[i].second);
        StartUp found{.starts = std::move(starts_), .once = std::move(once_), .scripts = std::move(read_)};
        for (const auto* list : {&found.starts, &found.once})
            for (const Start& start : *list)
                if (start.started_by == StartedBy::systemd && is_script(start.arguments[0]))
                    found.scripts.insert(*root_->find(start.arguments[0]));
        return found;
    }

private:
    void follow_inittab() {
        const auto file = root_->find("etc/inittab");
        const auto text = root_->text("etc/inittab");
        if (!text)
            return follow("etc/init.d/rcS", StartedBy::init_script);  // BusyBox init without inittab
        const std::string path = root_->tree().path(*file);
        for (const InittabLine& line : read_inittab(*text)) {
            if (line.action == "initdefault")
                run_level_ = line.runlevels.empty() ? run_level_ : line.runlevels.substr(0, 1);
            const bool runs = line.action == "sysinit" || line.action == "respawn" || line.action == "once" || line.action == "wait" ||
                              line.action == "boot" || line.action == "bootwait" || line.action == "askfirst" || line.action == "respawnlate";
            if (!runs)
                continue;
            const Evidence evidence{.path = path, .offset = offset_in(*text, line.line), .excerpt = excerpt(line.line)};
            for (const ShellCommand& command : read_shell(line.process).commands)
                take_command(command, StartedBy::inittab, line.action.starts_with("respawn"), evidence);
        }
    }

    /// System V's and OpenWrt's folders of links.
    void follow_run_levels(bool systemd) {
        const bool openwrt = root_->has("etc/rc.common");
        std::vector<std::string> folders = {"etc/rcS.d"};
        if (openwrt)
            folders.emplace_back("etc/rc.d");
        else
            for (const std::string_view base : {"etc/rc", "etc/rc.d/rc"})
                folders.push_back(fmt::format("{}{}.d", base, run_level_));
        for (const std::string& folder : folders)
            follow_folder(folder, "S", openwrt ? StartedBy::procd : StartedBy::init_script, systemd);
    }

    void follow_conventions() {
        for (const char* script : {"etc/init.d/rcS", "etc/rcS", "etc/rc", "etc/rc.d/rcS", "etc/rc.sysinit", "etc_ro/rcS", "init"})
            follow(script, StartedBy::init_script);
        follow_folder("etc/init.d", "S", StartedBy::init_script, false);
    }

    void follow_folder(std::string_view folder, std::string_view prefix, StartedBy by, bool skip_units) {
        for (const NodeId id : root_->list(folder)) {
            const std::string& name = root_->tree().node(id).name;
            if (!name.starts_with(prefix) || name.ends_with(".bak") || name.ends_with("~"))
                continue;
            const std::string_view plain = std::string_view(name).substr(std::min<std::size_t>(name.find_first_not_of("S0123456789"), name.size()));
            if (skip_units && (root_->has(fmt::format("lib/systemd/system/{}.service", plain)) || root_->has(fmt::format("usr/lib/systemd/system/{}.service", plain))))
                continue;  // systemd prefers the unit and ignores the script
            follow(fmt::format("{}/{}", folder, name), by);
        }
    }

    void follow(std::string_view path, StartedBy by) {
        const auto id = root_->find(path);
        if (!id || root_->tree().node(*id).file.kind != FileKind::regular || queue_.size() >= kMaxScripts || root_->tree().node(*id).kind != unpack::NodeKind::entry)
            return;
        if (seen_.insert(*id).second && looks_like_text(text_of(root_->tree(), *id)))
            queue_.emplace_back(*id, by);
    }

    /// What "for x in /etc/init.d/S??*" stands for.
    void follow_glob(std::string_view pattern, StartedBy by) {
        const auto slash = pattern.rfind('/');
        const auto star = pattern.find_first_of("*?[");
        if (slash == std::string_view::npos || star == std::string_view::npos || star < slash)
            return;
        follow_folder(pattern.substr(0, slash), pattern.substr(slash + 1, star - slash - 1), by, false);
    }

    Variables settings_of(const ShellScript& script) {
        Variables variables;
        for (const ShellCommand& command : script.commands) {
            if ((command.words[0] != "." && command.words[0] != "source") || command.words.size() < 2 || variables.size() > 1000)
                continue;
            const std::string& path = command.words[1];
            const bool settings = path.find("/default/") != std::string::npos || path.find("/sysconfig/") != std::string::npos || path.ends_with(".conf");
            if (const auto text = settings ? root_->text(path) : std::nullopt)
                variables = read_shell(text->substr(0, kMaxSourced), std::move(variables)).variables;
        }
        return variables;
    }

    void read_script(NodeId id, StartedBy by) {
        const std::string_view text = text_of(root_->tree(), id);
        const std::string path = root_->tree().path(id);
        ShellScript script = read_shell(text);
        if (Variables settings = settings_of(script); !settings.empty())
            script = read_shell(text, std::move(settings));
        if (by != StartedBy::procd && switched_off(script.variables))  // procd's START= is a number, its switch the link in rc.d
            return;
        read_.insert(id);
        for (const ShellCommand& command : script.commands)
            if (command.at_start)
                take_command(command, by, false, {.path = path, .offset = offset_in(text, command.line), .excerpt = excerpt(command.line)});
    }

    void take_command(const ShellCommand& command, StartedBy by, bool respawned, const Evidence& evidence) {
        const std::vector<std::string>& words = command.words;
        if (words[0] == "." || words[0] == "source" || words[0] == "for" || words[0] == "run-parts" || base_name(words[0]) == "sh" || base_name(words[0]) == "ash") {
            for (const std::string& word : words) {
                follow_glob(word, by == StartedBy::inittab ? StartedBy::init_script : by);
                if (word.starts_with('/'))
                    follow(word, script_kind(word, by));
                if (words[0] == "run-parts" && word.starts_with('/'))
                    follow_folder(word, "", script_kind(word, by), false);
            }
        }
        Invocation invocation = invocation_of(words);
        if (invocation.arguments.empty() || starts_.size() >= kMaxStarts)
            return;
        const std::string& program = invocation.arguments[0];
        if (is_script(program))
            return follow(program, script_kind(program, by));
        const bool known = find_daemon(program) != nullptr;
        const bool in_background = command.background && program.starts_with('/') && root_->program(program);
        const bool is_service = known || invocation.is_service || in_background || (respawned && !program.empty());
        if (!is_service || is_console(program) || program.find('$') != std::string::npos || program.find('`') != std::string::npos)
            return;
        starts_.push_back({.arguments = std::move(invocation.arguments), .started_by = by, .is_service = is_service, .evidence = evidence});
    }

    [[nodiscard]] bool is_script(std::string_view program) const {
        if (!program.starts_with('/'))
            return false;
        const auto id = root_->find(program);
        if (!id || root_->tree().node(*id).kind != unpack::NodeKind::entry || root_->tree().node(*id).file.kind != FileKind::regular)
            return false;
        const std::string_view text = text_of(root_->tree(), *id);
        return text.starts_with("#!") || (program.starts_with("/etc") && looks_like_text(text));
    }

    static StartedBy script_kind(std::string_view path, StartedBy by) {
        if (path.ends_with("rc.local"))
            return StartedBy::rc_local;
        return by == StartedBy::inittab ? StartedBy::init_script : by;
    }

    const Root* root_;
    std::vector<Start> starts_;
    std::vector<Start> once_;
    std::set<NodeId> read_;  // scripts that are not switched off
    std::vector<std::pair<NodeId, StartedBy>> queue_;
    std::set<NodeId> seen_;
    std::string_view run_level_ = "2";  // Debian's, where no inittab says otherwise; borrowed from the inittab
};

}  // namespace

std::vector<InittabLine> read_inittab(std::string_view text) {
    std::vector<InittabLine> found;
    for (const std::string_view line : lines_of(text)) {
        const std::string_view content = trimmed(line);
        const auto first = content.find(':');
        const auto second = first == std::string_view::npos ? first : content.find(':', first + 1);
        const auto third = second == std::string_view::npos ? second : content.find(':', second + 1);
        if (content.starts_with('#') || third == std::string_view::npos || found.size() == kMaxInittab)
            continue;
        found.push_back({.id = content.substr(0, first), .runlevels = content.substr(first + 1, second - first - 1),
                         .action = trimmed(content.substr(second + 1, third - second - 1)), .process = trimmed(content.substr(third + 1)), .line = line});
        if (found.back().process.starts_with('-') || found.back().process.starts_with('@'))
            found.back().process.remove_prefix(1);  // a login shell, in BusyBox's form
    }
    return found;
}

StartUp start_up_of(const Root& root) { return StartGraph(root).walk(); }

std::vector<Start> starts_of(const Root& root) { return start_up_of(root).starts; }

}  // namespace shirushi::inspect
