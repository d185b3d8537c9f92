#pragma once
// Image bytes -> tree of artifacts. Formats are recognised by content at any offset, validated by structure, and unpacked in
// memory to a depth limit; what is not understood is recorded, never dropped. Third-party decoders of hostile bytes run in
// child processes under Landlock, seccomp and resource limits.

#include <functional>

#include "unpack/tree.hpp"

namespace shirushi::unpack {

/// Ceilings; reaching one keeps what there is, adds a note and a gap, and goes on with the rest.
struct Limits {
    std::uint64_t image_bytes = std::uint64_t{4} << 30;   ///< larger inputs are refused
    std::uint64_t output_bytes = std::uint64_t{2} << 30;  ///< of all decompressed content together
    std::uint64_t memory_bytes = std::uint64_t{64} << 20;   ///< content beyond this goes to an unlinked temporary file
    std::uint64_t ratio = 1100;                           ///< output : input of one stream, once its output passes 16 MiB
    std::uint32_t nodes = 2'000'000;
    std::uint32_t decodes = 50'000;                       ///< containers opened in children
    std::uint32_t depth = 12;                             ///< containers inside containers
    std::uint32_t decoder_cpu_seconds = 60;               ///< of one child
    unsigned workers = 0;                                 ///< children at a time; 0: one per core
};

/// Called from the calling thread as work goes on: bytes of the image looked at so far, and what is being read.
using Progress = std::function<void(std::uint64_t done, std::uint64_t total, std::string_view what)>;

/// Reads a file (regular, not empty, within limits.image_bytes) without copying it where the system can map it. Errors, each
/// with its own sentence: not_found, bad_input (a directory, not a regular file, empty), io (unreadable), limit (too large).
class ImageFile {
public:
    static Result<ImageFile> open(const std::string& path, const Limits& limits = {});
    ~ImageFile();
    ImageFile(ImageFile&&) noexcept;
    ImageFile& operator=(ImageFile&&) noexcept;
    [[nodiscard]] Bytes bytes() const { return bytes_; }

private:
    ImageFile() = default;
    Bytes bytes_;
};

/// `image` must outlive the tree. Never fails for hostile content: damage is in the tree. Errors: internal, io (no child could
/// be started, no memory). Deterministic: the same bytes and limits give the same tree, whatever the number of workers.
Result<Tree> unpack(Bytes image, const Limits& limits = {}, const Progress& progress = {});

}  // namespace shirushi::unpack
