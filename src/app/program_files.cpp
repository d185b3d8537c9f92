#include "app/program_files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace shirushi::app {
namespace {

namespace fs = std::filesystem;

std::unexpected<Error> system_error(std::string_view what, const fs::path& path, int number) {
    return fail(number == ENOENT ? Errc::not_found : Errc::io, fmt::format("{} {}: {}", what, path.string(), std::strerror(number)));
}

/// Closes on every way out.
struct Descriptor {
    int number;
    explicit Descriptor(int opened) : number(opened) {}
    ~Descriptor() {
        if (number >= 0)
            ::close(number);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
};

Result<void> write_new(const fs::path& path, std::string_view content, Durability durability) {
    const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644));
    if (file.number < 0)
        return system_error("cannot write", path, errno);
    while (!content.empty()) {
        const ssize_t written = ::write(file.number, content.data(), content.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return system_error("cannot write", path, errno);
        content.remove_prefix(static_cast<std::size_t>(written));
    }
    if (durability == Durability::on_disk && ::fsync(file.number) != 0 && errno != EINVAL && errno != EROFS)
        return system_error("cannot write", path, errno);
    return {};
}

/// A folder of the user (XDG Base Directory Specification).
fs::path own_folder(const char* variable, const char* below_home) {
    const char* const named = std::getenv(variable);
    const char* const home = std::getenv("HOME");
    return named != nullptr && *named == '/' ? fs::path(named) : fs::path(home != nullptr ? home : "/") / below_home;
}

}  // namespace

Result<fs::path> catalogues_folder(const std::string& given) {
    if (!given.empty())
        return fs::path(given);
    std::error_code error;
    const fs::path program = fs::read_symlink("/proc/self/exe", error);
    for (fs::path folder = program.parent_path(); !folder.empty(); folder = folder.parent_path()) {
        for (const char* place : {"share/shirushi/catalogues", "catalogues"})
            if (fs::is_directory(folder / place / "requirements", error))
                return folder / place;
        if (folder == folder.root_path())
            break;
    }
    return fail(Errc::not_found, fmt::format("no catalogues folder beside {} or above it: install the program whole, or name the folder with --catalogues",
                                             program.string()));
}

Result<MappedFile> MappedFile::open(const fs::path& path) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.number < 0)
        return system_error("cannot read", path, errno);
    struct stat facts {};
    if (fstat(file.number, &facts) != 0)
        return system_error("cannot read", path, errno);
    const auto size = static_cast<std::size_t>(facts.st_size);
    if (size == 0)
        return MappedFile(Bytes());
    void* const at = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.number, 0);
    if (at == MAP_FAILED)
        return system_error("cannot read", path, errno);
    return MappedFile(Bytes(static_cast<const std::uint8_t*>(at), size));
}

MappedFile::~MappedFile() {
    if (!bytes_.empty())
        munmap(const_cast<std::uint8_t*>(bytes_.data()), bytes_.size());
}

std::string own_snapshot() { return own_folder("XDG_DATA_HOME", ".local/share") / "shirushi/advisories.snapshot"; }

std::string own_feed_folder() { return own_folder("XDG_CACHE_HOME", ".cache") / "shirushi/feeds"; }

Result<Buffer> read_file(const fs::path& path, std::uint64_t limit) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat status {};
    if (file.number < 0 || ::fstat(file.number, &status) != 0)
        return system_error("cannot read", path, errno);
    if (S_ISDIR(status.st_mode))
        return fail(Errc::io, fmt::format("cannot read {}: it is a directory", path.string()));
    Buffer bytes;
    std::uint8_t block[65536];
    for (;;) {
        const ssize_t count = ::read(file.number, block, sizeof block);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return system_error("cannot read", path, errno);
        if (count == 0)
            return bytes;
        if (bytes.size() + static_cast<std::size_t>(count) > limit)
            return fail(Errc::limit, fmt::format("{} is larger than {} bytes", path.string(), limit));
        bytes.insert(bytes.end(), block, block + count);
    }
}

Result<OutputFolder> OutputFolder::open(const std::string& path) {
    OutputFolder folder;
    folder.path_ = path;
    std::error_code error;
    fs::create_directories(folder.path_, error);
    if (error)
        return fail(Errc::io, fmt::format("cannot make the output folder {}: {}; choose another with -o", path, error.message()));
    const fs::path probe = folder.path_ / ".shirushi-write-test";
    const auto written = write_new(probe, "x", Durability::later);
    fs::remove(probe, error);
    if (!written)
        return fail(Errc::io, written.error().message + "; choose another output folder with -o, or make room");
    return folder;
}

Result<void> OutputFolder::write(const std::vector<OutputFile>& files, Durability durability) const {
    for (const OutputFile& file : files) {
        const fs::path temporary = path_ / (file.name + ".part");
        const auto written = write_new(temporary, file.content, durability);
        std::error_code error;
        if (written)
            fs::rename(temporary, path_ / file.name, error);
        if (!written || error) {
            std::error_code ignored;
            fs::remove(temporary, ignored);
            return fail(Errc::io, fmt::format("{}; the reports in {} are not complete", written ? error.message() : written.error().message, path_.string()));
        }
    }
    return {};
}

}  // namespace shirushi::app
