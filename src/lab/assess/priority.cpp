#include "assess/priority.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "model/advisory_match.hpp"

namespace shirushi::assess {
namespace {

Urgency urgency_of(const AdvisoryMatch& match, const ComponentExposure* exposure) {
    return {.exploited = match.exploited_since.has_value(),
            .exposure = exposure == nullptr ? ExposureKind::unknown : exposure->kind,
            .epss = match.epss,
            .score = match.score};
}

/// Joins sentences of the library into one text in each language.
class Words {
public:
    explicit Words(const catalog::Library& library) : library_(library) {}

    void add(std::string_view key, const std::vector<Argument>& arguments = {}) {
        const Text* text = library_.message(key);
        const Text said = text == nullptr ? Text{std::string(key), std::string(key)} : *text;
        const auto append = [&](std::string& to, Language language, std::string_view separator) {
            to += (to.empty() ? "" : std::string(separator)) + catalog::filled(said.in(language), arguments);
        };
        append(text_.en, Language::en, "; ");
        append(text_.ja, Language::ja, "、");
    }

    Text take() && { return std::move(text_); }

private:
    const catalog::Library& library_;
    Text text_;
};

void add_exposure(Words& words, const ComponentExposure* exposure) {
    if (exposure == nullptr || exposure->kind == ExposureKind::unknown)
        return words.add("priority.exposure_unknown");
    if (exposure->kind == ExposureKind::idle)
        return words.add("priority.exposure_idle");
    if (exposure->service.empty())
        return words.add("priority.exposure_kernel");
    const std::string_view how = exposure->kind == ExposureKind::listening ? "listening" : "started";
    words.add(fmt::format("priority.exposure_{}{}", how, exposure->through.empty() ? "" : "_through"),
              {{"service", exposure->service}, {"through", exposure->through}});
}

void add_score(Words& words, const AdvisoryMatch& match) {
    if (!match.score)
        return words.add("priority.cvss_none");
    const std::vector<Argument> arguments = {{"score", fmt::format("{:.1f}", *match.score)}, {"source", match.score_source}, {"vector", match.vector.empty() ? "-" : match.vector}};
    words.add(match.score_source.empty() ? "priority.cvss" : "priority.cvss_by", arguments);
}

Text words_of(const AdvisoryMatch& match, const ComponentExposure* exposure, std::string_view epss_date, const catalog::Library& library) {
    Words words(library);
    if (match.exploited_since)
        words.add("priority.exploited_since", {{"date", *match.exploited_since}});
    else
        words.add("priority.not_listed");
    add_exposure(words, exposure);
    if (match.epss)
        words.add("priority.epss", {{"percent", fmt::format("{:.1f}", *match.epss * 100)}, {"date", epss_date.empty() ? "-" : std::string(epss_date)}});
    else
        words.add("priority.epss_none");
    add_score(words, match);
    return std::move(words).take();
}

}  // namespace

Priority priority_of(const Urgency& urgency) {
    if (urgency.exploited)
        return Priority::exploited;
    switch (urgency.exposure) {
        case ExposureKind::listening: return Priority::exposed;
        case ExposureKind::started: return Priority::running;
        case ExposureKind::unknown: return Priority::unknown;
        case ExposureKind::idle: return Priority::idle;
    }
    return Priority::unknown;
}

bool is_more_urgent(const Urgency& a, const Urgency& b) {
    const auto key = [](const Urgency& each) { return std::tuple(!each.exploited, each.exposure, -each.epss.value_or(-1), -each.score.value_or(-1)); };
    return key(a) < key(b);
}

std::vector<MatchPriority> priorities(const Facts& facts, const catalog::Library& library) {
    std::map<std::string_view, const ComponentExposure*> exposures;
    for (const ComponentExposure& row : facts.exposures.rows)
        exposures.try_emplace(row.component, &row);
    struct Row {
        const AdvisoryMatch* match;
        const ComponentExposure* exposure;
        Urgency urgency;
    };
    std::vector<Row> rows;
    for (const AdvisoryMatch& match : facts.advisory_matches.rows) {
        if (!affects(match) || match.advisory.empty())
            continue;
        const auto found = exposures.find(match.component);
        const ComponentExposure* exposure = found == exposures.end() ? nullptr : found->second;
        rows.push_back({&match, exposure, urgency_of(match, exposure)});
    }
    std::ranges::stable_sort(rows, [](const Row& a, const Row& b) {
        if (is_more_urgent(a.urgency, b.urgency) || is_more_urgent(b.urgency, a.urgency))
            return is_more_urgent(a.urgency, b.urgency);
        return std::tie(a.match->advisory, a.match->component) < std::tie(b.match->advisory, b.match->component);
    });
    const std::string epss_date = facts.snapshot ? facts.snapshot->epss_date : std::string();
    std::vector<MatchPriority> list;
    for (const Row& row : rows)
        list.push_back({.advisory = row.match->advisory,
                        .component = row.match->component,
                        .priority = priority_of(row.urgency),
                        .exposure = row.urgency.exposure,
                        .words = words_of(*row.match, row.exposure, epss_date, library)});
    return list;
}

}  // namespace shirushi::assess
