#include "report/rank_chart.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>

#include "report/render.hpp"

namespace shirushi::report {
namespace {

constexpr double kLeft = 90;
constexpr double kTop = 60;
constexpr double kColumn = 110;
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

std::string line_svg(const RankLine& line, const RankChart& chart, const char* colour) {
    std::string path;
    std::string marks;
    std::optional<std::size_t> first;
    std::optional<std::size_t> last;
    for (std::size_t i = 0; i < line.ranks.size(); ++i) {
        if (!line.ranks[i]) {
            continue;
        }
        const bool goes_on = i != 0 && line.ranks[i - 1].has_value();
        path += fmt::format("{}{:.1f} {:.1f}", goes_on ? "L" : "M", x_of(i), y_of(*line.ranks[i]));
        marks += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\"/>", x_of(i), y_of(*line.ranks[i]));
        first = first ? first : i;
        last = i;
    }
    if (!first)
        return {};
    return fmt::format("<g fill=\"{0}\" role=\"img\"><title>{1}</title><path d=\"{2}\" fill=\"none\" stroke=\"{0}\" stroke-width=\"2\"/>{3}"
                       "<text x=\"{4:.1f}\" y=\"{5:.1f}\" text-anchor=\"end\">{6}</text><text x=\"{7:.1f}\" y=\"{8:.1f}\">{6}</text></g>\n",
                       colour, escaped(words_of(line, chart)), path, marks, x_of(*first) - 9, y_of(*line.ranks[*first]) + 4, escaped(line.name), x_of(*last) + 9,
                       y_of(*line.ranks[*last]) + 4);
}

}  // namespace

std::string rank_chart_svg(const RankChart& chart) {
    const double width = x_of(chart.columns.empty() ? 0 : chart.columns.size() - 1) + kLeft + 10;
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
    return out + "</svg>\n";
}

}  // namespace shirushi::report
