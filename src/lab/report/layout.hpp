#pragma once
// The geometry of the picture of an image: where on one common scale of addresses everything stands. layout_svg.cpp draws it,
// html_image.cpp words its legend. Widths are true to scale: what is too narrow to be seen gets a mark of its own instead.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/catalogue.hpp"
#include "model/facts.hpp"
#include "report/texts.hpp"

namespace shirushi::report {

constexpr double picture_width = 1000;
constexpr double scale_left = 18;    // room for the figures of the entropy's scale
constexpr double scale_right = 998;

/// `style` is a class of static/layout.css: "band0" to "band5" and "other" for formats by their size, "padding", "damaged",
/// "encrypted", "many" (regions too small to be told apart), "guess-..." for what no format explains.
struct Shape {
    double x = 0;
    double width = 0;
    std::string style;
    Text label;       ///< written on the shape if it fits
    Text title;       ///< everything that is known, for whoever points at it
    bool unpacked = false;  ///< bytes that are not in the image as such: they came out of what stands above, on a scale of their own
};

/// A mark below the bar for what is too small to be drawn: at least one region.
struct Mark {
    double x = 0;
    bool notable = false;  ///< one of them is damaged, encrypted or unexplained
    std::uint64_t count = 0;
    Text title;
};

struct Tick {
    double x = 0;
    std::string label;
};

struct LegendRow {
    std::string style;
    Text name;
    std::uint64_t size = 0;
    std::uint64_t count = 0;
};

struct DrawnLayout {
    std::uint64_t size = 0;  ///< of the image
    std::vector<Tick> ticks;
    std::vector<Shape> partitions;
    std::vector<Shape> regions;
    std::vector<Mark> marks;
    std::vector<std::vector<Shape>> inside;  ///< what lies in the regions, by depth
    bool deeper = false;                     ///< more levels, or more on one level, than are drawn
    bool unpacked = false;                   ///< any shape inside is
    std::string entropy;                     ///< path data in a box of height `entropy_height`; empty when not observed
    std::vector<LegendRow> legend;           ///< largest first
};

constexpr double entropy_height = 44;

/// `facts` may be hostile: offsets that leave the image are cut, counts are bounded.
DrawnLayout lay_out(const Facts& facts, const Texts& texts);

/// The picture as an <svg> element in both languages for report.html, which brings static/layout.css.
std::string layout_figure(const DrawnLayout& layout, const Texts& texts);

/// Keys of the sentences that this picture needs below it.
std::vector<std::string_view> layout_notes(const DrawnLayout& layout);

}  // namespace shirushi::report
