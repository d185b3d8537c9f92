// The part of the page about what the product is used for: where that places it, who takes which measures, and whether level 1 is asked.
#include <algorithm>

#include "report/html_parts.hpp"
#include "report/risk_map.hpp"

namespace shirushi::report {

void view_uses(View& page, const Assessment& assessment, const Texts& texts) {
    const Product product = assessment.product.value_or(Product{});
    page.flag("has_uses", !product.uses.empty());
    page.flag("has_scope", product.scope.has_value());
    page.put("scope", product.scope ? texts.word("scope", product.scope->reach) : Text{"-", "-"});
    page.put("scope_reason", product.scope ? product.scope->reason : "");
    page.flag("has_system", !product.system.empty());
    page.each("system", product.system, [](const SystemPart& part) {
        View row;
        row.put("name", part.name);
        row.put("level", std::to_string(part.level));
        row.put("mark", part.mark);
        return row;
    });
    const auto lowest = std::ranges::min_element(product.system, {}, &SystemPart::level);
    page.put("system_level", lowest == product.system.end() ? "" : std::to_string(lowest->level));
    page.texts["risk_map_en"] = risk_map_svg(product.uses, Language::en);
    page.texts["risk_map_ja"] = risk_map_svg(product.uses, Language::ja);
    std::size_t number = 0;
    page.each("uses", product.uses, [&](const Use& use) {
        View row;
        row.put("number", std::to_string(++number));
        row.put("name", use.name);
        row.put("incident", use.incident);
        row.put("recovery", texts.word("recovery", use.place.recovery));
        row.put("impact", texts.word("impact", use.place.impact));
        row.put("reason", use.place.reason);
        row.flag("has_likelihood", use.likelihood.has_value());
        row.put("likelihood", texts.word("likelihood", use.likelihood.value_or(Likelihood::low)));
        row.flag("has_residual", use.residual.has_value());
        const Placement residual = use.residual.value_or(Placement{});
        row.put("residual_recovery", texts.word("recovery", residual.recovery));
        row.put("residual_impact", texts.word("impact", residual.impact));
        row.put("residual_reason", residual.reason);
        row.each("measures", use.measures, [&](const Measure& measure) {
            View line;
            line.put("viewpoint", texts.word("viewpoint", measure.viewpoint));
            line.put("stakeholder", measure.stakeholder);
            line.put("what", measure.what);
            return line;
        });
        return row;
    });
}

}  // namespace shirushi::report
