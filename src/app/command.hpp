#pragma once
// The subcommands. Each takes plain options, talks to the terminal, and returns the program's exit code: 0 all pass or not
// applicable, 1 some fail, 2 inconclusive, 3 could not run.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "model/catalogue.hpp"

namespace shirushi::app {

inline constexpr int kCouldNotRun = 3;

struct CommonOptions {
    Language language = Language::en;
    bool colour = false;
    bool progress = false;          ///< show what is going on, on standard error
    std::string catalogues_folder;  ///< empty: the one that came with the program
};

struct VerifyOptions {
    std::string image;
    std::string product;    ///< product.toml; empty: none
    std::string catalogue;  ///< "ccds-27"
    std::string output = "shirushi-report";
    std::string as_of;      ///< YYYY-MM-DD; empty: the advisory snapshot's date
};

int run_verify(const CommonOptions& common, const VerifyOptions& options);

struct UnpackOptions {
    std::string image;
    std::string output;  ///< folder to write the tree to; empty: write nothing
    bool files = false;  ///< list every entry, not only the layout
    bool json = false;   ///< the layout as a document on standard output instead of a table
};
int run_unpack(const CommonOptions& common, const UnpackOptions& options);

int run_sbom(const CommonOptions& common, const std::string& image);

struct FeedImportOptions {
    std::vector<std::string> files;
    std::string snapshot;   ///< to be made or brought up to date; empty: the user's own
    std::string kind;       ///< of all files; empty: told by their content
    bool components_only = false;  ///< keep only what concerns the products of components.toml
    std::string today;      ///< YYYY-MM-DD; empty: the clock's
    bool anew = false;      ///< do not start from what the snapshot holds
    bool skip_broken = false;
    bool packed = false;    ///< write it compressed, as the shipped one is
    bool accept_losses = false;
};
int run_feed_import(const CommonOptions& common, const FeedImportOptions& options);
/// What the snapshot is made of, how old it is, and what shrank.
int run_feed_status(const CommonOptions& common, const std::string& snapshot, const std::string& today);

struct InitOptions {
    std::string output = "product.toml";
    bool force = false;
};
int run_init(const CommonOptions& common, const InitOptions& options);

/// Explains a requirement ("B-1") or a check ("SHI-SVC-001"); without an id lists the catalogue's requirements.
int run_explain(const CommonOptions& common, const std::string& id);

int run_help(const CommonOptions& common);

/// Prints what went wrong, in one sentence after the program's name, and returns kCouldNotRun.
int could_not_run(const Error& error);

}  // namespace shirushi::app
