#include "elf/functions.hpp"

#include <algorithm>
#include <array>

#include "elf/hardening.hpp"

namespace shirushi::elf {
namespace {

// Each list is sorted: it is searched by halving.

// No bound on what is written: gets, the str*cpy and wcs*cpy families, sprintf and scanf. A shell or a search along PATH: system,
// popen, wordexp, exec*p. A name that someone else can take before the file is made: mktemp, tempnam, tmpnam.
constexpr auto kDangerous = std::to_array<std::string_view>({
    "execlp",  "execvp",  "execvpe", "fscanf",  "fwscanf",  "gets",   "getwd",  "mktemp",  "popen",  "scanf",
    "sprintf", "sscanf",  "stpcpy",  "strcat",  "strcpy",   "swscanf", "system", "tempnam", "tmpnam", "vfscanf",
    "vfwscanf", "vscanf", "vsprintf", "vsscanf", "vswscanf", "vwscanf", "wcpcpy", "wcscat", "wcscpy", "wordexp",
    "wscanf",
});

constexpr auto kFortifiable = std::to_array<std::string_view>({
    "asprintf",   "confstr",        "dprintf",      "explicit_bzero", "fgets",       "fgets_unlocked", "fgetws",    "fgetws_unlocked",
    "fprintf",    "fread",          "fread_unlocked", "fwprintf",     "getcwd",      "getdomainname",  "getgroups", "gethostname",
    "getlogin_r", "gets",           "getwd",        "longjmp",        "mbsnrtowcs",  "mbsrtowcs",      "mbstowcs",  "memcpy",
    "memmove",    "mempcpy",        "memset",       "obstack_printf", "obstack_vprintf", "poll",       "ppoll",     "pread",
    "pread64",    "printf",         "ptsname_r",    "read",           "readlink",    "readlinkat",     "realpath",  "recv",
    "recvfrom",   "snprintf",       "sprintf",      "stpcpy",         "stpncpy",     "strcat",         "strcpy",    "strlcat",
    "strlcpy",    "strncat",        "strncpy",      "swprintf",       "syslog",      "ttyname_r",      "vasprintf", "vdprintf",
    "vfprintf",   "vfwprintf",      "vprintf",      "vsnprintf",      "vsprintf",    "vswprintf",      "vsyslog",   "vwprintf",
    "wcpcpy",     "wcpncpy",        "wcrtomb",      "wcscat",         "wcscpy",      "wcsncat",        "wcsncpy",   "wcsnrtombs",
    "wcsrtombs",  "wcstombs",       "wctomb",       "wmemcpy",        "wmemmove",    "wmempcpy",       "wmemset",   "wprintf",
});

// Those with a format: level 2 also guards against %n in writable memory, so no call is left alone.
constexpr auto kAlwaysFortified = std::to_array<std::string_view>({
    "asprintf", "dprintf", "fprintf", "printf", "snprintf", "sprintf", "syslog", "vasprintf", "vdprintf", "vfprintf", "vprintf", "vsnprintf",
    "vsprintf", "vsyslog",
});

constexpr auto kStartUp = std::to_array<std::string_view>({
    "_ITM_deregisterTMCloneTable", "_ITM_registerTMCloneTable", "_Jv_RegisterClasses", "__cxa_atexit", "__cxa_finalize",
    "__deregister_frame_info", "__gmon_start__", "__libc_start_main", "__register_frame_info", "__uClibc_main", "__uClibc_start_main",
    "_gp_disp", "abort",
});

constexpr auto kStackProtector = std::to_array<std::string_view>({
    "__stack_chk_fail", "__stack_chk_fail_local", "__stack_chk_guard", "__stack_chk_guard_local", "__stack_smash_handler",
});

static_assert(std::ranges::is_sorted(kDangerous) && std::ranges::is_sorted(kFortifiable) && std::ranges::is_sorted(kAlwaysFortified) &&
              std::ranges::is_sorted(kStartUp) && std::ranges::is_sorted(kStackProtector));

}  // namespace

std::string_view source_name(std::string_view symbol) {
    symbol = symbol.substr(0, symbol.find('@'));
    for (const std::string_view prefix : {"__isoc99_", "__isoc23_"})
        if (symbol.starts_with(prefix))
            return symbol.substr(prefix.size());
    return symbol;
}

bool is_dangerous(std::string_view function) { return std::ranges::binary_search(kDangerous, function); }

bool is_fortifiable(std::string_view function) { return std::ranges::binary_search(kFortifiable, function); }

bool is_always_fortified(std::string_view function) { return std::ranges::binary_search(kAlwaysFortified, function); }

bool is_fortified(std::string_view symbol) {
    symbol = symbol.substr(0, symbol.find('@'));
    if (!symbol.starts_with("__") || !symbol.ends_with("_chk") || symbol.size() < 7)
        return false;
    const std::string_view function = symbol.substr(2, symbol.size() - 6);
    return is_fortifiable(function) || function == "fdelt";  // FD_SET is a macro: no plain function stands for it
}

bool is_stack_protector(std::string_view symbol) {
    return std::ranges::binary_search(kStackProtector, symbol.substr(0, symbol.find('@')));
}

bool is_start_up(std::string_view symbol) { return std::ranges::binary_search(kStartUp, symbol); }

}  // namespace shirushi::elf
