// BusyBox's table of applets (libbb/appletlib.c, applet_names): their names in the order of strcmp, each ended by a zero. The table has no
// mark: it is the longest such run of words in a program that carries BusyBox's banner.

#include <algorithm>
#include <array>

#include "sbom/programs/program_file.hpp"

namespace shirushi::sbom {
namespace {

constexpr std::size_t kLongestName = 24;  // "run-parts", "update-alternatives" is none; real ones stay below 20
constexpr std::size_t kFewest = 3;
constexpr std::size_t kMost = 1024;       // all of BusyBox has some 400

bool is_name_character(std::uint8_t byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '-' || byte == '_' || byte == '.' || byte == '[';
}

/// Applets of which every BusyBox has some: a sorted run of other words (options of one applet, a dictionary) has not two of them.
bool has_usual(const std::vector<std::string_view>& words) {
    constexpr std::array<std::string_view, 10> usual = {"ash", "cat", "echo", "hush", "init", "ls", "mount", "sh", "udhcpc", "vi"};
    return std::ranges::count_if(usual, [&](std::string_view word) { return std::ranges::binary_search(words, word); }) >= 2;
}

}  // namespace

std::vector<std::string> busybox_applets(Bytes program) {
    const std::string_view text = as_text(program);
    if (text.find("BusyBox v") == std::string_view::npos)
        return {};
    std::vector<std::string_view> best;
    std::vector<std::string_view> run;
    const auto end_run = [&] {
        if (run.size() >= kFewest && run.size() > best.size() && has_usual(run))
            best = run;
        run.clear();
    };
    for (std::size_t at = 0; at < text.size();) {
        std::size_t end = at;
        while (end < text.size() && end - at <= kLongestName && is_name_character(program[end]))
            ++end;
        const std::string_view word = text.substr(at, end - at);
        if (word.empty() || word.size() > kLongestName || end == text.size() || program[end] != 0) {
            end_run();
            at = end + 1;
            continue;
        }
        if (!run.empty() && (run.back() >= word || run.size() == kMost))
            end_run();
        run.push_back(word);
        at = end + 1;
    }
    end_run();
    return {best.begin(), best.end()};
}

}  // namespace shirushi::sbom
