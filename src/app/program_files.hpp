#pragma once
// Files that come with the program, files it reads, and the folder it writes to.

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.hpp"

namespace shirushi::app {

/// The folder with requirements/ and checks/: `given` when not empty, else beside the installed program, else above the build folder
/// it was built in. Errors: not_found, which says where it looked.
Result<std::filesystem::path> catalogues_folder(const std::string& given);

/// A whole file of at most `limit` bytes. Errors: not_found, io, limit; each names the file.
Result<Buffer> read_file(const std::filesystem::path& path, std::uint64_t limit);

/// A whole file in memory that the system maps: read where it is touched, shared with other runs.
class MappedFile {
public:
    /// Errors: not_found, io.
    static Result<MappedFile> open(const std::filesystem::path& path);
    MappedFile(MappedFile&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}
    MappedFile& operator=(MappedFile&&) = delete;
    ~MappedFile();
    [[nodiscard]] Bytes bytes() const { return bytes_; }

private:
    explicit MappedFile(Bytes bytes) : bytes_(bytes) {}
    Bytes bytes_;
};

/// Where a user's own advisory snapshot lies: $XDG_DATA_HOME/shirushi/advisories.snapshot, or below ~/.local/share.
std::string own_snapshot();

/// Where the files of fetched feeds lie: $XDG_CACHE_HOME/shirushi/feeds, or below ~/.cache.
std::string own_feed_folder();

struct OutputFile {
    std::string name;
    std::string content;
};

/// Whether a file is on the disk when write() returns, or when the system gets to it, as for the files of an unpacked tree: waiting for
/// one file's bytes means waiting for all that were written shortly before.
enum class Durability { on_disk, later };

/// A folder that can be written to, made if it does not exist. open() proves it by writing, so that a long run does not end in
/// "permission denied". write() replaces files one by one through a temporary name: a full disk leaves the old file or none,
/// never half a file. Errors: io, with the system's words and the path.
class OutputFolder {
public:
    static Result<OutputFolder> open(const std::string& path);
    Result<void> write(const std::vector<OutputFile>& files, Durability durability = Durability::on_disk) const;
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

}  // namespace shirushi::app
