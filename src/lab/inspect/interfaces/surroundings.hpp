#pragma once
// What the inspectors of interfaces share: of one root its files, what starts at boot, and its shell scripts with what runs them.

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "inspect/image.hpp"
#include "inspect/shell.hpp"
#include "inspect/startup.hpp"

namespace shirushi::inspect::interfaces {

/// A shell script, read once for all. Borrows the tree.
struct Script {
    unpack::NodeId id{};
    std::string path;   ///< in the image
    std::string inner;  ///< below its root, with a leading '/'
    std::string_view text;
    ShellScript shell;
    bool at_boot = false;
    bool at_event = false;  ///< udev, mdev or a hotplug folder runs it when something is plugged in

    [[nodiscard]] Evidence evidence(std::string_view line) const;
    [[nodiscard]] Answer in_use() const { return at_boot || at_event ? Answer::yes : Answer::unknown; }
};

/// What a device manager runs when something is plugged in.
struct Event {
    std::vector<std::string> words;  ///< of the command
    std::string_view line;
    Evidence evidence;
};

struct Surroundings {
    const Root* root = nullptr;
    std::vector<unpack::NodeId> files;  ///< regular files in order of path
    StartUp start_up;
    std::vector<Script> scripts;  ///< in order of path
    std::vector<Event> events;    ///< of storage and USB, in the order found
    std::vector<std::string> gaps;
    std::set<std::string> programs;  ///< names of those that start-up runs

    [[nodiscard]] const Script* script(unpack::NodeId id) const;
};

/// One for each root.
std::vector<Surroundings> surroundings_of(const Image& image);

/// A path at which a file only shows how something could be configured, or is a copy that nothing reads.
bool is_example(std::string_view inner);

/// A value that is filled in when the product is made or runs: "%SSID%", "@KEY@", "$ssid", "<name>".
bool is_placeholder(std::string_view value);

/// "/mnt/usb" and "/mnt/usb/x" lie in "/mnt/usb"; "/mnt/usb2" does not.
bool lies_in(std::string_view path, std::string_view folder);

inline constexpr std::size_t max_rows = 2'000;  ///< of one table and root

}  // namespace shirushi::inspect::interfaces
