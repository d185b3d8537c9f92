#include <fmt/format.h>

#include <filesystem>

#include "app/command.hpp"
#include "app/pipeline.hpp"
#include "app/program_files.hpp"
#include "app/progress.hpp"
#include "app/supplied_documents.hpp"
#include "app/version.hpp"
#include "assess/assess.hpp"
#include "crypto/sha256.hpp"
#include "declaration/declaration.hpp"
#include "model/json.hpp"
#include "report/report.hpp"
#include "sbom/sbom.hpp"

namespace shirushi::app {
namespace {

constexpr std::uint64_t kProductLimit = std::uint64_t{1} << 20;
constexpr const char* kDefaultCatalogue = "ccds-27";
// The report's date where there is no advisory snapshot to take it from.
constexpr const char* kDayWithoutSnapshot = "1970-01-01";

struct Declared {
    std::optional<Product> product;
    std::vector<PinnedInput> inputs;
};

Result<Declared> read_declaration(const std::string& path) {
    if (path.empty())
        return Declared{};
    const Buffer bytes = TRY(read_file(path, kProductLimit));
    return Declared{.product = TRY(declaration::read(as_text(bytes), path)), .inputs = {{.name = "product.toml", .sha256 = crypto::sha256(bytes)}}};
}

Result<const Catalogue*> chosen_catalogue(const catalog::Library& library, const std::string& wanted) {
    const std::string id = wanted.empty() ? kDefaultCatalogue : wanted;
    if (const Catalogue* found = library.catalogue(id))
        return found;
    std::vector<std::string> ids;
    for (const Catalogue& catalogue : library.catalogues)
        ids.push_back(catalogue.id);
    return fail(Errc::not_found, fmt::format("there is no catalogue \"{}\"; there is: {}", id, fmt::join(ids, ", ")));
}

Result<Date> day_of(const VerifyOptions& options, const Facts& facts) {
    if (!options.as_of.empty())
        return TRY_WITHIN("--as-of", Date::from_text(options.as_of));
    return Date::from_text(facts.snapshot ? facts.snapshot->date : kDayWithoutSnapshot);
}

Result<std::vector<OutputFile>> documents(const Assessment& assessment, const OpenedImage& image, const Facts& facts, const Catalogue& catalogue,
                                          const catalog::Library& library) {
    const auto bill = bill_of(image, facts, assessment.product, library);
    return std::vector<OutputFile>{{"assessment.json", to_json(assessment)},
                                   {"facts.json", to_json(facts)},
                                   {"sbom.cdx.json", TRY(sbom::write_document(bill, {}, licence_list(library)))},
                                   {"findings.sarif", report::sarif(assessment, library.checks)},
                                   {"report.html", report::html(assessment, facts, catalogue, library.checks)}};
}

Result<int> verify(const CommonOptions& common, const VerifyOptions& options) {
    const Declared declared = TRY(read_declaration(options.product));
    const Knowledge knowledge = TRY(load_knowledge(common.catalogues_folder, options.snapshot));
    const Catalogue* const chosen = TRY(chosen_catalogue(knowledge.library, options.catalogue));
    const Catalogue& catalogue = *chosen;
    const Statements statements = TRY(statements_in(options.statements));
    const OutputFolder folder = TRY(OutputFolder::open(options.output));

    ProgressLine progress(common.progress);
    const auto step = [&](std::string_view what, std::uint64_t done, std::uint64_t total) { progress.show(what, done, total); };
    const OpenedImage image = TRY(open_image(options.image, step));
    Facts facts = TRY(observe(std::filesystem::path(options.image).filename().string(), image, knowledge, step));
    hear(statements, declared.product, facts);
    if (declared.product)
        assess::declare(*declared.product, facts);
    step("verdicts", 1, 1);
    assess::Run run{.program = fmt::format("shirushi {}", kVersion), .as_of = TRY(day_of(options, facts)), .inputs = declared.inputs};
    run.inputs.insert(run.inputs.end(), statements.inputs.begin(), statements.inputs.end());
    Assessment assessment = assess::assess(facts, knowledge.library, catalogue, declared.product, run);
    assessment.notes.insert(assessment.notes.end(), image.tree.notes().begin(), image.tree.notes().end());
    assessment.notes.insert(assessment.notes.end(), statements.remarks.begin(), statements.remarks.end());
    const auto files = TRY(documents(assessment, image, facts, catalogue, knowledge.library));
    TRY(folder.write(files));
    progress.clear();

    fmt::print("{}", report::terminal_summary(assessment, catalogue, knowledge.library.checks,
                                              {.language = common.language,
                                               .colour = common.colour ? report::Colour::on : report::Colour::off,
                                               .width = terminal_width()}));
    fmt::print("\n{}\n", (folder.path() / "report.html").string());
    return assess::exit_code(assessment);
}

}  // namespace

int run_verify(const CommonOptions& common, const VerifyOptions& options) {
    const auto code = verify(common, options);
    return code ? *code : could_not_run(code.error());
}

}  // namespace shirushi::app
