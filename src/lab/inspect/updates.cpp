// Update mechanisms: known tools by their configuration, vendors' scripts by what they run.

#include <algorithm>
#include <map>

#include "inspect/inspectors.hpp"
#include "inspect/update_tools.hpp"

namespace shirushi::inspect {
namespace {

using unpack::NodeId;

/// The image's files by the root they lie in; files outside any root are in none.
std::vector<std::vector<NodeId>> files_by_root(const Image& image) {
    std::map<NodeId, std::size_t> index;
    for (std::size_t i = 0; i < image.roots.size(); ++i)
        index.emplace(image.roots[i].id(), i);
    std::vector<std::vector<NodeId>> files(image.roots.size());
    for (const NodeId id : image.files)
        for (NodeId above = id; above != NodeId{0};) {
            above = image.tree->node(above).parent;
            if (const auto root = index.find(above); root != index.end()) {
                files[root->second].push_back(id);
                break;
            }
        }
    return files;
}

}  // namespace

Table<UpdateMechanism> inspect_updates(const Image& image) {
    Table<UpdateMechanism> table{.observed = true, .gaps = image.tree->gaps(), .rows = {}};
    const auto files = files_by_root(image);
    for (std::size_t i = 0; i < image.roots.size(); ++i)
        for (auto&& rows : {update_tools_in(image.roots[i]), update_scripts_in(image.roots[i], files[i])})
            table.rows.insert(table.rows.end(), rows.begin(), rows.end());
    std::ranges::stable_sort(table.rows, {}, [](const UpdateMechanism& row) { return std::tie(row.tool, row.evidence); });
    return table;
}

}  // namespace shirushi::inspect
