#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>

#include "app/command.hpp"
#include "app/version.hpp"
#include "report/texts.hpp"

namespace shirushi::app {
namespace {

/// The example image that came with the program, as a path to type: beside the installed program or above the build folder.
std::string example_image() {
    namespace fs = std::filesystem;
    std::error_code error;
    const fs::path program = fs::read_symlink("/proc/self/exe", error);
    for (fs::path folder = program.parent_path(); folder != folder.root_path(); folder = folder.parent_path())
        for (const char* place : {"share/shirushi/examples/router.bin", "examples/router.bin"})
            if (fs::exists(folder / place, error)) {
                const fs::path near = fs::proximate(folder / place, error);
                return error || near.string().starts_with("..") ? (folder / place).string() : near.string();
            }
    return "firmware.bin";
}

}  // namespace

int run_help(const CommonOptions& common) {
    const auto texts = report::Texts::embedded();
    const auto text = [&](const char* key) { return texts.of(key).in(common.language); };
    const char* named = std::getenv("SHIRUSHI_COMMAND");
    const std::string command = named == nullptr ? "shirushi" : named;
    fmt::print("shirushi {}: {}\n\n{}\n  {} verify {}\n\n{}\n", kVersion, text("help.what"), text("help.first"), command, example_image(), text("help.then"));
    for (const char* key : {"help.verify", "help.assess", "help.diff", "help.sign", "help.verify-report", "help.init", "help.unpack", "help.sbom", "help.match", "help.vex", "help.feed", "help.stats", "help.risk", "help.catalogue", "help.explain"})
        fmt::print("  {:<13} {}\n", key + std::string_view("help.").size(), text(key));
    fmt::print("\n{}\n", text("help.more"));
    return 0;
}

int could_not_run(const Error& error) {
    fmt::print(stderr, "shirushi: {}\n", error.message);
    return kCouldNotRun;
}

}  // namespace shirushi::app
