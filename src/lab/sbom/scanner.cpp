#include <algorithm>
#include <optional>
#include <tuple>

#include "base/text.hpp"
#include "sbom/identifiers_state.hpp"

namespace shirushi::sbom {
namespace {

constexpr std::size_t kLineBefore = 256;        // banners start close to their anchor
constexpr std::size_t kLineAfter = 512;         // a kernel's banner names its compilers before its build
constexpr std::uint32_t kTries = 10'000;         // lines per identifier and piece: a program has some dozen, only bait has more
constexpr std::uint32_t kMatchSteps = 20'000;   // PCRE2's match limit: patterns on 768 characters need some hundred
constexpr std::size_t kVersionLength = 64;
constexpr std::size_t kExcerpt = 120;
constexpr std::size_t kLoneLine = 64;            // a bare version, perhaps with a date
constexpr std::uint32_t kLoneTries = 2'000'000;  // lines times identifiers in a piece: tables of numbers have some ten thousand lines

bool is_printable(std::uint8_t byte) { return (byte >= 0x20 && byte < 0x7F) || byte == '\t'; }

struct Line {
    Bytes text;
    std::uint64_t start = 0;
    bool cut_before = false;
    bool cut_after = false;
};

/// The printable run around [at, at + length), as far as the bounds go.
Line line_around(Bytes file, std::uint64_t at, std::size_t length) {
    std::uint64_t first = at;
    while (first > 0 && at - first < kLineBefore && is_printable(file[first - 1]))
        --first;
    std::uint64_t last = at + length;
    while (last < file.size() && last - at < kLineAfter && is_printable(file[last]))
        ++last;
    return {.text = file.subspan(first, last - first), .start = first, .cut_before = first > 0 && is_printable(file[first - 1]),
            .cut_after = last < file.size() && is_printable(file[last])};
}

struct FreeMatch {
    void operator()(pcre2_match_data* data) const { pcre2_match_data_free(data); }
};
struct FreeMatchContext {
    void operator()(pcre2_match_context* context) const { pcre2_match_context_free(context); }
};
struct FreeScratch {
    void operator()(hs_scratch_t* scratch) const { hs_free_scratch(scratch); }
};

struct Anchor {
    std::uint32_t identifier = 0;
    std::uint64_t offset = 0;
};

struct Matched {
    std::size_t first = 0;
    std::size_t last = 0;
    std::string version;
};

/// What the pass over one piece finds.
struct Collector {
    const Identifiers::State* identifiers = nullptr;
    Bytes file;
    std::uint64_t base = 0;  // where the piece starts in the file
    std::uint64_t end = 0;   // anchors from here on belong to the next piece
    std::vector<Anchor> anchors;
    std::vector<std::uint32_t> tries;    // by identifier
    std::vector<bool> companions_seen;
};

/// Whether the literal, whose last bytes the database found, stands in the piece and ends at `end`.
bool is_whole(const Collector& into, std::string_view literal, std::uint64_t end) {
    return end >= into.base + literal.size() && as_text(into.file.subspan(end - literal.size(), literal.size())) == literal;
}

int on_literal(unsigned id, unsigned long long, unsigned long long to, unsigned, void* context) {
    auto& into = *static_cast<Collector*>(context);
    if (id >= into.tries.size()) {
        const std::size_t companion = id - into.tries.size();
        if (!into.companions_seen[companion] && is_whole(into, into.identifiers->companions[companion], into.base + to))
            into.companions_seen[companion] = true;
        return 0;
    }
    const std::string& anchor = into.identifiers->compiled[id].anchor;
    if (!is_whole(into, anchor, into.base + to))
        return 0;
    const std::uint64_t start = into.base + to - anchor.size();
    const bool in_line = start > 0 && is_printable(into.file[start - 1]);
    if (start >= into.end || (in_line && into.identifiers->compiled[id].starts_line))
        return 0;
    if (into.tries[id] <= kTries && ++into.tries[id] <= kTries)
        into.anchors.push_back({.identifier = id, .offset = start});
    return 0;
}

}  // namespace

struct Scanner::State {
    const Identifiers::State* identifiers = nullptr;
    std::unique_ptr<hs_scratch_t, FreeScratch> scratch;
    std::unique_ptr<pcre2_match_data, FreeMatch> match;
    std::unique_ptr<pcre2_match_context, FreeMatchContext> limits;

    [[nodiscard]] bool run(const Expression& expression, const Line& line, std::size_t from) const {
        const std::uint32_t options = (line.cut_before ? PCRE2_NOTBOL : 0U) | (line.cut_after ? PCRE2_NOTEOL : 0U);
        return pcre2_match(expression.get(), line.text.data(), line.text.size(), from, options, match.get(), limits.get()) >= 0;
    }

    void find_lone(const Collector& collector, Scan& result) const;

    /// The match that covers the anchor at [at, at + length) of the line.
    [[nodiscard]] std::optional<Matched> find(const CompiledIdentifier& identifier, const Line& line, std::size_t at, std::size_t length) const {
        for (const Expression& exclude : identifier.exclude)
            if (run(exclude, line, 0))
                return std::nullopt;
        // A line may name its product more often than this, but each try goes on behind the last one: bounded by the line.
        for (std::size_t from = 0; from <= at && run(identifier.pattern, line, from);) {
            const std::size_t* ends = pcre2_get_ovector_pointer(match.get());
            if (ends[0] <= at && ends[1] >= at + length) {
                Matched found{.first = ends[0], .last = ends[1], .version = {}};
                if (identifier.has_version && ends[2] != PCRE2_UNSET && ends[3] > ends[2])
                    found.version = std::string(as_text(line.text).substr(ends[2], std::min(ends[3] - ends[2], kVersionLength)));
                return found;
            }
            from = std::max(ends[1], from + 1);
        }
        return std::nullopt;
    }
};

namespace {

bool is_digit(std::uint8_t byte) { return byte >= '0' && byte <= '9'; }

bool accompanied(const CompiledIdentifier& identifier, const Collector& collector) {
    return std::ranges::all_of(identifier.with, [&](std::uint32_t companion) { return bool(collector.companions_seen[companion]); });
}

/// Lines of at most kLoneLine characters in the window that start with a digit, or 'v' and a digit: where a bare version may stand.
template <class Visit>
void each_lone_line(Bytes file, std::uint64_t from, std::uint64_t end, Visit visit) {
    for (std::uint64_t at = from; at < end; ++at) {
        if (!is_printable(file[at]) || (at > 0 && is_printable(file[at - 1])))
            continue;
        if (!is_digit(file[at]) && !(file[at] == 'v' && at + 1 < file.size() && is_digit(file[at + 1])))
            continue;
        std::uint64_t last = at;
        while (last < file.size() && last - at <= kLoneLine && is_printable(file[last]))
            ++last;
        if (last - at <= kLoneLine)
            visit(Line{.text = file.subspan(at, last - at), .start = at, .cut_before = false, .cut_after = false});
    }
}

}  // namespace

/// Identifiers whose version stands alone on its line, in a piece that holds all their companions.
void Scanner::State::find_lone(const Collector& collector, Scan& result) const {
    std::vector<std::uint32_t> wanted;
    for (const std::uint32_t i : identifiers->standing_alone)
        if (accompanied(identifiers->compiled[i], collector))
            wanted.push_back(i);
    if (wanted.empty())
        return;
    std::uint32_t tried = 0;
    each_lone_line(collector.file, collector.base, collector.end, [&](const Line& line) {
        if (tried > kLoneTries) {
            result.incomplete = true;
            return;
        }
        tried += static_cast<std::uint32_t>(wanted.size());
        for (const std::uint32_t i : wanted)
            if (auto found = find(identifiers->compiled[i], line, 0, 0))
                result.sightings.push_back(
                    {.identifier = i, .offset = line.start, .version = std::move(found->version), .line = excerpt(as_text(line.text), kExcerpt)});
    });
}

Scanner::Scanner() : state_(std::make_unique<State>()) {}
Scanner::~Scanner() = default;
Scanner::Scanner(Scanner&&) noexcept = default;
Scanner& Scanner::operator=(Scanner&&) noexcept = default;

Result<Scanner> Scanner::make(const Identifiers& identifiers) {
    Scanner scanner;
    State& state = *scanner.state_;
    state.identifiers = &identifiers.state();
    if (state.identifiers->database) {
        hs_scratch_t* scratch = nullptr;
        if (hs_alloc_scratch(state.identifiers->database.get(), &scratch) != HS_SUCCESS)
            return fail(Errc::io, "no memory for the pattern pass");
        state.scratch.reset(scratch);
    }
    state.match.reset(pcre2_match_data_create(8, nullptr));
    state.limits.reset(pcre2_match_context_create(nullptr));
    if (!state.match || !state.limits)
        return fail(Errc::io, "no memory for the pattern pass");
    pcre2_set_match_limit(state.limits.get(), kMatchSteps);
    return scanner;
}

Scan Scanner::scan(Bytes file, std::uint64_t offset, std::uint64_t size) {
    Scan result;
    const Identifiers::State& identifiers = *state_->identifiers;
    if (!identifiers.database || offset >= file.size())
        return result;
    const Bytes window = clipped(file, offset, size + identifiers.longest_anchor - 1);

    Collector collector{.identifiers = &identifiers,
                        .file = file,
                        .base = offset,
                        .end = offset + std::min<std::uint64_t>(size, file.size() - offset),
                        .anchors = {},
                        .tries = std::vector<std::uint32_t>(identifiers.compiled.size()),
                        .companions_seen = std::vector<bool>(identifiers.companions.size())};
    if (hs_scan(identifiers.database.get(), reinterpret_cast<const char*>(window.data()), static_cast<unsigned>(window.size()), 0,
                state_->scratch.get(), on_literal, &collector) != HS_SUCCESS)
        result.incomplete = true;

    for (const Anchor& anchor : collector.anchors) {
        const CompiledIdentifier& identifier = identifiers.compiled[anchor.identifier];
        if (!accompanied(identifier, collector))
            continue;
        result.incomplete = result.incomplete || collector.tries[anchor.identifier] > kTries;
        const Line line = line_around(file, anchor.offset, identifier.anchor.size());
        if (auto found = state_->find(identifier, line, anchor.offset - line.start, identifier.anchor.size()))
            result.sightings.push_back({.identifier = anchor.identifier, .offset = line.start + found->first,
                                        .version = std::move(found->version),
                                        .line = excerpt(as_text(line.text.subspan(found->first)), kExcerpt)});
    }
    state_->find_lone(collector, result);
    std::ranges::sort(result.sightings, {}, [](const Sighting& sighting) { return std::tie(sighting.offset, sighting.identifier); });
    const auto doubles =
        std::ranges::unique(result.sightings, {}, [](const Sighting& sighting) { return std::pair(sighting.offset, sighting.identifier); });
    result.sightings.erase(doubles.begin(), doubles.end());
    return result;
}

Scan Scanner::scan_name(std::string_view base_name) {
    Scan result;
    const Identifiers::State& identifiers = *state_->identifiers;
    const Line line{.text = as_bytes(base_name.substr(0, kLineAfter)), .start = 0, .cut_before = false, .cut_after = base_name.size() > kLineAfter};
    for (std::size_t i = 0; i < identifiers.compiled.size(); ++i) {
        if (!identifiers.compiled[i].reads_names || !base_name.starts_with(identifiers.compiled[i].name_start))
            continue;
        if (auto found = state_->find(identifiers.compiled[i], line, 0, 0))
            result.sightings.push_back({.identifier = i, .offset = 0, .version = std::move(found->version), .line = excerpt(base_name, kExcerpt)});
    }
    return result;
}

}  // namespace shirushi::sbom
