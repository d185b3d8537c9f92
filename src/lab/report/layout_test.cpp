#include "report/layout.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "report/report.hpp"
#include "sample.hpp"

namespace shirushi::report {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::uint64_t kMebibyte = 1 << 20;

Facts image_of(std::vector<Region> regions) {
    Facts facts;
    facts.regions.observed = true;
    facts.regions.rows = std::move(regions);
    return facts;
}

DrawnLayout laid_out(const Facts& facts) { return lay_out(facts, Texts::embedded()); }

TEST(Layout, WidthsAreTrueToScale) {
    const DrawnLayout layout = laid_out(image_of({{.offset = 0, .size = kMebibyte, .kind = RegionKind::format, .format = "squashfs"},
                                             {.offset = kMebibyte, .size = 3 * kMebibyte, .kind = RegionKind::padding, .format = "0xff"}}));
    ASSERT_EQ(layout.regions.size(), 2U);
    EXPECT_DOUBLE_EQ(layout.regions[0].x, scale_left);
    EXPECT_NEAR(layout.regions[1].width, 3 * layout.regions[0].width, 1e-6);
    EXPECT_EQ(layout.regions[1].style, "padding");
    EXPECT_EQ(layout.regions[0].title.en, "squashfs 0x000000 - 0x100000 (1.0 MiB)");
    EXPECT_TRUE(layout.marks.empty());
}

TEST(Layout, WhatIsTooSmallIsMarkedNotWidened) {
    const DrawnLayout layout = laid_out(image_of({{.offset = 0, .size = 64 * kMebibyte, .kind = RegionKind::format, .format = "ext"},
                                             {.offset = 64 * kMebibyte, .size = 512, .kind = RegionKind::damaged, .format = "gzip"},
                                             {.offset = 64 * kMebibyte + 512, .size = 64 * kMebibyte, .kind = RegionKind::format, .format = "ubi"}}));
    ASSERT_EQ(layout.regions.size(), 3U);
    EXPECT_LT(layout.regions[1].width, 0.1);
    ASSERT_EQ(layout.marks.size(), 1U);
    EXPECT_TRUE(layout.marks[0].notable);
}

TEST(Layout, HundredsOfSmallRegionsBecomeBlocks) {
    std::vector<Region> regions;
    for (std::uint64_t i = 0; i < 5000; ++i)
        regions.push_back({.offset = i * 4096, .size = 4096, .kind = RegionKind::format, .format = i % 2 == 0 ? "gzip" : "xz"});
    const DrawnLayout layout = laid_out(image_of(regions));
    ASSERT_EQ(layout.regions.size(), 1U);
    EXPECT_EQ(layout.regions[0].style, "many");
    EXPECT_EQ(layout.regions[0].label.en, "5000 small regions");
    EXPECT_LE(layout.marks.size(), 120U);
}

TEST(Layout, GuessesHaveTheirOwnStyleAndName) {
    const DrawnLayout layout = laid_out(image_of({{.offset = 0, .size = kMebibyte, .guess = RegionGuess::code, .architecture = "mipsel"}}));
    EXPECT_EQ(layout.regions[0].style, "guess-code");
    EXPECT_EQ(layout.regions[0].label.en, "machine code: mipsel");
    EXPECT_EQ(layout.legend[0].name.en, "Unexplained: machine code");
}

TEST(Layout, ShowsWhatLiesInside) {
    const DrawnLayout layout = laid_out(report_sample::router().facts);
    ASSERT_EQ(layout.inside.size(), 2U);
    EXPECT_EQ(layout.inside[0][0].label.en, "kernel: lzma") << "the stream and what fills it are one shape";
    EXPECT_FALSE(layout.inside[0][0].unpacked);
    const Shape& cpio = layout.inside[1][0];
    EXPECT_TRUE(cpio.unpacked);
    EXPECT_GE(cpio.x, layout.inside[0][0].x);
    EXPECT_LE(cpio.x + cpio.width, layout.inside[0][0].x + layout.inside[0][0].width + 1e-6);
    EXPECT_EQ(layout.partitions.size(), 4U);
    EXPECT_FALSE(layout.entropy.empty());
}

TEST(Layout, HostileNumbersStayInThePicture) {
    Facts facts = image_of({{.offset = UINT64_MAX - 1, .size = UINT64_MAX}, {.offset = 5, .size = UINT64_MAX}, {.offset = 0, .size = 0}});
    facts.layers.rows = {{.path = "a", .parent = "b"}, {.path = "c", .parent = "", .offset = UINT64_MAX, .size = UINT64_MAX},
                         {.path = "c/d", .parent = "c", .format = "x", .offset = UINT64_MAX, .size = UINT64_MAX}};
    facts.partitions.rows = {{.offset = UINT64_MAX - 2, .size = UINT64_MAX, .of_image = true}};
    facts.entropy_map = EntropyMap{.block_size = UINT64_MAX, .values = {1e300, -5}};
    const DrawnLayout layout = laid_out(facts);
    for (const auto& shapes : {layout.regions, layout.partitions})
        for (const Shape& shape : shapes) {
            EXPECT_GE(shape.x, scale_left);
            EXPECT_LE(shape.x + shape.width, scale_right + 1e-6);
        }
    EXPECT_THAT(layout_svg({}, Language::ja), HasSubstr("</svg>"));
}

TEST(Layout, AFileOfItsOwn) {
    const Facts facts = report_sample::hostile("</svg><script>alert(1)</script>").facts;
    for (const Language language : {Language::en, Language::ja}) {
        const std::string svg = layout_svg(facts, language);
        EXPECT_TRUE(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""));
        EXPECT_THAT(svg, Not(HasSubstr("<script")));
        EXPECT_THAT(svg, Not(HasSubstr("href")));
        EXPECT_THAT(svg, HasSubstr("<desc id=\"regions\">"));
        EXPECT_EQ(svg, layout_svg(facts, language));
    }
    EXPECT_THAT(layout_svg(facts, Language::ja), HasSubstr("イメージの構成"));
    EXPECT_THAT(layout_svg(facts, Language::ja), Not(HasSubstr("Entropy, 0 to 8")));
}

}  // namespace
}  // namespace shirushi::report
