#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <optional>

#include "app/command.hpp"
#include "app/pipeline.hpp"
#include "app/program_files.hpp"
#include "app/progress.hpp"
#include "base/text.hpp"
#include "extract/extract.hpp"
#include "model/json.hpp"
#include "report/report.hpp"
#include "report/shown.hpp"
#include "report/texts.hpp"

namespace shirushi::app {
namespace {

constexpr const char* kLayoutFile = "layout.json";
constexpr const char* kPictureFile = "layout.svg";

Layout layout_of(const std::string& path, const OpenedImage& image) {
    return {.image = {.name = printable(std::filesystem::path(path).filename().string()), .size = image.file.bytes().size(), .sha256 = image.tree.image_digest()},
            .entropy_map = image.tree.entropy_map(), .regions = unpack::region_table(image.tree), .layers = unpack::layer_table(image.tree),
            .partitions = unpack::partition_table(image.tree), .files = unpack::file_table(image.tree),
            .notes = image.tree.notes(), .left_out = {}};
}

/// The picture is drawn from facts.
Facts facts_of(const Layout& layout) {
    Facts facts;
    facts.image = layout.image;
    facts.entropy_map = layout.entropy_map;
    facts.regions = layout.regions;
    facts.layers = layout.layers;
    facts.partitions = layout.partitions;
    return facts;
}

void print_files(const Layout& layout) {
    fmt::print("\n");
    for (const File& file : layout.files.rows)
        fmt::print("{:04o} {:>5} {:>5} {:>10}  {}{}\n", file.mode, file.uid, file.gid, file.size, file.path,
                   file.kind == FileKind::symlink ? " -> " + file.target : "");
}

void print_summary(const CommonOptions& common, const extract::Summary& summary, const std::string& folder) {
    const auto texts = report::Texts::embedded();
    const auto text = [&](const char* key) { return texts.of(key).in(common.language); };
    fmt::print("\n{}\n", fmt::format(fmt::runtime(text("extract.written")), report::grouped(summary.files), report::human_size(summary.bytes),
                                     report::grouped(summary.folders), report::grouped(summary.links), folder));
    if (summary.mode_bits_dropped != 0)
        fmt::print("{}\n", fmt::format(fmt::runtime(text("extract.mode_bits")), report::grouped(summary.mode_bits_dropped)));
    if (!summary.left_out.empty())
        fmt::print("{}\n", fmt::format(fmt::runtime(text("extract.left_out")), report::grouped(summary.left_out.size()), folder + "/" + kLayoutFile));
}

Result<void> run(const CommonOptions& common, const UnpackOptions& options) {
    ProgressLine progress(common.progress);
    const OpenedImage image = TRY(open_image(options.image, [&](std::string_view what, std::uint64_t done, std::uint64_t total) { progress.show(what, done, total); }));
    Layout layout = layout_of(options.image, image);
    std::optional<extract::Summary> summary;
    if (!options.output.empty()) {
        progress.show(options.output, 1, 1);
        summary = TRY(extract::write_tree(image.tree, options.output));
        layout.left_out = summary->left_out;
        const OutputFolder folder = TRY(OutputFolder::open(options.output));
        TRY(folder.write({{kLayoutFile, to_json(layout)}, {kPictureFile, report::layout_svg(facts_of(layout), common.language)}}, Durability::later));
    }
    progress.clear();
    if (options.json) {
        std::fputs(to_json(layout).c_str(), stdout);
        return {};
    }
    fmt::print("{}", report::terminal_layout(layout, {.language = common.language}));
    if (options.files)
        print_files(layout);
    if (summary)
        print_summary(common, *summary, options.output);
    return {};
}

}  // namespace

int run_unpack(const CommonOptions& common, const UnpackOptions& options) {
    const auto done = run(common, options);
    return done ? 0 : could_not_run(done.error());
}

}  // namespace shirushi::app
