#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/text.hpp"
#include "crypto/sha256.hpp"
#include "report/asset.hpp"
#include "report/report.hpp"
#include "report/shown.hpp"
#include "sample.hpp"

namespace shirushi::report {
namespace {

using report_sample::Sample;
using testing::HasSubstr;
using testing::Not;

std::string page_of(const Sample& sample) {
    return html(sample.assessment, sample.facts, sample.catalogue, sample.checks);
}

std::size_t count(std::string_view text, std::string_view part) {
    std::size_t found = 0;
    for (auto at = text.find(part); at != text.npos; at = text.find(part, at + part.size()))
        ++found;
    return found;
}

TEST(Html, ShowsEveryRequirementWithItsVerdictInBothLanguages) {
    const Sample sample = report_sample::router();
    const std::string page = page_of(sample);
    EXPECT_EQ(count(page, "<tbody class=\"requirement\""), 27U);
    for (const Requirement& requirement : sample.catalogue.requirements) {
        EXPECT_THAT(page, HasSubstr("<bdi>" + requirement.id + "</bdi>"));
        EXPECT_THAT(page, HasSubstr(requirement.title.ja));
    }
    EXPECT_EQ(count(page, "data-verdict=\"fail\">"), 9U);
    EXPECT_EQ(count(page, "data-verdict=\"not_applicable\">"), 3U);
    EXPECT_EQ(count(page, "<path class=\"segment "), 27U);
    EXPECT_EQ(count(page, "<span lang=\"en\">"), count(page, "<span lang=\"ja\">"));
}

TEST(Html, TellsEachFindingInFullOnceWithPlaceAndOffset) {
    const Sample sample = report_sample::router();
    const std::string page = page_of(sample);
    const auto notable = std::ranges::count_if(sample.assessment.findings, [](const Finding& f) { return f.kind != Kind::pass; });
    EXPECT_EQ(count(page, "data-kind="), static_cast<std::size_t>(notable));
    EXPECT_THAT(page, HasSubstr("squashfs@0x120000/etc/shadow"));
    EXPECT_THAT(page, HasSubstr("0x02cc80"));
    EXPECT_THAT(page, HasSubstr("elsewhere")) << "B-4's advisories are referred to from D-5";
}

TEST(Html, WritesNoHostileMarkup) {
    const std::string attack = "</script><img src=x onerror=alert(1)>\"'&";
    const std::string page = page_of(report_sample::hostile(attack));
    EXPECT_THAT(page, HasSubstr("&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;&quot;&apos;&amp;"));
    EXPECT_THAT(page, Not(HasSubstr("<img")));
    EXPECT_EQ(count(page, "</script>"), 1U) << "our own script's end alone";
    EXPECT_EQ(count(page, "<script>"), 1U);
    // What is left when every escaped copy is taken away holds no part of it: so no attribute took it unescaped either.
    EXPECT_EQ(count(page, "onerror"), count(page, "&lt;img src=x onerror=alert(1)&gt;&quot;&apos;&amp;"));
}

TEST(Html, MustacheInStringsIsNotObeyed) {
    const std::string page = page_of(report_sample::hostile("{{{style}}}{{#t}}verdict.pass{{/t}}"));
    EXPECT_EQ(count(page, "<style>"), 1U);
    EXPECT_THAT(page, HasSubstr("{{{style}}}{{#t}}verdict.pass{{/t}}"));
}

TEST(Html, MakesInvisibleAndReorderingCharactersVisible) {
    const std::string page = page_of(report_sample::hostile("\u202Egnp.exe\u200B\x1b[31m\xff"));
    EXPECT_THAT(page, Not(HasSubstr("\u202E")));
    EXPECT_THAT(page, HasSubstr("\\u{202e}gnp.exe\\u{200b}\\x1b[31m\\xff"));
    EXPECT_TRUE(is_utf8(page));
}

TEST(Html, PolicyNamesExactlyTheStyleAndScriptItCarries) {
    const std::string page = page_of(report_sample::router());
    const auto between = [&](std::string_view open, std::string_view close) {
        const auto begin = page.find(open) + open.size();
        return page.substr(begin, page.find(close, begin) - begin);
    };
    const auto hash = [](const std::string& text) { return "&apos;sha256-" + to_base64(crypto::sha256(as_bytes(text)).bytes) + "&apos;"; };
    const std::string policy = between("Content-Security-Policy\" content=\"", "\">");
    EXPECT_EQ(policy, "default-src &apos;none&apos;; style-src " + hash(between("<style>", "</style>")) + "; script-src " +
                          hash(between("<script>", "</script>")) + "; base-uri &apos;none&apos;; form-action &apos;none&apos;");
    EXPECT_THAT(page, Not(HasSubstr(" style=\""))) << "the policy would forbid it";
    EXPECT_THAT(page, Not(testing::ContainsRegex("(src|href)=\"[^#]"))) << "no reference leaves the page";
    EXPECT_THAT(page, Not(HasSubstr("@import")));
}

TEST(Html, IsTheSameForTheSameInput) {
    EXPECT_EQ(page_of(report_sample::large()), page_of(report_sample::large()));
}

TEST(Html, StaysReadablySmall) {
    const std::string page = page_of(report_sample::large());
    EXPECT_LT(page.size(), 1'550'000U) << "3,000 files, 500 components, 6,000 matches, 5,000 findings";
    EXPECT_THAT(page, HasSubstr("more findings are in assessment.json")) << "what is cut says where the rest is";
}

TEST(Html, AMatchForAPersonIsNoExploitation) {
    Sample sample = report_sample::router();
    EXPECT_THAT(page_of(sample), HasSubstr("<span class=\"flag\"><span lang=\"en\">Exploited</span>"));
    for (AdvisoryMatch& match : sample.facts.advisory_matches.rows)
        match.state = MatchState::open_ended;
    const std::string page = page_of(sample);
    EXPECT_THAT(page, Not(HasSubstr("<span class=\"flag\"><span lang=\"en\">Exploited</span>")));
    EXPECT_THAT(page, HasSubstr("No fixed version named: check"));
    EXPECT_THAT(page, HasSubstr("exploited in the wild since")) << "it stands beside the advisory, whose state says the rest";
}

TEST(Html, MatchesStandUnderTheirPriority) {
    const std::string page = page_of(report_sample::router());
    const auto at = [&](std::string_view text) { return page.find(text); };
    EXPECT_NE(at("<span lang=\"en\">Affected</span><span lang=\"ja\">該当</span>: <span lang=\"en\">2 exposed</span>"), std::string::npos);
    EXPECT_EQ(count(page, "runs as the service dnsmasq (udp 53)"), 1U) << "why, of the most urgent one alone";
    EXPECT_LT(at("2 exposed"), at("CVE-2017-14491</bdi></th>")) << "the heading before its rows";
    EXPECT_EQ(count(page, "exploited in the wild since"), 0U) << "the heading says it, the row only since when";
    EXPECT_NE(at("<span class=\"flag\">2022-05-04</span>"), std::string::npos);

    Sample undecided = report_sample::router();
    for (AdvisoryMatch& match : undecided.facts.advisory_matches.rows)
        match.state = MatchState::open_ended;
    EXPECT_EQ(count(page_of(undecided), "2 exposed"), 0U) << "what is not decided has no priority";
}

TEST(Html, SaysWhatWasNotLookedAt) {
    Sample sample = report_sample::router();
    sample.facts = Facts{};
    const std::string page = page_of(sample);
    EXPECT_EQ(count(page, "Nobody looked in this run."), 19U) << "one for each table";
    EXPECT_THAT(page, Not(HasSubstr("No service is started."))) << "not looked is not none";
}

TEST(Html, AnEmptyAssessmentIsAPageToo) {
    const std::string page = html({}, {}, {}, {});
    EXPECT_THAT(page, HasSubstr("</html>"));
    EXPECT_THAT(page, HasSubstr("No requirement applies"));
}

TEST(Shown, NumbersForPeople) {
    EXPECT_EQ(grouped(0), "0");
    EXPECT_EQ(grouped(999), "999");
    EXPECT_EQ(grouped(1000), "1,000");
    EXPECT_EQ(grouped(1234567), "1,234,567");
    EXPECT_EQ(human_size(1023), "1023 B");
    EXPECT_EQ(human_size(16U << 20U), "16.0 MiB");
    EXPECT_EQ(hex_offset(48), "0x000030");
}

}  // namespace
}  // namespace shirushi::report
