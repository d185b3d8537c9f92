#include "unpack/sandbox.hpp"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>

namespace shirushi::unpack {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif
#else
constexpr bool kSanitized = false;
#endif

// Private memory a decoder may take beyond what the parent had: xz and zstd windows of up to 128 MiB, twice over, and change.
constexpr rlim_t kDecoderMemory = rlim_t{768} << 20;

// Landlock's file rights by version of the interface: 13 in the first, then REFER, TRUNCATE, and (fifth) IOCTL_DEV.
constexpr std::array<std::uint64_t, 6> kRightsByVersion{0, 0x1fff, 0x3fff, 0x7fff, 0x7fff, 0xffff};

// Memory, time, signals to itself, and its end.
constexpr std::array kAllowed{
    SCMP_SYS(brk), SCMP_SYS(mmap), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(mprotect), SCMP_SYS(madvise), SCMP_SYS(futex),
    SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday), SCMP_SYS(time), SCMP_SYS(getrandom), SCMP_SYS(getpid), SCMP_SYS(gettid),
    SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigaction), SCMP_SYS(sigaltstack), SCMP_SYS(sched_yield),
    SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(restart_syscall)};

// Asked for by libraries that manage without (character set tables, the sanitizers' reports): refused, not punished.
constexpr std::array kRefused{
    SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(openat2), SCMP_SYS(stat), SCMP_SYS(lstat), SCMP_SYS(fstat), SCMP_SYS(newfstatat),
    SCMP_SYS(statx), SCMP_SYS(access), SCMP_SYS(faccessat), SCMP_SYS(readlink), SCMP_SYS(readlinkat), SCMP_SYS(getcwd),
    SCMP_SYS(ioctl), SCMP_SYS(umask), SCMP_SYS(uname), SCMP_SYS(sysinfo), SCMP_SYS(prlimit64)};

// They probe memory with a pipe of their own and report on the terminal. No file can be opened for them to act on.
constexpr std::array kNeededBySanitizers{SCMP_SYS(pipe), SCMP_SYS(pipe2), SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(close)};
constexpr rlim_t kOpenFiles = kSanitized ? 64 : 0;

bool set_limit(__rlimit_resource what, rlim_t most) {
    const rlimit limit{.rlim_cur = most, .rlim_max = most};
    return setrlimit(what, &limit) == 0;
}

/// Data and stack of this process by now, in bytes (sixth field of statm, in pages); nothing when the kernel does not say.
rlim_t private_memory() {
    std::FILE* file = std::fopen("/proc/self/statm", "re");
    if (file == nullptr)
        return 0;
    unsigned long pages = 0;
    const int fields = std::fscanf(file, "%*u %*u %*u %*u %*u %lu", &pages);
    (void)std::fclose(file);
    return fields == 1 ? rlim_t{pages} * static_cast<rlim_t>(sysconf(_SC_PAGESIZE)) : 0;
}

}  // namespace

Sandbox::Sandbox() {
    prepare_landlock();
    prepare_seccomp();
}

Sandbox::~Sandbox() {
    if (landlock_ >= 0)
        close(landlock_);
}

void Sandbox::prepare_landlock() {
    const long version = syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (version >= 1) {
        const auto known = std::min<std::size_t>(static_cast<std::size_t>(version), kRightsByVersion.size() - 1);
        const landlock_ruleset_attr rights{.handled_access_fs = kRightsByVersion.at(known)};
        landlock_ = static_cast<int>(syscall(SYS_landlock_create_ruleset, &rights, sizeof rights.handled_access_fs, 0));
    }
    if (landlock_ < 0)
        notes_.emplace_back("this system has no Landlock: decoders ran without that part of their sandbox");
}

void Sandbox::prepare_seccomp() {
    const auto missing = [&] { notes_.emplace_back("this system has no seccomp filters: decoders ran without that part of their sandbox"); };
    if (prctl(PR_GET_SECCOMP) < 0 && errno == EINVAL)
        return missing();
    scmp_filter_ctx context = seccomp_init(SCMP_ACT_KILL_PROCESS);
    if (context == nullptr)
        return missing();
    int failed = 0;
    for (const int call : kAllowed)
        failed |= seccomp_rule_add(context, SCMP_ACT_ALLOW, call, 0);
    for (const int call : kNeededBySanitizers)
        failed |= kSanitized ? seccomp_rule_add(context, SCMP_ACT_ALLOW, call, 0) : 0;
    for (const int call : kRefused)
        failed |= seccomp_rule_add(context, SCMP_ACT_ERRNO(EACCES), call, 0);
    const int file = memfd_create("seccomp", MFD_CLOEXEC);
    if (failed == 0 && file >= 0 && seccomp_export_bpf(context, file) == 0) {
        const off_t size = lseek(file, 0, SEEK_END);
        filter_.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
        if (pread(file, filter_.data(), filter_.size(), 0) != static_cast<ssize_t>(filter_.size()))
            filter_.clear();
    }
    if (file >= 0)
        close(file);
    seccomp_release(context);
    if (filter_.empty())
        missing();
}

bool Sandbox::enter(int keep, unsigned cpu_seconds) const {
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return false;
    for (int signal = 1; signal < NSIG; ++signal)
        if (!kSanitized || (signal != SIGSEGV && signal != SIGBUS && signal != SIGFPE && signal != SIGILL && signal != SIGABRT))
            (void)std::signal(signal, SIG_DFL);
    const rlim_t memory = private_memory();
    if (landlock_ >= 0 && syscall(SYS_landlock_restrict_self, landlock_, 0) != 0)
        return false;
    const int first = kSanitized ? STDERR_FILENO + 1 : 0;
    if (kSanitized) {
        close(STDIN_FILENO);
        close(STDOUT_FILENO);
    }
    if (keep > first)
        (void)close_range(static_cast<unsigned>(first), static_cast<unsigned>(keep) - 1, 0);
    (void)close_range(static_cast<unsigned>(keep) + 1, ~0U, 0);
    bool limited = set_limit(RLIMIT_CORE, 0) && set_limit(RLIMIT_FSIZE, 0) && set_limit(RLIMIT_NPROC, 0) && set_limit(RLIMIT_NOFILE, kOpenFiles) &&
                   set_limit(RLIMIT_CPU, cpu_seconds);
    if (!kSanitized && memory != 0)
        limited = limited && set_limit(RLIMIT_DATA, memory + kDecoderMemory);
    if (!limited)
        return false;
    if (filter_.empty())
        return true;
    const sock_fprog program{.len = static_cast<unsigned short>(filter_.size() / sizeof(sock_filter)),
                             .filter = const_cast<sock_filter*>(reinterpret_cast<const sock_filter*>(filter_.data()))};
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

}  // namespace shirushi::unpack
