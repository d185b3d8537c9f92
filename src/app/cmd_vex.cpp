#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "app/command.hpp"
#include "app/program_files.hpp"
#include "app/progress.hpp"
#include "app/supplied_documents.hpp"
#include "base/text.hpp"
#include "declaration/declaration.hpp"
#include "report/texts.hpp"

namespace shirushi::app {
namespace {

constexpr std::array<const char*, 4> kStatuses = {"vex.not_affected", "vex.affected", "vex.fixed", "vex.under_investigation"};

Result<vex::Document> collect(const VexOptions& options) {
    Statements all = TRY(statements_in(options.statements));
    for (const std::string& remark : all.remarks)
        fmt::print(stderr, "{}\n", remark);
    vex::Document document{.author = options.author.empty() ? all.author : options.author, .timestamp = all.timestamp};
    document.statements = std::move(all.rows);
    return document;
}

class Printer {
public:
    Printer(Language language, const vex::Document& all) : language_(language), all_(all) {}

    void list() const {
        for (const VexStatement& statement : all_.statements)
            fmt::print("{}  {}  {}\n", statement.vulnerability, filled("vex.products", statement.products.size()), reason(statement));
    }

    /// Returns how many matches remain.
    std::size_t decisions(const std::vector<vex::Decision>& decisions, const Table<AdvisoryMatch>& matches) const {
        std::size_t set_aside = 0;
        std::size_t confirmed = 0;
        for (const vex::Decision& decision : decisions) {
            const VexStatement& statement = all_.statements[decision.statement];
            const AdvisoryMatch& match = matches.rows[decision.match];
            set_aside += decision.outcome == vex::Outcome::suppressed ? 1U : 0U;
            confirmed += decision.outcome == vex::Outcome::confirmed ? 1U : 0U;
            fmt::print("{}  {}  {}\n    {}\n    {}\n", match.advisory, match.component,
                       outcome(decision), reason(statement), filled("vex.stated_in", statement.document, statement.place));
        }
        const std::size_t total = matches.rows.size();
        fmt::print("{}\n", filled("vex.counts", total, set_aside, confirmed, total - set_aside - confirmed));
        return total - set_aside;
    }

private:
    [[nodiscard]] std::string word(std::string_view key) const { return texts_.of(key).in(language_); }
    template <class... Arguments>
    [[nodiscard]] std::string filled(std::string_view key, const Arguments&... arguments) const {
        return fmt::format(fmt::runtime(word(key)), arguments...);
    }

    [[nodiscard]] std::string outcome(const vex::Decision& decision) const {
        const std::string text = texts_.word("vex", decision.outcome).in(language_);
        return decision.contradiction.empty() ? text : fmt::format("{} ({})", text, decision.contradiction);
    }

    /// "not affected: vulnerable_code_not_in_execute_path; heartbeats are off".
    [[nodiscard]] std::string reason(const VexStatement& statement) const {
        std::string text = word(kStatuses[static_cast<std::size_t>(statement.status)]);
        std::string why = statement.justification == VexJustification::none ? "" : std::string(name_of(statement.justification));
        for (const std::string& words : {statement.impact, statement.status == VexStatus::affected ? statement.action : std::string()})
            if (!words.empty())
                why += (why.empty() ? "" : "; ") + words;
        if (why.empty() && statement.status == VexStatus::not_affected)
            why = word("vex.no_reason");
        return why.empty() ? text : text + ": " + why;
    }

    report::Texts texts_ = report::Texts::embedded();
    Language language_;
    const vex::Document& all_;
};

Result<std::optional<Product>> product_in(const std::string& path) {
    if (path.empty())
        return std::optional<Product>();
    constexpr std::uint64_t kProductBytes = std::uint64_t{1} << 20;
    const Buffer bytes = TRY(read_file(path, kProductBytes));
    return std::optional(TRY(declaration::read(as_text(bytes), std::filesystem::path(path).filename().string())));
}

Result<int> apply_to_image(const CommonOptions& common, const VexOptions& options, const vex::Document& all) {
    const auto product = TRY(product_in(options.product));
    const Knowledge knowledge = TRY(load_knowledge(common.catalogues_folder, catalog::Parts::lists));
    ProgressLine progress(common.progress);
    const auto step = [&](std::string_view what, std::uint64_t done, std::uint64_t total) { progress.show(what, done, total); };
    const OpenedImage image = TRY(open_image(options.image, step));
    const Facts facts = TRY(observe(std::filesystem::path(options.image).filename().string(), image, knowledge, step));
    progress.clear();
    const auto decisions = vex::apply(all.statements, subject_of_statements(product, facts), facts.components, facts.advisory_matches);
    return Printer(common.language, all).decisions(decisions, facts.advisory_matches) == 0 ? 0 : 1;
}

Result<int> run(const CommonOptions& common, const VexOptions& options) {
    const vex::Document all = TRY(collect(options));
    if (!options.image.empty())
        return apply_to_image(common, options, all);
    if (options.format == "openvex")
        fmt::print("{}", TRY(vex::write_openvex(all)));
    else if (options.format == "cyclonedx-json")
        fmt::print("{}", TRY(vex::write_cyclonedx(all, options.spec_version.empty() ? "1.6" : options.spec_version)));
    else
        Printer(common.language, all).list();
    return 0;
}

}  // namespace

int run_vex(const CommonOptions& common, const VexOptions& options) {
    const auto done = run(common, options);
    return done ? *done : could_not_run(done.error());
}

}  // namespace shirushi::app
