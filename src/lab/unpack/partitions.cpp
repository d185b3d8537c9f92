#include "unpack/partitions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <map>
#include <optional>
#include <set>

#include "base/text.hpp"
#include "unpack/boot/device_tree.hpp"
#include "unpack/boot/redboot_fis.hpp"
#include "unpack/boot/variables.hpp"
#include "unpack/tree_state.hpp"

namespace shirushi::unpack {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kMostRows = 256;     // of one table; Linux's own ceiling is far below
constexpr std::size_t kMostInTree = 4096;  // of all tables
constexpr std::uint64_t kLargest = std::uint64_t{1} << 44;

// ---- mtdparts=

/// Digits as Linux's memparse() reads them: decimal, 0x and octal, then k, m or g.
std::optional<std::uint64_t> size_at(std::string_view& text) {
    const bool hex = text.starts_with("0x") || text.starts_with("0X");
    const int base = hex ? 16 : text.size() > 1 && text[0] == '0' ? 8 : 10;
    std::string_view digits = text.substr(hex ? 2 : 0);
    digits = digits.substr(0, digits.find_first_not_of(hex ? "0123456789abcdefABCDEF"sv : "0123456789"sv));
    const auto number = to_integer<std::uint64_t>(digits, base);
    if (!number || *number > kLargest)
        return std::nullopt;
    text.remove_prefix(digits.size() + (hex ? 2 : 0));
    std::uint64_t size = *number;
    constexpr std::string_view kUnits = "kmg";
    if (!text.empty())
        if (const std::size_t unit = kUnits.find(static_cast<char>(text[0] | 0x20)); unit != std::string_view::npos) {
            size = size > kLargest >> 10 * (unit + 1) ? kLargest + 1 : size << 10 * (unit + 1);
            text.remove_prefix(1);
        }
    return size <= kLargest ? std::optional(size) : std::nullopt;
}

/// One "size@offset(name)ro"; moves on in `text`. `next` is where a partition without an offset starts.
std::optional<Partition> definition_at(std::string_view& text, std::uint64_t& next) {
    Partition row;
    if (text.starts_with('-')) {
        text.remove_prefix(1);
    } else {
        const auto size = size_at(text);
        if (!size || *size == 0)
            return std::nullopt;
        row.size = *size;
    }
    row.offset = next;
    if (text.starts_with('@')) {
        text.remove_prefix(1);
        const auto offset = size_at(text);
        if (!offset)
            return std::nullopt;
        row.offset = *offset;
    }
    if (text.starts_with('(')) {
        const std::size_t end = text.find(')');
        if (end == std::string_view::npos)
            return std::nullopt;
        row.name = excerpt(text.substr(1, end - 1));
        text.remove_prefix(end + 1);
    }
    while (text.starts_with("ro") || text.starts_with("lk")) {
        row.read_only |= text.starts_with("ro");
        text.remove_prefix(2);
    }
    if (text.starts_with("slc"))
        text.remove_prefix(3);
    if (!text.empty() && text[0] != ',')
        return std::nullopt;  // Linux refuses it, too
    next = row.offset + row.size;
    return row;
}

/// The tables of one parameter: "device:definition,definition;device:...".
void add_tables(std::string_view text, std::vector<Partition>& rows) {
    for (std::string_view table : split(text, ';')) {
        // A device's name may hold colons itself; definitions start behind the last one before the first name or comma.
        const std::size_t colon = table.substr(0, table.find_first_of(",(")).rfind(':');
        if (colon == std::string_view::npos || colon == 0)
            return;
        const std::string device = excerpt(table.substr(0, colon));
        table.remove_prefix(colon + 1);
        std::uint64_t next = 0;
        for (std::size_t number = 0; rows.size() < kMostRows; ++number) {
            auto row = definition_at(table, next);
            if (!row)
                return;
            row->device = device;
            if (row->name.empty())
                row->name = fmt::format("partition {}", number);
            rows.push_back(std::move(*row));
            if (table.empty())
                break;
            table.remove_prefix(1);
        }
    }
}

// ---- device trees

struct TreeNode {
    std::string name;
    std::uint32_t address_cells = 2;
    std::uint32_t size_cells = 1;
    bool partitions = false;  // its children are partitions
    bool read_only = false;
    std::string label;
    Bytes reg;
};

bool is_flash(std::string_view name) {
    constexpr std::array kFlashes{"flash"sv, "nand"sv, "nor"sv, "m25p80"sv, "w25q"sv, "spi-nor"sv, "cfi"sv, "spinor"sv, "mx25"sv, "s25fl"sv};
    return std::ranges::any_of(kFlashes, [&](std::string_view flash) { return name.starts_with(flash); });
}

std::uint64_t cells(Bytes value, std::size_t first, std::uint32_t count) {
    std::uint64_t number = 0;
    for (std::size_t i = first; i < first + count; ++i)
        number = number << 32U | load_be<std::uint32_t>(value.data() + 4 * i);
    return number;
}

/// The row that the innermost of these nodes is, if it is a partition.
std::optional<Partition> row_of(const std::vector<TreeNode>& path) {
    if (path.size() < 2)
        return std::nullopt;
    const TreeNode& node = path.back();
    const TreeNode& parent = path[path.size() - 2];
    const bool old_style = is_flash(parent.name) && (node.name.starts_with("partition") || !node.label.empty());
    const std::size_t width = std::size_t{parent.address_cells} + parent.size_cells;
    if ((!parent.partitions && !old_style) || parent.address_cells > 2 || parent.size_cells > 2 || parent.address_cells == 0 || node.reg.size() < 4 * width)
        return std::nullopt;
    Partition row{.name = node.label.empty() ? excerpt(node.name.substr(0, node.name.find('@'))) : node.label, .read_only = node.read_only};
    row.offset = cells(node.reg, 0, parent.address_cells);
    row.size = cells(node.reg, parent.address_cells, parent.size_cells);
    if (row.offset > kLargest || row.size > kLargest)
        return std::nullopt;
    for (std::size_t i = 1; i + 1 < path.size(); ++i)
        if (path[i].name != "partitions" || i + 2 < path.size())
            row.device += "/" + printable(path[i].name);
    return row;
}

void note_property(TreeNode& node, const FlatWalk& walk) {
    const std::string& name = walk.name();
    if (name == "#address-cells")
        node.address_cells = flat_number(walk.value());
    else if (name == "#size-cells")
        node.size_cells = flat_number(walk.value());
    else if (name == "compatible")
        node.partitions = node.partitions || as_text(walk.value()).contains("fixed-partitions");
    else if (name == "label")
        node.label = flat_text(walk.value());
    else if (name == "read-only")
        node.read_only = true;
    else if (name == "reg")
        node.reg = walk.value();
}

/// Sets what is common to all rows, and leaves out rows that are known already.
void add_rows(std::vector<Partition> found, const std::string& source, std::vector<Partition>& all) {
    for (Partition& row : found) {
        const bool known = std::ranges::any_of(all, [&](const Partition& other) {
            return other.device == row.device && other.name == row.name && other.offset == row.offset && other.size == row.size;
        });
        if (known || all.size() >= kMostInTree)
            continue;
        row.source = source;
        all.push_back(std::move(row));
    }
}

void add_of_variables(std::string_view text, const std::string& path, std::vector<Partition>& all) {
    for (const auto& [name, value] : variables_of_lines(text)) {
        // Old boards keep the table without its keyword.
        const bool bare = name == "mtdparts" && !value.contains("mtdparts=");
        add_rows(partitions_of_command_line(bare ? "mtdparts=" + std::string(value) : std::string(value)), fmt::format("{} in {}", printable(name), path), all);
    }
}

std::string bootargs_of(Bytes tree) {
    const auto header = flat_header(tree);
    if (!header)
        return {};
    FlatWalk walk(*header);
    for (FlatWalk::Event event = walk.next(); event != FlatWalk::Event::end && event != FlatWalk::Event::broken; event = walk.next())
        if (event == FlatWalk::Event::property && walk.name() == "bootargs")
            return std::string(as_text(walk.value()));
    return {};
}

/// Whether the image is the device that these rows describe.
bool is_of_image(const Tree& tree, const std::vector<const Partition*>& rows) {
    std::uint64_t end = 0;
    bool starts = false;
    for (const Partition* row : rows) {
        end = std::max(end, row->offset + std::max<std::uint64_t>(row->size, 1));
        for (const NodeId id : tree.root().children)
            starts = starts || (row->offset != 0 && tree.node(id).kind == NodeKind::container && tree.node(id).offset == row->offset);
    }
    return end == tree.root().size || (starts && end <= tree.root().size);
}

}  // namespace

const std::vector<Partition>& partitions_of(const Tree& tree) { return tree.state().partitions; }

std::vector<Partition> partitions_of_command_line(std::string_view text) {
    constexpr std::size_t kLongest = 8192;
    std::vector<Partition> rows;
    for (const std::string_view keyword : {"mtdparts="sv, "blkdevparts="sv})
        for (std::size_t at = text.find(keyword); at != std::string_view::npos; at = text.find(keyword, at + 1)) {
            std::string_view value = text.substr(at + keyword.size(), kLongest);
            value = value.substr(0, value.find_first_of(" \t\r\n\"'\0"sv));
            add_tables(value, rows);
        }
    return rows;
}

std::vector<Partition> partitions_of_device_tree(Bytes bytes) {
    std::vector<Partition> rows;
    const auto header = flat_header(bytes);
    if (!header)
        return rows;
    FlatWalk walk(*header);
    std::vector<TreeNode> path;
    while (rows.size() < kMostRows) {
        const FlatWalk::Event event = walk.next();
        if (event == FlatWalk::Event::end || event == FlatWalk::Event::broken)
            break;
        if (event == FlatWalk::Event::node) {
            path.push_back({.name = walk.name(), .partitions = walk.name() == "partitions", .label = {}, .reg = {}});
        } else if (event == FlatWalk::Event::property) {
            note_property(path.back(), walk);
        } else {
            // A node's properties come before its children, so a parent is complete when a child ends.
            if (auto row = row_of(path))
                rows.push_back(std::move(*row));
            path.pop_back();
        }
    }
    return rows;
}

std::vector<Partition> partitions_of_fis(Bytes bytes) {
    std::vector<Partition> rows;
    const std::vector<FisEntry> entries = fis_entries(bytes);
    // Addresses are those in memory. The flash is the smallest power of two, aligned to itself, that holds them all.
    std::uint64_t first = UINT64_MAX;
    std::uint64_t last = 0;
    for (const FisEntry& entry : entries) {
        first = std::min(first, entry.flash_base);
        last = std::max(last, entry.flash_base + entry.size - 1);
    }
    const std::uint64_t flash = entries.empty() ? 1 : std::bit_ceil((first ^ last) + 1);
    for (const FisEntry& entry : entries)
        rows.push_back({.device = "RedBoot", .name = printable(entry.name), .offset = entry.flash_base & (flash - 1), .size = entry.size, .source = {}});
    return rows;
}

std::vector<Partition> find_partitions(const Tree& tree, const std::vector<KernelText>& texts) {
    std::vector<Partition> all;
    for (std::uint32_t i = 0; i < tree.size(); ++i) {
        const Node& node = tree.node(NodeId{i});
        const std::string& format = node.kind == NodeKind::container ? node.format : tree.node(node.parent).format;
        if (node.kind == NodeKind::container && format == "dtb") {
            add_rows(partitions_of_device_tree(tree.bytes(node.id)), tree.path(node.id), all);
            add_rows(partitions_of_command_line(bootargs_of(tree.bytes(node.id))), "bootargs in " + tree.path(node.id), all);
        } else if (node.kind == NodeKind::container && format == "redboot-fis") {
            add_rows(partitions_of_fis(tree.bytes(node.id)), tree.path(node.id), all);
        } else if (node.kind == NodeKind::entry && (format == "uboot-environment" || format == "broadcom-nvram")) {
            add_of_variables(as_text(tree.bytes(node.id)), tree.path(node.id), all);
        } else if (node.kind == NodeKind::entry && format == "kernel-config") {
            add_rows(partitions_of_command_line(command_line_of_config(as_text(tree.bytes(node.id)))), "CONFIG_CMDLINE in " + tree.path(node.id), all);
        }
    }
    for (const KernelText& text : texts)
        if (text.kind == KernelText::Kind::command_line)
            add_rows(partitions_of_command_line(text.text), fmt::format("command line at 0x{:x} of {}", text.offset, text.node == NodeId{0} ? "the image" : tree.path(text.node)), all);

    std::map<std::pair<std::string, std::string>, std::vector<const Partition*>> tables;
    for (const Partition& row : all)
        tables[{row.device, row.source}].push_back(&row);
    std::set<std::pair<std::string, std::string>> of_image;
    for (const auto& [table, rows] : tables)
        if (is_of_image(tree, rows))
            of_image.insert(table);
    for (Partition& row : all)
        row.of_image = of_image.contains({row.device, row.source});
    std::ranges::stable_sort(all, [](const Partition& a, const Partition& b) { return std::tie(a.device, a.offset) < std::tie(b.device, b.offset); });
    return all;
}

std::string partitions_starting_in(const std::vector<Partition>& partitions, std::uint64_t offset, std::uint64_t size) {
    constexpr std::size_t kLongest = 300;  // a few are named; more would be no line for people
    std::string said;
    for (const Partition& row : partitions) {
        if (!row.of_image || row.offset < offset || row.offset - offset >= size || said.size() > kLongest)
            continue;
        const std::string one = row.offset == offset ? fmt::format("partition \"{}\" ({})", row.name, row.source) : fmt::format("partition \"{}\" from 0x{:x} on ({})", row.name, row.offset, row.source);
        if (!said.contains(fmt::format("\"{}\"", row.name)))
            said += (said.empty() ? "" : ", ") + one;
    }
    return said;
}

}  // namespace shirushi::unpack
