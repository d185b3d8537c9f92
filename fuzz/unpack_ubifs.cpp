// Identification and the whole reader of UBIFS, into a sink with a ceiling. The smallest UBIFS has 255 KiB, nearly all erased, so an
// input is pieces of one: place in units of 64 bytes (two bytes), length (two bytes), bytes. Odd lengths mean that the node's
// checksum is made right first, so that the fuzzer gets behind it.

#include <algorithm>

#include "../src/lab/unpack/collecting_sink.hpp"
#include "unpack/filesystems/flash_checksum.hpp"
#include "unpack/filesystems/ubifs.hpp"

namespace {

using namespace shirushi;
using namespace shirushi::unpack;

constexpr std::size_t image_size = 20 * 15872;

void repair(Buffer& image, std::size_t from, std::size_t end) {
    for (std::size_t at = (from + 7) / 8 * 8; at + 24 <= end; at += 8) {
        const std::size_t length = load_le<std::uint32_t>(image.data() + at + 16);
        if (load_le<std::uint32_t>(image.data() + at) != 0x06101831 || length < 8 || length > image.size() - at)
            continue;
        const std::uint32_t value = flash_checksum(0xffffffff, Bytes(image).subspan(at + 8, length - 8));
        for (std::size_t i = 0; i < 4; ++i)
            image[at + 4 + i] = static_cast<std::uint8_t>(value >> (8 * i));
    }
}

Buffer image_of(Bytes pieces) {
    Buffer image(image_size, 0xff);
    std::fill_n(image.begin(), 4096, std::uint8_t{0});  // most of the superblock
    while (pieces.size() > 4) {
        const std::size_t place = load_le<std::uint16_t>(pieces.data()) * std::size_t{64};
        const std::size_t length = load_le<std::uint16_t>(pieces.data() + 2);
        const Bytes piece = clipped(pieces, 4, length);
        pieces = pieces.subspan(4 + piece.size());
        if (place >= image.size())
            continue;
        const std::size_t end = place + std::min(piece.size(), image.size() - place);
        std::ranges::copy(piece.first(end - place), image.begin() + static_cast<std::ptrdiff_t>(place));
        if (length % 2 == 1)
            repair(image, place, end);
    }
    return image;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Buffer bytes = image_of(Bytes(data, size));
    const auto found = identify_ubifs(bytes);
    if (found && (found->size > bytes.size() || found->size == 0))
        __builtin_trap();
    CollectingSink sink(std::uint64_t{4} << 20);
    (void)read_ubifs(bytes, {}, sink);
    if (sink.misuses != 0)
        __builtin_trap();
    return 0;
}
