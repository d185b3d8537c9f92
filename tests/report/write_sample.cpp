// write_sample DIRECTORY: the sample's documents as files, for people who change a page and want to look at it, for the
// browser test and for the validators.
#include <fmt/core.h>

#include <fstream>

#include "model/json.hpp"
#include "report/report.hpp"
#include "sample.hpp"

int main(int argc, char** argv) {
    if (argc != 2) {
        fmt::print(stderr, "usage: write_sample DIRECTORY\n");
        return 2;
    }
    using namespace shirushi;
    const auto write = [&](std::string_view name, const std::string& text) {
        std::ofstream file(fmt::format("{}/{}", argv[1], name), std::ios::binary);
        file << text;
        return file.good();
    };
    const auto pages = [&](std::string_view name, const report_sample::Sample& sample) {
        return write(fmt::format("{}.html", name), report::html(sample.assessment, sample.facts, sample.catalogue, sample.checks)) &&
               write(fmt::format("{}.sarif", name), report::sarif(sample.assessment, sample.checks)) &&
               write(fmt::format("{}.assessment.json", name), to_json(sample.assessment)) &&
               write(fmt::format("{}.facts.json", name), to_json(sample.facts)) &&
               write(fmt::format("{}.layout-en.svg", name), report::layout_svg(sample.facts, Language::en)) &&
               write(fmt::format("{}.layout-ja.svg", name), report::layout_svg(sample.facts, Language::ja));
    };
    return pages("router", report_sample::router()) && pages("hostile", report_sample::hostile("</script><img src=x onerror=alert(1)>\"'&")) &&
                   pages("large", report_sample::large())
               ? 0
               : 1;
}
