#include <fmt/format.h>

#include "app/command.hpp"
#include "app/pipeline.hpp"
#include "app/progress.hpp"

namespace shirushi::app {
namespace {

void print_regions(const unpack::Tree& tree) {
    for (const Region& region : tree.regions())
        fmt::print("{:#012x} {:>12}  {:<12} {:<12} {:>5.2f}  {}{}\n", region.offset, region.size, name_of(region.kind), region.format, region.entropy,
                   region.path.empty() ? "" : "in " + region.path + ": ", region.description);
}

void print_files(const unpack::Tree& tree) {
    for (const File& file : unpack::file_table(tree).rows)
        fmt::print("{:04o} {:>5} {:>5} {:>10}  {}{}\n", file.mode, file.uid, file.gid, file.size, file.path,
                   file.kind == FileKind::symlink ? " -> " + file.target : "");
}

}  // namespace

int run_unpack(const CommonOptions& common, const UnpackOptions& options) {
    ProgressLine progress(common.progress);
    const auto image = open_image(options.image, [&](std::string_view what, std::uint64_t done, std::uint64_t total) { progress.show(what, done, total); });
    progress.clear();
    if (!image)
        return could_not_run(image.error());
    print_regions(image->tree);
    if (options.files)
        print_files(image->tree);
    for (const std::string& note : image->tree.notes())
        fmt::print("note: {}\n", note);
    for (const std::string& gap : image->tree.gaps())
        fmt::print("not read: {}\n", gap);
    return 0;
}

}  // namespace shirushi::app
