#pragma once
// One line on standard error that says what is going on, for people who watch; nothing for scripts.

#include <chrono>
#include <cstdint>
#include <string_view>

namespace shirushi::app {

class ProgressLine {
public:
    explicit ProgressLine(bool shown) : shown_(shown) {}
    ~ProgressLine() { clear(); }
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;

    void show(std::string_view what, std::uint64_t done, std::uint64_t total);
    void clear();

private:
    bool shown_;
    bool dirty_ = false;
    std::chrono::steady_clock::time_point last_{};
};

/// Columns of standard output's terminal; 80 when it is none, at most 120 so that lines stay readable.
unsigned terminal_width();

}  // namespace shirushi::app
