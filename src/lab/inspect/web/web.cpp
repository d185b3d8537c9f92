// Web handlers and exposures: every file below the web roots, each as what it is.

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "inspect/inspectors.hpp"
#include "inspect/web/handlers.hpp"
#include "inspect/web/site.hpp"

namespace shirushi::inspect {
namespace {

using unpack::NodeId;

constexpr std::size_t kMaxHandlers = 5'000;
constexpr std::size_t kMaxExposures = 2'000;
constexpr std::size_t kMaxGaps = 20;                     // of handlers; how many more there are is said
constexpr std::size_t kMaxRead = std::size_t{16} << 20;  // bytes of scripts in one image

/// The root a file lies in; nothing for files outside any.
const Root* root_of(const Image& image, const std::map<NodeId, const Root*>& roots, NodeId id) {
    while (id != NodeId{0}) {
        id = image.tree->node(id).parent;
        if (const auto found = roots.find(id); found != roots.end())
            return found->second;
    }
    return nullptr;
}

void add_gaps(std::vector<std::string> gaps, std::vector<std::string>& all) {
    std::ranges::sort(gaps);
    const std::size_t shown = std::min(gaps.size(), kMaxGaps);
    all.insert(all.end(), gaps.begin(), gaps.begin() + static_cast<std::ptrdiff_t>(shown));
    if (gaps.size() > shown)
        all.push_back(fmt::format("{} more web handlers that were not read", gaps.size() - shown));
}

}  // namespace

WebTables inspect_web(const Image& image, const std::vector<Service>& services) {
    WebTables tables;
    tables.handlers = {.observed = true, .gaps = image.tree->gaps(), .rows = {}};
    tables.exposures = {.observed = true, .gaps = image.tree->gaps(), .rows = {}};
    std::map<NodeId, const Root*> roots;
    std::map<const Root*, web::Site> sites;
    for (const Root& root : image.roots) {
        roots.emplace(root.id(), &root);
        web::Site site = web::site_of(root, services);
        tables.exposures.rows.insert(tables.exposures.rows.end(), site.exposures.begin(), site.exposures.end());
        sites.emplace(&root, std::move(site));
    }
    std::vector<std::string> gaps;
    std::size_t read = 0;
    for (const NodeId id : image.files) {
        const Root* root = root_of(image, roots, id);
        if (root == nullptr)
            continue;
        const web::Site& site = sites.at(root);
        if (tables.handlers.rows.size() == kMaxHandlers || read > kMaxRead) {
            gaps.push_back("web handlers: more than are read");
            break;
        }
        std::string gap;
        if (auto row = web::handler_of(*root, site, id, gap)) {
            read += std::min<std::uint64_t>(image.tree->node(id).size, kMaxConfiguration);
            tables.handlers.rows.push_back(std::move(*row));
        }
        if (!gap.empty())
            gaps.push_back(std::move(gap));
        if (const std::string address = web::address_of(site, root->inner_path(id)); !address.empty() && tables.exposures.rows.size() < kMaxExposures)
            if (auto exposure = web::exposure_of(*root, address, id))
                tables.exposures.rows.push_back(std::move(*exposure));
    }
    add_gaps(std::move(gaps), tables.handlers.gaps);
    std::ranges::stable_sort(tables.handlers.rows, {}, &WebHandler::path);
    std::ranges::stable_sort(tables.exposures.rows, {}, [](const WebExposure& row) { return std::tie(row.kind, row.address, row.evidence); });
    return tables;
}

}  // namespace shirushi::inspect
