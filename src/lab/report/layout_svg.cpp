// The picture of an image's layout as SVG: no script, no reference, colours from static/layout.css alone.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "report/asset.hpp"
#include "report/display_width.hpp"
#include "report/layout.hpp"
#include "report/render.hpp"
#include "report/report.hpp"
#include "report/shown.hpp"

namespace shirushi::report {
namespace {

constexpr double caption_height = 15;
constexpr double partition_height = 20;
constexpr double tick_height = 19;
constexpr double bar_height = 56;
constexpr double mark_height = 9;
constexpr double row_height = 24;
constexpr double row_gap = 3;
constexpr double pause = 9;             // between the parts of the picture
constexpr double column_width = 6.7;    // of one column of text at the size that the style gives labels, generously
constexpr double label_padding = 5;
constexpr std::size_t least_columns = 3;  // a label cut to fewer says nothing
constexpr double legend_row = 20;
constexpr double legend_column = 320;
constexpr std::size_t legend_columns = 3;
constexpr std::size_t legend_cut = 40;  // columns of a name in the legend

/// Writes one picture from top to bottom, in one language or, for report.html, in both.
class Picture {
public:
    Picture(const Texts& texts, std::optional<Language> language) : texts_(texts), language_(language) {}

    void draw(const DrawnLayout& layout) {
        if (!layout.partitions.empty()) {
            caption("layout.partitions");
            row(layout.partitions, partition_height);
            y_ += row_gap;
        }
        ticks(layout.ticks);
        row(layout.regions, bar_height);
        marks(layout.marks);
        if (!layout.inside.empty()) {
            y_ += pause;
            caption("layout.inside");
            for (const auto& shapes : layout.inside) {
                row(shapes, row_height);
                y_ += row_gap;
            }
        }
        entropy(layout.entropy);
    }

    void legend(const DrawnLayout& layout) {
        y_ += pause;
        for (std::size_t i = 0; i < layout.legend.size(); ++i) {
            const LegendRow& line = layout.legend[i];
            const double x = scale_left + legend_column * static_cast<double>(i % legend_columns);
            add(R"(<rect class="shape {}" x="{:.0f}" y="{:.0f}" width="14" height="14"/>)", line.style, x, y_);
            const double share = layout.size == 0 ? 0 : 100 * static_cast<double>(line.size) / static_cast<double>(layout.size);
            const auto with_share = [&](const std::string& name) { return fmt::format("{}  {:.1f} %  {}", cut(name, legend_cut), share, human_size(line.size)); };
            text("note", x + 20, y_ + 11, {with_share(line.name.en), with_share(line.name.ja)});
            if (i % legend_columns + 1 == legend_columns || i + 1 == layout.legend.size())
                y_ += legend_row;
        }
        for (const std::string_view key : notes(layout)) {
            text("note", scale_left, y_ + 11, texts_.of(key));
            y_ += legend_row;
        }
    }

    void heading(const Text& words) {
        y_ += 4;
        text("heading", scale_left, y_ + 14, words);
        y_ += 26;
    }

    [[nodiscard]] const std::string& body() const { return body_; }
    [[nodiscard]] double height() const { return y_ + 2; }

    static std::vector<std::string_view> notes(const DrawnLayout& layout) {
        std::vector<std::string_view> keys;
        if (!layout.marks.empty())
            keys.emplace_back("layout.mark");
        if (layout.unpacked)
            keys.emplace_back("layout.unpacked");
        if (layout.deeper)
            keys.emplace_back("layout.deeper");
        return keys;
    }

private:
    template <class... Arguments>
    void add(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
        fmt::format_to(std::back_inserter(body_), format, std::forward<Arguments>(arguments)...);
        body_ += '\n';
    }

    /// `name` cut to so many columns; nothing of it where that would be too little.
    static std::string cut(const std::string& name, std::size_t columns) {
        if (display_width(name) <= columns)
            return name;
        return columns < least_columns + 3 ? std::string() : fitted(name, columns);
    }

    void text(std::string_view style, double x, double y, const Text& words) {
        const auto one = [&](const std::string& line, std::string_view language) {
            if (!line.empty())
                add(R"(<text class="{}"{} x="{:.2f}" y="{:.2f}">{}</text>)", style, language, x, y, escaped(line));
        };
        if (language_)
            one(words.in(*language_), "");
        else if (words.en == words.ja)
            one(words.en, "");
        else {
            one(words.en, " lang=\"en\"");
            one(words.ja, " lang=\"ja\"");
        }
    }

    [[nodiscard]] std::string title(const Text& words) const {
        if (language_)
            return escaped(words.in(*language_));
        return words.en == words.ja ? escaped(words.en) : escaped(words.en + " / " + words.ja);
    }

    void caption(std::string_view key) {
        text("caption", scale_left, y_ + 11, texts_.of(key));
        y_ += caption_height;
    }

    void ticks(const std::vector<Tick>& all) {
        for (std::size_t i = 0; i < all.size(); ++i) {
            const std::string_view anchor = i == 0 ? "tick" : i + 1 == all.size() ? "tick last" : "tick middle";
            text(anchor, all[i].x, y_ + 11, {all[i].label, all[i].label});
            add(R"(<path class="rule" d="M{:.2f} {:.2f}v5"/>)", all[i].x, y_ + tick_height - 5);
        }
        y_ += tick_height;
    }

    void row(const std::vector<Shape>& shapes, double height) {
        for (const Shape& shape : shapes) {
            add(R"(<rect class="shape {}{}" x="{:.2f}" y="{:.2f}" width="{:.2f}" height="{:.2f}"><title>{}</title></rect>)", shape.style,
                shape.unpacked ? " unpacked" : "", shape.x, y_, shape.width, height, title(shape.title));
            label(shape, y_ + height / 2, height);
        }
        y_ += height;
    }

    void label(const Shape& shape, double middle, double height) {
        const double room = shape.width - 2 * label_padding;
        if (room <= 0)
            return;
        const auto columns = static_cast<std::size_t>(room / column_width);
        const Text fit{cut(shape.label.en, columns), cut(shape.label.ja, columns)};
        if (fit.en.empty() && fit.ja.empty())
            return;
        // Patterns would make text hard to read: it stands on a plate of the ground's colour there.
        if (!shape.style.starts_with("band") && shape.style != "other" && shape.style != "partition" && shape.style != "stream") {
            const auto wide = language_ ? display_width(fit.in(*language_)) : std::max(display_width(fit.en), display_width(fit.ja));
            const auto width = static_cast<double>(wide);
            const double tall = std::min(height - 4, 18.0);
            add(R"(<rect class="plate" x="{:.2f}" y="{:.2f}" width="{:.2f}" height="{:.2f}"/>)", shape.x + label_padding - 2, middle - tall / 2,
                std::min(width * column_width + 4, shape.width - label_padding), tall);
        }
        text(fmt::format("label {}", shape.style), shape.x + label_padding, middle + 4, fit);
    }

    void marks(const std::vector<Mark>& all) {
        if (all.empty())
            return;
        for (const Mark& mark : all)
            add(R"(<path class="mark{}" d="M{:.2f} {:.2f}l3.5 6h-7z"><title>{}</title></path>)", mark.notable ? " notable" : "", mark.x, y_ + 2,
                title(mark.title));
        y_ += mark_height;
    }

    void entropy(const std::string& path) {
        if (path.empty())
            return;
        y_ += pause;
        caption("layout.entropy");
        add(R"svg(<g transform="translate(0 {:.2f})"><path class="rule" d="M{} .5H{}M{} {}H{}"/><path class="entropy" d="{}"/></g>)svg", y_, scale_left, scale_right,
            scale_left, entropy_height - .5, scale_right, path);
        text("tick", 5, y_ + 9, {"8", "8"});
        text("tick", 5, y_ + entropy_height, {"0", "0"});
        y_ += entropy_height;
    }

    const Texts& texts_;
    std::optional<Language> language_;
    std::string body_;
    double y_ = 0;
};

/// The patterns that styles fill with.
constexpr std::string_view patterns = R"svg(<defs>
<pattern id="lp-padding" width="7" height="7" patternUnits="userSpaceOnUse"><rect class="lp-quiet" width="7" height="7"/><circle class="lp-dot" cx="2" cy="2" r="1"/></pattern>
<pattern id="lp-unknown" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="lp-loud" width="8" height="8"/><rect class="lp-seal" width="3" height="8"/></pattern>
<pattern id="lp-compressed" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)"><rect class="lp-quiet" width="6" height="6"/><rect class="lp-ink" width="1.6" height="6"/></pattern>
<pattern id="lp-encrypted" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="lp-loud" width="7" height="7"/><path class="lp-seal-line" d="M0 3.5h7M3.5 0v7"/></pattern>
<pattern id="lp-damaged" width="10" height="8" patternUnits="userSpaceOnUse"><rect class="lp-amber" width="10" height="8"/><path class="lp-amber-line" d="M0 6l5-4 5 4"/></pattern>
<pattern id="lp-code" width="6" height="5" patternUnits="userSpaceOnUse"><rect class="lp-quiet" width="6" height="5"/><rect class="lp-blue" y="1" width="6" height="1.8"/></pattern>
<pattern id="lp-text" width="9" height="6" patternUnits="userSpaceOnUse"><rect class="lp-quiet" width="9" height="6"/><rect class="lp-blue" y="2" width="6" height="1.4"/></pattern>
<pattern id="lp-data" width="7" height="7" patternUnits="userSpaceOnUse"><rect class="lp-quiet" width="7" height="7"/><path class="lp-blue-line" d="M0 .5h7M.5 0v7"/></pattern>
<pattern id="lp-many" width="4" height="4" patternUnits="userSpaceOnUse"><rect class="lp-quiet" width="4" height="4"/><rect class="lp-ink" width="1.6" height="4"/></pattern>
</defs>
)svg";

/// Every region in words, for those who do not see the picture.
std::string described(const DrawnLayout& layout, Language language) {
    std::string text;
    for (const Shape& shape : layout.regions)
        text += shape.title.in(language) + "\n";
    return escaped(text);
}

}  // namespace

std::string layout_figure(const DrawnLayout& layout, const Texts& texts) {
    Picture picture(texts, std::nullopt);
    picture.draw(layout);
    return fmt::format("<svg class=\"layout-picture\" viewBox=\"0 0 {} {:.0f}\" role=\"img\" aria-labelledby=\"image-bar\">\n{}{}</svg>\n", picture_width,
                       picture.height(), patterns, picture.body());
}

std::vector<std::string_view> layout_notes(const DrawnLayout& layout) { return Picture::notes(layout); }

std::string layout_svg(const Facts& facts, Language language) {
    const Texts texts = Texts::embedded();
    const DrawnLayout layout = lay_out(facts, texts);
    Picture picture(texts, language);
    std::string name = texts.of("image.title").in(language);
    if (facts.image)
        name += ": " + shown(facts.image->name) + " (" + human_size(layout.size) + ")";
    picture.heading({name, name});
    picture.draw(layout);
    picture.legend(layout);
    return fmt::format("<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"layout-picture\" lang=\"{0}\" viewBox=\"-10 0 {1} {2:.0f}\" width=\"{1}\" "
                       "height=\"{2:.0f}\" role=\"img\" aria-labelledby=\"title\" aria-describedby=\"regions\">\n<title id=\"title\">{3}</title>\n"
                       "<desc id=\"regions\">{4}</desc>\n<style>\n{5}</style>\n<rect class=\"ground\" x=\"-10\" width=\"{1}\" height=\"{2:.0f}\"/>\n{6}{7}</svg>\n",
                       name_of(language), picture_width + 20, picture.height() + 8, escaped(name), described(layout, language), asset("static/layout.css"),
                       patterns, picture.body());
}

}  // namespace shirushi::report
