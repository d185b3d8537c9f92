#pragma once
// Decoders run here: each in a child process of its own, forked from the calling thread, inside the Sandbox, with its results
// in shared memory. A child that crashes, hangs or breaks a rule costs its own container and nothing else.
// Threads: one pool belongs to one thread; no other thread of the program need be stopped, but none may hold the allocator's
// locks for long (glibc's own fork handlers see to malloc).

#include <sys/types.h>

#include <chrono>
#include <deque>
#include <memory>
#include <vector>

#include "unpack/handout.hpp"
#include "unpack/sandbox.hpp"
#include "unpack/unpack.hpp"

namespace shirushi::unpack {

/// One decoder's work on one share of a container.
struct DecodeJob {
    Decoder decode = nullptr;
    Bytes input;  ///< must stay until the result was taken
    Share share;
};

/// What came of it. `stopped` is empty when the decoder itself returned (then error() tells more), and otherwise says how
/// the child ended: crash, time, a forbidden system call.
struct DecodeResult {
    Handout handout;
    std::string stopped;
};

class DecoderPool {
public:
    using Ticket = std::size_t;

    explicit DecoderPool(const Limits& limits);
    ~DecoderPool();
    DecoderPool(const DecoderPool&) = delete;
    DecoderPool& operator=(const DecoderPool&) = delete;

    /// Puts the work in line (in front of it, where somebody waits for it already) and starts what there is room for.
    Ticket submit(const DecodeJob& job, bool urgent = false);
    /// Waits for this work. Each ticket once. Errors: io (no child or no memory to be had).
    Result<DecodeResult> take(Ticket ticket);

    /// What was handed out by now, and what of it the tree owns (the rest lies in what was handed in): bounds what children started
    /// from here on may hand out, and where it is kept.
    void set_taken(std::uint64_t handed_out, std::uint64_t kept) {
        handed_out_ = handed_out;
        kept_ = kept;
    }
    [[nodiscard]] const std::vector<std::string>& notes() const { return sandbox_.notes(); }

private:
    struct Child;

    void start_waiting(Ticket wanted);
    void start(Child& child);
    void wait_for_any();
    void reap(Child& child);

    Limits limits_;
    Sandbox sandbox_;
    unsigned workers_ = 1;
    std::uint64_t handed_out_ = 0;
    std::uint64_t kept_ = 0;
    std::uint64_t untaken_ = 0;  // bytes of finished results that nobody took yet
    std::vector<std::unique_ptr<Child>> children_;  // by ticket
    std::deque<Ticket> waiting_;
    std::vector<Ticket> running_;
};

}  // namespace shirushi::unpack
