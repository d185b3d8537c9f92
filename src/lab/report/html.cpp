// The page as a whole: its head, and the policy that forbids everything but the style and script it carries
// (W3C Content Security Policy Level 3, 2.3.1 and 6.6.2: hashes of the elements' exact text).
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/text.hpp"
#include "crypto/sha256.hpp"
#include "report/asset.hpp"
#include "report/html_parts.hpp"
#include "report/ranking.hpp"
#include "report/render.hpp"
#include "report/report.hpp"

namespace shirushi::report {
namespace {

std::string source_hash(std::string_view text) {
    return "'sha256-" + to_base64(crypto::sha256(as_bytes(text)).bytes) + "'";
}

/// The name the reader knows the thing by: the product's where declared, else the file's.
std::string subject_of(const Assessment& assessment) {
    if (assessment.product && !assessment.product->model.empty())
        return assessment.product->model;
    return assessment.image ? assessment.image->name : std::string("-");
}

// The wheel, in units of its 400-wide view box: a ring with a label outside each segment.
constexpr double outer_radius = 160;
constexpr double inner_radius = 112;
constexpr double label_radius = 178;
constexpr double gap = 0.018;                   // radians between segments
constexpr std::size_t most_labels = 40;         // beyond, labels and glyphs would overlap
constexpr double glyph_half = 7.5;

struct Point {
    double x;
    double y;
};

/// Clockwise from twelve o'clock.
Point on_circle(double radius, double turn) {
    const double angle = turn * 2 * std::numbers::pi;
    return {radius * std::sin(angle), -radius * std::cos(angle)};
}

std::string segment_path(double from, double to) {
    const Point a = on_circle(outer_radius, from);
    const Point b = on_circle(outer_radius, to);
    const Point c = on_circle(inner_radius, to);
    const Point d = on_circle(inner_radius, from);
    const int large = to - from > 0.5 ? 1 : 0;
    return fmt::format("M{:.2f} {:.2f}A{} {} 0 {} 1 {:.2f} {:.2f}L{:.2f} {:.2f}A{} {} 0 {} 0 {:.2f} {:.2f}Z", a.x, a.y, outer_radius,
                       outer_radius, large, b.x, b.y, c.x, c.y, inner_radius, inner_radius, large, d.x, d.y);
}

View segment(const Verdict& verdict, std::size_t index, std::size_t count) {
    const double share = 1 / static_cast<double>(count);
    const double pause = gap / (2 * std::numbers::pi) / 2;
    const double from = static_cast<double>(index) * share + pause;
    const double to = static_cast<double>(index + 1) * share - pause;
    const Point glyph = on_circle((outer_radius + inner_radius) / 2, (from + to) / 2);
    const Point label = on_circle(label_radius, (from + to) / 2);
    View view;
    view.put("path", segment_path(from, to));
    view.put("verdict", name_of(verdict.verdict));
    view.flag("labelled", count <= most_labels);
    view.put("label", excerpt(verdict.requirement, 8));
    view.put("glyph_x", fmt::format("{:.2f}", glyph.x - glyph_half));
    view.put("glyph_y", fmt::format("{:.2f}", glyph.y - glyph_half));
    view.put("label_x", fmt::format("{:.2f}", label.x));
    view.put("label_y", fmt::format("{:.2f}", label.y));
    return view;
}

void view_inputs(View& page, const Assessment& assessment) {
    page.each("inputs", assessment.inputs, [](const PinnedInput& input) {
        View row;
        row.put("name", input.name);
        row.put("digest", input.sha256.hex());
        return row;
    });
}

}  // namespace

void view_header(View& page, const Assessment& assessment, const Facts& facts, const Catalogue& catalogue) {
    page.put("subject", subject_of(assessment));
    page.put("program", assessment.program);
    page.put("as_of", assessment.as_of);
    page.put("catalogue", catalogue.title);
    page.put("catalogue_id", assessment.catalogue);
    page.put("edition", catalogue.edition);
    page.flag("unconfirmed", std::ranges::any_of(catalogue.requirements, [](const Requirement& each) { return !each.unconfirmed.empty(); }));
    const Product product = assessment.product.value_or(Product{});
    page.flag("has_product", assessment.product.has_value());
    const auto optional = [&](std::string_view flag, std::string_view name, const std::string& text) {
        page.flag(flag, !text.empty());
        page.put(name, text);
    };
    page.put("vendor", product.vendor);
    optional("has_version", "version", product.version);
    optional("has_field", "field", product.field);
    optional("has_support", "support", product.support_until);
    optional("has_contact", "contact", product.contact);
    if (assessment.image) {
        View image;
        image.put("name", assessment.image->name);
        image.put("size", human_size(assessment.image->size));
        image.put("bytes", grouped(assessment.image->size));
        image.put("digest", assessment.image->sha256.hex());
        page.lists["image"] = {image};
    }
    if (facts.snapshot) {
        View snapshot;
        snapshot.put("date", facts.snapshot->date);
        snapshot.put("advisories", grouped(facts.snapshot->advisories));
        page.lists["snapshot"] = {snapshot};
    }
}

void view_overall(View& page, const Assessment& assessment, const Texts& texts) {
    const Counts counts = count_verdicts(assessment);
    const VerdictKind overall = overall_verdict(counts);
    page.put("overall", name_of(overall));
    page.put("sentence", texts.word("overall", overall));
    page.put("centre", fmt::format("{} / {}", counts[overall], assessment.verdicts.size()));
    constexpr VerdictKind order[] = {VerdictKind::fail, VerdictKind::inconclusive, VerdictKind::pass, VerdictKind::not_applicable};
    page.each("counts", order, [&](VerdictKind kind) {
        View row;
        row.put("verdict", name_of(kind));
        row.put("word", texts.word("verdict", kind));
        row.put("meaning", texts.word("verdict_meaning", kind));
        row.put("count", std::to_string(counts[kind]));
        return row;
    });
    auto& segments = page.lists["segments"];
    for (std::size_t i = 0; i < assessment.verdicts.size(); ++i)
        segments.push_back(segment(assessment.verdicts[i], i, assessment.verdicts.size()));
}

std::string html(const Assessment& assessment, const Facts& facts, const Catalogue& catalogue, const std::vector<CheckText>& checks) {
    const Texts texts = Texts::embedded();
    const std::string style = std::string(asset("static/shirushi.css")).append(asset("static/report.css")).append(asset("static/layout.css"));
    const std::string script(asset("static/report.js"));
    View page;
    page.texts["style"] = style;
    page.texts["script"] = script;
    page.put("policy", fmt::format("default-src 'none'; style-src {}; script-src {}; base-uri 'none'; form-action 'none'",
                                   source_hash(style), source_hash(script)));
    view_header(page, assessment, facts, catalogue);
    view_overall(page, assessment, texts);
    view_worst(page, assessment, checks, texts);
    view_unseen(page, assessment, facts, texts);
    view_requirements(page, assessment, catalogue, checks, texts);
    view_image(page, facts, texts);
    view_components(page, assessment, facts, texts);
    view_facts(page, facts, texts);
    view_hardening(page, facts, texts);
    view_uses(page, assessment, texts);
    view_inputs(page, assessment);
    return render("report", page, texts);
}

}  // namespace shirushi::report
