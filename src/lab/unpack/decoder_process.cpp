#include "unpack/decoder_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <exception>
#include <optional>

#include "base/parallel.hpp"

namespace shirushi::unpack {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kFloor = std::uint64_t{64} << 20;  // content a child may always hand out, however small its input
constexpr int kSandboxFailed = 70;                         // exit statuses of our own; a decoder's errors are in the handout
constexpr int kUncaught = 71;

/// Wall-clock time is only a backstop for a child that sleeps: many may share few cores.
std::chrono::seconds wall_clock_limit(unsigned cpu_seconds) { return std::chrono::seconds(10 + 8 * std::uint64_t{cpu_seconds}); }

[[noreturn]] void run_child(const DecodeJob& job, const Handout& handout, const Sandbox& sandbox, int alive, unsigned cpu_seconds) {
    if (!sandbox.enter(alive, cpu_seconds))
        _exit(kSandboxFailed);
    Handout::Writer sink(handout);
    try {
        sink.finish(job.decode(job.input, job.share, sink));
    } catch (const std::bad_alloc&) {
        sink.finish(fail(Errc::limit, "it needs more memory than a decoder may have"));
    } catch (const std::exception&) {
        _exit(kUncaught);
    }
    _exit(0);
}

std::string reason_of(int status, unsigned cpu_seconds, bool overdue) {
    if (overdue)
        return "decoder stopped: it did not end in time";
    if (WIFSIGNALED(status)) {
        switch (WTERMSIG(status)) {
            case SIGSYS: return "decoder stopped: it made a system call that is not allowed";
            case SIGXCPU:
            case SIGKILL: return fmt::format("decoder stopped: it used more than {} seconds of processor time or more memory than there is", cpu_seconds);
            case SIGBUS: return "decoder stopped: no room left for what it unpacks (or a bad memory access)";
            default: return fmt::format("decoder stopped: it crashed ({})", strsignal(WTERMSIG(status)));
        }
    }
    if (WEXITSTATUS(status) == kSandboxFailed)
        return "decoder stopped: its sandbox could not be put up";
    return fmt::format("decoder stopped: it ended with status {}", WEXITSTATUS(status));
}

}  // namespace

struct DecoderPool::Child {
    DecodeJob job;
    std::optional<Handout> handout;
    pid_t process = -1;
    int alive = -1;  // a pipe that closes when the child ends
    Clock::time_point deadline;
    bool overdue = false;
    bool ended = false;
    std::string stopped;
    std::optional<Error> failed;  // it could not be started
};

DecoderPool::DecoderPool(const Limits& limits) : limits_(limits), workers_(limits.workers != 0 ? limits.workers : default_workers()) {}

DecoderPool::~DecoderPool() {
    for (const Ticket ticket : running_) {
        const Child& child = *children_[ticket];
        kill(child.process, SIGKILL);
        while (waitpid(child.process, nullptr, 0) < 0 && errno == EINTR) {
        }
        close(child.alive);
    }
}

DecoderPool::Ticket DecoderPool::submit(const DecodeJob& job, bool urgent) {
    const Ticket ticket = children_.size();
    children_.push_back(std::make_unique<Child>());
    children_.back()->job = job;
    if (urgent)
        waiting_.push_front(ticket);
    else
        waiting_.push_back(ticket);
    start_waiting(ticket + 1);
    return ticket;
}

Result<DecodeResult> DecoderPool::take(Ticket ticket) {
    Child& child = *children_[ticket];
    while (!child.ended) {
        start_waiting(ticket);
        if (!child.ended)
            wait_for_any();
    }
    if (child.failed)
        return std::unexpected(std::move(*child.failed));
    untaken_ -= child.handout->content_bytes();
    DecodeResult result{.handout = std::move(*child.handout), .stopped = std::move(child.stopped)};
    children_[ticket].reset();
    start_waiting(ticket);
    return result;
}

void DecoderPool::start_waiting(Ticket wanted) {
    // Results that wait to be taken take memory, too: beyond the budget only the work somebody waits for is started.
    if (untaken_ > limits_.memory_bytes) {
        const auto at = std::ranges::find(waiting_, wanted);
        if (at != waiting_.end() && running_.size() < workers_) {
            waiting_.erase(at);
            start(*children_[wanted]);
            if (!children_[wanted]->ended)
                running_.push_back(wanted);
        }
        return;
    }
    while (running_.size() < workers_ && !waiting_.empty()) {
        const Ticket ticket = waiting_.front();
        waiting_.pop_front();
        start(*children_[ticket]);
        if (!children_[ticket]->ended)
            running_.push_back(ticket);
    }
}

void DecoderPool::start(Child& child) {
    const auto give_up = [&](const char* what) {
        child.failed = Error{Errc::io, fmt::format("{}: {}", what, std::strerror(errno))};
        child.ended = true;
    };
    const std::uint64_t input = child.job.input.size();
    const std::uint64_t left = limits_.output_bytes - std::min(limits_.output_bytes, handed_out_);
    const std::uint64_t by_ratio = input > limits_.output_bytes / limits_.ratio ? limits_.output_bytes : input * limits_.ratio;
    const std::uint64_t pending = kept_ + untaken_;
    auto handout = Handout::create({.content_bytes = std::min(left, std::max(by_ratio, kFloor)),
                                    .memory_bytes = limits_.memory_bytes - std::min(limits_.memory_bytes, pending),
                                    .ratio = limits_.ratio, .input = child.job.input});
    if (!handout) {
        child.failed = std::move(handout).error();
        child.ended = true;
        return;
    }
    child.handout = std::move(*handout);
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0)
        return give_up("no pipe for a decoder");
    child.process = fork();
    if (child.process == 0)
        run_child(child.job, *child.handout, sandbox_, ends[1], limits_.decoder_cpu_seconds);
    const int error = errno;
    close(ends[1]);
    if (child.process < 0) {
        close(ends[0]);
        errno = error;
        return give_up("no child process for a decoder");
    }
    child.alive = ends[0];
    child.deadline = Clock::now() + wall_clock_limit(limits_.decoder_cpu_seconds);
}

void DecoderPool::wait_for_any() {
    std::vector<pollfd> ends;
    auto soonest = Clock::now() + std::chrono::seconds(10);
    for (const Ticket ticket : running_) {
        ends.push_back({.fd = children_[ticket]->alive, .events = POLLIN, .revents = 0});
        soonest = std::min(soonest, children_[ticket]->deadline);
    }
    const auto patience = std::chrono::duration_cast<std::chrono::milliseconds>(soonest - Clock::now()).count();
    (void)poll(ends.data(), ends.size(), static_cast<int>(std::max<std::int64_t>(patience, 0)) + 1);
    std::vector<Ticket> still;
    for (std::size_t i = 0; i < running_.size(); ++i) {
        Child& child = *children_[running_[i]];
        if (ends[i].revents == 0 && Clock::now() >= child.deadline) {
            child.overdue = true;
            kill(child.process, SIGKILL);
            reap(child);
        } else if (ends[i].revents != 0) {
            reap(child);
        } else {
            still.push_back(running_[i]);
        }
    }
    running_ = std::move(still);
}

void DecoderPool::reap(Child& child) {
    // Whatever closed the pipe, nothing is read before the process is gone.
    int status = 0;
    pid_t gone = 0;
    int tries = 0;
    while ((gone = waitpid(child.process, &status, WNOHANG)) == 0 || (gone < 0 && errno == EINTR)) {
        if (Clock::now() >= child.deadline && !child.overdue) {
            child.overdue = true;
            kill(child.process, SIGKILL);
        }
        if (gone == 0 && ++tries < 200)
            sched_yield();  // it usually is gone within microseconds
        else if (gone == 0)
            (void)poll(nullptr, 0, 1);
    }
    close(child.alive);
    child.ended = true;
    if (gone < 0 || child.overdue || !WIFEXITED(status) || WEXITSTATUS(status) != 0 || !child.handout->finished())
        child.stopped = gone < 0 ? "decoder stopped: nobody knows how it ended" : reason_of(status, limits_.decoder_cpu_seconds, child.overdue);
    untaken_ += child.handout->content_bytes();
}

}  // namespace shirushi::unpack
