#pragma once
// What a kernel says of itself in plain text, looked for in what unpacking found: its version and the command line built in.
// Pure functions over a tree.

#include <string>
#include <string_view>
#include <vector>

#include "unpack/tree_builder.hpp"

namespace shirushi::unpack {

struct KernelText {
    enum class Kind { banner, command_line };
    Kind kind = Kind::banner;
    NodeId node{};
    std::uint64_t offset = 0;
    std::string_view text;  ///< borrowed from the tree
};

/// Of the image and of every stream: in those that hold a "Linux version" line, the first of them and all command lines; in the
/// image itself command lines also without one. Linear in the bytes that no container explains.
std::vector<KernelText> kernel_texts(const Tree& tree);

/// Puts the version behind the description of every container that the kernel lies in, up to the file it is in, and its command
/// line behind that of the innermost.
void describe_kernels(TreeBuilder& builder, const std::vector<KernelText>& texts);

/// CONFIG_CMDLINE's value, without its quotes; empty when there is none.
std::string_view command_line_of_config(std::string_view config);

}  // namespace shirushi::unpack
