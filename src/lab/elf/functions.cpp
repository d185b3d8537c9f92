#include "elf/functions.hpp"

#include <algorithm>
#include <array>

#include "elf/hardening.hpp"

namespace shirushi::elf {
namespace {

// Each list is sorted: it is searched by halving.

// No bound on what is written: gets, the str*cpy and wcs*cpy families, sprintf and scanf.
constexpr auto kUnbounded = std::to_array<std::string_view>({
    "fscanf",  "fwscanf",  "gets",   "getwd",    "scanf",   "sprintf",  "sscanf",  "stpcpy", "strcat", "strcpy", "swscanf",
    "vfscanf", "vfwscanf", "vscanf", "vsprintf", "vsscanf", "vswscanf", "vwscanf", "wcpcpy", "wcscat", "wcscpy", "wscanf",
});

// A shell or a search along PATH: system, popen, wordexp, exec*p. A name that someone else can take before the file is made: mktemp,
// tempnam, tmpnam.
constexpr auto kOtherwiseDangerous = std::to_array<std::string_view>({
    "execlp",
    "execvp",
    "execvpe",
    "mktemp",
    "popen",
    "system",
    "tempnam",
    "tmpnam",
    "wordexp",
});

constexpr auto kFortifiable = std::to_array<std::string_view>({
    "asprintf",   "confstr",   "dprintf",        "explicit_bzero", "fgets",           "fgets_unlocked", "fgetws",    "fgetws_unlocked",
    "fprintf",    "fread",     "fread_unlocked", "fwprintf",       "getcwd",          "getdomainname",  "getgroups", "gethostname",
    "getlogin_r", "gets",      "getwd",          "longjmp",        "mbsnrtowcs",      "mbsrtowcs",      "mbstowcs",  "memcpy",
    "memmove",    "mempcpy",   "memset",         "obstack_printf", "obstack_vprintf", "poll",           "ppoll",     "pread",
    "pread64",    "printf",    "ptsname_r",      "read",           "readlink",        "readlinkat",     "realpath",  "recv",
    "recvfrom",   "snprintf",  "sprintf",        "stpcpy",         "stpncpy",         "strcat",         "strcpy",    "strlcat",
    "strlcpy",    "strncat",   "strncpy",        "swprintf",       "syslog",          "ttyname_r",      "vasprintf", "vdprintf",
    "vfprintf",   "vfwprintf", "vprintf",        "vsnprintf",      "vsprintf",        "vswprintf",      "vsyslog",   "vwprintf",
    "wcpcpy",     "wcpncpy",   "wcrtomb",        "wcscat",         "wcscpy",          "wcsncat",        "wcsncpy",   "wcsnrtombs",
    "wcsrtombs",  "wcstombs",  "wctomb",         "wmemcpy",        "wmemmove",        "wmempcpy",       "wmemset",   "wprintf",
});

// Those with a format: level 2 also guards against %n in writable memory, so no call is left alone.
constexpr auto kAlwaysFortified = std::to_array<std::string_view>({
    "asprintf",
    "dprintf",
    "fprintf",
    "printf",
    "snprintf",
    "sprintf",
    "syslog",
    "vasprintf",
    "vdprintf",
    "vfprintf",
    "vprintf",
    "vsnprintf",
    "vsprintf",
    "vsyslog",
});

// Fortifiable, but the caller needs no buffer for them.
constexpr auto kBufferless = std::to_array<std::string_view>({
    "asprintf",
    "dprintf",
    "fprintf",
    "fwprintf",
    "longjmp",
    "obstack_printf",
    "obstack_vprintf",
    "printf",
    "syslog",
    "vasprintf",
    "vdprintf",
    "vfprintf",
    "vfwprintf",
    "vprintf",
    "vsyslog",
    "vwprintf",
    "wprintf",
});

constexpr auto kStartUp = std::to_array<std::string_view>({
    "_ITM_deregisterTMCloneTable",
    "_ITM_registerTMCloneTable",
    "_Jv_RegisterClasses",
    "__cxa_atexit",
    "__cxa_finalize",
    "__deregister_frame_info",
    "__gmon_start__",
    "__libc_start_main",
    "__register_frame_info",
    "__uClibc_main",
    "__uClibc_start_main",
    "_gp_disp",
    "abort",
});

constexpr auto kStackProtector = std::to_array<std::string_view>({
    "__stack_chk_fail",
    "__stack_chk_fail_local",
    "__stack_chk_guard",
    "__stack_chk_guard_local",
    "__stack_smash_handler",
});

static_assert(std::ranges::is_sorted(kUnbounded) && std::ranges::is_sorted(kOtherwiseDangerous) && std::ranges::is_sorted(kBufferless) &&
              std::ranges::is_sorted(kFortifiable) && std::ranges::is_sorted(kAlwaysFortified) && std::ranges::is_sorted(kStartUp) &&
              std::ranges::is_sorted(kStackProtector));

}  // namespace

std::string_view source_name(std::string_view symbol) {
    symbol = symbol.substr(0, symbol.find('@'));
    for (const std::string_view prefix : {"__isoc99_", "__isoc23_"})
        if (symbol.starts_with(prefix))
            return symbol.substr(prefix.size());
    return symbol;
}

bool is_unbounded(std::string_view function) {
    return std::ranges::binary_search(kUnbounded, function);
}

bool is_dangerous(std::string_view function) {
    return is_unbounded(function) || std::ranges::binary_search(kOtherwiseDangerous, function);
}

bool is_fortifiable(std::string_view function) {
    return std::ranges::binary_search(kFortifiable, function);
}

bool is_always_fortified(std::string_view function) {
    return std::ranges::binary_search(kAlwaysFortified, function);
}

bool works_on_buffers(std::string_view function) {
    return is_unbounded(function) || (is_fortifiable(function) && !std::ranges::binary_search(kBufferless, function));
}

std::string_view fortified_name(std::string_view symbol) {
    symbol = symbol.substr(0, symbol.find('@'));
    if (!symbol.starts_with("__") || !symbol.ends_with("_chk") || symbol.size() < 7)
        return {};
    const std::string_view function = symbol.substr(2, symbol.size() - 6);
    // FD_SET is a macro: no plain function stands for its twin.
    return is_fortifiable(function) || function == "fdelt" ? function : std::string_view{};
}

bool is_stack_protector(std::string_view symbol) {
    return std::ranges::binary_search(kStackProtector, symbol.substr(0, symbol.find('@')));
}

bool is_start_up(std::string_view symbol) {
    return std::ranges::binary_search(kStartUp, symbol);
}

}  // namespace shirushi::elf
