#include <filesystem>

#include "app/catalogue_choice.hpp"
#include "app/command.hpp"
#include "app/judging.hpp"
#include "app/pipeline.hpp"
#include "app/progress.hpp"
#include "app/supplied_documents.hpp"
#include "sbom/sbom.hpp"

namespace shirushi::app {
namespace {

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
    const auto bill = bill_of(image, facts, declared.product, knowledge.library);
    const Date day = TRY(day_of(options.as_of, facts));
    const std::string bill_text = TRY(sbom::write_document(bill, {}, licence_list(knowledge.library)));
    const Case one{.facts = facts, .library = knowledge.library, .catalogues = catalogues, .declared = declared, .inputs = statements.inputs, .as_of = day};
    const auto judged = TRY(judge_and_write(one, folder, {{"sbom.cdx.json", bill_text}}));
    progress.clear();
    return print_judgements(common, knowledge.library, judged);
}

}  // namespace

int run_verify(const CommonOptions& common, const VerifyOptions& options) {
    const auto code = verify(common, options);
    return code ? *code : could_not_run(code.error());
}

}  // namespace shirushi::app
