#pragma once
// The system use area of a directory record (SUSP, IEEE P1281) and what Rock Ridge (IEEE P1282) says in it.

#include <optional>
#include <string>

#include "base/bytes.hpp"

namespace shirushi::unpack {

struct RockRidge {
    bool present = false;  ///< any of its fields
    std::string name;
    std::optional<std::uint32_t> mode;  ///< with the kind of file
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    bool is_link = false;
    std::string target;
    std::optional<std::int64_t> modified;
    std::optional<std::uint32_t> child;  ///< block of the directory that was moved elsewhere
    bool is_relocated = false;           ///< it is listed here only because it was moved
    bool is_compressed = false;          ///< by zisofs
    std::string damage;
};

/// `area` without the bytes that the volume says are to be skipped. Continuation areas are followed, a bounded number of times.
RockRidge read_rock_ridge(Bytes area, Bytes image, std::uint64_t block_size);

/// How many bytes of every later area are to be skipped, when the root's first record says that the protocol is in use.
std::optional<std::uint8_t> system_use_skip(Bytes area);

}  // namespace shirushi::unpack
