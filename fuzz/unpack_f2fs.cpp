// Identification and the whole reader of F2FS, into a sink with a ceiling. The smallest image has 64 MiB, nearly all of them zeros:
// an input is the image's size (4 bytes) and pieces of it (offset, 4 bytes; size, 2 bytes; bytes), little endian, on zeros.

#include <sys/mman.h>

#include <algorithm>

#include "../src/lab/unpack/collecting_sink.hpp"
#include "unpack/filesystems/f2fs.hpp"

namespace {

using namespace shirushi;
using namespace shirushi::unpack;

constexpr std::size_t kMost = std::size_t{128} << 20;
constexpr std::size_t kPage = 4096;

/// Pages of zeros until they are written to; the image ends where memory that may not be read begins.
class SparseImage {
public:
    explicit SparseImage(std::size_t size) : size_(size), pages_((size + kPage - 1) / kPage * kPage) {
        void* const memory = mmap(nullptr, pages_ + kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (memory == MAP_FAILED)
            __builtin_trap();
        start_ = static_cast<std::uint8_t*>(memory);
        if (mprotect(start_ + pages_, kPage, PROT_NONE) != 0)
            __builtin_trap();
    }
    SparseImage(const SparseImage&) = delete;
    SparseImage& operator=(const SparseImage&) = delete;
    ~SparseImage() { munmap(start_, pages_ + kPage); }

    [[nodiscard]] std::span<std::uint8_t> bytes() { return {start_ + (pages_ - size_), size_}; }

private:
    std::size_t size_;
    std::size_t pages_;
    std::uint8_t* start_ = nullptr;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Bytes input(data, size);
    if (input.size() < 4)
        return 0;
    SparseImage image(load_le<std::uint32_t>(input.data()) % kMost);
    const std::span<std::uint8_t> bytes = image.bytes();
    for (input = input.subspan(4); input.size() >= 6;) {
        const std::size_t offset = load_le<std::uint32_t>(input.data());
        const Bytes piece = clipped(input, 6, load_le<std::uint16_t>(input.data() + 4));
        input = input.subspan(6 + piece.size());
        if (offset < bytes.size())
            std::ranges::copy(clipped(piece, 0, bytes.size() - offset), bytes.begin() + static_cast<std::ptrdiff_t>(offset));
    }
    const auto found = identify_f2fs(bytes);
    if (found && found->size > bytes.size())
        __builtin_trap();
    CollectingSink sink(std::uint64_t{4} << 20);
    (void)read_f2fs(bytes, {}, sink);
    if (sink.misuses != 0)
        __builtin_trap();
    return 0;
}
