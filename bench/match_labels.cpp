// match_labels SNAPSHOT CATALOGUES LABELS.jsonl[.xz] [--list]: how the matcher agrees with people's verdicts, by cause. A line of the labels is
// {"image", "package", "version", "cve", "label": "TP" or "FP"}. Every package goes through what a bill of materials goes through.
//
// A label counts where the snapshot holds the record that its verdict is made of: NVD's for a program under its own version, the
// distribution's for a distribution's package. The others are listed as what they are. Packages that carry a program's name without being
// it are told by bench/label_identities.tsv; without that file's types no matcher could know.

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>

#include <fmt/format.h>

#include "base/text.hpp"
#include "bench/snapshot_file.hpp"
#include "catalog/catalog.hpp"
#include "feeds/feed_file.hpp"
#include "feeds/json.hpp"
#include "feeds/json_records.hpp"
#include "sbom/documents/documents.hpp"
#include "vuln/vuln.hpp"

namespace shirushi {
namespace {

struct Label {
    std::string image;
    std::string package;
    std::string version;
    std::string cve;
    bool positive = false;
};

Result<std::vector<Label>> read_labels(const std::string& path) {
    auto file = TRY(feeds::FeedFile::open(path));
    feeds::JsonCutter cutter(feeds::Layout::values, "");
    (void)TRY(file.next_member());
    for (std::string_view piece = TRY(file.read()); !piece.empty(); piece = TRY(file.read()))
        TRY(cutter.push(piece));
    TRY(cutter.finish());
    const feeds::Batch batch = cutter.take();
    feeds::JsonParser parser;
    std::vector<Label> labels;
    for (const auto& each : batch.records) {
        const feeds::Json record = TRY(parser.parse(std::string_view(batch.text).substr(each.begin, each.size)));
        const auto text = [&](const char* field) { return std::string(record[field].text()); };
        if (text("label") == "TP" || text("label") == "FP")
            labels.push_back({text("image"), text("package"), text("version"), text("cve"), text("label") == "TP"});
    }
    return labels;
}

/// Why a label counts, or does not.
enum class Cause {
    program,       ///< counts: a program under its own version; NVD has the record
    alpine,        ///< counts: Alpine's data has the package and the advisory
    namesake,      ///< counts: a language's package that is called as a program, and whose alarm is false
    owned,         ///< a program that a distribution's package brought, and which has labels of its own: one component here, two there
    debian,        ///< a package of Debian or Ubuntu, whose data the snapshot lacks: upstream's ranges are a hint
    red_hat,       ///< a package of RHEL and its kin: the same
    alpine_other,  ///< a package of Alpine's, or of somebody who numbers as they do, that their data does not name with this advisory
    other,         ///< another package, or an advisory that the snapshot lacks for the product
};
constexpr std::array<const char*, 8> kCauses = {"program", "alpine", "namesake", "owned", "debian", "red_hat", "alpine_other", "other"};
constexpr bool counts(Cause cause) { return cause <= Cause::namesake; }

/// How a version is written by whoever packaged it.
Cause packaged_by(std::string_view version) {
    if (version.find(".el") != std::string_view::npos || version.find(".amzn") != std::string_view::npos || version.find(".module") != std::string_view::npos)
        return Cause::red_hat;
    if (vuln::has_distribution_revision(version, vuln::VersionScheme::apk))
        return Cause::alpine_other;
    return vuln::has_distribution_revision(version, vuln::VersionScheme::dpkg) && version.find("-DEV") == std::string_view::npos ? Cause::debian : Cause::program;
}

/// "1:1.19.3-7ubuntu1" -> "1.19"
std::string release_of(std::string_view version) {
    if (const auto colon = version.find(':'); colon != std::string_view::npos)
        version.remove_prefix(colon + 1);
    const auto dot = version.find('.');
    return std::string(version.substr(0, dot == std::string_view::npos ? dot : version.find_first_not_of("0123456789", dot + 1)));
}

using Identities = std::map<std::pair<std::string, std::string>, std::string>;  // package and version -> type of purl

Result<Identities> read_identities(const std::string& path) {
    std::ifstream file(path);
    if (!file)
        return fail(Errc::not_found, path + " cannot be read");
    Identities identities;
    for (std::string line; std::getline(file, line);) {
        std::istringstream fields(line);
        std::string package;
        std::string version;
        std::string type;
        if (!line.starts_with('#') && std::getline(fields, package, '\t') && std::getline(fields, version, '\t') && std::getline(fields, type, '\t'))
            identities[{package, version}] = type;
    }
    return identities;
}

/// What the labels of one image say of it as a whole.
struct Image {
    std::set<std::pair<std::string, std::string>> packages;  // name and version
    std::string alpine;                                      // its release, guessed; empty: unknown
};

/// The release of Alpine whose data names most of the image's packages in the versions that the image has, or in other builds of them.
/// Nothing where the image is somebody else's: Alpine has no glibc.
std::string alpine_release(const Image& image, const vuln::Snapshot& snapshot) {
    const auto glibc = image.packages.lower_bound({"glibc", ""});
    if (glibc != image.packages.end() && glibc->first == "glibc")
        return "";
    constexpr int kSameBuild = 4;
    const auto upstream = [](std::string_view version) { return vuln::upstream_part(version, vuln::VersionScheme::apk); };
    const auto older = [](const std::string& left, const std::string& right) { return vuln::compare_versions(left, right, vuln::VersionScheme::generic) < 0; };
    std::map<std::string, int, decltype(older)> votes(older);  // of equals the oldest: later ones list what earlier ones had
    for (const auto& product : snapshot.products()) {
        const std::string_view name = snapshot.text(product.product);
        if (!name.starts_with("apk/alpine/"))
            continue;
        const auto slash = name.find('/', 11);
        const std::string package(name.substr(slash + 1));
        for (auto at = image.packages.lower_bound({package, ""}); at != image.packages.end() && at->first == package; ++at) {
            int most = 0;
            for (const auto& criterion : snapshot.criteria(product)) {
                const std::string_view mended = snapshot.text(snapshot.range(criterion.range).end);
                most = std::max(most, mended == at->second ? kSameBuild : upstream(mended) == upstream(at->second) ? 1 : 0);
            }
            votes[std::string(name.substr(11, slash - 11))] += most;
        }
    }
    const auto most = std::ranges::max_element(votes, {}, [](const auto& each) { return each.second; });
    return most == votes.end() || most->second == 0 ? "" : most->first;
}

class Count {
public:
    Count(const vuln::Snapshot& snapshot, const catalog::Library& library, Identities identities)
        : snapshot_(snapshot), identities_(std::move(identities)), products_({}, aliases_of(library)) {
        for (const auto& entry : library.components)
            if (const auto scheme = vuln::scheme_from_name(entry.version_scheme))
                names_.push_back({.product = entry.product, .cpe = entry.cpe, .scheme = *scheme});
    }

    void add(const std::vector<Label>& labels) {
        for (const Label& each : labels)
            images_[each.image].packages.emplace(each.package, each.version);
        for (auto& [name, image] : images_)
            image.alpine = alpine_release(image, snapshot_);
        for (const Label& each : labels)
            add(each);
    }

    void print(bool list) const {
        fmt::print("{:<14} {:>6} {:>7} {:>6} {:>6} {:>6}   recall  precision\n", "cause", "hit", "missed", "denied", "alarm", "quiet");
        Tally all;
        for (std::size_t i = 0; i < kCauses.size(); ++i) {
            if (counts(static_cast<Cause>(i)))
                all += tally_[i];
            print(kCauses[i], tally_[i]);
            if (static_cast<Cause>(i) == Cause::namesake)
                print("all that count", all);
        }
        for (const auto& [line, times] : disagreements_)
            if (list)
                fmt::print("  {} ({} times)\n", line, times);
    }

private:
    struct Tally {
        int hit = 0, missed = 0, denied = 0, alarm = 0, quiet = 0;
        Tally& operator+=(const Tally& other) {
            hit += other.hit, missed += other.missed, denied += other.denied, alarm += other.alarm, quiet += other.quiet;
            return *this;
        }
    };
    struct Judged {
        Cause cause = Cause::other;
        Component component;
        std::map<std::string, MatchState, std::less<>> states;
    };

    static std::vector<sbom::ProductAlias> aliases_of(const catalog::Library& library) {
        std::vector<sbom::ProductAlias> aliases;
        for (const auto& entry : library.components)
            aliases.push_back({.product = entry.product, .names = {}, .cpe = entry.cpe});
        return aliases;
    }

    static void print(const char* name, const Tally& tally) {
        const auto share = [](int part, int rest) { return part + rest == 0 ? std::string("-") : fmt::format("{:.3f}", 1.0 * part / (part + rest)); };
        fmt::print("{:<14} {:>6} {:>7} {:>6} {:>6} {:>6}   {:>6}  {:>9}\n", name, tally.hit, tally.missed, tally.denied, tally.alarm, tally.quiet, share(tally.hit, tally.missed), share(tally.hit, tally.alarm));
    }

    /// A program that a distribution's package of the same image brought.
    [[nodiscard]] bool is_owned(const Label& label) const {
        return std::ranges::any_of(images_.at(label.image).packages, [&](const auto& each) {
            return each.first.starts_with(label.package) && packaged_by(each.second) != Cause::program && release_of(each.second) == release_of(label.version);
        });
    }

    [[nodiscard]] std::pair<Cause, std::string> purl_of(const Label& label) const {
        if (const auto found = identities_.find({label.package, label.version}); found != identities_.end())
            return {Cause::namesake, fmt::format("pkg:{}/{}@{}", found->second, label.package, label.version)};
        const Cause cause = packaged_by(label.version);
        const std::string& version = label.version;
        const std::string& alpine = images_.at(label.image).alpine;
        if (cause == Cause::alpine_other)
            return {cause, fmt::format("pkg:apk/alpine/{}@{}{}", label.package, version, alpine.empty() ? "" : "?distro=alpine-" + alpine)};
        if (cause == Cause::debian || cause == Cause::red_hat)
            return {cause, fmt::format("pkg:{}/{}@{}", cause == Cause::debian ? "deb/debian" : "rpm/redhat", label.package, version)};
        const bool is_go = label.package.find('/') != std::string::npos && label.package.find('.') < label.package.find('/');
        return {is_owned(label) ? Cause::owned : cause, fmt::format("pkg:{}/{}@{}", is_go ? "golang" : "generic", label.package, version)};
    }

    const Judged& judged(const Label& label) {
        auto& known = judged_[{label.image, label.package, label.version}];
        if (known)
            return *known;
        auto [cause, purl] = purl_of(label);
        sbom::Document document;
        document.components.push_back({.ref = label.package, .type = "library", .group = {}, .name = label.package, .purl = purl});
        const auto table = sbom::components(document, products_);
        known.emplace(Judged{.cause = cause, .component = table.rows.at(0), .states = {}});
        for (const AdvisoryMatch& row : vuln::match(table, snapshot_, names_, {.has_linux = true}).rows)  // all images are Linux's
            known->states[row.advisory] = row.state;
        return *known;
    }

    [[nodiscard]] bool holds(std::string_view product, std::string_view cve) const {
        const auto* found = snapshot_.product(product);
        return found != nullptr && std::ranges::any_of(snapshot_.criteria(*found), [&](const auto& each) { return snapshot_.text(snapshot_.advisory(each.advisory).id) == cve; });
    }

    [[nodiscard]] Cause cause_of(const Judged& judged, const Label& label) const {
        if (judged.cause == Cause::alpine_other) {
            const auto packages = vuln::package_names(judged.component);
            return std::ranges::any_of(packages, [&](const auto& each) { return holds(each.product, label.cve); }) ? Cause::alpine : judged.cause;
        }
        if (judged.cause == Cause::namesake)
            return label.positive ? Cause::other : judged.cause;  // its own advisories would be its ecosystem's
        return std::ranges::any_of(judged.component.cpe, [&](const auto& each) { return holds(each, label.cve); }) ? judged.cause : Cause::other;
    }

    void add(const Label& label) {
        const Judged& known = judged(label);
        const Cause cause = cause_of(known, label);
        const auto state = known.states.find(label.cve);
        const bool matched = state != known.states.end() && state->second != MatchState::mended && state->second != MatchState::not_compiled_in;
        Tally& tally = tally_[static_cast<std::size_t>(cause)];
        ++(label.positive ? matched ? tally.hit : tally.missed : matched ? tally.alarm : tally.quiet);
        if (label.positive && state != known.states.end() && state->second == MatchState::mended)
            ++tally.denied;  // of the missed: the distribution says that this build is mended, the label that it is not
        if (label.positive != matched && cause != Cause::other)
            ++disagreements_[fmt::format("{} {} {} {} {}", kCauses[static_cast<std::size_t>(cause)], label.positive ? "missed" : "alarm", label.package, label.version, label.cve)];
    }

    const vuln::Snapshot& snapshot_;
    Identities identities_;
    sbom::ProductNames products_;
    std::vector<vuln::ProductNames> names_;
    std::map<std::string, Image> images_;
    std::map<std::tuple<std::string, std::string, std::string>, std::optional<Judged>> judged_;
    std::array<Tally, kCauses.size()> tally_{};
    std::map<std::string, int> disagreements_;
};

Result<void> run(const std::string& snapshot_path, const std::string& catalogues, const std::string& labels_path, bool list) {
    const vuln::Snapshot snapshot = TRY(bench::read_snapshot(snapshot_path));
    const catalog::Library library = TRY(catalog::load(catalogues, catalog::Parts::lists));
    Count count(snapshot, library, TRY(read_identities(catalogues + "/../bench/label_identities.tsv")));
    count.add(TRY(read_labels(labels_path)));
    count.print(list);
    return {};
}

}  // namespace
}  // namespace shirushi

int main(int count, char** words) {
    if (count < 4) {
        fmt::print(stderr, "usage: match_labels SNAPSHOT CATALOGUES LABELS.jsonl [--list]\n");
        return 3;
    }
    const auto done = shirushi::run(words[1], words[2], words[3], count > 4);
    if (!done)
        fmt::print(stderr, "match_labels: {}\n", done.error().message);
    return done ? 0 : 3;
}
