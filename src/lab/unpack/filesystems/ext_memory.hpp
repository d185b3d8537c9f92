#pragma once
// libext2fs reading from bytes in memory. libext2fs is a C library: nothing here throws or is thrown through.

#include <memory>

#include <ext2fs/ext2fs.h>

#include "base/bytes.hpp"

namespace shirushi::unpack {

/// What the library reads from. It may ask for each block many times; `budget` ends loops that a hostile image sets up.
struct ExtMemory {
    Bytes bytes;
    std::uint64_t budget = 0;  ///< bytes it may still be given
    struct_io_manager manager{};  ///< open_ext()'s; the library points to it
};

struct CloseExt {
    void operator()(ext2_filsys file_system) const { ext2fs_close_free(&file_system); }
};
using ExtFileSystem = std::unique_ptr<std::remove_pointer_t<ext2_filsys>, CloseExt>;

/// Opens for reading; `memory` must outlive what comes back. `flags` are added to libext2fs's open flags. Errors: bad_input,
/// unsupported.
Result<ExtFileSystem> open_ext(ExtMemory& memory, int flags);

/// The library's words for its error codes.
std::string ext_message(errcode_t code);

}  // namespace shirushi::unpack
