// Where the uses that product.toml states place the product: METI's IoT security and safety framework.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "app/command.hpp"
#include "app/judging.hpp"
#include "app/program_files.hpp"
#include "base/text.hpp"
#include "report/risk_map.hpp"
#include "report/texts.hpp"

namespace shirushi::app {
namespace {

class Printer {
public:
    Printer(const Product& product, Language language) : product_(product), language_(language), texts_(report::Texts::embedded()) {}

    void all() const {
        if (product_.scope)
            fmt::print("{}: {}{}\n", text("risk.scope"), word("scope", product_.scope->reach), product_.scope->reason.empty() ? "" : fmt::format(" ({})", printable(product_.scope->reason)));
        if (const auto lowest = std::ranges::min_element(product_.system, {}, &SystemPart::level); lowest != product_.system.end()) {
            fmt::print(fmt::runtime(text("risk.system")), lowest->level);
            fmt::print("\n");
        }
        std::size_t number = 0;
        for (const Use& use : product_.uses)
            one(use, ++number);
        stakeholders();
        fmt::print("\n{}\n", product_.uses.empty() ? text("risk.none") : text("risk.unconfirmed"));
    }

private:
    [[nodiscard]] std::string text(std::string_view key) const { return texts_.of(key).in(language_); }
    template <class Enum>
    [[nodiscard]] std::string word(std::string_view family, Enum value) const { return texts_.word(family, value).in(language_); }
    [[nodiscard]] std::string place(const Placement& placement) const { return fmt::format("{}; {}", word("recovery", placement.recovery), word("impact", placement.impact)); }

    void one(const Use& use, std::size_t number) const {
        fmt::print("\n{}. {}: {}\n   {} ({})\n", number, printable(use.name), printable(use.incident), place(use.place), printable(use.place.reason));
        if (use.likelihood)
            fmt::print("   {}: {}\n", text("risk.likelihood"), word("likelihood", *use.likelihood));
        if (use.residual)
            fmt::print("   -> {} ({})\n", place(*use.residual), printable(use.residual->reason));
        if (use.measures.empty())
            fmt::print("   {}\n", text("risk.no_measures"));
    }

    void stakeholders() const {
        std::map<std::string, std::vector<std::string>> by;
        for (std::size_t i = 0; i < product_.uses.size(); ++i)
            for (const Measure& each : product_.uses[i].measures)
                by[printable(each.stakeholder)].push_back(fmt::format("{} ({}): {}", i + 1, word("viewpoint", each.viewpoint), printable(each.what)));
        if (by.empty())
            return;
        fmt::print("\n{}\n", text("risk.by"));
        for (const auto& [who, measures] : by) {
            fmt::print("  {}\n", who);
            for (const std::string& each : measures)
                fmt::print("    {}\n", each);
        }
    }

    const Product& product_;
    Language language_;
    report::Texts texts_;
};

Result<int> show(const CommonOptions& common, const RiskOptions& options) {
    const Declared declared = TRY(read_declaration(options.product));
    if (!options.picture.empty()) {
        const std::filesystem::path path = options.picture;
        const OutputFolder folder = TRY(OutputFolder::open(path.has_parent_path() ? path.parent_path().string() : "."));
        TRY(folder.write({{path.filename().string(), report::risk_map_svg(declared.product->uses, common.language)}}));
    }
    Printer(*declared.product, common.language).all();
    return 0;
}

}  // namespace

int run_risk(const CommonOptions& common, const RiskOptions& options) {
    const auto code = show(common, options);
    return code ? *code : could_not_run(code.error());
}

}  // namespace shirushi::app
