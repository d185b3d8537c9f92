#include "report/rank_chart.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <optional>

#include "report/render.hpp"

namespace shirushi::report {
namespace {

constexpr double kLeft = 90;
constexpr double kTop = 60;
constexpr double kColumn = 170;  // two names side by side and a line between them
constexpr double kRow = 24;
constexpr std::array<const char*, 8> kColours = {"#0b5cad", "#b3261e", "#1b6e3c", "#7a4b00", "#6a1b9a", "#00695c", "#ad1457", "#455a64"};

double x_of(std::size_t column) { return kLeft + kColumn * static_cast<double>(column); }
double y_of(unsigned rank) { return kTop + kRow * (rank - 0.5); }

std::string words_of(const RankLine& line, const RankChart& chart) {
    std::vector<std::string> words;
    for (std::size_t i = 0; i < line.ranks.size() && i < chart.columns.size(); ++i)
        if (line.ranks[i])
            words.push_back(fmt::format("{}: {}", chart.columns[i], *line.ranks[i]));
    return fmt::format("{}: {}", line.name, fmt::join(words, ", "));
}

/// Its name beside its first and its last place, once where those are in one column.
std::string names_svg(const RankLine& line, const RankChart& chart, const char* colour) {
    std::optional<std::size_t> first;
    std::size_t last = 0;
    for (std::size_t i = 0; i < line.ranks.size(); ++i)
        if (line.ranks[i]) {
            first = first ? first : i;
            last = i;
        }
    if (!first)
        return {};
    const auto name = [&](std::size_t column, bool before) {
        return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" fill=\"{}\"{}>{}</text>\n", x_of(column) + (before ? -9 : 9), y_of(*line.ranks[column]) + 4, colour,
                           before ? " text-anchor=\"end\"" : "", escaped(line.name));
    };
    if (*first == last)
        return name(last, last + 1 < chart.columns.size());
    return name(*first, true) + name(last, false);
}

std::string line_svg(const RankLine& line, const RankChart& chart, const char* colour) {
    std::string path;
    std::string marks;
    for (std::size_t i = 0; i < line.ranks.size(); ++i) {
        if (!line.ranks[i])
            continue;
        const bool goes_on = i != 0 && line.ranks[i - 1].has_value();
        path += fmt::format("{}{:.1f} {:.1f}", goes_on ? "L" : "M", x_of(i), y_of(*line.ranks[i]));
        marks += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\"/>", x_of(i), y_of(*line.ranks[i]));
    }
    if (marks.empty())
        return {};
    return fmt::format("<g fill=\"{0}\" role=\"img\"><title>{1}</title><path d=\"{2}\" fill=\"none\" stroke=\"{0}\" stroke-width=\"2\"/>{3}</g>\n", colour,
                       escaped(words_of(line, chart)), path, marks);
}

/// How wide a title is, about: a Latin letter takes half of what a Japanese one does.
double title_width(std::string_view title) {
    double width = 0;
    for (const char c : title)
        width += static_cast<unsigned char>(c) < 0x80 ? 8.5 : (static_cast<unsigned char>(c) & 0xc0) == 0xc0 ? 15.5 : 0;
    return width + 20;
}

}  // namespace

std::string rank_chart_svg(const RankChart& chart) {
    const double width = std::max(x_of(chart.columns.empty() ? 0 : chart.columns.size() - 1) + kLeft + 10, title_width(chart.title));
    const double height = kTop + kRow * chart.ranks + 16;
    std::string out = fmt::format("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:.0f} {1:.0f}\" width=\"{0:.0f}\" height=\"{1:.0f}\" role=\"group\" "
                                  "font-family=\"sans-serif\" font-size=\"12\">\n<title>{2}</title>\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"
                                  "<text x=\"10\" y=\"22\" font-size=\"15\" fill=\"#111\">{2}</text>\n",
                                  width, height, escaped(chart.title));
    for (std::size_t i = 0; i < chart.columns.size(); ++i)
        out += fmt::format("<text x=\"{:.1f}\" y=\"46\" text-anchor=\"middle\" fill=\"#111\">{}</text>\n", x_of(i), escaped(chart.columns[i]));
    for (unsigned rank = 1; rank <= chart.ranks; ++rank)
        out += fmt::format("<text x=\"14\" y=\"{:.1f}\" text-anchor=\"middle\" fill=\"#555\">{}</text>\n", y_of(rank) + 4, rank);
    for (std::size_t i = 0; i < chart.lines.size(); ++i)
        out += line_svg(chart.lines[i], chart, kColours[i % kColours.size()]);
    out += "<g stroke=\"#fff\" stroke-width=\"3\" paint-order=\"stroke\" aria-hidden=\"true\">\n";
    for (std::size_t i = 0; i < chart.lines.size(); ++i)
        out += names_svg(chart.lines[i], chart, kColours[i % kColours.size()]);
    return out + "</g>\n</svg>\n";
}

}  // namespace shirushi::report
