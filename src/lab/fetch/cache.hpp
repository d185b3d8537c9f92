#pragma once
// The folder that feeds are kept in: their files, and state.json, which says what is known of each. Files are replaced in one step.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "model/fields.hpp"

namespace shirushi::fetch {

/// A file that lies there whole.
struct FileState {
    std::string file;
    std::string url;
    std::string etag;
    std::string modified;  ///< Last-Modified, as it came
    std::string sha256;
    std::uint64_t size = 0;
    std::string fetched;  ///< UTC, "2026-11-28T04:00:00Z"
    std::string until;    ///< NVD's API: changes up to then are in it
    bool operator==(const FileState&) const = default;
    SHIRUSHI_FIELDS(FileState, file, url, etag, modified, sha256, size, fetched, until)
};

/// A download that broke off; its bytes are in FILE.part.
struct PartState {
    std::string file;
    std::string url;
    std::string validator;  ///< a strong ETag, else Last-Modified: what If-Range takes
    bool operator==(const PartState&) const = default;
    SHIRUSHI_FIELDS(PartState, file, url, validator)
};

struct CacheState {
    std::vector<FileState> files;
    std::vector<PartState> parts;
    bool operator==(const CacheState&) const = default;
    SHIRUSHI_FIELDS(CacheState, files, parts)
};

std::string to_json(const CacheState& state);
/// Errors: bad_input.
Result<CacheState> cache_state_from_json(std::string_view text);

/// One process at a time works in a folder.
class Cache {
public:
    /// Makes the folder where it is not there. A state that cannot be read counts as none: everything is fetched anew. Errors: io, refused.
    static Result<Cache> open(const std::string& folder);
    Cache(Cache&& other) noexcept;
    Cache& operator=(Cache&&) = delete;
    ~Cache();

    [[nodiscard]] std::string path(std::string_view file) const;
    /// What is known of a file; nothing when the file is not there, or is not what it was.
    [[nodiscard]] const FileState* file(std::string_view file) const;
    [[nodiscard]] const PartState* part(std::string_view file) const;
    /// Bytes of FILE.part; 0 where there is none.
    [[nodiscard]] std::uint64_t part_size(std::string_view file) const;

    Result<void> set_part(const PartState& part);
    Result<void> drop_part(const std::string& file);
    /// FILE.part becomes FILE. Size and digest are filled in.
    Result<void> complete(FileState state);
    /// Forgets a file and takes it away.
    Result<void> drop(const std::string& file);
    /// Forgets by what a file is told to be the source's: it is fetched anew.
    Result<void> distrust(const std::string& file);
    /// Notes that a file is still what the source has.
    Result<void> touch(const std::string& file, const std::string& fetched, const std::string& until);

private:
    Cache(std::string folder, int lock) : folder_(std::move(folder)), lock_(lock) {}
    Result<void> save() const;

    std::string folder_;
    int lock_ = -1;
    CacheState state_;
};

/// A file to write, closed on every way out.
class PartFile {
public:
    /// Errors: io.
    static Result<PartFile> open(const std::string& path, bool append);
    PartFile(PartFile&& other) noexcept;
    PartFile& operator=(PartFile&& other) noexcept;
    ~PartFile();
    Result<void> write(std::string_view bytes);
    /// Until the disk has it.
    Result<void> sync();

private:
    PartFile(std::string path, int file) : path_(std::move(path)), file_(file) {}
    std::string path_;
    int file_ = -1;
};

}  // namespace shirushi::fetch
