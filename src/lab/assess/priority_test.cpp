#include "assess/priority.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace shirushi::assess {
namespace {

using enum ExposureKind;

TEST(Priority, TheRuleAsATable) {
    // most urgent first
    const std::vector<std::pair<Urgency, Priority>> table = {
        {{.exploited = true, .exposure = listening, .epss = 0.9, .score = 9.8}, Priority::exploited},
        {{.exploited = true, .exposure = listening, .epss = {}, .score = 10.0}, Priority::exploited},
        {{.exploited = true, .exposure = idle, .epss = 0.9, .score = 9.8}, Priority::exploited},
        {{.exploited = false, .exposure = listening, .epss = 0.9, .score = 5.0}, Priority::exposed},
        {{.exploited = false, .exposure = listening, .epss = 0.1, .score = 9.8}, Priority::exposed},
        {{.exploited = false, .exposure = listening, .epss = 0.1, .score = 7.0}, Priority::exposed},
        {{.exploited = false, .exposure = listening, .epss = 0.1, .score = {}}, Priority::exposed},
        {{.exploited = false, .exposure = listening, .epss = {}, .score = 9.9}, Priority::exposed},
        {{.exploited = false, .exposure = started, .epss = 0.99, .score = 10.0}, Priority::running},
        {{.exploited = false, .exposure = unknown, .epss = 0.99, .score = 10.0}, Priority::unknown},
        {{.exploited = false, .exposure = idle, .epss = 0.99, .score = 10.0}, Priority::idle},
        {{.exploited = false, .exposure = idle, .epss = {}, .score = {}}, Priority::idle},
    };
    for (std::size_t i = 0; i < table.size(); ++i) {
        EXPECT_EQ(priority_of(table[i].first), table[i].second) << i;
        for (std::size_t j = 0; j < table.size(); ++j)
            EXPECT_EQ(is_more_urgent(table[i].first, table[j].first), i < j) << i << " and " << j;
    }
}

catalog::Library library() {
    catalog::Library made;
    const auto add = [&](const char* key, const char* en) { made.runner_messages.push_back({key, {en, en}}); };
    add("priority.exploited_since", "exploited since {date}");
    add("priority.not_listed", "not listed");
    add("priority.exposure_listening_through", "{service} loads it through {through}");
    add("priority.exposure_unknown", "exposure unknown");
    add("priority.epss", "EPSS {percent} % ({date})");
    add("priority.epss_none", "no EPSS");
    add("priority.cvss_by", "CVSS {score} by {source} ({vector})");
    add("priority.cvss_none", "no CVSS");
    std::ranges::sort(made.runner_messages, {}, &MessageText::key);
    return made;
}

TEST(Priority, EachMatchThatAffectsWithItsWords) {
    Facts facts;
    facts.snapshot = SnapshotInfo{.date = "2026-01-01", .sha256 = {}, .advisories = 3, .epss_date = "2026-01-02"};
    AdvisoryMatch match{.advisory = "CVE-2", .component = "zlib@1", .score = 9.8, .vector = "CVSS:3.1/AV:N", .score_source = "nvd", .epss = 0.1234};
    facts.advisory_matches.rows = {match};
    match.advisory = "CVE-3";
    match.component = "other@1";
    match.score = {};
    match.epss = {};
    facts.advisory_matches.rows.push_back(match);
    match.advisory = "CVE-1";
    match.exploited_since = "2025-05-05";
    facts.advisory_matches.rows.push_back(match);
    match.state = MatchState::mended;
    facts.advisory_matches.rows.push_back(match);
    match.state = MatchState::affected;
    match.statement = MatchStatement{.status = VexStatus::fixed};
    facts.advisory_matches.rows.push_back(match);
    facts.exposures.rows = {{.component = "zlib@1", .kind = listening, .service = "httpd (tcp 443)", .through = "usr/sbin/httpd"}};
    const auto list = priorities(facts, library());
    ASSERT_EQ(list.size(), 3U) << "what is mended or set aside has none";
    EXPECT_EQ(list[0].words.en, "exploited since 2025-05-05; exposure unknown; no EPSS; no CVSS");
    EXPECT_EQ(list[1].words.en, "not listed; httpd (tcp 443) loads it through usr/sbin/httpd; EPSS 12.3 % (2026-01-02); CVSS 9.8 by nvd (CVSS:3.1/AV:N)");
    EXPECT_EQ(list[1].priority, Priority::exposed);
    EXPECT_EQ(list[2].advisory, "CVE-3");
    EXPECT_EQ(list[2].priority, Priority::unknown);
}

}  // namespace
}  // namespace shirushi::assess
