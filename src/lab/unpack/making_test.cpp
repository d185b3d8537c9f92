#include "unpack/making_test.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include "model/json.hpp"
#include "unpack/tree_builder.hpp"

namespace shirushi::unpack::making {

Workshop::Workshop() {
    std::string pattern = (std::filesystem::temp_directory_path() / "shirushi-unpack-XXXXXX").string();
    EXPECT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
}

Workshop::~Workshop() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

Buffer Workshop::run(const std::string& command) const {
    const std::string line = fmt::format("cd '{}' && set -o pipefail && umask 022 && {{ {}\n}} 2>stderr.txt", folder_, command);
    write("command.sh", as_bytes(line));
    std::FILE* pipe = popen(fmt::format("bash '{}/command.sh'", folder_).c_str(), "re");
    Buffer output;
    if (pipe == nullptr)
        return output;
    for (int byte = std::fgetc(pipe); byte != EOF; byte = std::fgetc(pipe))
        output.push_back(static_cast<std::uint8_t>(byte));
    const int status = pclose(pipe);
    EXPECT_EQ(status, 0) << command << "\n" << as_text(read("stderr.txt"));
    return output;
}

void Workshop::write(const std::string& name, Bytes content) const {
    std::ofstream file(folder_ + "/" + name, std::ios::binary);
    file.write(reinterpret_cast<const char*>(content.data()), static_cast<std::streamsize>(content.size()));
}

Buffer Workshop::read(const std::string& name) const {
    std::ifstream file(folder_ + "/" + name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void Workshop::sample_tree(const std::string& name) const {
    (void)run(fmt::format(R"(mkdir -p {0}/etc/init.d {0}/bin {0}/usr/lib/deep/er && cd {0}
printf 'root:x:0:0::/root:/bin/sh\n' > etc/passwd
printf '#!/bin/sh\n' > etc/init.d/S50x && chmod 755 etc/init.d/S50x
seq 1 40000 > usr/lib/deep/er/numbers
: > etc/empty && chmod 600 etc/empty
printf 'program' > bin/program && chmod 4755 bin/program
ln bin/program bin/twin && ln -s ../etc/passwd bin/link
find . -exec touch -h -d '2020-01-02 03:04:05 UTC' {{}} +)", name));
}

Unpacked::Unpacked(Buffer image, const Limits& limits) : image_(std::move(image)) {
    auto tree = unpack(image_, limits);
    EXPECT_TRUE(tree.has_value()) << tree.error().message;
    tree_ = tree ? std::move(*tree) : TreeBuilder(image_).finish();
}

Unpacked unpacked(Buffer image, const Limits& limits) { return {std::move(image), limits}; }

std::optional<NodeId> find(const Tree& tree, std::string_view suffix) {
    for (std::uint32_t i = 0; i < tree.size(); ++i)
        if (tree.path(NodeId{i}).ends_with(suffix))
            return NodeId{i};
    return std::nullopt;
}

void expect_covered(const Tree& tree) {
    std::uint64_t end = 0;
    for (const Region& region : tree.regions()) {
        if (!region.path.empty())
            break;
        ASSERT_EQ(region.offset, end) << region.format << " " << region.description;
        ASSERT_GT(region.size, 0U);
        end += region.size;
    }
    EXPECT_EQ(end, tree.root().size);
}

void expect_sample(const Tree& tree, std::string_view container, bool hard_links) {
    const auto base = find(tree, container);
    ASSERT_TRUE(base.has_value()) << "no " << container << "\n" << tables(tree);
    const auto entry = [&](std::string_view path) -> const Node& {
        const auto found = find(tree, std::string(container) + "/" + std::string(path));
        EXPECT_TRUE(found.has_value()) << path;
        return tree.node(found.value_or(NodeId{0}));
    };
    EXPECT_EQ(as_text(tree.bytes(entry("etc/passwd").id)), "root:x:0:0::/root:/bin/sh\n");
    EXPECT_EQ(entry("etc/init.d/S50x").file.mode, 0755U);
    EXPECT_EQ(entry("etc/init.d").file.kind, FileKind::directory);
    EXPECT_EQ(entry("etc/empty").size, 0U);
    EXPECT_EQ(entry("usr/lib/deep/er/numbers").size, 228894U);
    EXPECT_TRUE(as_text(tree.bytes(entry("usr/lib/deep/er/numbers").id)).ends_with("39999\n40000\n"));
    EXPECT_EQ(entry("bin/link").file.kind, FileKind::symlink);
    EXPECT_EQ(entry("bin/link").file.target, "../etc/passwd");
    EXPECT_EQ(entry("bin/program").file.mode, 04755U);
    EXPECT_EQ(as_text(tree.bytes(entry("bin/program").id)), "program");
    if (hard_links) {
        EXPECT_EQ(as_text(tree.bytes(entry("bin/twin").id)), "program");
    }
}

Buffer noise(std::size_t size, std::uint32_t seed) {
    std::mt19937 random(seed);
    Buffer bytes(size);
    for (std::uint8_t& byte : bytes)
        byte = static_cast<std::uint8_t>(random());
    return bytes;
}

Buffer joined(std::initializer_list<Bytes> parts) {
    Buffer all;
    for (const Bytes part : parts)
        all.insert(all.end(), part.begin(), part.end());
    return all;
}

std::string tables(const Tree& tree) {
    Facts facts;
    facts.regions = region_table(tree);
    facts.files = file_table(tree);
    std::string all = to_json(facts);
    for (const std::string& note : tree.notes())
        all += note + "\n";
    return all;
}

}  // namespace shirushi::unpack::making
