// Programs: every ELF file described once per content, a row for each place it lies at.

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/parallel.hpp"
#include "elf/hardening.hpp"
#include "inspect/inspectors.hpp"

namespace shirushi::inspect {

Table<Executable> inspect_executables(const Image& image) {
    const unpack::Tree& tree = *image.tree;
    std::vector<unpack::NodeId> programs;
    std::map<Digest, std::size_t> index;  // of the content's description
    std::vector<unpack::NodeId> contents;
    for (const unpack::NodeId id : image.files) {
        const auto& digest = tree.node(id).sha256;
        if (!digest || !elf::is_elf(tree.bytes(id)))
            continue;
        programs.push_back(id);
        if (index.emplace(*digest, contents.size()).second)
            contents.push_back(id);
    }
    using Described = std::optional<Result<Executable>>;
    const auto described = parallel_map<Described>(contents.size(), [&](std::size_t i) { return Described(elf::describe(tree.bytes(contents[i]))); });

    Table<Executable> table{.observed = true, .gaps = tree.gaps(), .rows = {}};
    for (const unpack::NodeId id : programs) {
        const Digest& digest = *tree.node(id).sha256;
        const Result<Executable>& result = *described[index.at(digest)];
        if (result) {
            table.rows.push_back(*result);
            table.rows.back().path = tree.path(id);
            table.rows.back().sha256 = digest;
        } else if (result.error().code != Errc::unsupported) {
            table.gaps.push_back(fmt::format("{}: {}", tree.path(id), result.error().message));
        }
    }
    std::ranges::sort(table.rows, {}, &Executable::path);
    return table;
}

}  // namespace shirushi::inspect
