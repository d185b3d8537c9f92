// The image from its first byte to its last: the picture, its legend, the shares of each kind, the table.
#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "report/html_parts.hpp"
#include "report/layout.hpp"

namespace shirushi::report {
namespace {

constexpr std::size_t most_regions = 120;   // rows of the table
constexpr std::size_t few_regions = 12;     // shown without a click

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

void view_picture(View& page, const Facts& facts, const Texts& texts) {
    const DrawnLayout layout = lay_out(facts, texts);
    page.texts["picture"] = layout_figure(layout, texts);
    page.each("legend", layout.legend, [&](const LegendRow& line) {
        View row;
        row.put("style", line.style);
        row.put("name", line.name);
        row.put("share", fmt::format("{:.1f}", 100 * share_of(line.size, layout.size)));
        row.put("size", human_size(line.size));
        return row;
    });
    page.each("picture_notes", layout_notes(layout), [&](std::string_view key) {
        View row;
        row.put("note", texts.of(key));
        return row;
    });
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
    view_picture(page, facts, texts);
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
        row.flag("guessed", region->guess != RegionGuess::none && region->guess != RegionGuess::padding);
        row.put("guess", texts.word("guess", region->guess));
        row.put("confidence", texts.word("confidence", region->confidence));
        row.put("architecture", region->architecture);
        return row;
    });
    page.flag("has_more_regions", regions.size() > listed.size());
    page.put("more_regions", std::to_string(regions.size() - listed.size()));
    page.flag("has_nested", facts.regions.rows.size() > regions.size());
    page.put("nested", grouped(facts.regions.rows.size() - regions.size()));
}

}  // namespace shirushi::report
