#include "unpack/unpacker.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/parallel.hpp"
#include "base/text.hpp"
#include "crypto/sha256.hpp"
#include "unpack/boot/kernel_texts.hpp"
#include "unpack/coverage.hpp"
#include "unpack/guess.hpp"
#include "unpack/partitions.hpp"
#include "unpack/tree_state.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint64_t kShareBytes = std::uint64_t{2} << 20;  // a child for each so many bytes of a container that can be shared
constexpr unsigned kMostShares = 16;
constexpr std::uint64_t kConvincing = 1024;  // bytes that must come out of something damaged to believe that it ever was a stream
constexpr std::uint64_t kWorthAThread = std::uint64_t{1} << 20;  // bytes to be summed up
constexpr std::uint64_t kSmallGap = 64;      // smaller unexplained ranges are listed as regions, not as gaps
constexpr double kHighEntropy = 7.2;
constexpr std::size_t kMostGaps = 4096;      // unexplained ranges of one node that are named one by one

unsigned shares_for(const Format& format, std::uint64_t size) {
    // Depends on the bytes alone: with the number of workers the order of entries would change.
    return static_cast<unsigned>(std::clamp<std::uint64_t>(size / kShareBytes, 1, std::min(format.shares, kMostShares)));
}

/// A file of a file system or an archive, which is stored under its digest.
bool is_file(const Handout::Entry& entry) { return entry.info.kind == FileKind::regular && !entry.stream && !entry.path.empty(); }

void set_guess(Region& region, Guess guess) {
    region.guess = guess.what;
    region.architecture = std::move(guess.architecture);
    region.confidence = guess.confidence;
    region.description = std::move(guess.reason);
}

/// A segment of the unexplained range `there`, which begins at `from`.
Region region_of(const Segment& segment, std::uint64_t from, Bytes there) {
    Region region{.offset = from + segment.offset, .size = segment.size, .entropy = entropy(there.subspan(segment.offset, segment.size))};
    set_guess(region, segment.guess);
    return region;
}

/// What is known of a container once everything was read.
void describe_container(const Node& container, Region& region) {
    region.description = container.description;
    const auto add = [&](const std::string& more) { region.description += (region.description.empty() ? "" : "; ") + more; };
    if (!container.encrypted.empty()) {
        region.kind = RegionKind::encrypted;
        add("encrypted: " + container.encrypted);
    }
    if (!container.damage.empty()) {
        region.kind = RegionKind::damaged;
        add(container.damage);
    }
}

/// What the image's own partition table says of a range that nothing else explains.
void name_partition(const std::vector<Partition>& partitions, Region& region) {
    const std::string said = partitions_starting_in(partitions, region.offset, region.size);
    if (!said.empty())
        region.description = region.description.empty() ? said : said + ": " + region.description;
}

}  // namespace

Unpacker::Unpacker(Bytes image, const Limits& limits, const Progress& progress, const std::vector<Format>& formats)
    : image_(image), limits_(limits), progress_(progress), table_(formats), builder_(image), pool_(limits) {
    for (const std::string& note : pool_.notes())
        builder_.note(note);
}

Result<Tree> Unpacker::run() && {
    to_scan_.push_back({.node = NodeId{0}});
    while (true) {
        if (!to_scan_.empty()) {
            const ScanWork work = to_scan_.front();
            to_scan_.pop_front();
            TRY(scan(work));
        } else if (!to_merge_.empty()) {
            Opened opened = std::move(to_merge_.front());
            to_merge_.pop_front();
            (void)TRY(merge(opened));
        } else {
            break;
        }
    }
    const std::vector<KernelText> texts = kernel_texts(builder_.tree());
    describe_kernels(builder_, texts);
    std::vector<Partition> partitions = find_partitions(builder_.tree(), texts);
    Measures measures = measure_image();
    report_regions(partitions);
    done_ = image_.size();
    tell("done");
    Tree tree = std::move(builder_).finish();
    tree.state().partitions = std::move(partitions);
    tree.state().image_digest = measures.sha256;
    tree.state().entropy_map = std::move(measures.entropy_map);
    return tree;
}

Result<void> Unpacker::scan(const ScanWork& work) {
    const Bytes bytes = builder_.tree().bytes(work.node);
    if (work.where == Where::start) {
        scan_start(work);
        return {};
    }
    if (work.node == NodeId{0})
        tell("scan");
    Scanner scanner(bytes, table_);
    std::vector<Covered> ranges;
    std::uint64_t position = work.from;
    while (position < bytes.size()) {
        auto candidate = scanner.next(position);
        if (!candidate)
            break;
        const Format& format = *candidate->format;
        const auto end = TRY(accept(work, std::move(*candidate), ranges));
        if (end)
            position = *end;
        else
            scanner.rejected(format);
        if (work.node == NodeId{0})
            tell(format.name);
    }
    for (const std::string_view name : scanner.given_up())
        builder_.gap(fmt::format("{}: too many places look like {} and are not; the rest was not tried", place(work.node), name));
    cover_gaps(work, std::move(ranges));
    return {};
}

void Unpacker::scan_start(const ScanWork& work) {
    auto candidate = table_.identify(builder_.tree().bytes(work.node), builder_.tree().node(work.node).name);
    if (!candidate)
        return;
    if (auto opened = open(work, *candidate, false))
        to_merge_.push_back(std::move(*opened));
}

Result<std::optional<std::uint64_t>> Unpacker::accept(const ScanWork& work, Candidate candidate, std::vector<Covered>& ranges) {
    const std::uint64_t all = builder_.tree().bytes(work.node).size();
    const bool unknown_end = candidate.found.size == 0;
    auto opened = open(work, candidate, unknown_end);
    if (!opened)
        return std::nullopt;
    std::optional<NodeId> container = opened->container;
    if (unknown_end && !container) {
        container = TRY(merge(*opened));
        if (!container)
            return std::nullopt;
    } else if (!opened->tickets.empty()) {
        to_merge_.push_back(std::move(*opened));
    }
    const Node& node = builder_.tree().node(*container);
    const std::uint64_t size = std::clamp<std::uint64_t>(node.size, 1, all - candidate.offset);
    ranges.push_back({.region = {.offset = candidate.offset, .size = size, .kind = RegionKind::format, .format = node.format, .description = node.description},
                      .container = container});
    return std::optional(candidate.offset + size);
}

std::optional<Unpacker::Opened> Unpacker::open(const ScanWork& work, const Candidate& candidate, bool urgent) {
    const Format& format = *candidate.format;
    Opened opened{.holder = work.node, .format = &format, .offset = candidate.offset, .found = candidate.found, .depth = work.depth + 1};
    const Bytes rest = builder_.tree().bytes(work.node).subspan(candidate.offset);
    const bool unknown_end = candidate.found.size == 0;
    if (!room_for_node())
        return std::nullopt;
    const bool too_deep = work.depth >= limits_.depth;
    const bool too_many = decodes_ >= limits_.decodes;
    if (!unknown_end || too_deep || too_many)
        opened.container = builder_.add_container(work.node, format.name, candidate.offset, unknown_end ? rest.size() : candidate.found.size, candidate.found.description);
    if (too_deep || too_many) {
        const std::string why = too_deep ? fmt::format("not opened: it lies {} containers deep, and no more are allowed", limits_.depth)
                                         : fmt::format("not opened: {} containers were opened already, and no more are allowed", limits_.decodes);
        builder_.note(fmt::format("{}: {}", place(*opened.container), why));
        builder_.damage(*opened.container, why);
        return opened;
    }
    if (opened.container && !candidate.found.encrypted.empty())
        builder_.encrypted(*opened.container, candidate.found.encrypted);
    if (format.split != nullptr) {
        open_parts(*opened.container, format, opened.depth);
    } else if (format.decode != nullptr) {
        const Bytes input = unknown_end ? rest : builder_.tree().bytes(*opened.container);
        const unsigned count = unknown_end ? 1 : shares_for(format, input.size());
        for (unsigned index = 0; index < count; ++index)
            opened.tickets.push_back(pool_.submit({.decode = format.decode, .input = input, .share = {index, count}}, urgent));
        decodes_ += count;
    }
    return opened;
}

void Unpacker::open_parts(NodeId container, const Format& format, std::uint32_t depth) {
    const Bytes bytes = builder_.tree().bytes(container);
    const auto split = format.split(bytes);
    if (!split)
        return builder_.damage(container, split.error().message);
    if (!split->damage.empty())
        builder_.damage(container, split->damage);
    for (const Part& part : split->parts) {
        if (!room_for_node())
            return;
        const Bytes there = clipped(bytes, part.offset, part.size);
        const NodeId stream = builder_.add_stream(container, part.name, there, part.offset);
        if (there.size() < part.size)
            builder_.damage(stream, cut_off(there.size(), part.size));
        if (!part.encrypted.empty())
            builder_.encrypted(stream, part.encrypted);
        else if (!there.empty())
            to_scan_.push_back({.node = stream, .where = Where::everywhere, .depth = depth});
    }
}

Result<std::optional<NodeId>> Unpacker::merge(Opened& opened) {
    std::optional<NodeId> container = opened.container;
    bool yielded = false;
    std::string stopped;
    std::optional<Error> error;
    for (const DecoderPool::Ticket ticket : opened.tickets) {
        DecodeResult result = TRY(pool_.take(ticket));
        const Handout& handout = result.handout;
        if (!container) {
            const std::uint64_t rest = builder_.tree().bytes(opened.holder).size() - opened.offset;
            const bool complete = result.stopped.empty() && !handout.error() && handout.consumed() != 0;
            if (!result.stopped.empty())
                builder_.gap(fmt::format("{}: read as {} from 0x{:x} on: {}", place(opened.holder), opened.format->name, opened.offset, result.stopped));
            if (!complete && handout.written_bytes() < kConvincing)
                return std::optional<NodeId>();
            // Of a damaged stream, what was read; behind it the scan goes on.
            const std::uint64_t size = std::clamp<std::uint64_t>(handout.consumed(), 1, rest);
            container = builder_.add_container(opened.holder, opened.format->name, opened.offset, size, opened.found.description);
        }
        if (const std::string more = handout.description(); !more.empty())
            builder_.describe_further(*container, more);
        const std::vector<Taken> taken = take_entries(handout);
        std::vector<Bytes> duplicates;
        for (const Taken& one : taken)
            duplicates.push_back(merge_entry(opened, *container, one, !result.stopped.empty()));
        yielded = yielded || !taken.empty();
        for (const Bytes duplicate : duplicates)
            result.handout.discard(duplicate);
        if (!result.stopped.empty() && stopped.empty())
            stopped = result.stopped;
        if (!error)
            error = handout.error();
        const std::uint64_t kept = handout.content_bytes();
        if (const Bytes content = result.handout.release_content(); kept != 0)
            builder_.keep_mapping(content, release_handout);
        kept_ += kept;
        pool_.set_taken(handed_out_, kept_);
    }
    finish_container(opened, *container, stopped, error, yielded);
    if (opened.holder == NodeId{0})
        done_ = std::max(done_, opened.offset + builder_.tree().node(*container).size);
    tell(opened.format->name);
    return container;
}

std::vector<Unpacker::Taken> Unpacker::take_entries(const Handout& handout) {
    std::vector<Taken> taken;
    std::uint64_t cursor = 0;
    while (auto entry = handout.next(cursor)) {
        const Bytes content = clipped(entry->content, 0, limits_.output_bytes - handed_out_);
        handed_out_ += content.size();
        taken.push_back({.entry = std::move(*entry), .content = content});
    }
    const unsigned all = limits_.workers != 0 ? limits_.workers : default_workers();
    parallel_for(taken.size(), [&](std::size_t i) {
        if (is_file(taken[i].entry))
            taken[i].digest = crypto::sha256(taken[i].content);
    }, handout.written_bytes() < kWorthAThread ? 1 : all);
    return taken;
}

Bytes Unpacker::merge_entry(const Opened& opened, NodeId container, const Taken& taken, bool stopped) {
    if (!room_for_node())
        return {};
    const auto& [entry, content, digest] = taken;
    if (entry.path.empty() || entry.stream) {
        const NodeId stream = builder_.add_stream(container, entry.path.empty() ? "data" : entry.path, content, 0, printable(entry.info.target));
        if (content.size() < entry.content.size())
            builder_.damage(stream, fmt::format("cut off after {} bytes: the ceiling on unpacked content is reached", content.size()));
        else if (!entry.damage.empty())
            builder_.damage(stream, std::string(entry.damage));
        if (const Where where = where_to_look_in_stream(content); where != Where::nowhere)
            to_scan_.push_back({.node = stream, .where = where, .depth = opened.depth});
        return {};
    }
    std::string damage(entry.damage);
    if (content.size() < entry.content.size())
        damage = fmt::format("cut off after {} bytes: the ceiling on unpacked content is reached", content.size());
    else if (!entry.complete && damage.empty())
        damage = stopped ? "the decoder stopped in the middle of it" : "it could not be read to its end";
    const NodeId id = builder_.add_entry(container, entry.path, entry.info, content, digest, damage);
    if (entry.info.kind != FileKind::regular)
        return {};
    const std::string_view name = entry.path.substr(entry.path.rfind('/') + 1);
    const Where where = where_to_look_in_file(name, content);
    if (where == Where::everywhere || (where == Where::start && table_.identify(content, name)))
        to_scan_.push_back({.node = id, .where = where, .depth = opened.depth});
    return builder_.tree().bytes(id).data() != content.data() ? entry.content : Bytes();
}

void Unpacker::finish_container(const Opened& opened, NodeId container, const std::string& stopped, const std::optional<Error>& error, bool yielded) {
    if (stopped.empty() && !error)
        return;
    const std::string why = !stopped.empty() ? stopped : error->message;
    if (error && error->code == Errc::limit)
        builder_.note(fmt::format("{}: {}", place(container), why));
    builder_.damage(container, why);
    // What yields nothing may have been taken for a container wrongly: something else may lie in there.
    if (!yielded && !opened.found.checked)
        to_scan_.push_back({.node = container, .from = 1, .where = Where::everywhere, .depth = opened.depth});
}

void Unpacker::cover_gaps(const ScanWork& work, std::vector<Covered> found) {
    if (found.empty() && work.node != NodeId{0} && builder_.tree().node(work.node).kind == NodeKind::entry)
        return;  // a file with nothing inside is simply a file
    const std::uint64_t all = builder_.tree().bytes(work.node).size();
    std::vector<Covered> ranges;
    std::uint64_t position = work.from;
    for (Covered& range : found) {
        add_pieces(work.node, position, range.region.offset, ranges);
        position = range.region.offset + range.region.size;
        ranges.push_back(std::move(range));
    }
    add_pieces(work.node, position, all, ranges);
    scanned_.push_back({work.node, std::move(ranges)});
}

void Unpacker::add_pieces(NodeId node, std::uint64_t from, std::uint64_t to, std::vector<Covered>& all) {
    const Bytes bytes = builder_.tree().bytes(node);
    for (const Piece& piece : classify(clipped(bytes, from, to - from))) {
        const Bytes there = bytes.subspan(from + piece.offset, piece.size);
        Region region{.offset = from + piece.offset, .size = piece.size};
        if (piece.padding) {
            region.kind = RegionKind::padding;
            region.format = fmt::format("0x{:02x}", piece.fill);
            set_guess(region, {.what = RegionGuess::padding, .confidence = GuessConfidence::high});
            all.push_back({.region = std::move(region), .container = {}});
        } else if (node == NodeId{0}) {
            for (const Segment& segment : segments(there))
                add_unexplained(node, region_of(segment, region.offset, there), all);
        } else {
            region.entropy = entropy(there);
            add_unexplained(node, std::move(region), all);
        }
    }
    if (all.size() >= kMostGaps)
        builder_.gap(fmt::format("{}: more than {} ranges; unexplained ones beyond are in the table of regions only", place(node), kMostGaps));
}

void Unpacker::add_unexplained(NodeId node, Region region, std::vector<Covered>& all) {
    // Inside a stream, code and text are in plain sight of every reader of the tree; of the image itself all is named.
    const bool hidden = node == NodeId{0} || (region.entropy >= kHighEntropy && region.size >= kConvincing);
    if (hidden && region.size >= kSmallGap && all.size() < kMostGaps) {
        if (region.guess == RegionGuess::none)
            set_guess(region, guess(builder_.tree().bytes(node).subspan(region.offset, region.size)));
        builder_.gap(fmt::format("{}: 0x{:x} to 0x{:x} ({} bytes, entropy {:.2f}) is unexplained: {}", place(node), region.offset, region.offset + region.size,
                                 region.size, region.entropy, region.description));
    }
    all.push_back({.region = std::move(region), .container = {}});
}

Measures Unpacker::measure_image() {
    std::vector<Range> ranges;
    std::vector<Region*> regions;
    for (Scanned& scanned : scanned_) {
        for (Covered& covered : scanned.ranges) {
            if (scanned.node != NodeId{0} || !covered.container)
                continue;
            ranges.push_back({.offset = covered.region.offset, .size = covered.region.size});
            regions.push_back(&covered.region);
        }
    }
    Measures measures = measure(image_, ranges, limits_.workers != 0 ? limits_.workers : default_workers());
    for (std::size_t i = 0; i < regions.size(); ++i)
        regions[i]->entropy = measures.entropies[i];
    return measures;
}

void Unpacker::report_regions(const std::vector<Partition>& partitions) {
    const Tree& tree = builder_.tree();
    for (Scanned& scanned : scanned_) {
        const Bytes bytes = tree.bytes(scanned.node);
        bool worth_it = scanned.node == NodeId{0};
        for (Covered& range : scanned.ranges) {
            range.region.path = tree.path(scanned.node);
            if (range.container)
                describe_container(tree.node(*range.container), range.region);
            else if (scanned.node == NodeId{0})
                name_partition(partitions, range.region);
            const bool data = range.region.kind == RegionKind::unexplained && range.region.entropy >= kHighEntropy;
            worth_it = worth_it || range.region.kind == RegionKind::damaged || range.region.kind == RegionKind::encrypted || data || (range.region.kind == RegionKind::unexplained && scanned.ranges.size() > 1);
        }
        for (Covered& range : scanned.ranges) {
            if (!worth_it)
                break;
            const Bytes there = clipped(bytes, range.region.offset, range.region.size);
            if (range.container && scanned.node != NodeId{0})
                range.region.entropy = entropy(there);
            if (range.region.kind != RegionKind::unexplained || scanned.node == NodeId{0}) {
                builder_.region(std::move(range.region));
                continue;
            }
            for (const Segment& segment : segments(there)) {
                Region region = region_of(segment, range.region.offset, there);
                region.path = range.region.path;
                builder_.region(std::move(region));
            }
        }
    }
}

bool Unpacker::room_for_node() {
    if (builder_.tree().size() < limits_.nodes)
        return true;
    const std::string what = fmt::format("more than {} things are in this image; the rest was left out", limits_.nodes);
    if (!full_) {
        builder_.note(what);
        builder_.gap(what);
    }
    full_ = true;
    return false;
}

void Unpacker::tell(std::string_view what) {
    if (progress_)
        progress_(done_, image_.size(), what);
}

std::string Unpacker::place(NodeId node) const { return node == NodeId{0} ? "image" : builder_.tree().path(node); }

Result<Tree> unpack(Bytes image, const Limits& limits, const Progress& progress) {
    return Unpacker(image, limits, progress, formats()).run();
}

}  // namespace shirushi::unpack
