// The layout of an image on the terminal: a line for each range of the image, indented ones for what lies inside it, then partitions
// that the image itself names, notes, and what could not be read. Strings are hostile: `shown` takes escape sequences away.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "report/display_width.hpp"
#include "report/report.hpp"
#include "report/shown.hpp"
#include "report/texts.hpp"

namespace shirushi::report {
namespace {

constexpr std::size_t offset_columns = 12;
constexpr std::size_t size_columns = 10;
constexpr std::size_t what_columns = 24;
constexpr std::size_t entropy_columns = 8;
constexpr std::size_t most_lines = 40;  // of partitions, notes and gaps each; --json and layout.json hold all

std::string padded_left(std::string_view text, std::size_t columns) {
    const std::size_t width = display_width(text);
    return std::string(width < columns ? columns - width : 0, ' ').append(text);
}

/// Containers and named streams below the image's own regions, with how deep each lies in others.
struct Nested {
    const Layer* layer = nullptr;
    std::size_t depth = 0;  ///< 0: stands in the image itself
};

std::vector<Nested> nested(const Table<Layer>& layers) {
    std::vector<Nested> all;
    std::map<std::string_view, std::size_t> depths;
    for (const Layer& layer : layers.rows) {
        const auto parent = depths.find(layer.parent);
        const std::size_t above = parent == depths.end() ? 0 : parent->second;
        depths.emplace(layer.path, above + 1);
        // A stream without a name of its own and without a description says nothing that its container does not.
        if (!layer.format.empty() || !layer.description.empty() || !layer.path.ends_with("/data"))
            all.push_back({&layer, above});
    }
    return all;
}

class LayoutText {
public:
    LayoutText(const Layout& layout, const TerminalStyle& style) : layout_(layout), style_(style), texts_(Texts::embedded()), nested_(nested(layout.layers)) {}

    std::string run() && {
        line(text("listing.offset"), text("listing.size"), text("listing.what"), text("listing.entropy"), text("listing.description"));
        for (const Region& region : layout_.regions.rows)
            if (region.path.empty()) {
                region_line(region);
                layers_of(region);
            }
        list("listing.partitions", partitions());
        list("listing.notes", layout_.notes);
        list("listing.gaps", layout_.regions.gaps);
        return std::move(out_);
    }

private:
    [[nodiscard]] std::string text(std::string_view key) const { return texts_.of(key).in(style_.language); }

    void line(std::string_view place, std::string_view size, std::string_view what, std::string_view entropy, std::string_view description) {
        out_ += fitted(place, offset_columns) + padded_left(size, size_columns) + "  " + fitted(what, what_columns) + padded_left(entropy, entropy_columns);
        if (!description.empty())
            out_ += "  " + shown(description);
        out_ += "\n";
    }

    void region_line(const Region& region) {
        const std::string kind = texts_.word("region", region.kind).in(style_.language);
        const bool named = region.kind == RegionKind::format;
        const std::string what = named ? shown(region.format) : kind + (region.format.empty() ? "" : " " + shown(region.format));
        line(fmt::format("0x{:08x}", region.offset), human_size(region.size), what, fmt::format("{:.2f}", region.entropy), region.description);
    }

    /// Layers stand in the order of regions, each before what lies in it; those at depth 0 are the regions themselves.
    void layers_of(const Region& region) {
        while (next_ < nested_.size() && nested_[next_].depth == 0 && nested_[next_].layer->offset < region.offset + region.size)
            for (++next_; next_ < nested_.size() && nested_[next_].depth > 0; ++next_)
                layer_line(nested_[next_]);
    }

    void layer_line(const Nested& one) {
        const Layer& layer = *one.layer;
        const std::string name = layer.format.empty() ? layer.path.substr(layer.path.rfind('/') + 1) : layer.format;
        const std::string place = layer.in_image ? fmt::format("0x{:08x}", layer.offset) : layer.offset != 0 ? fmt::format("+0x{:x}", layer.offset) : "";
        const std::string kind = layer.kind == RegionKind::format ? "" : texts_.word("region", layer.kind).in(style_.language);
        line(place, human_size(layer.size), std::string(2 * one.depth, ' ') + shown(name), "",
             kind + (kind.empty() || layer.description.empty() ? "" : "; ") + layer.description);
    }

    [[nodiscard]] std::vector<std::string> partitions() const {
        std::vector<std::string> lines;
        for (const Partition& partition : layout_.partitions.rows)
            lines.push_back(fmt::format("0x{:08x} {:>10}  {}{}  ({}, {})", partition.offset, partition.size == 0 ? "..." : human_size(partition.size),
                                        partition.name, partition.read_only ? " ro" : "", partition.device, partition.source));
        return lines;
    }

    void list(std::string_view key, const std::vector<std::string>& items) {
        if (items.empty())
            return;
        out_ += "\n" + text(key) + "\n";
        for (std::size_t i = 0; i < std::min(items.size(), most_lines); ++i)
            out_ += "  " + shown(items[i]) + "\n";
        if (items.size() > most_lines)
            out_ += "  " + fmt::format(fmt::runtime(text("listing.more")), items.size() - most_lines) + "\n";
    }

    const Layout& layout_;
    TerminalStyle style_;
    Texts texts_;
    std::vector<Nested> nested_;
    std::size_t next_ = 0;  // in nested_
    std::string out_;
};

}  // namespace

std::string terminal_layout(const Layout& layout, const TerminalStyle& style) { return LayoutText(layout, style).run(); }

}  // namespace shirushi::report
