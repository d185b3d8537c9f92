#pragma once
// One way to fail. A function that can fail returns Result<T>; the code tells the caller what to do, the message tells a
// person what happened, where, and what to do about it. Exceptions are caught at the third-party library that throws them.

#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace shirushi {

enum class Errc {
    bad_input,    ///< The bytes or the file are not what they should be: tell the user which and where.
    unsupported,  ///< Well-formed, but a variant this program does not read: record it and go on.
    limit,        ///< A stated ceiling was reached: keep what there is and say so.
    not_found,    ///< The thing asked for does not exist: ask for another.
    refused,      ///< Allowed by format, refused by policy (path escape, missing authorisation).
    io,           ///< The operating system said no: its words are in the message.
    internal,     ///< A fault of this program: report it.
};

struct Error {
    Errc code = Errc::internal;
    std::string message;

    bool operator==(const Error&) const = default;

    /// The same error with the place it happened put in front: "squashfs superblock: ends after 40 of 96 bytes".
    [[nodiscard]] Error within(std::string_view place) && {
        message.insert(0, ": ").insert(0, place);
        return std::move(*this);
    }
};

template <class T>
using Result = std::expected<T, Error>;

[[nodiscard]] inline std::unexpected<Error> fail(Errc code, std::string message) {
    return std::unexpected(Error{code, std::move(message)});
}

}  // namespace shirushi

/// Value of a Result, or return its error from the enclosing function. (A GNU statement expression: g++ and clang.)
#define TRY(expression)                                                   \
    ({                                                                    \
        auto try_result_ = (expression);                                  \
        if (!try_result_) [[unlikely]]                                    \
            return std::unexpected(std::move(try_result_).error());       \
        std::move(try_result_).value();                                   \
    })

/// TRY that adds the place: TRY_WITHIN("inode table", reader.u32_le()).
#define TRY_WITHIN(place, expression)                                                  \
    ({                                                                                 \
        auto try_result_ = (expression);                                               \
        if (!try_result_) [[unlikely]]                                                 \
            return std::unexpected(std::move(try_result_).error().within(place));      \
        std::move(try_result_).value();                                                \
    })
