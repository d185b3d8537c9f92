#include "unpack/filesystems/ext_memory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/text.hpp"
#include "unpack/decoder.hpp"

namespace shirushi::unpack {

namespace {

// The library hands a name to its I/O manager and nothing else; the name therefore carries the address of an ExtMemory. It is
// made in open_ext() and nowhere else.
constexpr std::string_view name_prefix = "memory:";

ExtMemory* memory_of(std::string_view name) {
    const auto address = to_integer<std::uintptr_t>(name.substr(std::min(name.size(), name_prefix.size())), 16);
    return reinterpret_cast<ExtMemory*>(address.value_or(0));
}

extern "C" {

errcode_t shirushi_ext_open(const char* name, int, io_channel* channel);

errcode_t shirushi_ext_close(io_channel channel) {
    if (--channel->refcount == 0)
        delete channel;
    return 0;
}

errcode_t shirushi_ext_set_block_size(io_channel channel, int size) {
    channel->block_size = size;
    return 0;
}

/// A negative count is in bytes, another one in blocks. What lies beyond the end reads as zeros, with an error.
errcode_t shirushi_ext_read(io_channel channel, unsigned long long block, int count, void* data) {
    auto& memory = *static_cast<ExtMemory*>(channel->private_data);
    const auto block_size = static_cast<std::uint64_t>(channel->block_size);
    const std::uint64_t size = count < 0 ? static_cast<std::uint64_t>(-static_cast<std::int64_t>(count))
                                         : static_cast<std::uint64_t>(count) * block_size;
    if (size > memory.budget)
        return EXT2_ET_CANCEL_REQUESTED;
    memory.budget -= size;
    const bool beyond = block_size == 0 || block > memory.bytes.size() / block_size;
    const Bytes there = beyond ? Bytes{} : clipped(memory.bytes, block * block_size, size);
    const std::span to(static_cast<std::uint8_t*>(data), size);
    copy_bytes(there, to);
    std::ranges::fill(to.subspan(there.size()), std::uint8_t{0});
    return there.size() == size ? 0 : EXT2_ET_SHORT_READ;
}

errcode_t shirushi_ext_read_narrow(io_channel channel, unsigned long block, int count, void* data) {
    return shirushi_ext_read(channel, block, count, data);
}

errcode_t shirushi_ext_write(io_channel, unsigned long long, int, const void*) { return EXT2_ET_RO_FILSYS; }
errcode_t shirushi_ext_write_narrow(io_channel, unsigned long, int, const void*) { return EXT2_ET_RO_FILSYS; }
errcode_t shirushi_ext_flush(io_channel) { return 0; }

}  // extern "C"

struct_io_manager make_manager() {
    struct_io_manager manager{};
    manager.magic = EXT2_ET_MAGIC_IO_MANAGER;
    manager.name = "bytes in memory";
    manager.open = shirushi_ext_open;
    manager.close = shirushi_ext_close;
    manager.set_blksize = shirushi_ext_set_block_size;
    manager.read_blk = shirushi_ext_read_narrow;
    manager.read_blk64 = shirushi_ext_read;
    manager.write_blk = shirushi_ext_write_narrow;
    manager.write_blk64 = shirushi_ext_write;
    manager.flush = shirushi_ext_flush;
    return manager;
}

extern "C" errcode_t shirushi_ext_open(const char* name, int, io_channel* channel) {
    ExtMemory* const memory = memory_of(name);
    auto opened = std::make_unique<struct_io_channel>();
    opened->magic = EXT2_ET_MAGIC_IO_CHANNEL;
    opened->manager = &memory->manager;
    opened->block_size = 1024;
    opened->refcount = 1;
    opened->private_data = memory;
    *channel = opened.release();
    return 0;
}

}  // namespace

std::string ext_message(errcode_t code) { return fmt::format("ext2fs: {}", error_message(code)); }

Result<ExtFileSystem> open_ext(ExtMemory& memory, int flags) {
    const std::string name = fmt::format("{}{:x}", name_prefix, reinterpret_cast<std::uintptr_t>(&memory));
    memory.manager = make_manager();
    ext2_filsys opened = nullptr;
    const errcode_t code = ext2fs_open2(name.c_str(), nullptr, EXT2_FLAG_64BITS | EXT2_FLAG_SOFTSUPP_FEATURES | EXT2_FLAG_SKIP_MMP | flags, 0,
                                        0, &memory.manager, &opened);
    if (code == 0)
        return ExtFileSystem(opened);
    const bool unknown = code == EXT2_ET_UNSUPP_FEATURE || code == EXT2_ET_RO_UNSUPP_FEATURE || code == EXT2_ET_REV_TOO_HIGH;
    return fail(unknown ? Errc::unsupported : Errc::bad_input, ext_message(code));
}

}  // namespace shirushi::unpack
