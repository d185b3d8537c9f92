// What goes where, that nothing leaves the folder, and that what is on the disk is what the tree holds.

#include "extract/extract.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "extract/plan.hpp"
#include "unpack/tree_builder.hpp"

namespace shirushi::extract {
namespace {

namespace fs = std::filesystem;
using unpack::NodeId;
using unpack::TreeBuilder;

class Folder {
public:
    Folder() {
        std::string pattern = (fs::temp_directory_path() / "shirushi-extract-XXXXXX").string();
        path_ = ::mkdtemp(pattern.data());
    }
    ~Folder() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    [[nodiscard]] const fs::path& path() const { return path_; }

private:
    fs::path path_;
};

std::string content_of(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

unsigned mode_of(const fs::path& path) {
    struct stat status {};
    return ::lstat(path.c_str(), &status) == 0 ? status.st_mode & 07777U : 0xffffU;
}

/// A small image: a file system at 4 with what a router has, and bytes that nothing explains behind it.
class Router {
public:
    Router() : builder_(TreeBuilder::owning(Buffer(100, 0x41))), root_(builder_.add_container(NodeId{0}, "squashfs", 4, 60, "")) {}

    void entry(std::string_view path, const unpack::EntryInfo& info, std::string_view content = "") {
        builder_.add_entry(root_, path, info, builder_.keep(Buffer(content.begin(), content.end())));
    }
    void link(std::string_view path, std::string_view target) { entry(path, {.kind = FileKind::symlink, .mode = 0777, .target = std::string(target)}); }
    TreeBuilder& builder() { return builder_; }
    [[nodiscard]] NodeId root() const { return root_; }
    unpack::Tree finish() { return std::move(builder_).finish(); }

private:
    TreeBuilder builder_;
    NodeId root_;
};

TEST(SafeTarget, NeverRisesAboveTheFileSystem) {
    const std::vector<std::string> from{"usr", "lib"};
    const auto target = [&](std::string_view text) { return safe_target(text, from).value_or("(none)"); };
    EXPECT_EQ(target("libc.so.6"), "libc.so.6");
    EXPECT_EQ(target("../bin/sh"), "../bin/sh");
    EXPECT_EQ(target("/bin/sh"), "../../bin/sh");
    EXPECT_EQ(target("/usr/lib/x"), "x");
    EXPECT_EQ(target("../../../../../etc/passwd"), "../../etc/passwd");
    EXPECT_EQ(target("/../../etc/shadow"), "../../etc/shadow");
    EXPECT_EQ(target("/"), "../..");
    EXPECT_EQ(target("."), ".");
    EXPECT_EQ(target("a/../../lib/./b//c"), "b/c") << "\"..\" only ever at the front: behind a name it could climb out of another link";
    EXPECT_EQ(target(""), "(none)");
    EXPECT_EQ(safe_target("..", {}), ".");
}

TEST(Extract, WritesWhatTheTreeHolds) {
    Router router;
    router.entry("bin", {.kind = FileKind::directory, .mode = 0711, .modified = 1577934245});
    router.entry("bin/program", {.mode = 04755, .modified = 1577934245}, "program");
    router.entry("etc/secret", {.mode = 0600}, "secret");
    router.entry("dev/console", {.kind = FileKind::character_device, .mode = 0600});
    router.link("bin/sh", "/bin/program");
    router.builder().region({.path = "", .offset = 64, .size = 36, .kind = RegionKind::unexplained});
    const auto tree = router.finish();
    const Folder folder;
    const auto summary = write_tree(tree, folder.path() / "new" / "out");
    ASSERT_TRUE(summary.has_value()) << summary.error().message;
    const fs::path root = folder.path() / "new/out/squashfs@0x4";
    EXPECT_EQ(content_of(root / "bin/program"), "program");
    EXPECT_EQ(mode_of(root / "bin/program"), 0755U);
    EXPECT_EQ(mode_of(root / "etc/secret"), 0600U);
    EXPECT_EQ(mode_of(root / "bin"), 0711U);
    struct stat status {};
    ASSERT_EQ(::stat((root / "bin").c_str(), &status), 0);
    EXPECT_EQ(status.st_mtime, 1577934245);
    EXPECT_EQ(fs::read_symlink(root / "bin/sh").string(), "program");
    EXPECT_EQ(content_of(root / "bin/sh"), "program");
    EXPECT_EQ(content_of(folder.path() / "new/out/unexplained@0x40"), std::string(36, 'A'));
    EXPECT_EQ(summary->files, 3U);
    EXPECT_EQ(summary->folders, 4U);
    EXPECT_EQ(summary->links, 1U);
    EXPECT_EQ(summary->bytes, 7U + 6U + 36U);
    EXPECT_EQ(summary->mode_bits_dropped, 1U);
    EXPECT_EQ(summary->left_out, std::vector<std::string>{"squashfs@0x4/dev/console: a character_device is not made"});
}

TEST(Extract, NothingLeavesTheFolder) {
    Router router;
    router.link("a", "/");
    router.link("b", "a/..");
    router.link("deep/er/c", "../../b/../../../../../../../../tmp");
    router.link("deep/d", "/../../../../etc/passwd");
    router.link("e", "../../../../../../etc/passwd");
    router.entry("../../evil", {}, "kept inside");
    router.entry("a/through", {}, "not through the link");
    const auto tree = router.finish();
    const Folder folder;
    ASSERT_TRUE(write_tree(tree, folder.path() / "out"));
    const fs::path out = fs::canonical(folder.path() / "out");
    for (const auto& entry : fs::recursive_directory_iterator(out)) {
        if (!entry.is_symlink())
            continue;
        const fs::path real = fs::weakly_canonical(entry.path());
        EXPECT_TRUE(real.string().starts_with((out / "squashfs@0x4").string())) << entry.path() << " -> " << real;
    }
    EXPECT_FALSE(fs::exists(folder.path() / "evil"));
    EXPECT_EQ(content_of(out / "squashfs@0x4/evil"), "kept inside");
    EXPECT_EQ(content_of(out / "squashfs@0x4/a.unpacked/through"), "not through the link");
}

TEST(Extract, AFileThatHoldsSomethingGetsAFolderBesideIt) {
    Router router;
    router.entry("boot/initrd.img", {.mode = 0644}, "outer bytes");
    router.entry("boot/initrd.img.unpacked", {.mode = 0644}, "in the way");
    const auto& tree = router.builder().tree();
    const NodeId file = tree.node(tree.node(router.root()).children.front()).children.front();
    const NodeId gzip = router.builder().add_container(file, "gzip", 0, 11, "");
    const NodeId data = router.builder().add_stream(gzip, "data", router.builder().keep(Buffer{1, 2, 3, 0, 0}));
    const NodeId inner = router.builder().add_container(data, "cpio", 0, 3, "");
    router.builder().add_entry(inner, "init", {.mode = 0755}, router.builder().keep(Buffer{'x'}));
    const auto finished = router.finish();
    const Folder folder;
    ASSERT_TRUE(write_tree(finished, folder.path().string()));
    const fs::path boot = folder.path() / "squashfs@0x4/boot";
    EXPECT_EQ(content_of(boot / "initrd.img"), "outer bytes");
    EXPECT_EQ(content_of(boot / "initrd.img.unpacked"), "in the way");
    EXPECT_EQ(content_of(boot / "initrd.img.unpacked#2/gzip@0x0/data/cpio@0x0/init"), "x") << "a stream that one container explains is only a folder";
}

TEST(Extract, LongNamesKeepTheirBeginning) {
    Router router;
    std::string name;
    for (int i = 0; i < 120; ++i)
        name += "\xe5\x8d\xb0";
    router.entry(name, {}, "x");
    std::string deep;
    for (int i = 0; i < 200; ++i)
        deep += "a_folder_with_a_long_name/";
    router.entry(deep + "file", {}, "y");
    const auto tree = router.finish();
    const Folder folder;
    const auto summary = write_tree(tree, folder.path().string());
    ASSERT_TRUE(summary.has_value()) << summary.error().message;
    std::size_t long_names = 0;
    for (const auto& entry : fs::directory_iterator(folder.path() / "squashfs@0x4"))
        long_names += entry.path().filename().string().contains('~') && content_of(entry.path()) == "x" ? 1 : 0;
    EXPECT_EQ(long_names, 1U);
    ASSERT_EQ(summary->left_out.size(), 1U);
    EXPECT_TRUE(summary->left_out[0].ends_with("its path is too long for the disk"));
}

TEST(Extract, RefusesAFolderThatIsNotEmpty) {
    Router router;
    const auto tree = router.finish();
    const Folder folder;
    std::ofstream(folder.path() / "mine") << "keep";
    const auto summary = write_tree(tree, folder.path().string());
    ASSERT_FALSE(summary.has_value());
    EXPECT_EQ(summary.error().code, Errc::refused);
    EXPECT_EQ(content_of(folder.path() / "mine"), "keep");
}

TEST(Extract, SaysWhatTheSystemRefused) {
    Router router;
    router.entry("file", {}, "x");
    const auto tree = router.finish();
    const auto summary = write_tree(tree, "/proc/shirushi-cannot-be-made");
    ASSERT_FALSE(summary.has_value());
    EXPECT_EQ(summary.error().code, Errc::io);
    EXPECT_TRUE(summary.error().message.contains("/proc/shirushi-cannot-be-made")) << summary.error().message;
}

}  // namespace
}  // namespace shirushi::extract
