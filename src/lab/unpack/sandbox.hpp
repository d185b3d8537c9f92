#pragma once
// What a decoding child may still do: compute, and nothing else. No file can be opened (Landlock and seccomp), no process or
// socket made (seccomp), time and memory are bounded (resource limits), and no file of the parent's stays open.
// Linux: landlock(7), seccomp(2), setrlimit(2).

#include <string>
#include <vector>

#include "base/bytes.hpp"

namespace shirushi::unpack {

/// Made once in the parent (the filter is compiled here), entered in each child. Where the kernel has no Landlock or no
/// seccomp, the rest still holds and notes() says what is missing.
class Sandbox {
public:
    Sandbox();
    ~Sandbox();
    Sandbox(const Sandbox&) = delete;
    Sandbox& operator=(const Sandbox&) = delete;

    /// In the child, once. Every file is closed but `keep`. False when a protection that this kernel has could not be put up.
    [[nodiscard]] bool enter(int keep, unsigned cpu_seconds) const;

    [[nodiscard]] const std::vector<std::string>& notes() const { return notes_; }

private:
    void prepare_landlock();
    void prepare_seccomp();

    int landlock_ = -1;
    Buffer filter_;  // struct sock_filter[]
    std::vector<std::string> notes_;
};

}  // namespace shirushi::unpack
