#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "unpack/unpack.hpp"

namespace shirushi::unpack {
namespace {

class File {
public:
    explicit File(int number) : number_(number) {}
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    ~File() {
        if (number_ >= 0)
            close(number_);
    }
    [[nodiscard]] int number() const { return number_; }

private:
    int number_;
};

std::unexpected<Error> cannot_open(const std::string& path, int error) {
    switch (error) {
        case ENOENT:
        case ENOTDIR: return fail(Errc::not_found, fmt::format("{}: there is no such file; check the path", path));
        case EACCES:
        case EPERM: return fail(Errc::io, fmt::format("{}: you may not read this file; change its permissions or run as a user who may", path));
        default: return fail(Errc::io, fmt::format("{}: cannot be opened: {}", path, std::strerror(error)));
    }
}

/// Into anonymous memory, for file systems that cannot map files.
Result<Bytes> read_whole(const std::string& path, int file, std::uint64_t size) {
    void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return fail(Errc::io, fmt::format("{}: no memory for its {} bytes: {}", path, size, std::strerror(errno)));
    auto* at = static_cast<std::uint8_t*>(memory);
    for (std::uint64_t done = 0; done < size;) {
        const ssize_t got = pread(file, at + done, size - done, static_cast<off_t>(done));
        if (got > 0) {
            done += static_cast<std::uint64_t>(got);
            continue;
        }
        if (got < 0 && errno == EINTR)
            continue;
        const std::string why = got < 0 ? std::strerror(errno) : "it became shorter while it was read";
        munmap(memory, size);
        return fail(Errc::io, fmt::format("{}: reading stopped after {} of {} bytes: {}", path, done, size, why));
    }
    return Bytes(at, size);
}

}  // namespace

Result<ImageFile> ImageFile::open(const std::string& path, const Limits& limits) {
    // Not blocking, so that a FIFO without a writer is refused instead of waited for.
    const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (file.number() < 0)
        return cannot_open(path, errno);
    struct stat about{};
    if (fstat(file.number(), &about) != 0)
        return fail(Errc::io, fmt::format("{}: cannot be examined: {}", path, std::strerror(errno)));
    if (S_ISDIR(about.st_mode))
        return fail(Errc::bad_input, fmt::format("{}: this is a directory; name the firmware image file in it", path));
    if (!S_ISREG(about.st_mode))
        return fail(Errc::bad_input, fmt::format("{}: this is a device, pipe or socket; copy its content to a file and name that", path));
    if (about.st_size == 0)
        return fail(Errc::bad_input, fmt::format("{}: this file is empty; was the download or copy complete?", path));
    const auto size = static_cast<std::uint64_t>(about.st_size);
    if (size > limits.image_bytes)
        return fail(Errc::limit, fmt::format("{}: {} bytes are more than the {} that an image may have", path, size, limits.image_bytes));
    ImageFile image;
    void* mapped = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.number(), 0);
    if (mapped != MAP_FAILED) {
        (void)madvise(mapped, size, MADV_WILLNEED);
        image.bytes_ = {static_cast<const std::uint8_t*>(mapped), size};
    } else {
        image.bytes_ = TRY(read_whole(path, file.number(), size));
    }
    return image;
}

ImageFile::~ImageFile() {
    if (!bytes_.empty())
        munmap(const_cast<std::uint8_t*>(bytes_.data()), bytes_.size());
}

ImageFile::ImageFile(ImageFile&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}

ImageFile& ImageFile::operator=(ImageFile&& other) noexcept {
    std::swap(bytes_, other.bytes_);
    return *this;
}

}  // namespace shirushi::unpack
