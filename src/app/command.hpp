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
    std::vector<std::string> catalogues;  ///< "ccds-27"; each is judged by, and has its own reports
    std::string output = "shirushi-report";
    std::string as_of;      ///< YYYY-MM-DD; empty: the advisory snapshot's date
    std::string snapshot;   ///< of advisories; empty: the one that came with the program
    std::vector<std::string> statements;  ///< VEX documents, applied to the advisory matches
};

int run_verify(const CommonOptions& common, const VerifyOptions& options);

struct AssessOptions {
    std::string facts;    ///< facts.json of an earlier run
    std::string product;  ///< product.toml; empty: what the facts hold of it
    std::vector<std::string> catalogues;
    std::string output = "shirushi-report";
    std::string as_of;     ///< YYYY-MM-DD; empty: the advisory data's date
    std::string snapshot;  ///< of advisories, to match the components anew; empty: the matches stay as they are
    std::vector<std::string> statements;
};
/// Judges without the image what an earlier run observed.
int run_assess(const CommonOptions& common, const AssessOptions& options);

struct DiffOptions {
    std::string before;  ///< assessment.json, facts.json, or a folder with both
    std::string after;
    bool json = false;
};
/// What changed from one run to the next: 1 when something is worse, 2 when something is open that was not.
int run_diff(const CommonOptions& common, const DiffOptions& options);

struct SignOptions {
    std::string folder;  ///< that verify or assess wrote
    std::string key;     ///< Ed25519 private key, PEM
};
/// Writes attestation.dsse.json into the folder: a signed statement that names each document with its digest.
int run_sign(const CommonOptions& common, const SignOptions& options);

struct VerifyReportOptions {
    std::string folder;
    std::string key;    ///< Ed25519 public key, PEM
    std::string image;  ///< to be held against the statement; empty: not
};
/// 0 when signature, documents, image and verdicts hold; 1 when one does not; 2 when one could not be told.
int run_verify_report(const CommonOptions& common, const VerifyReportOptions& options);

struct UnpackOptions {
    std::string image;
    std::string output;  ///< folder to write the tree to; empty: write nothing
    bool files = false;  ///< list every entry, not only the layout
    bool json = false;   ///< the layout as a document on standard output instead of a table
};
int run_unpack(const CommonOptions& common, const UnpackOptions& options);

struct SbomOptions {
    std::string input;         ///< firmware image or bill of materials
    std::string format;        ///< of the document: "cyclonedx-json" ...; empty: that
    std::string spec_version;  ///< empty: the newest that is written
    std::string created;       ///< RFC 3339 time to state in the document; empty: SOURCE_DATE_EPOCH, or where a time must stand the snapshot's day
    std::string compare;       ///< supplied bill of materials to compare with; empty: none
    bool quality = false;      ///< the minimum elements instead of the document
    bool licences = false;     ///< licences under a policy instead of the document
    std::string policy;        ///< of the user; empty: the catalogues'
    bool json = false;         ///< these answers as JSON
};
/// The document, or one of the answers: 1 when something differs, an element is lacking or a licence is not allowed, 2 when that is open.
int run_sbom(const CommonOptions& common, const SbomOptions& options);

struct VexOptions {
    std::vector<std::string> statements;  ///< OpenVEX, CycloneDX or CSAF documents
    std::string image;                    ///< to apply them to; empty: none
    std::string product;                  ///< product.toml, for the image's name and version; empty: none
    std::string format;                   ///< "text", "openvex" or "cyclonedx-json"
    std::string spec_version;             ///< of CycloneDX; empty: 1.6
    std::string author;                   ///< who makes the statements; empty: whom the first document names
};
/// Lists or converts statements; with an image, 1 when matches remain that no statement sets aside.
int run_vex(const CommonOptions& common, const VexOptions& options);

struct MatchOptions {
    std::string input;     ///< firmware image or bill of materials
    std::string snapshot;  ///< of advisories; empty: the one that came with the program
    std::vector<std::string> statements;  ///< VEX documents, applied to the matches
    bool json = false;     ///< components and matches as facts, instead of a table
    bool all = false;      ///< list what is excluded, too, with the reason
};
/// Which advisories apply to what is in there: 1 when some do, 2 when a person must decide on some.
int run_match(const CommonOptions& common, const MatchOptions& options);

struct StatsOptions {
    std::vector<std::string> files;  ///< snapshots, or tables with one advisory a line
    std::string from;                ///< YYYY-MM-DD; empty: no bound
    std::string to;
    std::string picture;  ///< SVG to write; empty: none
    unsigned top = 0;     ///< the first so many of the first file; 0: the published table with each file's counts beside it
};
/// The ranking of weaknesses that chose the requirements, recomputed.
int run_stats(const CommonOptions& common, const StatsOptions& options);

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

struct FeedUpdateOptions {
    FeedImportOptions import;         ///< where to, and how
    std::vector<std::string> names;   ///< of the list's feeds; empty: those that it wants
    std::string list;                 ///< of the feeds; empty: catalogues/feeds/public.toml
    std::string cache;                ///< folder of the feeds' files; empty: the user's own
    std::string certificates;         ///< PEM file of further authorities
    std::string proxy;                ///< empty: the environment's
    std::vector<std::string> key_files;  ///< "nvd=FILE"
    unsigned attempts = 4;
    bool fetch_only = false;
};
/// Fetches what is new of the feeds, and imports it: 2 when some could not be fetched.
int run_feed_update(const CommonOptions& common, const FeedUpdateOptions& options);
/// What the snapshot is made of, and how old it is.
int run_feed_status(const CommonOptions& common, const std::string& snapshot, const std::string& today);

struct RiskOptions {
    std::string product;  ///< product.toml
    std::string picture;  ///< SVG to write; empty: none
};
/// Where the stated uses place the product on the map of the IoT security and safety framework, and who takes which measures.
int run_risk(const CommonOptions& common, const RiskOptions& options);

struct InitOptions {
    std::string output = "product.toml";
    std::string facts;  ///< facts.json of a run: what it shows is not asked for; empty: everything is
    bool force = false;
};
int run_init(const CommonOptions& common, const InitOptions& options);

struct CatalogueOptions {
    std::string id;           ///< of a catalogue; for coverage empty: all
    std::string requirement;  ///< of it; empty: all
    std::string other;        ///< catalogue to compare with
    bool json = false;
    bool markdown = false;  ///< coverage as docs/coverage.md holds it
};
int run_catalogue_list(const CommonOptions& common, const CatalogueOptions& options);
int run_catalogue_show(const CommonOptions& common, const CatalogueOptions& options);
/// Which requirement of each is reached by the other, through catalogues/crosswalk.toml.
int run_catalogue_compare(const CommonOptions& common, const CatalogueOptions& options);
/// How much of each catalogue the tool decides, and what is left to people.
int run_catalogue_coverage(const CommonOptions& common, const CatalogueOptions& options);

/// Explains a requirement ("B-1") or a check ("SHI-SVC-001"); without an id lists the requirements of ccds-27.
int run_explain(const CommonOptions& common, const std::string& id);

int run_help(const CommonOptions& common);

/// Prints what went wrong, in one sentence after the program's name, and returns kCouldNotRun.
int could_not_run(const Error& error);

}  // namespace shirushi::app
