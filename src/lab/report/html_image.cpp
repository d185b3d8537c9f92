// The image from its first byte to its last: a bar in proportion, its legend, the shares of each kind, the table.
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <span>
#include <map>

#include "report/html_parts.hpp"

namespace shirushi::report {
namespace {

constexpr std::size_t most_bars = 200;      // a pixel and a half each at desktop width
constexpr std::size_t most_legends = 12;    // the largest regions are named
constexpr std::size_t most_regions = 120;   // rows of the table
constexpr std::size_t few_regions = 12;     // shown without a click
constexpr double bar_width = 1000;          // units of the view box
constexpr double least_width = 3;           // so that a small region can still be seen
constexpr unsigned tones = 5;

double share_of(std::uint64_t part, std::uint64_t whole) {
    return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

std::vector<const Region*> top_level(const Facts& facts) {
    std::vector<const Region*> regions;
    for (const Region& region : facts.regions.rows)
        if (region.path.empty())
            regions.push_back(&region);
    return regions;
}

std::uint64_t total_size(const std::vector<const Region*>& regions) {
    std::uint64_t total = 0;
    for (const Region* region : regions)
        total = region->size > UINT64_MAX - total ? UINT64_MAX : total + region->size;
    return total;
}

/// Regions that get a bar, in image order: when there are too many, the largest.
std::vector<const Region*> drawn(std::vector<const Region*> regions) {
    if (regions.size() > most_bars) {
        std::ranges::stable_sort(regions, std::greater{}, &Region::size);
        regions.resize(most_bars);
        std::ranges::stable_sort(regions, std::less{}, &Region::offset);
    }
    return regions;
}

void view_bars(View& page, const std::vector<const Region*>& all, const Texts& texts) {
    const std::vector<const Region*> regions = drawn(all);
    std::vector<std::uint64_t> sizes;
    for (const Region* region : regions)
        sizes.push_back(region->size);
    std::ranges::sort(sizes, std::greater{});
    const std::uint64_t named_from = sizes.size() > most_legends ? sizes[most_legends - 1] : 0;
    const std::uint64_t total = total_size(regions);
    const double spare = bar_width - least_width * static_cast<double>(regions.size());
    std::map<std::string_view, unsigned> tone_of;
    std::size_t named = 0;
    double x = 0;
    auto& bars = page.lists["bars"];
    for (const Region* region : regions) {
        const double width = least_width + spare * share_of(region->size, total);
        const auto next = static_cast<unsigned>(tone_of.size()) % tones;
        const unsigned tone = region->kind == RegionKind::format ? tone_of.emplace(region->format, next).first->second : 0;
        View bar;
        bar.put("x", fmt::format("{:.2f}", x));
        bar.put("width", fmt::format("{:.2f}", width));
        bar.put("kind", name_of(region->kind));
        bar.put("kind_word", texts.word("region", region->kind));
        bar.put("tone", std::to_string(tone));
        bar.flag("labelled", region->size >= named_from && named < most_legends);
        bar.flag("plain", region->kind != RegionKind::format);
        bar.put("label", region->kind == RegionKind::format ? region->format + " " + hex_offset(region->offset) : hex_offset(region->offset));
        bar.put("share", fmt::format("{:.1f}", 100 * share_of(region->size, total)));
        named += bar.flags["labelled"] ? 1 : 0;
        bars.push_back(std::move(bar));
        x += width;
    }
}

void view_shares(View& page, const std::vector<const Region*>& regions, const Texts& texts) {
    const std::uint64_t total = total_size(regions);
    constexpr RegionKind order[] = {RegionKind::format, RegionKind::padding, RegionKind::unexplained, RegionKind::damaged, RegionKind::encrypted};
    page.each("shares", order, [&](RegionKind kind) {
        std::vector<const Region*> of_kind;
        std::ranges::copy_if(regions, std::back_inserter(of_kind), [&](const Region* region) { return region->kind == kind; });
        const std::uint64_t size = total_size(of_kind);
        View row;
        row.put("word", texts.word("region", kind));
        row.put("share", fmt::format("{:.1f}", 100 * share_of(size, total)));
        row.put("size", human_size(size));
        return row;
    });
}

}  // namespace

void view_image(View& page, const Facts& facts, const Texts& texts) {
    const std::vector<const Region*> regions = top_level(facts);
    page.flag("regions_observed", facts.regions.observed);
    view_bars(page, regions, texts);
    view_shares(page, regions, texts);
    page.put("file_count", grouped(facts.files.rows.size()));
    page.flag("few_regions", regions.size() <= few_regions);
    page.put("region_count", std::to_string(regions.size()));
    const std::span listed(regions.data(), std::min(regions.size(), most_regions));
    page.each("regions", listed, [&](const Region* region) {
        View row;
        row.put("offset", hex_offset(region->offset));
        row.put("size", human_size(region->size));
        row.put("kind", name_of(region->kind));
        row.put("kind_word", texts.word("region", region->kind));
        row.put("format", region->format);
        row.put("entropy", fmt::format("{:.2f}", region->entropy));
        row.put("description", region->description);
        return row;
    });
    page.flag("has_more_regions", regions.size() > listed.size());
    page.put("more_regions", std::to_string(regions.size() - listed.size()));
    page.flag("has_nested", facts.regions.rows.size() > regions.size());
    page.put("nested", grouped(facts.regions.rows.size() - regions.size()));
}

}  // namespace shirushi::report
