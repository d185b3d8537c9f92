#pragma once
// What the functions of the C library do with their arguments, as far as the weaknesses that are looked for need it. By the C standard, POSIX and
// the manuals of the GNU C library; other libraries give the same names the same meaning.

#include <cstdint>
#include <string_view>

namespace shirushi::code {

enum class Role : std::uint8_t {
    copy,       ///< text from `source` to `target`, however long: strcpy
    append,     ///< the same behind what is there: strcat
    print,      ///< by `format` to `target`, however long: sprintf
    print_to,   ///< the same, at most `length` bytes: snprintf
    gets,       ///< a line of any length to `target`
    scan,       ///< by `format` into the arguments after it: scanf
    move,       ///< `length` bytes from `source` to `target`: memcpy
    bounded_copy,   ///< at most `length` bytes from `source` to `target`: strncpy
    bounded_append, ///< strncat
    read,       ///< at most `length` bytes from outside to `target`: recv
    fill,       ///< `length` bytes of `target`: memset
    print_new,  ///< by `format` into new memory, whose address goes to where `target` leads: asprintf
    allocate,   ///< memory of `length` bytes (times `count`); null where there is none; `source`: what it takes the place of
    duplicate,  ///< memory with `source`'s text
    open,       ///< something that may be null: fopen
    release,    ///< `target` ends: free
    shell,      ///< `source` is a command line for a shell
    execute,    ///< execl, execv (`target`: the array): a command line only where it calls "sh", "-c"
    output,     ///< by `format` to a stream, a log ...
    input_number,   ///< the result is a number from outside: ntohl, atoi; its end in the text goes to where `target` leads
    input_text,     ///< the result points to text from outside: getenv
    setting,        ///< the result points to text that whoever configures the device has set: nvram_get
    length,     ///< strlen of `source`
    translate,  ///< the result is `source`'s translation: gettext
    search,     ///< looks into the text `source` and tells what it found: strchr
    divide,     ///< by `source`: how far something may grow is often found out so
    exit,       ///< does not come back
    start,      ///< __libc_start_main: `source` is main
    use,        ///< reads or writes through `source` and, where there is one, `target`; nothing else
    nothing,    ///< takes no argument, and tells nothing that is followed
    plain,      ///< known to keep no pointer and to change no memory of the caller's
};

inline constexpr std::int8_t kNoArgument = -1;

struct LibraryFunction {
    std::string_view name;
    Role role = Role::plain;
    std::int8_t target = kNoArgument;
    std::int8_t source = kNoArgument;
    std::int8_t length = kNoArgument;
    std::int8_t format = kNoArgument;
    std::int8_t count = kNoArgument;  ///< a second factor of the length
    bool list = false;                ///< takes a va_list: its arguments are not seen
    bool guarded = false;             ///< _FORTIFY_SOURCE's twin: it stops the program instead of writing outside of the target
};

/// "strcpy", "__strcpy_chk", "__isoc99_sscanf@GLIBC_2.7" ...; null where it is none of those that are known here.
const LibraryFunction* library_function(std::string_view symbol);

}  // namespace shirushi::code
