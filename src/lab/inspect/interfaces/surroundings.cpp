#include "inspect/interfaces/surroundings.hpp"

#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "inspect/daemons.hpp"

namespace shirushi::inspect::interfaces {
namespace {

using unpack::NodeId;

constexpr std::size_t kMaxScriptText = 256 * 1024;              // of one script
constexpr std::size_t kMaxScriptBytes = std::size_t{16} << 20;  // of all scripts of a root
constexpr std::size_t kMaxEvents = 2'000;

bool says_shell(std::string_view text) {
    const std::string_view first = text.substr(0, std::min<std::size_t>(text.find('\n'), 64));
    return first.starts_with("#!") && first.find("sh") != std::string_view::npos;
}

bool is_about_storage(std::string_view rule) {
    for (const std::string_view piece : {"sd", "usb", "block", "USB", "BLOCK"})
        if (rule.find(piece) != std::string_view::npos)
            return true;
    return false;
}

void add_event(Surroundings& around, std::string_view command, std::string_view whole, std::string_view line, NodeId file) {
    if (around.events.size() >= kMaxEvents)
        return;
    for (const ShellCommand& one : read_shell(command.substr(0, 4096)).commands) {
        const std::vector<std::string> words = invocation_of(one.words).arguments;
        if (!words.empty())
            around.events.push_back({.words = words, .line = line,
                                     .evidence = {.path = around.root->tree().path(file), .offset = offset_in(whole, line), .excerpt = excerpt(trimmed(line))}});
    }
}

/// udev(7): RUN+="program arguments", where the rule is about storage or USB.
void add_udev_events(Surroundings& around, NodeId file) {
    const std::string_view text = text_of(around.root->tree(), file);
    for (const std::string_view line : lines_of(text)) {
        if (trimmed(line).starts_with('#') || !is_about_storage(line))
            continue;
        auto run = line.find("RUN");
        for (int runs = 0; run != std::string_view::npos && runs < 16; ++runs) {
            const auto open = line.find('"', run);
            const auto close = open == std::string_view::npos ? open : line.find('"', open + 1);
            const std::string_view between = open == std::string_view::npos ? std::string_view() : line.substr(run, open - run);
            if (close == std::string_view::npos)
                break;
            if (between.find('=') != std::string_view::npos && between.find(',') == std::string_view::npos)
                add_event(around, line.substr(open + 1, close - open - 1), text, line, file);
            run = line.find("RUN", close);
        }
    }
}

/// mdev.conf: "device user:group mode [=name] [@|$|*command]".
void add_mdev_events(Surroundings& around, NodeId file) {
    const std::string_view text = text_of(around.root->tree(), file);
    for (const std::string_view line : lines_of(text)) {
        const std::string_view rule = trimmed(line);
        const std::vector<std::string_view> words = words_of(rule);
        if (rule.starts_with('#') || words.size() < 4 || !is_about_storage(words[0]))
            continue;
        for (std::size_t i = 3; i < words.size(); ++i)
            if (words[i].starts_with('@') || words[i].starts_with('*') || words[i].starts_with('$')) {
                add_event(around, rule.substr(offset_in(rule, words[i]) + 1), text, line, file);
                break;
            }
    }
}

void add_events(Surroundings& around) {
    for (const NodeId id : around.files) {
        const std::string inner = around.root->inner_path(id);
        if (inner == "/etc/mdev.conf")
            add_mdev_events(around, id);
        else if (inner.ends_with(".rules") && inner.find("/udev/rules.d/") != std::string::npos)
            add_udev_events(around, id);
    }
}

bool is_hotplug_script(std::string_view inner) {
    for (const std::string_view folder : {"/etc/hotplug.d/usb/", "/etc/hotplug.d/block/", "/etc/hotplug.d/mount/", "/etc/hotplug.d/tty/", "/etc/hotplug/usb/", "/etc/hotplug/blk/",
                                          "/etc/usbmount/mount.d/"})
        if (inner.starts_with(folder))
            return true;
    return inner == "/sbin/hotplug" || inner == "/etc/hotplug/usb.agent";
}

void add_scripts(Surroundings& around) {
    std::set<NodeId> by_event;
    for (const Event& event : around.events)
        for (const std::string& word : event.words)
            if (word.starts_with('/'))
                if (const auto id = around.root->find(word))
                    by_event.insert(*id);
    std::size_t bytes = 0;
    for (const NodeId id : around.files) {
        const std::string_view text = text_of(around.root->tree(), id).substr(0, kMaxScriptText);
        const bool at_boot = around.start_up.scripts.contains(id);
        std::string inner = around.root->inner_path(id);
        const bool at_event = by_event.contains(id) || is_hotplug_script(inner);
        if (!says_shell(text) && !(at_boot && looks_like_text(text) && !text.starts_with("#!")) && !(is_hotplug_script(inner) && looks_like_text(text)))
            continue;
        if (!at_boot && !at_event && is_example(inner))
            continue;
        bytes += text.size();
        if (bytes > kMaxScriptBytes) {
            around.gaps.emplace_back("scripts: more than are read");
            break;
        }
        around.scripts.push_back({.id = id, .path = around.root->tree().path(id), .inner = std::move(inner), .text = text, .shell = read_shell(text), .at_boot = at_boot, .at_event = at_event});
    }
    // What an event's script runs is run by the event, too; one step is what is found in practice, more are followed as long as there are new ones.
    std::map<NodeId, Script*> known;
    for (Script& script : around.scripts)
        known.emplace(script.id, &script);
    std::vector<Script*> waiting;
    for (Script& script : around.scripts)
        if (script.at_event)
            waiting.push_back(&script);
    while (!waiting.empty()) {
        const Script* from = waiting.back();
        waiting.pop_back();
        for (const ShellCommand& command : from->shell.commands)
            for (const std::string& word : command.words) {
                const auto id = word.starts_with('/') ? around.root->find(word) : std::nullopt;
                const auto to = id ? known.find(*id) : known.end();
                if (to != known.end() && !std::exchange(to->second->at_event, true))
                    waiting.push_back(to->second);
                if (&word - command.words.data() >= 2)
                    break;  // the program, or what a shell or "." runs
            }
    }
}

}  // namespace

Evidence Script::evidence(std::string_view line) const { return {.path = path, .offset = offset_in(text, line), .excerpt = excerpt(trimmed(line))}; }

const Script* Surroundings::script(NodeId id) const {
    const auto found = std::ranges::find(scripts, id, &Script::id);
    return found == scripts.end() ? nullptr : &*found;
}

std::vector<Surroundings> surroundings_of(const Image& image) {
    std::vector<Surroundings> all(image.roots.size());
    std::map<NodeId, Surroundings*> by_root;
    for (std::size_t i = 0; i < image.roots.size(); ++i) {
        all[i].root = &image.roots[i];
        by_root.emplace(image.roots[i].id(), &all[i]);
    }
    for (const NodeId id : image.files)
        for (NodeId above = id; above != NodeId{0};) {
            above = image.tree->node(above).parent;
            if (const auto root = by_root.find(above); root != by_root.end()) {
                root->second->files.push_back(id);
                break;
            }
        }
    for (Surroundings& around : all) {
        around.start_up = start_up_of(*around.root);
        for (const auto* list : {&around.start_up.starts, &around.start_up.once})
            for (const Start& start : *list)
                around.programs.emplace(base_name(start.arguments[0]));
        add_events(around);
        add_scripts(around);
        for (const Script& script : around.scripts)
            if (script.at_boot)
                for (const ShellCommand& command : script.shell.commands)
                    if (const std::vector<std::string> words = invocation_of(command.words).arguments; command.at_start && !words.empty())
                        around.programs.emplace(base_name(words[0]));
    }
    return all;
}

bool is_example(std::string_view inner) {
    const std::string lower = lowered(inner);
    for (const std::string_view folder : {"/doc/", "/docs/", "/man/", "/example/", "/examples/", "/sample/", "/samples/", "/test/", "/tests/", "/template/", "/templates/"})
        if (lower.find(folder) != std::string::npos)
            return true;
    for (const std::string_view ending : {".example", ".sample", ".dist", ".orig", ".bak", ".old", "~", ".template", ".tmpl", ".in", ".rej", "-dist", "-example", "-sample", ".md", ".txt", ".html"})
        if (lower.ends_with(ending))
            return true;
    return base_name(lower).starts_with("example") || base_name(lower).starts_with("sample");
}

bool is_placeholder(std::string_view value) {
    if (value.empty())
        return false;
    const bool bracketed = (value.front() == '%' || value.front() == '@' || value.front() == '_') && value.size() > 2 && value.back() == value.front();
    return bracketed || value.front() == '$' || value.front() == '`' || (value.front() == '<' && value.back() == '>') || (value.starts_with("{{") && value.ends_with("}}"));
}

bool lies_in(std::string_view path, std::string_view folder) {
    while (folder.size() > 1 && folder.ends_with('/'))
        folder.remove_suffix(1);
    return !folder.empty() && path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/' || folder == "/");
}

}  // namespace shirushi::inspect::interfaces
