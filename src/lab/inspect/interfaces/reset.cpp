// What takes a product back to its factory state: what each script erases, held against the places in which the image keeps data that
// changes. What a script does through variables, or through programs of its own, is not known; then nothing is said to be left.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "base/text.hpp"
#include "inspect/configuration.hpp"
#include "inspect/daemons.hpp"
#include "inspect/interfaces/interfaces.hpp"

namespace shirushi::inspect::interfaces {
namespace {

using unpack::NodeId;
using Words = std::vector<std::string>;

constexpr std::size_t kMaxPlaces = 64;
constexpr std::size_t kMaxKnown = 500;  // files that scripts and settings keep in such places
constexpr std::size_t kMaxErased = 100;  // things that one script erases
constexpr std::size_t kMaxShown = 20;    // of what is left

/// A file system that keeps what is written to it.
struct Place {
    std::string path;    ///< "/data"
    std::string device;  ///< "/dev/mtdblock5", "LABEL=data"
    std::set<std::string> known;  ///< files in it that scripts and settings name
};

bool any_of_words(std::string_view word, std::initializer_list<std::string_view> list) { return std::ranges::find(list, word) != list.end(); }

bool keeps_data(std::string_view type) {
    return any_of_words(type, {"auto", "btrfs", "ext2", "ext3", "ext4", "exfat", "f2fs", "jffs2", "ubifs", "vfat", "xfs", "yaffs", "yaffs2"});
}

bool is_volatile_path(std::string_view path) {
    for (const std::string_view folder : {"/tmp", "/var/run", "/run", "/var/lock", "/var/tmp", "/dev", "/proc", "/sys"})
        if (lies_in(path, folder))
            return true;
    return false;
}

bool is_place_of_data(std::string_view path) {
    return path.size() > 1 && path.starts_with('/') && path.find_first_of("$`*") == std::string_view::npos && !is_volatile_path(path) && !lies_in(path, "/boot") && !lies_in(path, "/mnt/usb") &&
           !lies_in(path, "/media") && !lies_in(path, "/rom");
}

bool is_usb_place(std::string_view path) { return path.find("usb") != std::string_view::npos || path.find("sdcard") != std::string_view::npos; }

class Places {
public:
    explicit Places(const Surroundings& around) : around_(&around) {
        if (const auto text = around.root->text("etc/fstab"))
            for (const std::string_view line : lines_of(*text)) {
                const std::vector<std::string_view> words = words_of(trimmed(line));
                if (words.size() < 4 || words[0].starts_with('#') || !keeps_data(words[2]))
                    continue;
                const std::vector<std::string_view> options = split(words[3], ',');
                if (std::ranges::find(options, "ro") != options.end() || std::ranges::find(options, "noauto") != options.end())
                    continue;
                root_keeps_data_ |= words[1] == "/";
                add(words[1], words[0]);
            }
        for (const Script& script : around.scripts)
            if (script.at_boot)
                for (const ShellCommand& command : script.shell.commands)
                    if (command.at_start)
                        add_mount(invocation_of(command.words).arguments);
        if (around.root->has("etc/rc.common") && (around.root->program("firstboot") || around.root->program("jffs2reset") || around.root->program("mount_root")))
            add("/overlay", "rootfs_data");
        if (!places_.empty())
            add_known();
    }

    [[nodiscard]] const std::vector<Place>& all() const { return places_; }
    /// The root file system itself is written to: what is kept where cannot be told.
    [[nodiscard]] bool anywhere() const { return root_keeps_data_; }

private:
    void add(std::string_view path, std::string_view device) {
        while (path.size() > 1 && path.ends_with('/'))
            path.remove_suffix(1);
        if (!is_place_of_data(path) || is_usb_place(path) || places_.size() == kMaxPlaces || std::ranges::find(places_, path, &Place::path) != places_.end())
            return;
        places_.push_back({.path = printable(path.substr(0, 200)), .device = printable(device.substr(0, 200)), .known = {}});
    }

    void add_mount(const Words& words) {
        if (words.size() < 3 || base_name(words[0]) != "mount")
            return;
        std::string type;
        std::string options;
        std::vector<std::string_view> plain;
        for (std::size_t i = 1; i < words.size(); ++i) {
            if ((words[i] == "-t" || words[i] == "-o") && i + 1 < words.size()) {
                (words[i] == "-t" ? type : options) = words[i + 1];
                ++i;
            } else if (!words[i].starts_with('-')) {
                plain.push_back(words[i]);
            }
        }
        const std::vector<std::string_view> list = split(options, ',');
        const bool writable = std::ranges::find(list, "ro") == list.end() && std::ranges::find(list, "bind") == list.end();
        if (plain.size() == 2 && keeps_data(type) && writable && !plain[0].starts_with("/dev/sd"))
            add(plain[1], plain[0]);
    }

    /// Files below the places that scripts, and settings in etc, name.
    void add_known() {
        std::size_t count = 0;
        const auto take = [&](std::string_view word) {
            if (!word.starts_with('/') || word.size() > 200 || word.find_first_of("$`*?[") != std::string_view::npos || count == kMaxKnown)
                return;
            for (Place& place : places_)
                if (lies_in(word, place.path) && word.size() > place.path.size() + 1)
                    count += place.known.insert(printable(word)).second ? 1 : 0;
        };
        for (const Script& script : around_->scripts)
            if (script.at_boot)
                for (const ShellCommand& command : script.shell.commands)
                    for (const std::string& word : command.words)
                        take(word);
        for (const NodeId id : around_->files) {
            const std::string inner = around_->root->inner_path(id);
            if (!inner.starts_with("/etc/") || !(inner.ends_with(".conf") || inner.ends_with(".cfg")) || is_example(inner))
                continue;
            for (const Setting& setting : read_settings(text_of(around_->root->tree(), id).substr(0, 64 * 1024)))
                take(setting.value);
        }
    }

    const Surroundings* around_;
    std::vector<Place> places_;
    bool root_keeps_data_ = false;
};

/// What one script does.
struct Reading {
    std::set<std::string> erases;
    std::vector<std::string_view> unclear;  ///< commands whose effect is not seen
    std::string_view first;                 ///< line of the first that erases
    std::string_view restart;               ///< line that restarts
    bool tool = false;                      ///< it resets by a tool that is made for that
};

bool is_harmless(std::string_view program) {
    constexpr auto names = std::to_array<std::string_view>(
        {":", "[", "[[", "awk", "basename", "break", "case", "cat", "cd", "cut", "date", "dirname", "echo", "exit", "expr", "export", "false", "grep", "head", "hexdump", "let", "local",
         "logger", "ls", "printf", "ps", "pidof", "read", "return", "sed", "set", "shift", "sleep", "sort", "sync", "tail", "test", "tr", "trap", "true", "umount", "unset", "usleep", "wait", "wc"});
    return std::ranges::find(names, program) != names.end();
}

/// Ends a program, and asks it for nothing: a signal of another kind may mean "erase everything" to it.
bool only_ends(const Words& words) {
    const std::string_view program = base_name(words[0]);
    if (program != "kill" && program != "killall" && program != "fuser")
        return false;
    return std::all_of(words.begin() + 1, words.end(), [](const std::string& word) { return !word.starts_with('-') || any_of_words(word, {"-9", "-15", "-KILL", "-TERM", "-SIGKILL", "-SIGTERM", "-q", "-k", "-m", "-km", "-mk"}); });
}

/// ". FILE" of settings or of functions, which do nothing before they are called.
bool reads_settings(const Words& words) {
    if ((words[0] != "." && words[0] != "source") || words.size() < 2)
        return false;
    return words[1].ends_with(".conf") || words[1].find("/default/") != std::string::npos || words[1].find("functions") != std::string::npos;
}

std::string erased_path(std::string_view path) {
    for (const std::string_view ending : {"/*", "/.", "/"})
        while (path.size() > ending.size() && path.ends_with(ending))
            path.remove_suffix(ending.size());
    return std::string(path);
}

bool is_device(std::string_view word) { return word.starts_with("/dev/mtd") || word.starts_with("/dev/mmcblk") || word.starts_with("/dev/ubi") || word.starts_with("/dev/nand") || word.starts_with("/dev/disk/"); }

class ResetReader {
public:
    Reading read(const Script& script) {
        reading_ = {};
        for (const ShellCommand& command : script.shell.commands)
            if (const Words words = invocation_of(command.words).arguments; !words.empty())
                take(words, command.line);
        return std::move(reading_);
    }

private:
    void erases(std::string what, std::string_view line) {
        if (reading_.first.empty())
            reading_.first = line;
        if (reading_.erases.size() < kMaxErased)
            reading_.erases.insert(printable(std::string_view(what).substr(0, 200)));
    }
    void unclear(std::string_view line) {
        if (reading_.unclear.size() < kMaxErased)
            reading_.unclear.push_back(line);
    }

    void removes(const Words& words, std::string_view line) {
        bool folders = false;
        for (std::size_t i = 1; i < words.size(); ++i)
            folders |= words[i].starts_with('-') && words[i].find_first_of("rR") != std::string::npos;
        for (std::size_t i = 1; i < words.size(); ++i) {
            if (words[i].starts_with('-'))
                continue;
            const std::string path = erased_path(words[i]);
            if (!path.starts_with('/') || path.find_first_of("$`?[*") != std::string::npos)
                unclear(line);
            else if (!is_volatile_path(path) && !folders && words[i].ends_with("/*"))
                unclear(line);  // folders stay
            else if (!is_volatile_path(path))
                erases(path, line);
        }
    }

    void take(const Words& words, std::string_view line) {
        const std::string_view program = base_name(words[0]);
        const auto named = [&](std::string_view word) { return std::find(words.begin() + 1, words.end(), word) != words.end(); };
        if (program == "rm" || program == "shred") {
            removes(words, line);
        } else if (program == "find" && named("-delete") && words.size() > 1 && words[1].starts_with('/')) {
            erases(erased_path(words[1]), line);
        } else if (program == "firstboot" || program == "jffs2reset" || program == "jffs2mark") {
            reading_.tool = true;
            erases("/overlay", line);
        } else if (program == "nvram" && words.size() > 1 && any_of_words(words[1], {"erase", "clear", "default", "defaults", "restore_default", "restore_defaults", "restore", "reset"})) {
            reading_.tool = true;
            erases("nvram", line);
        } else if ((program == "mtd" || program == "mtd_erase" || program == "mtd_debug") && (named("erase") || program == "mtd_erase")) {
            for (std::size_t i = 1; i < words.size(); ++i)
                if (!words[i].starts_with('-') && words[i] != "erase")
                    return erases(is_device(words[i]) ? words[i] : "mtd " + words[i], line);
        } else if (any_of_words(program, {"flash_erase", "flash_eraseall", "ubiformat", "wipefs", "blkdiscard", "mke2fs"}) || program.starts_with("mkfs.") || (program == "ubiupdatevol" && named("-t"))) {
            bool found = false;
            for (std::size_t i = 1; i < words.size() && !found; ++i)
                if (found = is_device(words[i]); found)
                    erases(words[i], line);
            if (!found)
                unclear(line);
        } else if (program == "dd") {
            for (const std::string& word : words)
                if (word.starts_with("of=") && is_device(std::string_view(word).substr(3)))
                    erases(word.substr(3), line);
        } else if (program == "reboot" || (program == "init" && named("6")) || (program == "shutdown" && named("-r")) || program == "poweroff" || program == "halt") {
            reading_.restart = line;
            if (program == "reboot" && std::any_of(words.begin() + 1, words.end(), [](const std::string& word) { return !word.starts_with('-'); }))
                unclear(line);  // "reboot recovery": the boot loader acts on it
        } else if ((!is_harmless(program) && !only_ends(words) && !reads_settings(words)) || (program == "sed" && std::any_of(words.begin() + 1, words.end(), [](const std::string& word) { return word.starts_with("-i"); }))) {
            unclear(line);
        }
        if (const auto into = line.find('>'); into != std::string_view::npos && is_harmless(program) && program != "[" && program != "test") {  // a flag that something else acts on
            const std::string_view target = trimmed(line.substr(line.find_first_not_of(">", into) == std::string_view::npos ? line.size() : line.find_first_not_of(">", into)));
            if (!target.starts_with("/dev/null") && !target.starts_with("/dev/console") && !target.starts_with("/dev/kmsg") && !target.starts_with('&') && !target.starts_with("/sys/class/leds"))
                unclear(line);
        }
    }

    Reading reading_;
};

bool named_for_reset(std::string_view inner) {
    const std::string name = lowered(base_name(inner));
    const auto has = [&](std::string_view piece) { return name.find(piece) != std::string::npos; };
    for (const std::string_view other : {"usb", "modem", "wifi", "wlan", "bluetooth", "gpio", "phy", "hci", "password", "passwd", "sensor", "watchdog", "wdt", "camera", "lte", "led"})
        if (has(other))
            return false;
    return (has("factory") && (has("reset") || has("default") || has("restore"))) || has("restore_default") || has("restoredefault") || has("restore-default") || has("reset_default") || has("reset-default") ||
           has("resetdefault") || has("load_default") || has("reset_to_") || has("wipe_data") || has("wipe-data") || has("data_wipe") || has("reset_config") || has("reset-config") || has("config_reset") ||
           has("reset_all");
}

/// OpenWrt's handler of the button, and scripts that are called no more than "reset".
bool perhaps_named(std::string_view inner) {
    const std::string name = lowered(base_name(inner));
    return name == "reset" || name == "reset.sh" || name == "restore.sh" || name == "reset.cgi" || name == "rc.reset" || name == "defaults.sh" || name == "default.sh" || name == "reset_button" || name == "reset-button.sh" ||
           name == "button_reset.sh";
}

ResetMechanism row_of(const Places& places, std::string name, const Reading& reading, Evidence evidence) {
    ResetMechanism row{.name = printable(std::string_view(name).substr(0, 100)), .erases = {reading.erases.begin(), reading.erases.end()}, .evidence = std::move(evidence)};
    const auto reached = [&](std::string_view path) { return std::ranges::any_of(reading.erases, [&](const std::string& erased) { return erased.starts_with('/') && lies_in(path, erased); }); };
    // Parts of the flash by a name or number that no place can be told by.
    const bool other_parts = std::ranges::any_of(reading.erases, [&](const std::string& erased) {
        return (is_device(erased) || erased.starts_with("mtd ")) && std::ranges::none_of(places.all(), [&](const Place& place) { return place.device == erased || "mtd " + place.device == erased; });
    });
    bool partly = false;
    for (const Place& place : places.all()) {
        if (reached(place.path) || reading.erases.contains(place.device) || reading.erases.contains("mtd " + place.device))
            continue;
        const bool inside = std::ranges::any_of(reading.erases, [&](const std::string& erased) { return erased.starts_with('/') && lies_in(erased, place.path); });
        if (!inside) {
            row.leaves.push_back(place.path);
            continue;
        }
        const std::size_t before = row.leaves.size();
        for (const std::string& file : place.known)
            if (!reached(file) && row.leaves.size() < kMaxShown && std::ranges::none_of(reading.erases, [&](const std::string& erased) { return lies_in(erased, file); }))
                row.leaves.push_back(file);
        partly |= row.leaves.size() == before;
    }
    std::ranges::sort(row.leaves);
    if (!reading.unclear.empty() || other_parts) {
        row.complete = Answer::unknown;
        row.leaves.clear();
        row.note = reading.unclear.empty() ? "" : excerpt(trimmed(reading.unclear.front()));
    } else if (!row.leaves.empty() || (row.erases.empty() && !reading.restart.empty())) {
        row.complete = Answer::no;
    } else {
        row.complete = places.all().empty() || places.anywhere() || partly ? Answer::unknown : Answer::yes;
    }
    return row;
}

}  // namespace

void add_resets(const Surroundings& around, std::vector<ResetMechanism>& rows) {
    const Places places(around);
    ResetReader reader;
    const Root& root = *around.root;
    for (const char* tool : {"firstboot", "jffs2reset"})
        if (const auto program = root.program(tool); program && root.has("etc/rc.common")) {
            const Reading reading{.erases = {"/overlay"}, .unclear = {}, .tool = true};
            rows.push_back(row_of(places, tool, reading, {.path = root.tree().path(*program), .offset = std::nullopt, .excerpt = ""}));
            break;  // one calls the other
        }
    for (const Script& script : around.scripts) {
        const bool named = named_for_reset(script.inner);
        if (base_name(script.inner) == "firstboot" || rows.size() >= max_rows)
            continue;
        const Reading reading = reader.read(script);
        const bool acts = !reading.erases.empty();
        const bool only_restarts = !acts && !reading.restart.empty() && reading.unclear.empty();
        if (!(named && (acts || only_restarts || !reading.unclear.empty())) && !(acts && (reading.tool || perhaps_named(script.inner))))
            continue;
        if (!named && script.at_boot && !perhaps_named(script.inner))
            continue;  // start-up that erases what is broken
        const std::string_view line = acts ? reading.first : !reading.restart.empty() ? reading.restart : reading.unclear.front();
        rows.push_back(row_of(places, std::string(base_name(script.inner)), reading, script.evidence(line)));
    }
}

}  // namespace shirushi::inspect::interfaces
