// The program's table of contents: every subcommand, its options, and nothing else.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <string>

#include "app/command.hpp"
#include "app/version.hpp"

namespace {

using namespace shirushi;
using namespace shirushi::app;

Language language_of(const std::string& wanted) {
    if (!wanted.empty())
        return wanted == "ja" ? Language::ja : Language::en;
    for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"})
        if (const char* value = std::getenv(name); value != nullptr && *value != '\0')
            return std::string_view(value).starts_with("ja") ? Language::ja : Language::en;
    return Language::en;
}

struct Arguments {
    std::string language;
    std::string catalogues;
    bool no_colour = false;
    bool quiet = false;
    VerifyOptions verify;
    AssessOptions assess;
    DiffOptions diff;
    SignOptions sign;
    VerifyReportOptions verify_report;
    UnpackOptions unpack;
    InitOptions init;
    RiskOptions risk;
    FeedImportOptions feed;
    FeedUpdateOptions update;
    MatchOptions match;
    StatsOptions stats;
    SbomOptions sbom;
    VexOptions vex;
    CatalogueOptions catalogue;
    std::string id;
};

/// What `verify` and `assess` judge by.
template <class Options>
void describe_judgement(CLI::App* command, Options& options) {
    command->add_option("-p,--product", options.product, "product.toml: what the maker declares (shirushi init writes one)");
    command->add_option("-o,--output", options.output, "folder for the reports")->capture_default_str();
    command->add_option("--catalogue", options.catalogues, "which requirements (default: ccds-27); may be given several times: shirushi catalogue list")
        ->allow_extra_args(false);
    command->add_option("--as-of", options.as_of, "day of the judgement, YYYY-MM-DD (default: the advisory data's date)");
    command->add_option("--vex", options.statements, "statements about vulnerabilities (OpenVEX, CycloneDX, CSAF) to hear; may be repeated");
}

void describe_judging(CLI::App& program, Arguments& arguments) {
    auto* verify = program.add_subcommand("verify", "firmware image in, a verdict for each requirement and reports out");
    verify->add_option("image", arguments.verify.image, "firmware image")->required();
    describe_judgement(verify, arguments.verify);
    verify->add_option("--snapshot", arguments.verify.snapshot, "advisory snapshot (default: the program's own; shirushi feed import makes one)");

    auto* assess = program.add_subcommand("assess", "judge again, without the image, what an earlier run observed");
    assess->add_option("facts", arguments.assess.facts, "facts.json of that run")->required();
    describe_judgement(assess, arguments.assess);
    assess->add_option("--snapshot", arguments.assess.snapshot, "match the components anew with this advisory snapshot (default: the matches of that run)");

    auto* diff = program.add_subcommand("diff", "what changed from one firmware version to the next: verdicts, findings, components, services ...");
    diff->add_option("before", arguments.diff.before, "folder that verify wrote, or its assessment.json or facts.json")->required();
    diff->add_option("after", arguments.diff.after, "the same of the later version")->required();
    diff->add_flag("--json", arguments.diff.json, "as JSON instead of text");

    auto* sign = program.add_subcommand("sign", "sign the reports of a run: an in-toto statement that names each with its digest");
    sign->add_option("folder", arguments.sign.folder, "folder that verify or assess wrote")->required();
    sign->add_option("--key", arguments.sign.key, "Ed25519 private key (PEM); openssl genpkey -algorithm ed25519 makes one")->required();

    auto* verify_report = program.add_subcommand("verify-report", "are signed reports what was signed, and do the verdicts follow from the facts?");
    verify_report->add_option("folder", arguments.verify_report.folder, "folder with the reports and attestation.dsse.json")->required();
    verify_report->add_option("--key", arguments.verify_report.key, "Ed25519 public key of the signer (PEM)")->required();
    verify_report->add_option("--image", arguments.verify_report.image, "the image that the reports should be about");
}

void describe_documents(CLI::App& program, Arguments& arguments) {
    auto* sbom = program.add_subcommand("sbom", "software bill of materials of an image, or one that was handed in, on standard output");
    sbom->add_option("input", arguments.sbom.input, "firmware image, or CycloneDX or SPDX document")->required();
    sbom->add_option("--format", arguments.sbom.format, "what to write (default: cyclonedx-json)")
        ->check(CLI::IsMember({"cyclonedx-json", "cyclonedx-xml", "spdx-json", "spdx-tag-value"}));
    sbom->add_option("--spec-version", arguments.sbom.spec_version, "CycloneDX 1.4, 1.5 or 1.6; SPDX 2.3 (default: the newest)");
    sbom->add_option("--created", arguments.sbom.created, "time to state in the document, as 2026-11-23T00:00:00Z (default: SOURCE_DATE_EPOCH)");
    auto* compare = sbom->add_option("--compare", arguments.sbom.compare, "hold this bill of materials against what is found in the image");
    auto* quality = sbom->add_flag("--quality", arguments.sbom.quality, "how much of NTIA's minimum elements the document has");
    auto* licences = sbom->add_flag("--licences,--licenses", arguments.sbom.licences, "licences with their evidence, under a policy");
    sbom->add_option("--policy", arguments.sbom.policy, "your own licence policy (TOML)")->needs(licences);
    sbom->add_flag("--json", arguments.sbom.json, "these three as JSON instead of text");
    compare->excludes(quality, licences);
    quality->excludes(licences);

    auto* vex = program.add_subcommand("vex", "statements about vulnerabilities (OpenVEX, CycloneDX, CSAF): list, convert, apply to an image");
    vex->add_option("statements", arguments.vex.statements, "documents with statements")->required();
    vex->add_option("--image", arguments.vex.image, "firmware image to apply them to");
    vex->add_option("-p,--product", arguments.vex.product, "product.toml: the image's name and version");
    vex->add_option("--format", arguments.vex.format, "write the statements as this (default: text)")
        ->check(CLI::IsMember({"text", "openvex", "cyclonedx-json"}));
    vex->add_option("--spec-version", arguments.vex.spec_version, "CycloneDX 1.4, 1.5 or 1.6 (default: 1.6)");
    vex->add_option("--author", arguments.vex.author, "who makes the statements (default: whom the first document names)");
}

void describe_feeds(CLI::App& program, Arguments& arguments) {
    auto* feed = program.add_subcommand("feed", "public vulnerability data: fetch it, bring it in, see how old it is");
    auto* import = feed->add_subcommand("import", "feeds (NVD, CVE, JVN, KEV, EPSS, OSV, Debian, Alpine, CSAF, CWE; plain, xz, gz, zst, zip) into a snapshot");
    import->add_option("files", arguments.feed.files, "the feeds' files")->required();
    import->add_option("--snapshot", arguments.feed.snapshot, "the snapshot (default: ~/.local/share/shirushi/advisories.snapshot)");
    import->add_option("--kind", arguments.feed.kind, "what the files are (default: told by their content)");
    import->add_option("--today", arguments.feed.today, "day of the import, YYYY-MM-DD (default: the clock's)");
    import->add_flag("--anew", arguments.feed.anew, "start from nothing instead of what the snapshot holds");
    import->add_flag("--components-only", arguments.feed.components_only, "keep only what concerns the products of components.toml");
    import->add_flag("--packed", arguments.feed.packed, "write the snapshot compressed");
    import->add_flag("--skip-broken", arguments.feed.skip_broken, "leave out records that cannot be read, and count them");
    import->add_flag("--accept-losses", arguments.feed.accept_losses, "take a feed that holds fewer records than last time");
    auto* update = feed->add_subcommand("update", "fetch what is new of public feeds over HTTPS, then import it");
    update->add_option("names", arguments.update.names, "feeds of the list (default: those that it wants)");
    update->add_option("--feeds", arguments.update.list, "list of the feeds and where they are (default: catalogues/feeds/public.toml)");
    update->add_option("--cache", arguments.update.cache, "folder for the feeds' files (default: ~/.cache/shirushi/feeds)");
    update->add_option("--snapshot", arguments.update.import.snapshot, "the snapshot (default: ~/.local/share/shirushi/advisories.snapshot)");
    update->add_option("--certificates", arguments.update.certificates, "PEM file of certificate authorities that count beside the system's");
    update->add_option("--proxy", arguments.update.proxy, "proxy, as http://host:port (default: https_proxy's)");
    update->add_option("--key-file", arguments.update.key_files, "FEED=FILE: the file holds the feed's API key (default: the variable that the list names)")
        ->allow_extra_args(false);
    update->add_option("--attempts", arguments.update.attempts, "of each request")->check(CLI::Range(1, 10))->capture_default_str();
    update->add_flag("--fetch-only", arguments.update.fetch_only, "import nothing");
    update->add_option("--today", arguments.update.import.today, "day of the import, YYYY-MM-DD (default: the clock's)");
    update->add_flag("--components-only", arguments.update.import.components_only, "keep only what concerns the products of components.toml");
    update->add_flag("--skip-broken", arguments.update.import.skip_broken, "leave out records that cannot be read, and count them");
    update->add_flag("--accept-losses", arguments.update.import.accept_losses, "take a feed that holds fewer records than last time");
    auto* status = feed->add_subcommand("status", "what a snapshot is made of, and how old it is");
    status->add_option("--snapshot", arguments.feed.snapshot, "the snapshot (default: the user's own)");
    status->add_option("--today", arguments.feed.today, "the day, YYYY-MM-DD (default: the clock's)");
    feed->require_subcommand(1);
}

void describe_catalogues(CLI::App& program, Arguments& arguments) {
    auto* catalogue = program.add_subcommand("catalogue", "the requirement catalogues: list, read, compare, how much of each is decided by tool");
    auto* list = catalogue->add_subcommand("list", "the catalogues there are");
    auto* show = catalogue->add_subcommand("show", "a catalogue's requirements, or one of them in full");
    auto* compare = catalogue->add_subcommand("compare", "which requirements of one catalogue are reached by another, and the other way round");
    auto* coverage = catalogue->add_subcommand("coverage", "how many requirements are decided by tool, guided, by declaration, by a person");
    show->add_option("catalogue", arguments.catalogue.id, "ccds-27 ...")->required();
    show->add_option("requirement", arguments.catalogue.requirement, "B-1 ...");
    compare->add_option("catalogue", arguments.catalogue.id, "ccds-27 ...")->required();
    compare->add_option("other", arguments.catalogue.other, "jcstar-1 ...")->required();
    coverage->add_option("catalogue", arguments.catalogue.id, "only this one, with its requirements by name");
    auto* markdown = coverage->add_flag("--markdown", arguments.catalogue.markdown, "as a document (docs/coverage.md)");
    for (auto* command : {list, show, compare, coverage})
        command->add_flag("--json", arguments.catalogue.json, "as JSON instead of text");
    markdown->excludes("--json");
    catalogue->require_subcommand(1);
}

void describe(CLI::App& program, Arguments& arguments) {
    program.set_version_flag("--version", std::string("shirushi ") + kVersion);
    program.add_option("--lang", arguments.language, "language of the terminal: ja or en (default: LANG's)")->check(CLI::IsMember({"ja", "en"}));
    program.add_option("--catalogues", arguments.catalogues, "folder with requirements, checks and word lists (default: the program's own)");
    program.add_flag("--no-colour,--no-color", arguments.no_colour, "no colours, also when writing to a terminal");
    program.add_flag("-q,--quiet", arguments.quiet, "no progress on standard error");

    describe_judging(program, arguments);

    auto* unpack = program.add_subcommand("unpack", "what is in an image: every byte of it, explained or listed as unexplained");
    unpack->add_option("image", arguments.unpack.image, "firmware image")->required();
    unpack->add_option("-o,--output", arguments.unpack.output, "new folder to write everything found to, as a tree to browse");
    unpack->add_flag("--json", arguments.unpack.json, "the layout as JSON instead of a table");
    unpack->add_flag("--files", arguments.unpack.files, "list the files too");

    describe_documents(program, arguments);

    auto* match = program.add_subcommand("match", "published vulnerabilities of what is in a bill of materials or an image, with the reason for each");
    match->add_option("input", arguments.match.input, "bill of materials (CycloneDX, SPDX) or firmware image")->required();
    match->add_option("--snapshot", arguments.match.snapshot, "advisory snapshot (default: the program's own; shirushi feed import makes one)");
    match->add_option("--vex", arguments.match.statements, "statements about vulnerabilities (OpenVEX, CycloneDX, CSAF) to hear; may be repeated");
    match->add_flag("--all", arguments.match.all, "also what was excluded, and why");
    match->add_flag("--json", arguments.match.json, "components and matches as facts.json");

    describe_feeds(program, arguments);

    auto* stats = program.add_subcommand("stats", "figures drawn from advisory data");
    auto* top = stats->add_subcommand("cwe-top", "which weaknesses advisories are about: the table that chose the 27 requirements, with the same counts of other data beside it");
    top->add_option("files", arguments.stats.files, "advisory snapshots, or tables with one advisory a line")->required();
    top->add_option("--from", arguments.stats.from, "first day of publication, YYYY-MM-DD");
    top->add_option("--to", arguments.stats.to, "last day of publication, YYYY-MM-DD");
    top->add_option("--top", arguments.stats.top, "instead: the first so many of the first file");
    top->add_option("--picture", arguments.stats.picture, "also how the ranking moved from year to year, as SVG");
    stats->require_subcommand(1);

    auto* init = program.add_subcommand("init", "write a product.toml by answering questions");
    init->add_option("-o,--output", arguments.init.output, "file to write")->capture_default_str();
    init->add_option("--facts", arguments.init.facts, "facts.json that verify wrote: what the image shows is filled in instead of asked for");
    init->add_flag("--force", arguments.init.force, "replace the file if it exists");

    auto* risk = program.add_subcommand("risk", "where the uses that product.toml states place the product (IoT-SSF), and who takes which measures");
    risk->add_option("product", arguments.risk.product, "product.toml with [[uses]]")->required();
    risk->add_option("--picture", arguments.risk.picture, "also the map, as SVG");

    auto* explain = program.add_subcommand("explain", "what a requirement asks or a check looks at; without an id: list those of ccds-27");
    explain->add_option("id", arguments.id, "B-1, SHI-...");
    describe_catalogues(program, arguments);
    program.require_subcommand(0, 1);
}

int run_catalogue(const CLI::App& command, const CommonOptions& common, const CatalogueOptions& options) {
    if (command.got_subcommand("list"))
        return run_catalogue_list(common, options);
    if (command.got_subcommand("show"))
        return run_catalogue_show(common, options);
    return command.got_subcommand("compare") ? run_catalogue_compare(common, options) : run_catalogue_coverage(common, options);
}

}  // namespace

int main(int count, char** values) {
    CLI::App program("From an IoT product's firmware to a verdict per requirement, a report and a mark anyone can check.", "shirushi");
    Arguments arguments;
    describe(program, arguments);
    try {
        program.parse(count, values);
    } catch (const CLI::ParseError& error) {
        return program.exit(error) == 0 ? 0 : kCouldNotRun;
    }
    const CommonOptions common{.language = language_of(arguments.language),
                               .colour = !arguments.no_colour && isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr,
                               .progress = !arguments.quiet && isatty(STDERR_FILENO) != 0,
                               .catalogues_folder = arguments.catalogues};
    if (program.got_subcommand("verify"))
        return run_verify(common, arguments.verify);
    if (program.got_subcommand("assess"))
        return run_assess(common, arguments.assess);
    if (program.got_subcommand("diff"))
        return run_diff(common, arguments.diff);
    if (program.got_subcommand("sign"))
        return run_sign(common, arguments.sign);
    if (program.got_subcommand("verify-report"))
        return run_verify_report(common, arguments.verify_report);
    if (program.got_subcommand("unpack"))
        return run_unpack(common, arguments.unpack);
    if (program.got_subcommand("sbom"))
        return run_sbom(common, arguments.sbom);
    if (program.got_subcommand("match"))
        return run_match(common, arguments.match);
    if (program.got_subcommand("stats"))
        return run_stats(common, arguments.stats);
    if (program.got_subcommand("feed")) {
        const auto* const feed = program.get_subcommand("feed");
        if (feed->got_subcommand("update"))
            return run_feed_update(common, arguments.update);
        return feed->got_subcommand("import") ? run_feed_import(common, arguments.feed) : run_feed_status(common, arguments.feed.snapshot, arguments.feed.today);
    }
    if (program.got_subcommand("vex"))
        return run_vex(common, arguments.vex);
    if (program.got_subcommand("init"))
        return run_init(common, arguments.init);
    if (program.got_subcommand("risk"))
        return run_risk(common, arguments.risk);
    if (program.got_subcommand("catalogue"))
        return run_catalogue(*program.get_subcommand("catalogue"), common, arguments.catalogue);
    if (program.got_subcommand("explain"))
        return run_explain(common, arguments.id);
    return run_help(common);
}
