#pragma once
// ADB, the binary form of Alpine's packages and indexes of version 3: a header, then blocks: a tree of values, signatures, contents of files.
// Source: apk-v3(5) and src/adb.h of apk-tools 3. All numbers are little endian. Borrows the bytes; safe on any, linear in them.

#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"

namespace shirushi::unpack {

/// Values are words whose upper four bits say what the rest means: a number, or where in the tree something larger lies.
class AdbTree {
public:
    using Value = std::uint32_t;

    AdbTree() = default;
    explicit AdbTree(Bytes block) : bytes_(block) {}

    [[nodiscard]] Value root() const;
    /// Of an object or an array: how many members, numbered from 1, it has; 0 where it is neither.
    [[nodiscard]] std::uint32_t count(Value value) const;
    /// Its member; 0, which stands for nothing, where there is none.
    [[nodiscard]] Value member(Value value, std::uint32_t number) const;
    /// A number; 0 where it is none.
    [[nodiscard]] std::uint64_t number(Value value) const;
    /// Text or bytes; empty where it is neither.
    [[nodiscard]] Bytes blob(Value value) const;
    [[nodiscard]] std::string_view text(Value value) const { return as_text(blob(value)); }

private:
    Bytes bytes_;
};

struct AdbFile {
    std::string_view schema;  ///< "pckg", "indx"
    AdbTree tree;
    std::uint32_t signatures = 0;
    struct Content {
        std::uint32_t folder = 0;  ///< numbers in the tree, from 1
        std::uint32_t file = 0;
        Bytes bytes;
    };
    std::vector<Content> contents;  ///< in ascending order
    std::uint64_t size = 0;         ///< of all blocks
    bool cut = false;               ///< the last block is not whole
};

/// Follows the blocks as far as they make sense; nothing where the first is no tree.
std::optional<AdbFile> read_adb(Bytes bytes);

}  // namespace shirushi::unpack
