// Judges facts again that an earlier run wrote: under other catalogues, with other statements, or with newer advisory data.
#include <map>
#include <utility>

#include "app/catalogue_choice.hpp"
#include "app/command.hpp"
#include "app/judging.hpp"
#include "app/pipeline.hpp"
#include "app/supplied_documents.hpp"
#include "vuln/vuln.hpp"

namespace shirushi::app {
namespace {

/// What was matched by the data of its day is matched by newer data; statements that were heard stay with the matches they are about.
void match_anew(const Knowledge& knowledge, Facts& facts) {
    std::map<std::pair<std::string, std::string>, MatchStatement> heard;
    for (const AdvisoryMatch& each : facts.advisory_matches.rows)
        if (each.statement)
            heard.emplace(std::pair(each.advisory, each.component), *each.statement);
    facts.snapshot = knowledge.snapshot->info();
    facts.advisory_matches = vuln::match(facts.components, *knowledge.snapshot, product_names(knowledge.library));
    for (AdvisoryMatch& each : facts.advisory_matches.rows)
        if (const auto known = heard.find({each.advisory, each.component}); known != heard.end())
            each.statement = known->second;
}

Result<int> judge_facts(const CommonOptions& common, const AssessOptions& options) {
    const Declared declared = TRY(read_declaration(options.product));
    const Knowledge knowledge = TRY(load_knowledge(common.catalogues_folder, catalog::Parts::judging, options.snapshot, wanted_catalogues(options.catalogues)));
    const auto catalogues = TRY(catalogues_to_judge_by(knowledge.library, options.catalogues));
    const Statements statements = TRY(statements_in(options.statements));
    Facts facts = TRY(facts_in(options.facts));
    const OutputFolder folder = TRY(OutputFolder::open(options.output));
    if (!options.snapshot.empty())
        match_anew(knowledge, facts);
    hear(statements, declared.product, facts);
    if (declared.product)
        assess::declare(*declared.product, facts);
    const Date day = TRY(day_of(options.as_of, facts));
    const Case one{.facts = facts, .library = knowledge.library, .catalogues = catalogues, .declared = declared, .inputs = statements.inputs, .as_of = day};
    const auto judged = TRY(judge_and_write(one, folder));
    return print_judgements(common, knowledge.library, judged);
}

}  // namespace

int run_assess(const CommonOptions& common, const AssessOptions& options) {
    const auto code = judge_facts(common, options);
    return code ? *code : could_not_run(code.error());
}

}  // namespace shirushi::app
