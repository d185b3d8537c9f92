#include "inspect/interfaces/usb_storage.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "inspect/configuration.hpp"
#include "inspect/daemons.hpp"
#include "inspect/uci.hpp"
#include "inspect/update_tools.hpp"

namespace shirushi::inspect::interfaces {
namespace {

using unpack::NodeId;
using Words = std::vector<std::string>;

constexpr std::size_t kMaxPlaces = 64;  // where one script mounts storage

std::string whole_of(const Words& words) {
    std::string text;
    for (const std::string& word : words)
        if (text.size() < 4096)
            text += (text.empty() ? "" : " ") + word;
    return text;
}

/// Where storage is mounted by nearly everybody's convention, whoever does it.
bool is_usual_place(std::string_view path) {
    for (const std::string_view folder : {"/media", "/run/media", "/mnt/usb", "/mnt/udisk", "/mnt/usbdisk", "/mnt/usbstick", "/mnt/sda", "/mnt/sda1", "/udisk", "/usb", "/usbdisk", "/tmp/usb", "/var/usbmount", "/tmp/udisk", "/mnt/usb0", "/mnt/usb1"})
        if (lies_in(path, folder) && path != folder)
            return true;
    return false;
}

/// "/dev/sda1", "/dev/$MDEV", "/dev/sd*": a disk, or a device that an event names.
bool is_disk(std::string_view word, bool at_event) {
    return word.starts_with("/dev/sd") || word.starts_with("/dev/disk/by-") || (at_event && (word.starts_with("/dev/$") || word.starts_with("$")));
}

/// "/dev/sda" may be a disk that is built in: a place is USB storage for certain where its name says so, or where an event mounts it.
bool says_usb(std::string_view path) {
    const std::string lower = lowered(path.substr(0, 512));
    return lower.find("usb") != std::string::npos || lower.find("udisk") != std::string::npos;
}

/// What a mount command mounts, and where.
struct Mount {
    std::string place;
    bool noexec = false;
};

/// Where a script mounted storage.
struct Place {
    std::string path;
    bool certain = false;  ///< it is USB storage
};

std::optional<Mount> mount_of(const Words& words, bool at_event) {
    if (base_name(words[0]) != "mount")
        return std::nullopt;
    Mount mount;
    bool disk = false;
    for (std::size_t i = 1; i < words.size(); ++i) {
        const std::string& word = words[i];
        if (word == "-o" || word == "--options") {
            if (i + 1 < words.size())
                mount.noexec |= words[++i].find("noexec") != std::string::npos;
        } else if (word == "-t" || word == "-L" || word == "-U") {
            ++i;
        } else if (word.starts_with("-o")) {
            mount.noexec |= word.find("noexec") != std::string::npos;
        } else if (!word.starts_with('-')) {
            if (is_disk(word, at_event) && !disk)
                disk = true;
            else if (disk && mount.place.empty())
                mount.place = word;
        }
    }
    while (mount.place.size() > 1 && mount.place.ends_with('/'))
        mount.place.pop_back();
    return disk && mount.place.size() > 1 ? std::optional(mount) : std::nullopt;
}

class Reader {
public:
    Reader(const Surroundings& around, std::vector<UsbExposure>& rows) : root_(around.root), rows_(&rows) {}

    void script(const Script& script) {
        std::vector<Place> places;
        Answer verified = Answer::no;
        std::vector<std::string> executed;
        for (const ShellCommand& command : script.shell.commands) {
            const Words words = invocation_of(command.words).arguments;
            if (words.empty())
                continue;
            if (const auto mount = mount_of(words, script.at_event)) {
                const bool certain = script.at_event || says_usb(mount->place);
                if (places.size() < kMaxPlaces)
                    places.push_back({mount->place, certain});
                add(UsbExposureKind::storage_mounted, mount->place, mount->noexec ? Answer::yes : Answer::no, certain ? script.in_use() : Answer::unknown, script.evidence(command.line));
            }
            const std::string whole = whole_of(words);
            if (verifies(whole))
                verified = Answer::yes;
            else if (may_verify(words[0]) && verified == Answer::no)
                verified = Answer::unknown;
            const std::string_view file = runs(words, places);
            if (!file.empty() && std::ranges::find(executed, file) == executed.end()) {
                executed.emplace_back(file);
                add(UsbExposureKind::storage_executed, file, verified, is_certain(file, places) ? script.in_use() : Answer::unknown, script.evidence(command.line));
            }
            if (writes_firmware(words))
                for (const std::string& word : words) {
                    const std::string_view path = std::string_view(word).substr(word.starts_with("if=") ? 3 : 0);
                    if (!on_storage(path, places))
                        continue;
                    const bool own = base_name(words[0]) == "sysupgrade" && verified == Answer::no;  // it may verify by itself
                    add(UsbExposureKind::storage_update, path, own ? Answer::unknown : verified, is_certain(path, places) ? script.in_use() : Answer::unknown, script.evidence(command.line));
                    break;
                }
        }
    }

    /// A device manager's rule that mounts, or runs a file from storage, by itself.
    void event(const Event& event) {
        if (const auto mount = mount_of(event.words, true))
            add(UsbExposureKind::storage_mounted, mount->place, mount->noexec ? Answer::yes : Answer::no, Answer::yes, event.evidence);
        if (const std::string_view file = runs(event.words, {}); !file.empty())
            add(UsbExposureKind::storage_executed, file, Answer::no, Answer::yes, event.evidence);
    }

    /// OpenWrt's block-mount: "config global" with auto_mount.
    void block_mount() {
        const auto file = root_->find("etc/config/fstab");
        const auto text = root_->text("etc/config/fstab");
        if (!file || !text)
            return;
        for (const UciSection& section : read_uci(*text))
            for (const UciOption& option : section.options)
                if (option.key == "auto_mount" && is_yes(option.value))
                    add(UsbExposureKind::storage_mounted, "auto_mount", Answer::no, root_->program("block") ? Answer::yes : Answer::unknown,
                        {.path = root_->tree().path(*file), .offset = offset_in(*text, option.line), .excerpt = excerpt(trimmed(option.line))});
    }

private:
    void add(UsbExposureKind kind, std::string_view name, Answer guarded, Answer in_use, Evidence evidence) {
        if (rows_->size() < max_rows)
            rows_->push_back({.kind = kind, .name = printable(name.substr(0, 100)), .guarded = guarded, .in_use = in_use, .evidence = std::move(evidence)});
    }

    static bool on_storage(std::string_view path, const std::vector<Place>& places) {
        return is_usual_place(path) || std::ranges::any_of(places, [&](const Place& place) { return path.size() > place.path.size() && lies_in(path, place.path); });
    }
    static bool is_certain(std::string_view path, const std::vector<Place>& places) {
        return says_usb(path) || std::ranges::any_of(places, [&](const Place& place) { return place.certain && lies_in(path, place.path); });
    }

    /// The file on storage that a command runs: itself, or what a shell or "." is given. Empty: none.
    std::string_view runs(const Words& words, const std::vector<Place>& places) const {
        const std::string_view program = base_name(words[0]);
        std::size_t at = 0;
        if (program == "sh" || program == "ash" || program == "bash" || program == "." || program == "source" || program.starts_with("python") || program == "perl" || program == "lua")
            for (at = 1; at < words.size() && words[at].starts_with('-'); ++at) {
            }
        if (at >= words.size() || !on_storage(words[at], places) || root_->program(words[at]))  // what the image has there is its own
            return {};
        return words[at];
    }

    const Root* root_;
    std::vector<UsbExposure>* rows_;
};

}  // namespace

void add_usb_storage(const Surroundings& around, std::vector<UsbExposure>& rows) {
    Reader reader(around, rows);
    for (const Script& script : around.scripts)
        reader.script(script);
    for (const Event& event : around.events)
        reader.event(event);
    reader.block_mount();
}

}  // namespace shirushi::inspect::interfaces
