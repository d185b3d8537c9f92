#pragma once
// How ranks moved over the years, as a picture: one line for each name, 1 on top. SVG, no script, no reference; each line says its name and
// ranks as a text for readers who do not see.

#include <optional>
#include <string>
#include <vector>

namespace shirushi::report {

struct RankLine {
    std::string name;                              ///< "CWE-79"
    std::vector<std::optional<unsigned>> ranks;  ///< by column; nothing: not among those shown
};

struct RankChart {
    std::string title;
    std::vector<std::string> columns;  ///< "2016"
    std::vector<RankLine> lines;
    unsigned ranks = 20;  ///< how many are shown
};

std::string rank_chart_svg(const RankChart& chart);

}  // namespace shirushi::report
