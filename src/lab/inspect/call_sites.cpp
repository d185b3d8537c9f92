// Calls in programs: the machine code of every ELF program looked at once per content, in order of paths, as far as the budget goes.

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/parallel.hpp"
#include "code/code.hpp"
#include "elf/elf.hpp"
#include "inspect/inspectors.hpp"

namespace shirushi::inspect {

Table<CallSite> inspect_call_sites(const Image& image, const Budget& budget) {
    const unpack::Tree& tree = *image.tree;
    std::map<Digest, std::size_t> index;
    std::vector<unpack::NodeId> contents;
    Table<CallSite> table{.observed = true, .gaps = tree.gaps(), .rows = {}};
    std::uint64_t bytes = 0;
    std::size_t beyond = 0;
    for (const unpack::NodeId id : image.files) {
        const auto& digest = tree.node(id).sha256;
        if (!digest || !elf::is_elf(tree.bytes(id)) || index.contains(*digest))
            continue;
        const std::uint64_t size = code::code_size(tree.bytes(id));
        if (bytes + size > budget.bytes_of_code) {
            ++beyond;
            continue;
        }
        bytes += size;
        index.emplace(*digest, contents.size());
        contents.push_back(id);
    }
    if (beyond > 0)
        table.gaps.push_back(fmt::format("calls in programs: {} programs beyond the {} bytes of code that are looked at", beyond, budget.bytes_of_code));
    using Analysed = std::optional<Result<code::Analysis>>;
    const auto analysed = parallel_map<Analysed>(contents.size(), [&](std::size_t i) { return Analysed(code::call_sites(tree.bytes(contents[i]))); });
    for (const unpack::NodeId id : image.files) {
        const auto& digest = tree.node(id).sha256;
        const auto at = digest ? index.find(*digest) : index.end();
        if (at == index.end())
            continue;
        const Result<code::Analysis>& result = *analysed[at->second];
        if (!result)
            continue;  // not ELF after all: the table of programs says so
        for (const std::string& gap : result->gaps)
            table.gaps.push_back(fmt::format("{}: {}", tree.path(id), gap));
        for (CallSite site : result->rows) {
            site.path = tree.path(id);
            table.rows.push_back(std::move(site));
        }
    }
    std::ranges::sort(table.rows, {}, [](const CallSite& site) { return std::tie(site.path, site.address, site.weakness); });
    return table;
}

}  // namespace shirushi::inspect
