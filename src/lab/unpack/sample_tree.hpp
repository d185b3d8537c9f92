#pragma once
// Test only: a small tree of files in a temporary folder with everything that is awkward about files, and the tools that make
// images of it.

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "unpack/collecting_sink.hpp"

namespace shirushi::unpack {

/// A folder that goes away with the test.
class TemporaryFolder {
public:
    TemporaryFolder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "shirushi-XXXXXX").string();
        path_ = ::mkdtemp(pattern.data());
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

/// Bytes that compress by about half and differ by seed.
inline std::string sample_text(std::size_t size, unsigned seed) {
    std::mt19937 random(seed);
    std::string text;
    while (text.size() < size) {
        const std::string piece = "line " + std::to_string(random() % 5000) + " of the sample\n";
        text += random() % 16 == 0 ? std::string(1, static_cast<char>(random())) : piece;
    }
    text.resize(size);
    return text;
}

inline std::string sample_noise(std::size_t size, unsigned seed) {
    std::mt19937 random(seed);
    std::string noise(size, '\0');
    for (char& byte : noise)
        byte = static_cast<char>(random());
    return noise;
}

inline void put(const std::filesystem::path& path, std::string_view content) {
    std::ofstream(path, std::ios::binary) << content;
}

inline Buffer file_bytes(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return Buffer(std::istreambuf_iterator<char>(in), {});
}

inline void add_sized_files(const std::filesystem::path& root, std::size_t block) {
    unsigned seed = 0;
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, block - 1, block, block + 1, 5 * block, 5 * block + 777})
        put(root / ("size-" + std::to_string(size)), sample_text(size, ++seed));
    put(root / "noise", sample_noise(2 * block + 99, 7));
    put(root / "zeros", std::string(3 * block, '\0'));
    std::string sparse(6 * block + 5, '\0');
    sparse.replace(2 * block + 3, 9, "something");
    put(root / "sparse", "");
    std::filesystem::resize_file(root / "sparse", sparse.size());
    std::fstream(root / "sparse", std::ios::in | std::ios::out | std::ios::binary).seekp(2 * block + 3) << "something";
}

inline void add_names_and_links(const std::filesystem::path& root) {
    std::filesystem::create_directories(root / "a/b/c/d/e/f/g");
    std::filesystem::create_directories(root / "empty");
    std::filesystem::create_directories(root / "many");
    for (int i = 0; i < 600; ++i)  // more than two directory headers, over several metadata blocks
        put(root / "many" / ("a-file-with-a-name-that-takes-room-" + std::to_string(i)), std::to_string(i));
    put(root / "a/b/c/d/e/f/g/deep", "deep down\n");
    put(root / std::string(255, 'n'), "long name\n");
    put(root / "\xE5\x8D\xB0 \xE3\x81\x97\xE3\x82\x8B\xE3\x81\x97", "unicode\n");
    put(root / "not\xFFutf8\n\x1b[31m", "hostile name\n");
    put(root / "..hidden", "two dots\n");
    put(root / "-rf *", "option\n");
    std::filesystem::create_symlink("size-1", root / "link");
    std::filesystem::create_symlink("/etc/passwd", root / "absolute");
    std::filesystem::create_symlink("../../../../etc/shadow", root / "climbing");
    std::filesystem::create_symlink("nowhere", root / "dangling");
    std::filesystem::create_symlink(std::string(500, 't'), root / "long-link");
    std::filesystem::create_hard_link(root / "noise", root / "a/noise-again");
    std::filesystem::create_hard_link(root / "noise", root / "noise-too");
    ::mkfifo((root / "fifo").c_str(), 0640);
}

inline void add_modes(const std::filesystem::path& root) {
    put(root / "set-uid", "#!/bin/sh\n");
    put(root / "shared", "everybody\n");
    // Owners can only be given away by root; where the test is not root, they stay its own and are compared all the same.
    if (::chown((root / "set-uid").c_str(), 0, 12345) != 0 || ::chown((root / "shared").c_str(), 1000, 70000) != 0)
        std::fprintf(stderr, "not root: owners are not varied\n");
    ::chmod((root / "set-uid").c_str(), 06755);
    ::chmod((root / "shared").c_str(), 0666);
    ::chmod((root / "empty").c_str(), 01777);
}

inline void make_sample_tree(const std::filesystem::path& root, std::size_t block) {
    add_sized_files(root, block);
    add_names_and_links(root);
    add_modes(root);
}

/// Every entry below `root` as this machine sees it.
inline std::map<std::string, CollectedEntry> tree_on_disk(const std::filesystem::path& root) {
    std::map<std::string, CollectedEntry> entries;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
        struct stat status {};
        ::lstat(entry.path().c_str(), &status);
        CollectedEntry& to = entries[entry.path().lexically_relative(root).string()];
        to.info = {.mode = status.st_mode & 07777U, .uid = status.st_uid, .gid = status.st_gid, .modified = status.st_mtime};
        if (S_ISDIR(status.st_mode))
            to.info.kind = FileKind::directory;
        if (S_ISFIFO(status.st_mode))
            to.info.kind = FileKind::fifo;
        if (S_ISLNK(status.st_mode)) {
            to.info.kind = FileKind::symlink;
            to.info.target = std::filesystem::read_symlink(entry.path()).string();
        }
        if (S_ISREG(status.st_mode))
            to.content = as_text(file_bytes(entry.path()));
    }
    return entries;
}

inline void expect_same(const std::map<std::string, CollectedEntry>& expected, const std::map<std::string, CollectedEntry>& found) {
    EXPECT_EQ(expected.size(), found.size());
    for (const auto& [path, want] : expected) {
        const auto at = found.find(path);
        ASSERT_NE(at, found.end()) << path;
        const CollectedEntry& got = at->second;
        EXPECT_EQ(want.info.kind, got.info.kind) << path;
        EXPECT_EQ(want.info.mode, got.info.mode) << path;
        EXPECT_EQ(want.info.uid, got.info.uid) << path;
        EXPECT_EQ(want.info.gid, got.info.gid) << path;
        EXPECT_EQ(want.info.modified, got.info.modified) << path;
        EXPECT_EQ(want.info.target, got.info.target) << path;
        EXPECT_TRUE(want.content == got.content) << path << ": " << want.content.size() << " and " << got.content.size();
        EXPECT_EQ("", got.damage) << path;
    }
}

/// Files without damage have the right content; nothing else is promised of a damaged image.
inline void expect_part(const std::map<std::string, CollectedEntry>& whole, const CollectingSink& part) {
    EXPECT_EQ(0, part.misuses);
    for (const auto& [path, entry] : part.entries) {
        if (entry.damage.empty() && entry.info.kind == FileKind::regular) {
            ASSERT_TRUE(whole.contains(path)) << path;
            EXPECT_TRUE(whole.at(path).content == entry.content) << path;
        }
    }
}

/// Runs a shell command quietly; true when it succeeded.
inline bool run(const std::string& command) { return std::system((command + " >/dev/null 2>&1").c_str()) == 0; }

}  // namespace shirushi::unpack
