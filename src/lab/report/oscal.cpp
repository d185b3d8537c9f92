// An assessment as OSCAL 1.1.2 assessment results (NIST): each verdict is a finding about a requirement, each of its reasons and the checks'
// findings are observations it is related to. Identifiers are UUIDs of version 5, made from what they name: the same assessment gives the
// same document, and the next version's document names the same requirement by the same identifier.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "crypto/stored_digests.hpp"
#include "model/json_fields.hpp"
#include "report/report.hpp"
#include "report/shown.hpp"

namespace shirushi::report {
namespace {

using json::Json;

/// RFC 9562 5.5, in a namespace of our own: itself the version 5 UUID of "https://shirushi.example/oscal" in the URL namespace.
std::string uuid_of(std::string_view name) {
    static const auto from = [](Bytes space, std::string_view text) {
        auto hash = crypto::sha1({space, as_bytes(text)});
        hash[6] = static_cast<std::uint8_t>((hash[6] & 0x0F) | 0x50);
        hash[8] = static_cast<std::uint8_t>((hash[8] & 0x3F) | 0x80);
        return hash;
    };
    static constexpr std::uint8_t url_namespace[] = {0x6b, 0xa7, 0xb8, 0x11, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8};
    static const auto own = from(url_namespace, "https://shirushi.example/oscal");
    const auto hash = from(Bytes(own).first(16), name);
    const std::string hex = to_hex(Bytes(hash).first(16));
    return fmt::format("{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 4), hex.substr(16, 4), hex.substr(20));
}

/// An OSCAL token begins with a letter and has nothing but letters, digits, '.', '-' and '_'.
std::string token(std::string_view catalogue, std::string_view requirement) {
    std::string text = fmt::format("{}.{}", catalogue, requirement);
    for (char& c : text)
        if (const bool fits = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_'; !fits)
            c = '_';
    return text.empty() || !((text[0] | 0x20) >= 'a' && (text[0] | 0x20) <= 'z') ? "x" + text : text;
}

Json property(std::string_view name, std::string_view value) { return {{"name", name}, {"ns", "https://shirushi.example/oscal"}, {"value", value}}; }

std::string_view method_word(Method method) { return method == Method::test ? "TEST" : "EXAMINE"; }

class Results {
public:
    Results(const Assessment& assessment, const Catalogue& catalogue) : assessment_(assessment), catalogue_(catalogue) {
        // A product's name or version may be missing; then the image tells runs apart.
        scope_ = fmt::format("{} {} {}", assessment.catalogue, assessment.image ? assessment.image->sha256.hex() : "", assessment.as_of);
        day_ = assessment.as_of + "T00:00:00Z";
    }

    Json document() {
        Json root{{"uuid", uuid_of(scope_ + " assessment-results")}, {"metadata", metadata()}, {"import-ap", {{"href", "#assessment-plan"}, {"remarks", "The plan is the catalogue itself: every requirement, by the checks that it lists."}}}};
        root["results"] = Json::array({result()});
        root["back-matter"] = {{"resources", resources()}};
        return {{"assessment-results", std::move(root)}};
    }

private:
    [[nodiscard]] Json metadata() const {
        Json data{{"title", fmt::format("{}: {}", subject(), shown(catalogue_.title.en))}, {"last-modified", day_}, {"version", assessment_.as_of}, {"oscal-version", "1.1.2"}};
        data["props"] = Json::array({property("program", shown(assessment_.program)), property("catalogue", shown(assessment_.catalogue))});
        return data;
    }

    [[nodiscard]] std::string subject() const {
        if (assessment_.product && !assessment_.product->model.empty())
            return shown(fmt::format("{} {} {}", assessment_.product->vendor, assessment_.product->model, assessment_.product->version));
        return assessment_.image ? shown(assessment_.image->name) : "product";
    }

    Json result() {
        Json observations = Json::array();
        Json findings = Json::array();
        Json controls = Json::array();
        for (const Finding& each : assessment_.findings)
            observations.push_back(observation_of(each));
        for (const Verdict& each : assessment_.verdicts) {
            controls.push_back({{"control-id", token(assessment_.catalogue, each.requirement)}});
            findings.push_back(finding_of(each, observations));
        }
        Json result{{"uuid", uuid_of(scope_ + " result")}, {"title", shown(catalogue_.title.en)}, {"description", "Verdicts on every requirement of the catalogue, and what they rest on."}, {"start", day_}, {"end", day_}};
        result["local-definitions"] = {{"inventory-items", Json::array({inventory_item()})}};
        result["reviewed-controls"] = {{"control-selections", Json::array({{{"include-controls", std::move(controls)}}})}};
        if (!observations.empty())
            result["observations"] = std::move(observations);
        result["findings"] = std::move(findings);
        return result;
    }

    [[nodiscard]] std::string item_id() const { return uuid_of(fmt::format("image {}", assessment_.image ? assessment_.image->sha256.hex() : "")); }

    [[nodiscard]] Json inventory_item() const {
        Json item{{"uuid", item_id()}, {"description", subject()}};
        if (assessment_.image)
            item["props"] = Json::array({property("image", shown(assessment_.image->name)), property("sha256", assessment_.image->sha256.hex())});
        return item;
    }

    [[nodiscard]] Json observation(const std::string& id, const std::string& title, const std::string& words, std::string_view method) const {
        return {{"uuid", id}, {"title", title}, {"description", words}, {"methods", Json::array({method})}, {"types", Json::array({"finding"})},
                {"subjects", Json::array({{{"subject-uuid", item_id()}, {"type", "inventory-item"}}})}, {"collected", day_}};
    }

    [[nodiscard]] std::string observation_id(std::string_view fingerprint) const { return uuid_of(fmt::format("{} observation {}", scope_, fingerprint)); }

    [[nodiscard]] Json observation_of(const Finding& finding) const {
        Json made = observation(observation_id(finding.fingerprint), shown(finding.check_id), shown(finding.message.en), "TEST");
        made["props"] = Json::array({property("kind", name_of(finding.kind)), property("level", name_of(finding.level)), property("fingerprint", shown(finding.fingerprint))});
        Json evidence = Json::array();
        for (const Evidence& each : finding.evidence)
            evidence.push_back({{"description", shown(fmt::format("{}{}{}", each.path, each.offset ? fmt::format(" at byte {}", *each.offset) : "", each.excerpt.empty() ? "" : ": " + each.excerpt))}});
        if (!evidence.empty())
            made["relevant-evidence"] = std::move(evidence);
        return made;
    }

    /// The verdict; what it rests on beside the checks' findings becomes observations of its own.
    Json finding_of(const Verdict& verdict, Json& observations) const {
        const std::string control = token(assessment_.catalogue, verdict.requirement);
        Json related = Json::array();
        for (const std::string& fingerprint : verdict.findings)
            related.push_back({{"observation-uuid", observation_id(fingerprint)}});
        for (std::size_t i = 0; i < verdict.reasons.size(); ++i) {
            const std::string id = uuid_of(fmt::format("{} {} reason {}", scope_, verdict.requirement, i));
            observations.push_back(observation(id, shown(verdict.requirement), shown(verdict.reasons[i].text.en), method_word(verdict.reasons[i].method)));
            related.push_back({{"observation-uuid", id}});
        }
        const auto known = std::ranges::find(catalogue_.requirements, verdict.requirement, &Requirement::id);
        const std::string title = known == catalogue_.requirements.end() ? shown(verdict.requirement) : fmt::format("{} {}", shown(verdict.requirement), shown(known->title.en));
        const bool satisfied = verdict.verdict == VerdictKind::pass || verdict.verdict == VerdictKind::not_applicable;
        const std::string_view reason = verdict.verdict == VerdictKind::pass ? "pass" : verdict.verdict == VerdictKind::fail ? "fail" : "other";
        Json finding{{"uuid", uuid_of(fmt::format("{} {} finding", scope_, verdict.requirement))}, {"title", title}, {"description", verdict.reasons.empty() ? title : shown(verdict.reasons.front().text.en)}};
        finding["props"] = Json::array({property("verdict", name_of(verdict.verdict))});
        finding["target"] = {{"type", "objective-id"}, {"target-id", control}, {"status", {{"state", satisfied ? "satisfied" : "not-satisfied"}, {"reason", reason}}}};
        if (!related.empty())
            finding["related-observations"] = std::move(related);
        return finding;
    }

    /// What the judgement rests on, each with its digest.
    [[nodiscard]] Json resources() const {
        Json list = Json::array();
        for (const PinnedInput& each : assessment_.inputs)
            list.push_back({{"uuid", uuid_of(fmt::format("{} input {}", scope_, each.name))}, {"title", shown(each.name)}, {"props", Json::array({property("sha256", each.sha256.hex())})}});
        return list;
    }

    const Assessment& assessment_;
    const Catalogue& catalogue_;
    std::string scope_;
    std::string day_;
};

}  // namespace

std::string oscal(const Assessment& assessment, const Catalogue& catalogue) { return json::print(Results(assessment, catalogue).document()); }

}  // namespace shirushi::report
