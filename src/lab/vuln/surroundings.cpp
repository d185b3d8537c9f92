#include "vuln/surroundings.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace shirushi::vuln {
namespace {

/// Operating systems that a system with a Linux kernel is not, as CPE names begin.
constexpr std::array<std::string_view, 17> other_systems = {
    "o:microsoft:",  "o:apple:",         "o:freebsd:",       "o:netbsd:",    "o:openbsd:", "o:sun:sunos",
    "o:sun:solaris", "o:oracle:solaris", "o:ibm:aix",        "o:ibm:os_400", "o:hp:hp-ux", "o:hp:openvms",
    "o:sgi:irix",    "o:sco:",           "o:novell:netware", "a:microsoft:", "a:cygwin:",
};

/// Editions and targets of the same kind, and other implementations under the same name (a Go or Rust package).
constexpr std::array<std::string_view, 13> other_editions = {
    "win32", "windows", "win64", "macos", "mac_os_x", "iphone_os", "ios", "solaris", "freebsd", "node.js", "go", "rust", "python",
};

}  // namespace

bool shows_linux(const Table<Component>& components) {
    return std::ranges::any_of(components.rows, [](const Component& each) {
        return std::ranges::find(each.cpe, "linux:linux_kernel") != each.cpe.end() || each.product == "linux_kernel";
    });
}

bool Surroundings::contradict(const Criterion& criterion) const {
    return linux_ && (contradicts_platform(criterion.platform) || contradicts_edition(snapshot_.range(criterion.range).edition));
}

bool Surroundings::contradicts_platform(std::uint32_t platform) const {
    if (platform == 0)
        return false;
    return std::ranges::any_of(snapshot_.platform(platform), [this](const PlatformGroup& group) {
        const auto operands = snapshot_.operands(group);
        return !operands.empty() && std::ranges::all_of(operands, [this](const PlatformOperand& operand) {
            const std::string_view name = snapshot_.text(operand.product);
            return std::ranges::any_of(other_systems, [&](std::string_view each) { return name.starts_with(each); });
        });
    });
}

bool Surroundings::contradicts_edition(StringId edition) const {
    if (edition == 0)
        return false;
    const auto parts = split(snapshot_.text(edition), ':');
    return std::ranges::any_of(parts, [](std::string_view each) { return std::ranges::find(other_editions, each) != other_editions.end(); });
}

}  // namespace shirushi::vuln
