#include <fmt/format.h>

#include <filesystem>

#include "app/catalogue_choice.hpp"
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

Result<Date> day_of(const VerifyOptions& options, const Facts& facts) {
    if (!options.as_of.empty())
        return TRY_WITHIN("--as-of", Date::from_text(options.as_of));
    return Date::from_text(facts.snapshot ? facts.snapshot->date : kDayWithoutSnapshot);
}

/// What one run found, for as many judgements as there are catalogues.
struct Observed {
    const OpenedImage& image;
    const Facts& facts;
    const catalog::Library& library;
};

/// Documents that say the same whatever the image is judged by.
Result<std::vector<OutputFile>> documents_of(const Observed& observed, const std::optional<Product>& product) {
    const auto bill = bill_of(observed.image, observed.facts, product, observed.library);
    return std::vector<OutputFile>{{"facts.json", to_json(observed.facts)}, {"sbom.cdx.json", TRY(sbom::write_document(bill, {}, licence_list(observed.library)))}};
}

std::vector<OutputFile> documents_of(const Observed& observed, const Assessment& assessment, const Catalogue& catalogue) {
    return {{"assessment.json", to_json(assessment)},
            {"findings.sarif", report::sarif(assessment, observed.library.checks)},
            {"report.html", report::html(assessment, observed.facts, catalogue, observed.library.checks)}};
}

/// The worse of two exit codes of assess: a failure outweighs what is open.
int worse(int left, int right) {
    const auto weight = [](int code) { return code == 1 ? 2 : code == 2 ? 1 : 0; };
    return weight(left) >= weight(right) ? left : right;
}

/// Each catalogue's documents; with several, each in a folder of the catalogue's name.
struct Judged {
    const Catalogue* catalogue;
    Assessment assessment;
    std::filesystem::path folder;
};

Result<void> write_judgements(const Observed& observed, const std::vector<Judged>& judged) {
    for (const Judged& one : judged) {
        const OutputFolder folder = TRY(OutputFolder::open(one.folder.string()));
        TRY(folder.write(documents_of(observed, one.assessment, *one.catalogue)));
    }
    return {};
}

int print_judgements(const CommonOptions& common, const catalog::Library& library, const std::vector<Judged>& judged) {
    int code = 0;
    for (const Judged& one : judged) {
        if (judged.size() > 1)
            fmt::print("{}== {}  {}\n\n", &one == judged.data() ? "" : "\n", one.catalogue->id, one.catalogue->title.in(common.language));
        fmt::print("{}", report::terminal_summary(one.assessment, *one.catalogue, library.checks,
                                                  {.language = common.language,
                                                   .colour = common.colour ? report::Colour::on : report::Colour::off,
                                                   .width = terminal_width()}));
        fmt::print("\n{}\n", (one.folder / "report.html").string());
        code = worse(code, assess::exit_code(one.assessment));
    }
    return code;
}

Result<int> verify(const CommonOptions& common, const VerifyOptions& options) {
    const Declared declared = TRY(read_declaration(options.product));
    const Knowledge knowledge = TRY(load_knowledge(common.catalogues_folder, catalog::Parts::judging, options.snapshot, wanted_catalogues(options.catalogues)));
    const auto catalogues = TRY(catalogues_to_judge_by(knowledge.library, options.catalogues));
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
    std::vector<Judged> judged;
    for (const Catalogue* catalogue : catalogues) {
        Assessment assessment = assess::assess(facts, knowledge.library, *catalogue, declared.product, run);
        assessment.notes.insert(assessment.notes.end(), image.tree.notes().begin(), image.tree.notes().end());
        assessment.notes.insert(assessment.notes.end(), statements.remarks.begin(), statements.remarks.end());
        judged.push_back({catalogue, std::move(assessment), catalogues.size() > 1 ? folder.path() / catalogue->id : folder.path()});
    }
    const Observed observed{image, facts, knowledge.library};
    const auto documents = TRY(documents_of(observed, declared.product));
    TRY(folder.write(documents));
    TRY(write_judgements(observed, judged));
    progress.clear();
    return print_judgements(common, knowledge.library, judged);
}

}  // namespace

int run_verify(const CommonOptions& common, const VerifyOptions& options) {
    const auto code = verify(common, options);
    return code ? *code : could_not_run(code.error());
}

}  // namespace shirushi::app
