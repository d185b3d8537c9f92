#include "report/risk_map.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "report/render.hpp"
#include "report/shown.hpp"
#include "report/texts.hpp"

namespace shirushi::report {
namespace {

constexpr double kLeft = 170;
constexpr double kTop = 44;
constexpr double kCell = 190;
constexpr double kHeight = 110;
constexpr double kRadius = 13;
constexpr std::size_t kAcross = 5;  // marks in one row of a cell
constexpr std::size_t kMostUses = 40;
// The further up and right, the darker; the framework orders the axes, not the cells: equal sums look the same.
constexpr std::array<const char*, 5> kGrounds = {"#eef4f8", "#dcebf2", "#fbeecb", "#f8d9b8", "#f2c0b4"};

struct Spot {
    double x = 0;
    double y = 0;
};

class RiskMap {
public:
    RiskMap(const std::vector<Use>& uses, Language language) : uses_(uses), language_(language), texts_(Texts::embedded()) {}

    std::string svg() {
        const double width = kLeft + 3 * kCell + 16;
        const double height = kTop + 3 * kHeight + 66;
        out_ = fmt::format("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:.0f} {1:.0f}\" width=\"{0:.0f}\" height=\"{1:.0f}\" role=\"group\" font-family=\"sans-serif\" "
                           "font-size=\"12\"><title>{2}</title><rect width=\"100%\" height=\"100%\" fill=\"#fff\"/><text x=\"12\" y=\"24\" font-size=\"15\" fill=\"#111\">{2}</text>\n",
                           width, height, escaped(text("risk.map")));
        grid();
        std::vector<Spot> spots;
        for (std::size_t i = 0; i < std::min(uses_.size(), kMostUses); ++i)
            spots.push_back(free_spot(uses_[i].place));
        for (std::size_t i = 0; i < spots.size(); ++i)
            if (uses_[i].residual)
                arrow(spots[i], free_spot(*uses_[i].residual), i);
        for (std::size_t i = 0; i < spots.size(); ++i)
            mark(spots[i], i);
        return out_ + "</svg>\n";
    }

private:
    [[nodiscard]] std::string text(std::string_view key) const { return texts_.of(key).in(language_); }
    template <class Enum>
    [[nodiscard]] std::string word(std::string_view family, Enum value) const { return texts_.word(family, value).in(language_); }

    static double left_of(Impact impact) { return kLeft + kCell * static_cast<double>(impact); }
    static double top_of(Recovery recovery) { return kTop + kHeight * (2 - static_cast<double>(recovery)); }

    void grid() {
        for (const Recovery recovery : {Recovery::limited, Recovery::serious, Recovery::fatal}) {
            for (const Impact impact : {Impact::limited, Impact::serious, Impact::catastrophic})
                out_ += fmt::format("<rect x=\"{:.0f}\" y=\"{:.0f}\" width=\"{:.0f}\" height=\"{:.0f}\" fill=\"{}\" stroke=\"#8a8f98\"/>\n", left_of(impact), top_of(recovery), kCell, kHeight,
                                    kGrounds[static_cast<std::size_t>(recovery) + static_cast<std::size_t>(impact)]);
            out_ += fmt::format("<text x=\"{:.0f}\" y=\"{:.0f}\" text-anchor=\"end\" fill=\"#111\">{}</text>\n", kLeft - 10, top_of(recovery) + kHeight / 2 + 4, escaped(word("recovery", recovery)));
        }
        for (const Impact impact : {Impact::limited, Impact::serious, Impact::catastrophic})
            out_ += fmt::format("<text x=\"{:.0f}\" y=\"{:.0f}\" text-anchor=\"middle\" fill=\"#111\">{}</text>\n", left_of(impact) + kCell / 2, kTop + 3 * kHeight + 20, escaped(word("impact", impact)));
        out_ += fmt::format("<text x=\"{:.0f}\" y=\"{:.0f}\" text-anchor=\"middle\" fill=\"#444\">{} →</text>\n", kLeft + 1.5 * kCell, kTop + 3 * kHeight + 44, escaped(text("risk.axis_impact")));
        out_ += fmt::format("<text transform=\"translate(24 {:.0f}) rotate(-90)\" text-anchor=\"middle\" fill=\"#444\">{} →</text>\n", kTop + 1.5 * kHeight, escaped(text("risk.axis_recovery")));
    }

    /// The next place in the cell, left to right and then down; a full cell's last place is shared.
    Spot free_spot(const Placement& place) {
        const std::size_t taken = std::min<std::size_t>(taken_[{place.recovery, place.impact}]++, kAcross * 3 - 1);
        return {left_of(place.impact) + 24 + static_cast<double>(taken % kAcross) * 34, top_of(place.recovery) + 24 + static_cast<double>(taken / kAcross) * 31};
    }

    [[nodiscard]] std::string words_of(const Use& use, std::size_t index) const {
        std::string words = fmt::format("{}. {}: {}; {}", index + 1, shown(use.name), word("recovery", use.place.recovery), word("impact", use.place.impact));
        if (use.residual)
            words += fmt::format(" → {}; {}", word("recovery", use.residual->recovery), word("impact", use.residual->impact));
        return words;
    }

    void arrow(const Spot& from, const Spot& to, std::size_t index) {
        out_ += fmt::format("<path d=\"M{:.1f} {:.1f}L{:.1f} {:.1f}\" stroke=\"#1c3d5a\" stroke-dasharray=\"4 3\" fill=\"none\"/><circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{:.0f}\" fill=\"#fff\" stroke=\"#1c3d5a\"/>"
                            "<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\" fill=\"#1c3d5a\">{}</text>\n",
                            from.x, from.y, to.x, to.y, to.x, to.y, kRadius, to.x, to.y + 4, index + 1);
    }

    void mark(const Spot& at, std::size_t index) {
        out_ += fmt::format("<g role=\"img\"><title>{}</title><circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{:.0f}\" fill=\"#1c3d5a\"/><text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\" fill=\"#fff\">{}</text></g>\n",
                            escaped(words_of(uses_[index], index)), at.x, at.y, kRadius, at.x, at.y + 4, index + 1);
    }

    const std::vector<Use>& uses_;
    Language language_;
    Texts texts_;
    std::map<std::pair<Recovery, Impact>, std::size_t> taken_;
    std::string out_;
};

}  // namespace

std::string risk_map_svg(const std::vector<Use>& uses, Language language) { return RiskMap(uses, language).svg(); }

}  // namespace shirushi::report
