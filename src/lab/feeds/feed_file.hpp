#pragma once
// A feed's file as a stream: plain or compressed (xz, gz, bz2, zst, lz4), alone or many in an archive (zip, tar), told by content. Read
// piece by piece, so that its size costs no memory. libarchive does the work.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/digest.hpp"
#include "base/result.hpp"

namespace shirushi::feeds {

struct FileLimits {
    std::uint64_t unpacked_bytes = std::uint64_t{64} << 30;  ///< of one file; more is taken for a decompression bomb
};

class FeedFile {
public:
    /// Errors: not_found, io, bad_input (a directory).
    static Result<FeedFile> open(const std::string& path, const FileLimits& limits = {});
    FeedFile(FeedFile&&) noexcept;
    FeedFile& operator=(FeedFile&&) noexcept;
    ~FeedFile();

    /// Goes to the next member (a file that is no archive has one); false when there is none. Errors: bad_input (damaged).
    Result<bool> next_member();
    [[nodiscard]] std::string_view member() const;  ///< its name in the archive; empty for a file that is none

    /// The next bytes of the member, borrowed until the next call; empty at its end. Errors: bad_input (damaged, cut), limit.
    Result<std::string_view> read();

    [[nodiscard]] std::uint64_t position() const;  ///< bytes of the file (as it lies there) taken so far
    [[nodiscard]] std::uint64_t size() const;
    /// Of the file as it lies there; valid when all of it was read.
    Digest digest();

private:
    struct State;
    explicit FeedFile(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace shirushi::feeds
