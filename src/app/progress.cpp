#include "app/progress.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "base/text.hpp"

namespace shirushi::app {

void ProgressLine::show(std::string_view what, std::uint64_t done, std::uint64_t total) {
    using namespace std::chrono_literals;
    const auto now = std::chrono::steady_clock::now();
    if (!shown_ || (dirty_ && now - last_ < 50ms))
        return;
    last_ = now;
    dirty_ = true;
    const std::uint64_t percent = total == 0 ? 100 : std::min<std::uint64_t>(100, done * 100 / total);
    fmt::print(stderr, "\r\x1b[K{:3}% {}", percent, excerpt(what, 70));
    std::fflush(stderr);
}

void ProgressLine::clear() {
    if (dirty_)
        fmt::print(stderr, "\r\x1b[K");
    dirty_ = false;
}

unsigned terminal_width() {
    struct winsize size {};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return 80;
    return std::clamp<unsigned>(size.ws_col, 60, 120);
}

}  // namespace shirushi::app
