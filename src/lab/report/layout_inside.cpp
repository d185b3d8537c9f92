#include "report/layout_inside.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <optional>

#include "report/shown.hpp"

namespace shirushi::report {
namespace {

constexpr std::size_t most_rows = 4;
constexpr std::size_t most_shapes = 400;   // of one row: more would touch each other
constexpr double least_width = 0.75;       // narrower ones would be less than a line
constexpr double nearly_all = 0.99;        // of a stream: a container that fills it is drawn in its place
constexpr std::size_t no_parent = std::numeric_limits<std::size_t>::max();

struct Interval {
    double x = 0;
    double width = 0;
};

/// A layer with its place in the picture.
struct Placed {
    const Layer* layer = nullptr;
    std::size_t parent = no_parent;
    std::vector<std::size_t> children;
    Interval interval;
    std::size_t row = 0;    ///< 0: the bar itself; n: the n-th row below
    std::string prefix;     ///< the name of the stream it is drawn in place of
};

bool is_stream(const Layer& layer) { return layer.format.empty(); }

std::string_view last_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

/// A stream without a name of its own: what came out of a decompressor.
bool is_nameless(const Layer& layer) { return is_stream(layer) && last_name(layer.path) == "data"; }

/// Parents stand before children in a table of ours; a layer whose parent does not is left out.
std::vector<Placed> tree_of(const Facts& facts) {
    std::vector<Placed> all;
    std::map<std::string_view, std::size_t> by_path;
    for (const Layer& layer : facts.layers.rows) {
        std::size_t parent = no_parent;
        if (!layer.parent.empty()) {
            const auto found = by_path.find(layer.parent);
            if (found == by_path.end())
                continue;
            parent = found->second;
            all[parent].children.push_back(all.size());
        }
        by_path.emplace(layer.path, all.size());
        all.push_back({.layer = &layer, .parent = parent, .children = {}, .interval = {}, .row = 0, .prefix = {}});
    }
    return all;
}

/// Whether the children of `parent` are ranges of it, one behind the other.
bool are_ranges(const std::vector<Placed>& all, const Placed& parent) {
    std::uint64_t end = 0;
    for (const std::size_t child : parent.children) {
        const Layer& layer = *all[child].layer;
        if (layer.offset < end || layer.size > parent.layer->size || layer.offset > parent.layer->size - layer.size)
            return false;
        end = layer.offset + layer.size;
    }
    return true;
}

/// Parts of a parent's width for children that came out of it: as ranges where they are, else side by side by their sizes.
void share_width(std::vector<Placed>& all, std::size_t index) {
    const Placed& parent = all[index];
    const bool ranges = are_ranges(all, parent) && (!is_stream(*all[parent.children.front()].layer) || parent.children.size() > 1);
    double total = ranges ? static_cast<double>(parent.layer->size) : 0;
    if (!ranges)
        for (const std::size_t child : parent.children)
            total += static_cast<double>(all[child].layer->size);
    double done = 0;
    for (const std::size_t child : parent.children) {
        const Layer& layer = *all[child].layer;
        const double from = ranges ? static_cast<double>(layer.offset) : done;
        done += static_cast<double>(layer.size);
        if (!layer.in_image && total > 0)
            all[child].interval = {parent.interval.x + parent.interval.width * from / total, parent.interval.width * static_cast<double>(layer.size) / total};
    }
}

Interval within(Interval inner, Interval outer) {
    const double x = std::clamp(inner.x, outer.x, outer.x + outer.width);
    return {x, std::clamp(inner.x + inner.width, x, outer.x + outer.width) - x};
}

void place_all(std::vector<Placed>& all, const Scale& scale) {
    for (std::size_t i = 0; i < all.size(); ++i) {
        Placed& one = all[i];
        if (one.layer->in_image)
            one.interval = {scale.x(one.layer->offset), scale.width(one.layer->offset, one.layer->size)};
        if (one.parent != no_parent)
            one.interval = within(one.interval, all[one.parent].interval);
        if (!one.children.empty())
            share_width(all, i);
    }
}

/// The one container that fills this stream.
std::optional<std::size_t> filling(const std::vector<Placed>& all, const Placed& stream) {
    if (!is_stream(*stream.layer) || stream.children.size() != 1)
        return std::nullopt;
    const Layer& child = *all[stream.children.front()].layer;
    const bool fills = static_cast<double>(child.size) >= nearly_all * static_cast<double>(stream.layer->size);
    return fills && !is_stream(child) ? std::optional(stream.children.front()) : std::nullopt;
}

/// Rows: one below the parent's, but for streams that are not drawn themselves.
void find_rows(std::vector<Placed>& all) {
    for (std::size_t i = 0; i < all.size(); ++i) {
        Placed& one = all[i];
        if (one.parent == no_parent)
            continue;
        const Placed& parent = all[one.parent];
        const bool parent_drawn = !is_stream(*parent.layer) || (!is_nameless(*parent.layer) && !filling(all, parent));
        one.row = parent.row + (parent_drawn ? 1 : 0);
        if (filling(all, parent) && !is_nameless(*parent.layer))
            one.prefix = fmt::format("{}: ", shown(last_name(parent.layer->path)));
    }
}

std::string style_of(const Layer& layer, const Bands& bands) {
    if (layer.kind == RegionKind::format)
        return is_stream(layer) ? std::string("stream") : bands.of(layer.format);
    return std::string(name_of(layer.kind));
}

Shape shape_of(const Placed& one, const Bands& bands, const Texts& texts) {
    const Layer& layer = *one.layer;
    const std::string name = one.prefix + shown(is_stream(layer) ? last_name(layer.path) : std::string_view(layer.format));
    const std::string place = layer.in_image ? fmt::format(" {} ({})", hex_offset(layer.offset), human_size(layer.size)) : fmt::format(" ({})", human_size(layer.size));
    Shape shape{.x = one.interval.x, .width = one.interval.width, .style = style_of(layer, bands), .label = {name, name}, .title = {}, .unpacked = !layer.in_image};
    shape.title = {name + place, name + place};
    if (shape.unpacked) {
        const Text unpacked = texts.of("layout.unpacked_short");
        shape.title.en.append(", ").append(unpacked.en);
        shape.title.ja.append("、").append(unpacked.ja);
    }
    return shape;
}

}  // namespace

void lay_out_inside(const Facts& facts, const Scale& scale, const Bands& bands, const Texts& texts, DrawnLayout& layout) {
    std::vector<Placed> all = tree_of(facts);
    place_all(all, scale);
    find_rows(all);
    for (const Placed& one : all) {
        if (one.row == 0 || is_nameless(*one.layer) || filling(all, one))
            continue;
        if (one.row > most_rows) {
            layout.deeper = true;
            continue;
        }
        layout.inside.resize(std::max(layout.inside.size(), one.row));
        auto& row = layout.inside[one.row - 1];
        if (one.interval.width < least_width || row.size() >= most_shapes) {
            layout.deeper = true;
            continue;
        }
        row.push_back(shape_of(one, bands, texts));
        layout.unpacked = layout.unpacked || row.back().unpacked;
    }
    while (!layout.inside.empty() && layout.inside.back().empty())
        layout.inside.pop_back();
}

}  // namespace shirushi::report
