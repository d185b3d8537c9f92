// Identification and the whole reader of JFFS2, into a sink with a ceiling. When the last byte is odd, every node's checksums are
// made right first, so that the fuzzer gets behind them.

#include <algorithm>

#include "../src/lab/unpack/collecting_sink.hpp"
#include "unpack/filesystems/flash_checksum.hpp"
#include "unpack/filesystems/jffs2.hpp"

namespace {

using namespace shirushi;
using namespace shirushi::unpack;

class Repair {
public:
    Repair(Buffer& bytes, Endian endian) : bytes_(bytes), endian_(endian) {}

    void node(std::size_t at) {
        const std::size_t size = std::min<std::size_t>(number(at + 4), bytes_.size() - at);
        checksum(at, 0, 8, 8);
        const unsigned type = number(at, endian_ == Endian::little ? 3 : 2) & 0xffU;
        if (type != 0xe0 || size < 68)
            return;
        const bool inode = bytes_[at + (endian_ == Endian::little ? 2 : 3)] == 2;
        if (!inode) {
            checksum(at, 40, std::min<std::size_t>(bytes_[at + 28], size - 40), 36);
            checksum(at, 0, 32, 32);
        } else {
            checksum(at, 68, std::min<std::size_t>(number(at + 48), size - 68), 60);
            checksum(at, 0, 60, 64);
        }
    }

private:
    [[nodiscard]] std::uint32_t number(std::size_t at) const {
        return endian_ == Endian::little ? load_le<std::uint32_t>(bytes_.data() + at) : load_be<std::uint32_t>(bytes_.data() + at);
    }
    [[nodiscard]] unsigned number(std::size_t at, std::size_t offset) const { return bytes_[at + offset]; }
    void checksum(std::size_t node, std::size_t from, std::size_t size, std::size_t to) {
        const std::uint32_t value = flash_checksum(0, Bytes(bytes_).subspan(node + from, size));
        for (std::size_t i = 0; i < 4; ++i)
            bytes_[node + to + (endian_ == Endian::little ? i : 3 - i)] = static_cast<std::uint8_t>(value >> (8 * i));
    }
    Buffer& bytes_;
    Endian endian_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Buffer bytes(data, data + size);
    if (size > 68 && data[size - 1] % 2 == 1) {
        for (std::size_t at = 0; at + 68 <= size; at += 4) {
            if (bytes[at] == 0x85 && bytes[at + 1] == 0x19)
                Repair(bytes, Endian::little).node(at);
            else if (bytes[at] == 0x19 && bytes[at + 1] == 0x85)
                Repair(bytes, Endian::big).node(at);
        }
    }
    const auto found = identify_jffs2(bytes);
    if (found && (found->size > size || found->size == 0))
        __builtin_trap();
    CollectingSink sink(std::uint64_t{4} << 20);
    (void)read_jffs2(bytes, {}, sink);
    if (sink.misuses != 0)
        __builtin_trap();
    return 0;
}
