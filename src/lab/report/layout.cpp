#include "report/layout.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <functional>
#include <map>

#include "report/layout_inside.hpp"
#include "report/shown.hpp"

namespace shirushi::report {
namespace {

constexpr std::size_t own_bands = 6;        // formats with a colour of their own
constexpr double narrow = 1.5;              // units a region must have to be drawn by itself
constexpr double block_width = 8;           // a run of narrow regions as wide as this is a block; else it gets a mark
constexpr double mark_distance = 9;         // marks closer than this become one
constexpr std::uint64_t most_ticks = 10;
constexpr double last_tick_distance = 70;   // so that the labels of the last two do not touch
constexpr std::size_t most_partitions = 128;
constexpr std::size_t most_blocks = 4096;   // of an entropy map; ours have 256

using Regions = std::vector<const Region*>;

std::uint64_t end_of(std::uint64_t offset, std::uint64_t size) { return size > UINT64_MAX - offset ? UINT64_MAX : offset + size; }

/// The image's regions in order; those that leave it or have no size are left out.
Regions regions_of(const Facts& facts, std::uint64_t size) {
    Regions regions;
    for (const Region& region : facts.regions.rows)
        if (region.path.empty() && region.size != 0 && region.offset < size)
            regions.push_back(&region);
    std::ranges::stable_sort(regions, {}, &Region::offset);
    return regions;
}

std::uint64_t size_of(const Facts& facts) {
    std::uint64_t size = facts.image ? facts.image->size : 0;
    if (size == 0)
        for (const Region& region : facts.regions.rows)
            if (region.path.empty())
                size = std::max(size, end_of(region.offset, region.size));
    return size;
}

bool is_notable(const Region& region) { return region.kind != RegionKind::format && region.kind != RegionKind::padding; }

Text joined(const Text& first, std::string_view between, const Text& second) {
    return {fmt::format("{}{}{}", first.en, between, second.en), fmt::format("{}{}{}", first.ja, between, second.ja)};
}

Text same(const std::string& text) { return {text, text}; }

/// What a region is called: a format's name, the guess where there is one, else the kind.
Text name_of_region(const Region& region, const Texts& texts) {
    if (region.kind == RegionKind::unexplained && region.guess != RegionGuess::none) {
        const Text guess = texts.word("guess", region.guess);
        return region.architecture.empty() ? guess : joined(guess, ": ", same(shown(region.architecture)));
    }
    const Text kind = texts.word("region", region.kind);
    if (region.format.empty() || region.kind == RegionKind::padding)
        return kind;
    return region.kind == RegionKind::format ? same(shown(region.format)) : joined(same(shown(region.format)), ": ", kind);
}

Text title_of(const Text& name, std::uint64_t offset, std::uint64_t size) {
    return joined(name, " ", same(fmt::format("{} - {} ({})", hex_offset(offset), hex_offset(end_of(offset, size)), human_size(size))));
}

std::string style_of(const Region& region, const Bands& bands) {
    if (region.kind == RegionKind::format)
        return bands.of(region.format);
    if (region.kind == RegionKind::unexplained && region.guess != RegionGuess::none)
        return fmt::format("guess-{}", name_of(region.guess));
    return region.kind == RegionKind::unexplained ? std::string("guess-unknown") : std::string(name_of(region.kind));
}

class Bar {
public:
    Bar(DrawnLayout& layout, const Scale& scale, const Bands& bands, const Texts& texts) : layout_(layout), scale_(scale), bands_(bands), texts_(texts) {}

    void add(const Regions& regions) {
        for (std::size_t i = 0; i < regions.size();) {
            std::size_t end = i;
            while (end < regions.size() && is_narrow(*regions[end]))
                ++end;
            if (end > i) {
                add_narrow({regions.begin() + static_cast<std::ptrdiff_t>(i), regions.begin() + static_cast<std::ptrdiff_t>(end)});
                i = end;
            } else {
                layout_.regions.push_back(shape(*regions[i++]));
            }
        }
    }

private:
    [[nodiscard]] bool is_narrow(const Region& region) const { return scale_.width(region.offset, region.size) < narrow; }

    [[nodiscard]] Shape shape(const Region& region) const {
        const Text name = name_of_region(region, texts_);
        return {.x = scale_.x(region.offset), .width = scale_.width(region.offset, region.size), .style = style_of(region, bands_), .label = name,
                .title = title_of(name, region.offset, region.size)};
    }

    /// Neighbours that are each too narrow: together as wide as they are, with a mark where that is still next to nothing.
    void add_narrow(const Regions& run) {
        if (run.size() == 1) {
            layout_.regions.push_back(shape(*run.front()));
            mark(*run.front());
            return;
        }
        const std::uint64_t from = run.front()->offset;
        const std::uint64_t size = end_of(run.back()->offset, run.back()->size) - from;
        const std::string count = std::to_string(run.size());
        const Text name = joined(same(count), " ", texts_.of("layout.small"));
        layout_.regions.push_back({.x = scale_.x(from), .width = scale_.width(from, size), .style = "many", .label = name, .title = title_of(name, from, size)});
        for (const Region* region : run)
            if (layout_.regions.back().width < block_width || is_notable(*region))
                mark(*region);
    }

    void mark(const Region& region) {
        const double x = scale_.x(region.offset) + scale_.width(region.offset, region.size) / 2;
        auto& marks = layout_.marks;
        if (marks.empty() || x - marks.back().x >= mark_distance) {
            marks.push_back({.x = x, .notable = is_notable(region), .count = 1, .title = title_of(name_of_region(region, texts_), region.offset, region.size)});
            return;
        }
        Mark& last = marks.back();
        last.notable = last.notable || is_notable(region);
        ++last.count;
        last.title = joined(same(std::to_string(last.count)), " ", texts_.of("layout.small"));
    }

    DrawnLayout& layout_;
    const Scale& scale_;
    const Bands& bands_;
    const Texts& texts_;
};

std::vector<Tick> ticks_of(std::uint64_t size, const Scale& scale) {
    const std::uint64_t least = size / most_ticks + 1;
    const std::uint64_t step = least > (UINT64_MAX >> 1U) ? UINT64_MAX : std::bit_ceil(least);
    std::vector<Tick> ticks;
    for (std::uint64_t at = 0; at < size; at += step) {
        if (at != 0 && scale_right - scale.x(at) < last_tick_distance)
            break;
        ticks.push_back({scale.x(at), hex_offset(at)});
        if (at > UINT64_MAX - step)
            break;
    }
    ticks.push_back({scale_right, hex_offset(size)});
    return ticks;
}

/// Partitions of the device that the image is; those that say nothing of where they end reach to its end.
std::vector<Shape> partitions_of(const Facts& facts, std::uint64_t size, const Scale& scale) {
    std::vector<Shape> shapes;
    for (const Partition& partition : facts.partitions.rows) {
        if (!partition.of_image || partition.offset >= size || shapes.size() == most_partitions)
            continue;
        const std::uint64_t there = std::min(partition.size == 0 ? UINT64_MAX : partition.size, size - partition.offset);
        const Text name = same(shown(partition.name));
        shapes.push_back({.x = scale.x(partition.offset), .width = scale.width(partition.offset, there), .style = "partition", .label = name,
                          .title = title_of(name, partition.offset, there)});
    }
    return shapes;
}

/// The area under the entropy, block by block, in steps.
std::string entropy_path(const EntropyMap& map, const Scale& scale) {
    const std::size_t count = std::min(map.values.size(), most_blocks);
    if (count == 0 || map.block_size == 0)
        return "";
    std::string path = fmt::format("M{:.2f} {:.2f}", scale_left, entropy_height);
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint64_t to = i + 1 > UINT64_MAX / map.block_size ? UINT64_MAX : (i + 1) * map.block_size;
        const double y = entropy_height * (1 - std::clamp(map.values[i], 0.0, 8.0) / 8);
        fmt::format_to(std::back_inserter(path), "V{:.2f}H{:.2f}", y, scale.x(to));
    }
    return path + fmt::format("V{:.2f}Z", entropy_height);
}

std::vector<LegendRow> legend_of(const Regions& regions, const Bands& bands, const Texts& texts) {
    std::map<std::string, LegendRow> rows;
    for (const Region* region : regions) {
        const std::string style = style_of(*region, bands);
        LegendRow& row = rows[style];
        row.style = style;
        if (region->kind == RegionKind::unexplained)
            row.name = joined(texts.word("region", region->kind), ": ", texts.word("guess", region->guess == RegionGuess::none ? RegionGuess::unknown : region->guess));
        else if (style == "other")
            row.name = texts.of("layout.other");
        else
            row.name = region->kind == RegionKind::format ? same(shown(region->format)) : texts.word("region", region->kind);
        row.size = end_of(row.size, region->size);
        ++row.count;
    }
    std::vector<LegendRow> sorted;
    for (auto& [style, row] : rows)
        sorted.push_back(std::move(row));
    std::ranges::stable_sort(sorted, std::greater{}, &LegendRow::size);
    return sorted;
}

}  // namespace

double Scale::x(std::uint64_t offset) const {
    const double share = size_ == 0 ? 0 : static_cast<double>(std::min(offset, size_)) / static_cast<double>(size_);
    return scale_left + (scale_right - scale_left) * share;
}

double Scale::width(std::uint64_t offset, std::uint64_t size) const { return x(end_of(offset, size)) - x(offset); }

Bands::Bands(const Facts& facts) {
    std::map<std::string_view, std::uint64_t> sizes;
    for (const Region& region : facts.regions.rows)
        if (region.path.empty() && region.kind == RegionKind::format)
            sizes[region.format] = end_of(sizes[region.format], region.size);
    for (const Layer& layer : facts.layers.rows)  // what lies inside only gets what the bar leaves over
        if (!layer.format.empty())
            sizes.try_emplace(layer.format, 0);
    std::vector<std::pair<std::string_view, std::uint64_t>> sorted(sizes.begin(), sizes.end());
    std::ranges::stable_sort(sorted, std::greater{}, &std::pair<std::string_view, std::uint64_t>::second);
    for (std::size_t i = 0; i < std::min(sorted.size(), own_bands); ++i)
        bands_.emplace(sorted[i].first, fmt::format("band{}", i));
}

std::string Bands::of(std::string_view format) const {
    const auto band = bands_.find(format);
    return band == bands_.end() ? std::string("other") : band->second;
}

DrawnLayout lay_out(const Facts& facts, const Texts& texts) {
    DrawnLayout layout;
    layout.size = size_of(facts);
    const Scale scale(layout.size);
    const Bands bands(facts);
    const Regions regions = regions_of(facts, layout.size);
    Bar(layout, scale, bands, texts).add(regions);
    layout.ticks = ticks_of(layout.size, scale);
    layout.partitions = partitions_of(facts, layout.size, scale);
    lay_out_inside(facts, scale, bands, texts, layout);
    if (facts.entropy_map)
        layout.entropy = entropy_path(*facts.entropy_map, scale);
    layout.legend = legend_of(regions, bands, texts);
    return layout;
}

}  // namespace shirushi::report
