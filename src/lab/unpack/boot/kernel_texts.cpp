#include "unpack/boot/kernel_texts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <set>

#include "base/text.hpp"

namespace shirushi::unpack {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kBanner = "Linux version ";
constexpr std::size_t kLongestBanner = 512;
constexpr std::size_t kLongestCommandLine = 4096;  // COMMAND_LINE_SIZE of all architectures but a few
constexpr std::uint64_t kSmallest = std::uint64_t{16} << 10;  // no kernel is smaller
constexpr std::size_t kMostCommandLines = 64;  // of one range
constexpr std::size_t kMostTries = 1024;       // places of one range that look like the start of something and are not
constexpr std::array kParameters{"console="sv, "root="sv, "mtdparts="sv, "blkdevparts="sv, "rootfstype="sv, "earlycon"sv, "earlyprintk"sv, "mem="sv, "init="sv,
                                 "board="sv, "ubi.mtd="sv, "rootwait"sv, "noinitrd"sv, "quiet"sv, "loglevel="sv, "ip="sv, "rdinit="sv, "panic="sv};

std::optional<std::uint64_t> find(Bytes bytes, std::string_view what, std::uint64_t from) {
    if (from >= bytes.size())
        return std::nullopt;
    const void* at = memmem(bytes.data() + from, bytes.size() - from, what.data(), what.size());
    return at != nullptr ? std::optional(static_cast<std::uint64_t>(static_cast<const std::uint8_t*>(at) - bytes.data())) : std::nullopt;
}

bool is_plain(char byte) { return byte >= 0x20 && byte < 0x7f; }

/// The line of text that starts at `from`: up to a line's end or a zero byte.
std::string_view line_at(Bytes bytes, std::uint64_t from, std::size_t most) {
    const std::string_view text = as_text(clipped(bytes, from, most));
    return text.substr(0, static_cast<std::size_t>(std::ranges::find_if_not(text, is_plain) - text.begin()));
}

/// "Linux version 6.1.0 (somebody@somewhere) ..." and not the text that prints it.
std::optional<std::uint64_t> banner_in(Bytes bytes) {
    std::size_t tries = 0;
    for (auto at = find(bytes, kBanner, 0); at && ++tries <= kMostTries; at = find(bytes, kBanner, *at + 1)) {
        const std::string_view line = line_at(bytes, *at, kLongestBanner);
        if (line.size() > kBanner.size() + 8 && line[kBanner.size()] >= '1' && line[kBanner.size()] <= '9' && line.contains(" (") && !line.contains('%'))
            return at;
    }
    return std::nullopt;
}

/// The text around a parameter, if it is a command line: plain, between zero bytes, and parameters from its first word on.
std::optional<KernelText> command_line_around(Bytes bytes, std::uint64_t at, NodeId node) {
    std::uint64_t first = at;
    while (first > 0 && at - first < kLongestCommandLine && is_plain(static_cast<char>(bytes[first - 1])))
        --first;
    if (first > 0 && bytes[first - 1] != 0)
        return std::nullopt;
    const std::string_view text = line_at(bytes, first, kLongestCommandLine);
    const bool begins = std::ranges::any_of(kParameters, [&](std::string_view parameter) { return text.starts_with(parameter); });
    if (!begins || text.size() < 16 || text.contains('%') || text.contains('$'))
        return std::nullopt;
    return KernelText{.kind = KernelText::Kind::command_line, .node = node, .offset = first, .text = text};
}

void add_command_lines(Bytes bytes, std::uint64_t offset, NodeId node, std::vector<KernelText>& texts) {
    std::set<std::uint64_t> seen;
    std::size_t tries = 0;
    for (const std::string_view parameter : {"console=tty"sv, "root=/dev/"sv, "mtdparts="sv})
        for (auto at = find(bytes, parameter, 0); at && seen.size() < kMostCommandLines && ++tries <= kMostTries; at = find(bytes, parameter, *at + 1))
            if (auto text = command_line_around(bytes, *at, node); text && seen.insert(text->offset).second) {
                text->offset += offset;
                texts.push_back(*text);
            }
}

/// The ranges of a node that no container in it explains.
std::vector<std::pair<std::uint64_t, Bytes>> unexplained(const Tree& tree, const Node& node) {
    std::vector<std::pair<std::uint64_t, std::uint64_t>> containers;
    for (const NodeId id : node.children)
        if (tree.node(id).kind == NodeKind::container)
            containers.emplace_back(tree.node(id).offset, tree.node(id).size);
    std::ranges::sort(containers);
    containers.emplace_back(node.size, 0);
    std::vector<std::pair<std::uint64_t, Bytes>> ranges;
    std::uint64_t done = 0;
    for (const auto& [offset, size] : containers) {
        if (offset > done && offset - done >= kSmallest)
            ranges.emplace_back(done, clipped(tree.bytes(node.id), done, offset - done));
        done = std::max(done, offset + size);
    }
    return ranges;
}

bool holds_entries(const Tree& tree, const Node& node) {
    return std::ranges::any_of(node.children, [&](NodeId child) { return tree.node(child).kind == NodeKind::entry; });
}

}  // namespace

std::vector<KernelText> kernel_texts(const Tree& tree) {
    std::vector<KernelText> texts;
    for (std::uint32_t i = 0; i < tree.size(); ++i) {
        const Node& node = tree.node(NodeId{i});
        const bool raw = node.kind == NodeKind::image || node.kind == NodeKind::stream;
        if (!raw || node.size < kSmallest || holds_entries(tree, node))
            continue;
        const auto ranges = unexplained(tree, node);
        bool kernel = false;
        for (const auto& [offset, bytes] : ranges)
            if (const auto at = kernel ? std::nullopt : banner_in(bytes)) {
                texts.push_back({.kind = KernelText::Kind::banner, .node = node.id, .offset = offset + *at, .text = line_at(bytes, *at, kLongestBanner)});
                kernel = true;
            }
        if (kernel || node.kind == NodeKind::image)
            for (const auto& [offset, bytes] : ranges)
                add_command_lines(bytes, offset, node.id, texts);
    }
    return texts;
}

void describe_kernels(TreeBuilder& builder, const std::vector<KernelText>& texts) {
    constexpr std::size_t kLongest = 240;
    const Tree& tree = builder.tree();
    std::set<NodeId> described;
    for (const KernelText& text : texts) {
        const bool banner = text.kind == KernelText::Kind::banner;
        for (NodeId at = text.node; at != NodeId{0} && tree.node(at).kind != NodeKind::entry; at = tree.node(at).parent) {
            if (tree.node(at).kind != NodeKind::container)
                continue;
            if (!banner) {
                builder.describe_further(at, fmt::format("command line \"{}\"", excerpt(text.text, kLongest)));
                break;
            }
            if (described.insert(at).second)
                builder.describe_further(at, excerpt(text.text, kLongest));
        }
    }
}

std::string_view command_line_of_config(std::string_view config) {
    constexpr std::string_view kKey = "\nCONFIG_CMDLINE=\"";
    const std::size_t at = config.find(kKey);
    if (at == std::string_view::npos)
        return {};
    const std::string_view value = config.substr(at + kKey.size());
    return value.substr(0, value.find('\n')).substr(0, value.substr(0, value.find('\n')).rfind('"'));
}

}  // namespace shirushi::unpack
