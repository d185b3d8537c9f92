#pragma once
// Test inputs are made when the test runs, with the formats' own tools, in a folder of the test's own.

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "unpack/unpack.hpp"

namespace shirushi::unpack::making {

/// A temporary folder, removed at the end.
class Workshop {
public:
    Workshop();
    ~Workshop();
    Workshop(const Workshop&) = delete;
    Workshop& operator=(const Workshop&) = delete;

    /// Standard output of a shell command run in the folder; a failing command fails the test.
    [[nodiscard]] Buffer run(const std::string& command) const;
    void write(const std::string& name, Bytes content) const;
    [[nodiscard]] Buffer read(const std::string& name) const;
    /// A folder with what file systems and archives must carry: nested folders, links, modes, an empty and a larger file.
    void sample_tree(const std::string& name) const;
    [[nodiscard]] const std::string& folder() const { return folder_; }

private:
    std::string folder_;
};

/// A tree with the image it borrows from. Unpacking must succeed.
class Unpacked {
public:
    Unpacked(Buffer image, const Limits& limits);
    const Tree& operator*() const { return *tree_; }
    const Tree* operator->() const { return &*tree_; }

private:
    Buffer image_;
    std::optional<Tree> tree_;
};
Unpacked unpacked(Buffer image, const Limits& limits = {});

/// The first entry whose path ends so.
std::optional<NodeId> find(const Tree& tree, std::string_view suffix);
/// Every byte of the image lies in exactly one top-level region, in order.
void expect_covered(const Tree& tree);
/// The sample tree is there, below a path that ends with `container`.
void expect_sample(const Tree& tree, std::string_view container, bool hard_links = true);

/// Bytes that compress badly and hold no magic of ours by chance; the same for the same seed.
Buffer noise(std::size_t size, std::uint32_t seed);
Buffer joined(std::initializer_list<Bytes> parts);
/// Both tables as text: equal trees give equal text.
std::string tables(const Tree& tree);

}  // namespace shirushi::unpack::making
