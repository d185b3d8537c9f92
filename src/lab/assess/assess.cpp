#include "assess/assess.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "assess/judgement.hpp"
#include "assess/priority.hpp"
#include "check/check.hpp"

namespace shirushi::assess {
namespace {

constexpr std::string_view schema = "https://shirushi.example/schema/assessment-1.json";

/// Both languages of a sentence with its places filled; {title} is the check's title in that language.
Text sentence(const Text& text, const CheckText& check, const std::vector<Argument>& arguments) {
    const auto in = [&](Language language) {
        std::vector<Argument> all = arguments;
        all.push_back({"title", check.title.in(language)});
        return catalog::filled(text.in(language), all);
    };
    return {in(Language::en), in(Language::ja)};
}

Text message_of(const Finding& finding, const CheckText& check, const catalog::Library& library) {
    const auto own = std::ranges::find(check.messages, finding.message_key, &MessageText::key);
    const Text* text = own != check.messages.end() ? &own->text : library.message(finding.message_key);
    return text == nullptr ? Text{finding.message_key, finding.message_key} : sentence(*text, check, finding.arguments);
}

/// Findings of every check that the catalogue lists, with their sentences, in the order an assessment has them.
std::vector<Finding> findings_of(const Facts& facts, const catalog::Library& library, const Catalogue& catalogue) {
    std::set<std::string_view> ids;
    for (const Requirement& requirement : catalogue.requirements)
        ids.insert(requirement.checks.begin(), requirement.checks.end());
    std::vector<Finding> all;
    for (const std::string_view id : ids) {
        const check::Check* check = check::find(id);
        const CheckText* text = library.check(id);
        if (check == nullptr || text == nullptr)
            continue;
        for (Finding& finding : check::run(*check, facts, *text)) {
            finding.message = message_of(finding, *text, library);
            all.push_back(std::move(finding));
        }
    }
    return all;
}

/// What the judgement depends on: of all the library's catalogues, the one that is judged by.
std::vector<PinnedInput> inputs_of(const catalog::Library& library, const Catalogue& catalogue) {
    const std::string own = fmt::format("catalogue {} {}", catalogue.id, catalogue.edition);
    std::vector<PinnedInput> inputs = library.inputs;
    std::erase_if(inputs, [&](const PinnedInput& input) { return input.name.starts_with("catalogue ") && input.name != own; });
    return inputs;
}

/// What could not be looked at, of all tables, each once.
std::vector<std::string> gaps_of(const Facts& facts) {
    std::set<std::string> gaps;
    const auto add = [&](const auto& member) {
        if constexpr (requires { member.gaps; })
            gaps.insert(member.gaps.begin(), member.gaps.end());
    };
    std::apply([&](const auto&... field) { (add(facts.*field.member), ...); }, Facts::fields());
    return {gaps.begin(), gaps.end()};
}

/// Facts as the checks read them: with the product's declarations where they are not in them yet. Borrows where it can.
class WithDeclarations {
public:
    WithDeclarations(const Facts& facts, const std::optional<Product>& product) : facts_(&facts) {
        if (!product || facts.declared_services.observed || facts.declared_interfaces.observed)
            return;
        copy_ = facts;
        declare(*product, *copy_);
        facts_ = &*copy_;
    }
    [[nodiscard]] const Facts& facts() const { return *facts_; }

private:
    const Facts* facts_;
    std::optional<Facts> copy_;
};

}  // namespace

void declare(const Product& product, Facts& facts) {
    facts.declared_interfaces = {.observed = true, .gaps = {}, .rows = {product.interfaces}};
    if (product.services)
        facts.declared_services = {.observed = true, .gaps = {}, .rows = *product.services};
}

Assessment assess(const Facts& facts, const catalog::Library& library, const Catalogue& catalogue, const std::optional<Product>& product,
                  const Run& run) {
    const WithDeclarations given(facts, product);
    Assessment assessment{.schema = std::string(schema),
                          .program = run.program,
                          .catalogue = catalogue.id,
                          .as_of = run.as_of.text(),
                          .product = product,
                          .image = facts.image,
                          .inputs = inputs_of(library, catalogue),
                          .findings = findings_of(given.facts(), library, catalogue),
                          .priorities = priorities(facts, library),
                          .notes = gaps_of(facts)};
    if (facts.snapshot)
        assessment.inputs.push_back({"advisory snapshot " + facts.snapshot->date, facts.snapshot->sha256});
    assessment.inputs.insert(assessment.inputs.end(), run.inputs.begin(), run.inputs.end());
    const Observations observations(library, catalogue, product, assessment.as_of);
    for (const Requirement& requirement : catalogue.requirements)
        assessment.verdicts.push_back(judge({requirement, product, assessment.findings, observations, library}));
    assessment.notes.insert(assessment.notes.end(), observations.ignored().begin(), observations.ignored().end());
    assessment.notes.insert(assessment.notes.end(), facts.notes.begin(), facts.notes.end());
    return assessment;
}

int exit_code(const Assessment& assessment) {
    int code = 0;
    for (const Verdict& verdict : assessment.verdicts) {
        if (verdict.verdict == VerdictKind::fail)
            return 1;
        if (verdict.verdict == VerdictKind::inconclusive)
            code = 2;
    }
    return code;
}

}  // namespace shirushi::assess
