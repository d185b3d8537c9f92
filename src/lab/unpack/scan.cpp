#include "unpack/scan.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint64_t kWindow = std::uint64_t{1} << 20;  // hits are gathered and sorted for this many starts at a time
constexpr std::size_t kBuckets = 256;
constexpr std::uint32_t kMostLocated = 1024;  // of one format in one window: so many walks back of kLocateReach cost no more than a few passes

std::size_t bucket_of(std::uint16_t pair) { return (pair ^ pair >> 8U) % kBuckets; }

}  // namespace

MagicTable::MagicTable(const std::vector<Format>& formats) : formats_(formats), by_pair_(kBuckets) {
    for (std::size_t i = 0; i < formats.size(); ++i) {
        locate_.push_back(locate_of(formats[i].identify));
        if ((formats[i].magics.empty() && formats[i].suffix.empty()) || locate_[i] != nullptr)
            at_start_.push_back(i);
        if (locate_[i] != nullptr)
            reach_ = std::max(reach_, kLocateReach);
        for (const Magic& magic : formats[i].magics) {
            const Bytes text = as_bytes(magic.bytes);
            const auto pair = load_le<std::uint16_t>(text.data());
            pairs_[pair >> 6U] |= std::uint64_t{1} << (pair & 63U);
            by_pair_[bucket_of(pair)].push_back(static_cast<std::uint16_t>(patterns_.size()));
            patterns_.push_back({text, magic.offset, i});
            reach_ = std::max(reach_, magic.offset);
        }
    }
}

std::optional<Candidate> MagicTable::identify(Bytes bytes) const {
    // Patterns stand in the order of the formats, and so do the formats without one: the two lists are gone through together.
    std::vector<std::size_t> fitting = at_start_;
    for (const Pattern& pattern : patterns_)
        if (locate_[pattern.format] == nullptr && std::ranges::equal(clipped(bytes, pattern.offset, pattern.magic.size()), pattern.magic))
            fitting.push_back(pattern.format);
    std::ranges::sort(fitting);
    fitting.erase(std::unique(fitting.begin(), fitting.end()), fitting.end());
    for (const std::size_t format : fitting)
        if (auto found = formats_[format].identify(bytes))
            return Candidate{&formats_[format], 0, std::move(*found)};
    return std::nullopt;
}

std::optional<Candidate> MagicTable::identify(Bytes bytes, std::string_view name) const {
    if (auto candidate = identify(bytes))
        return candidate;
    const std::string small = lowered(name);
    for (const Format& format : formats_)
        if (!format.suffix.empty() && small.ends_with(format.suffix))
            if (auto found = format.identify(bytes))
                return Candidate{&format, 0, std::move(*found)};
    return std::nullopt;
}

Scanner::Scanner(Bytes bytes, const MagicTable& table)
    : bytes_(bytes), table_(table), failed_trials_(table.formats_.size()), failed_walks_(table.formats_.size()), located_(table.formats_.size()) {}

void Scanner::fill_window(std::uint64_t from) {
    hits_.clear();
    next_hit_ = 0;
    std::ranges::fill(located_, 0U);
    window_end_ = std::min<std::uint64_t>(bytes_.size(), from + kWindow);
    const std::uint64_t last = std::min<std::uint64_t>(bytes_.size(), window_end_ + table_.reach_);
    const std::uint8_t* data = bytes_.data();
    const auto& pairs = table_.pairs_;
    for (std::uint64_t at = from; at + 1 < last; ++at) {
        const auto pair = load_le<std::uint16_t>(data + at);
        if ((pairs[pair >> 6U] >> (pair & 63U) & 1U) == 0)
            continue;
        for (const std::uint16_t index : table_.by_pair_[bucket_of(pair)]) {
            const auto& [magic, offset, format] = table_.patterns_[index];
            if (bytes_.size() - at < magic.size() || !std::equal(magic.begin(), magic.end(), data + at))
                continue;
            if (table_.locate_[format] != nullptr) {
                add_located(from, at, format);
                continue;
            }
            if (at < offset || at - offset < from || at - offset >= window_end_)
                continue;
            hits_.push_back({at - offset, format});
        }
    }
    if (from == 0)
        for (const std::size_t format : table_.at_start_)
            hits_.push_back({0, format});
    std::ranges::sort(hits_);
    hits_.erase(std::unique(hits_.begin(), hits_.end()), hits_.end());
}

void Scanner::add_located(std::uint64_t from, std::uint64_t at, std::size_t format) {
    if (tired_of(format))
        return;
    if (++located_[format] > kMostLocated) {
        failed_walks_[format] = table_.formats_[format].walks;
        return;
    }
    starts_.clear();
    table_.locate_[format](bytes_, at, starts_);
    for (const std::uint64_t start : starts_)
        if (start >= from && start < window_end_)
            hits_.push_back({start, format});
}

bool Scanner::tired_of(std::size_t format) const {
    const Format& one = table_.formats_[format];
    return failed_trials_[format] >= one.trials || failed_walks_[format] >= one.walks;
}

std::optional<Candidate> Scanner::next(std::uint64_t from) {
    while (true) {
        while (next_hit_ < hits_.size()) {
            const Hit hit = hits_[next_hit_++];
            if (hit.start < from || tired_of(hit.format))
                continue;
            const Format& format = table_.formats_[hit.format];
            if (auto found = format.identify(bytes_.subspan(hit.start)))
                return Candidate{&format, hit.start, std::move(*found)};
            ++failed_walks_[hit.format];
        }
        from = std::max(from, window_end_);
        if (from >= bytes_.size())
            return std::nullopt;
        fill_window(from);
    }
}

void Scanner::rejected(const Format& format) { ++failed_trials_[static_cast<std::size_t>(&format - table_.formats_.data())]; }

std::vector<std::string_view> Scanner::given_up() const {
    std::vector<std::string_view> names;
    for (std::size_t i = 0; i < failed_trials_.size(); ++i)
        if (tired_of(i))
            names.push_back(table_.formats_[i].name);
    return names;
}

}  // namespace shirushi::unpack
