#include "assess/judgement.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace shirushi::assess {
namespace {

/// Failing findings of one check beyond this many are counted, not recited: the list of findings has them all.
constexpr std::size_t recited_findings = 10;

bool is_declaration_table(std::string_view table) { return table.starts_with("declared_"); }

/// One requirement on its way to a verdict.
class Judge {
public:
    explicit Judge(const Case& given) : given_(given) { verdict_.requirement = given.requirement.id; }

    Verdict verdict() {
        for (const std::string& id : given_.requirement.checks)
            weigh_check(id);
        if (is_declared_absent() && !fails_)
            return not_applicable();
        for (const std::string& name : given_.requirement.declarations)
            weigh_declaration(name);
        for (const OpenPoint& point : given_.requirement.open_points)
            weigh_point(point);
        verdict_.verdict = fails_ ? VerdictKind::fail : is_open_ ? VerdictKind::inconclusive : VerdictKind::pass;
        order_reasons();
        overrule();
        std::ranges::sort(verdict_.findings);
        return std::move(verdict_);
    }

private:
    enum class Weight { fails, opens, holds };

    [[nodiscard]] Text said(std::string_view key, const std::vector<Argument>& arguments, const CheckText* check = nullptr) const {
        const Text* text = given_.library.message(key);
        if (text == nullptr)
            return {std::string(key), std::string(key)};
        const auto in = [&](Language language) {
            std::vector<Argument> all = arguments;
            if (check != nullptr)
                all.push_back({"title", check->title.in(language)});
            return catalog::filled(text->in(language), all);
        };
        return {in(Language::en), in(Language::ja)};
    }

    void reason(Weight weight, Method method, Text text) {
        (weight == Weight::fails ? failing_ : weight == Weight::opens ? open_ : holding_).push_back({method, std::move(text)});
        fails_ = fails_ || weight == Weight::fails;
        is_open_ = is_open_ || weight == Weight::opens;
    }

    void remedy(std::vector<Text>& list, Text text) {
        if (std::ranges::find(list, text) == list.end())
            list.push_back(std::move(text));
    }

    /// A person's word on the point; nothing where there is none. Where two disagree, the one that does not conform counts.
    [[nodiscard]] const DeclaredObservation* observed(std::string_view point) const {
        const auto about = given_.observations.about(given_.requirement.id, point);
        const auto against = std::ranges::find(about, false, &DeclaredObservation::conforms);
        return about.empty() ? nullptr : against != about.end() ? *against : about.back();
    }

    static std::vector<Argument> arguments_of(const DeclaredObservation& observation) {
        return {{"person", observation.person}, {"date", observation.date}, {"reason", observation.reason},
                {"point", observation.point}, {"document", observation.document}};
    }

    void weigh_check(const std::string& id) {
        const CheckText* text = given_.library.check(id);
        if (text == nullptr)
            return reason(Weight::opens, Method::test, {id, id});
        const DeclaredObservation* person = observed(id);
        const auto of_check = [&](const Finding& finding) { return finding.check_id == id; };
        std::size_t failing = 0;
        bool looked = false;
        for (const Finding& finding : given_.findings) {
            if (!of_check(finding))
                continue;
            looked = true;
            verdict_.findings.push_back(finding.fingerprint);
            if (finding.kind == Kind::fail && ++failing <= recited_findings) {
                reason(Weight::fails, Method::test, finding.message);
                remedy(mend_, text->remedy);
            } else if (finding.kind == Kind::open || finding.kind == Kind::review) {
                weigh_undecided(finding, *text, person);
            } else if (finding.kind == Kind::pass) {
                reason(Weight::holds, Method::test, finding.message);
            }
        }
        if (!looked)
            reason(Weight::opens, Method::test, said("not_observed", {{"table", id}}, text));
        if (failing > recited_findings)
            reason(Weight::fails, Method::test, said("more", {{"count", fmt::to_string(failing - recited_findings)}}));
        if (person != nullptr)
            weigh_person(*person);
    }

    void weigh_undecided(const Finding& finding, const CheckText& text, const DeclaredObservation* person) {
        const bool settled = person != nullptr;  // either way: weigh_person says which
        reason(settled ? Weight::holds : Weight::opens, Method::test, finding.message);
        if (!settled)
            remedy(settle_, how_to_settle(finding, text));
    }

    [[nodiscard]] Text how_to_settle(const Finding& finding, const CheckText& text) const {
        std::vector<Argument> arguments = finding.arguments;
        arguments.push_back({"check", text.id});
        if (finding.kind == Kind::review)
            return said("settle.review", arguments, &text);
        if (finding.message_key == "gaps")
            return said("settle.gaps", arguments, &text);
        if (finding.message_key == "no_parameter")
            return said("settle.catalogue", arguments, &text);
        const auto table = std::ranges::find(finding.arguments, "table", &Argument::name);
        const bool declared = table != finding.arguments.end() && is_declaration_table(table->value);
        return said(declared ? "settle.declaration" : "settle.firmware", arguments, &text);
    }

    void weigh_person(const DeclaredObservation& observation) {
        const Weight weight = observation.conforms ? Weight::holds : Weight::fails;
        reason(weight, observation.method, said(observation.conforms ? "observation_settles" : "observed_failing", arguments_of(observation)));
        if (!observation.document.empty())
            reason(weight, observation.method, said("observed_document", arguments_of(observation)));
        if (!observation.conforms)
            remedy(mend_, said("correct_observation", {}));
    }

    void weigh_declaration(const std::string& name) {
        if (const DeclaredObservation* person = observed(name))
            return weigh_person(*person);
        const auto value = given_.product ? stated(*given_.product, name) : std::nullopt;
        if (value)
            return reason(Weight::holds, Method::declaration, said("stated", {{"name", name}, {"value", *value}}));
        reason(Weight::opens, Method::declaration, said("not_stated", {{"name", name}}));
        remedy(settle_, said("settle.statement", {{"name", name}}));
    }

    void weigh_point(const OpenPoint& point) {
        if (const DeclaredObservation* person = observed(point.id))
            return weigh_person(*person);
        reason(Weight::opens, Method::test, point.text);
        remedy(settle_, point.settle);
    }

    [[nodiscard]] bool is_declared_absent() const {
        bool absent = false;
        const auto look = [&](const auto& field) {
            absent = absent || (field.name == given_.requirement.only_with && given_.product && given_.product->interfaces.*field.member == Answer::no);
        };
        std::apply([&](const auto&... field) { (look(field), ...); }, DeclaredInterfaces::fields());
        return absent;
    }

    Verdict not_applicable() {
        const std::string key = "interface." + given_.requirement.only_with;
        const Text* name = given_.library.message(key);
        const Text none = said("not_applicable", {});
        const auto in = [&](Language language) { return catalog::filled(none.in(language), {{"interface", name == nullptr ? key : name->in(language)}}); };
        verdict_.verdict = VerdictKind::not_applicable;
        verdict_.reasons.push_back({Method::declaration, {in(Language::en), in(Language::ja)}});
        for (auto* list : {&open_, &holding_})
            verdict_.reasons.insert(verdict_.reasons.end(), list->begin(), list->end());
        std::ranges::sort(verdict_.findings);
        return std::move(verdict_);
    }

    void order_reasons() {
        for (auto* list : {&failing_, &open_, &holding_})
            verdict_.reasons.insert(verdict_.reasons.end(), list->begin(), list->end());
        for (auto* list : {&mend_, &settle_})
            for (Text& text : *list)
                verdict_.remedy.push_back(std::move(text));
    }

    /// An observation about the requirement as a whole replaces the verdict and keeps what it overrules among the reasons.
    void overrule() {
        const DeclaredObservation* person = observed("");
        if (person == nullptr)
            return;
        const VerdictKind kind = person->conforms ? VerdictKind::pass : VerdictKind::fail;
        const bool changes = kind != verdict_.verdict;
        std::vector<Reason> reasons;
        const auto* key = changes ? "observation_overrules" : person->conforms ? "observed_conforming" : "observed_failing";
        reasons.push_back({person->method, said(key, arguments_of(*person))});
        if (!person->document.empty())
            reasons.push_back({person->method, said("observed_document", arguments_of(*person))});
        const std::size_t overruled = changes ? (person->conforms ? failing_.size() + open_.size() : open_.size() + holding_.size()) : 0;
        for (std::size_t i = 0; i < verdict_.reasons.size(); ++i) {
            Reason& old = verdict_.reasons[i];
            if (i < overruled)
                old.text = overruled_text(old.text);
            reasons.push_back(std::move(old));
        }
        verdict_.reasons = std::move(reasons);
        verdict_.verdict = kind;
        if (person->conforms)
            verdict_.remedy.clear();
        else
            remedy(verdict_.remedy, said("correct_observation", {}));
    }

    [[nodiscard]] Text overruled_text(const Text& text) const {
        const Text frame = said("overruled", {});
        return {catalog::filled(frame.en, {{"text", text.en}}), catalog::filled(frame.ja, {{"text", text.ja}})};
    }

    const Case& given_;
    Verdict verdict_;
    std::vector<Reason> failing_;
    std::vector<Reason> open_;
    std::vector<Reason> holding_;
    std::vector<Text> mend_;
    std::vector<Text> settle_;
    bool fails_ = false;
    bool is_open_ = false;
};

}  // namespace

Verdict judge(const Case& given) { return Judge(given).verdict(); }

}  // namespace shirushi::assess
