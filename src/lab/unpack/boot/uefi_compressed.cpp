#include "unpack/boot/uefi_compressed.hpp"

#include <fmt/format.h>

#include "unpack/found.hpp"
#include "unpack/streams/lzh_blocks.hpp"

namespace shirushi::unpack {

Result<Buffer> decompress_uefi(Bytes bytes, UefiCompression kind, std::uint64_t most) {
    constexpr std::uint64_t kBestRatio = 4096;  // 256 bytes for one bit, and to be safe twice that
    if (bytes.size() < 8)
        return fail(Errc::bad_input, "its header is cut off");
    const auto packed = load_le<std::uint32_t>(bytes.data());
    const auto size = load_le<std::uint32_t>(bytes.data() + 4);
    if (packed > bytes.size() - 8)
        return fail(Errc::bad_input, cut_off(bytes.size() - 8, packed));
    if (size > most)
        return fail(Errc::limit, fmt::format("it unpacks to {} bytes, which is more than a decoder may hold", size));
    if (size / kBestRatio > packed)
        return fail(Errc::bad_input, "it cannot unpack to as much as it says");
    Buffer output;
    output.reserve(size);
    if (const auto made = LzhBlocks(bytes.subspan(8, packed), kind == UefiCompression::efi ? 4 : 5).run(output, size); !made)
        return fail(Errc::bad_input, fmt::format("{} after {} bytes of output", made.error().message, output.size()));
    return output;
}

}  // namespace shirushi::unpack
