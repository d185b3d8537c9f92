#pragma once
// One pass over bytes that finds where containers begin.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "unpack/locate.hpp"

namespace shirushi::unpack {

struct Candidate {
    const Format* format = nullptr;
    std::uint64_t offset = 0;
    FoundContainer found;
};

/// The magics of a list of formats (borrowed), prepared for one pass over bytes: a table of the byte pairs that begin one.
class MagicTable {
public:
    explicit MagicTable(const std::vector<Format>& formats);

    /// What begins exactly at the first of `bytes`: the first of the list's formats that fits.
    [[nodiscard]] std::optional<Candidate> identify(Bytes bytes) const;
    /// The same for a file with this name, which may tell what its bytes do not.
    [[nodiscard]] std::optional<Candidate> identify(Bytes bytes, std::string_view name) const;

private:
    friend class Scanner;
    struct Pattern {
        Bytes magic;
        std::uint64_t offset = 0;
        std::size_t format = 0;
    };

    const std::vector<Format>& formats_;
    std::vector<Pattern> patterns_;
    std::vector<Locate> locate_;                       // by format
    std::vector<std::size_t> at_start_;                // formats without a magic, or none at a fixed place
    std::array<std::uint64_t, 1024> pairs_{};          // a bit for each pair of bytes that begins a magic
    std::vector<std::vector<std::uint16_t>> by_pair_;  // patterns by a hash of the pair
    std::uint64_t reach_ = 0;                          // the furthest magic from its container's start
};

/// Walks over `bytes` (borrowed) in order of offset. Every magic is looked for at every place; what fits is shown to identify.
/// The caller says from where to go on, so the inside of what was accepted is never looked at.
class Scanner {
public:
    Scanner(Bytes bytes, const MagicTable& table);

    /// The first candidate at or after `from` that was not returned yet. `from` must not go backwards.
    std::optional<Candidate> next(std::uint64_t from);

    /// The candidate of this format turned out to be none: one trial less.
    void rejected(const Format& format);
    /// Formats that are no longer tried, in order of the list.
    [[nodiscard]] std::vector<std::string_view> given_up() const;

private:
    struct Hit {
        std::uint64_t start = 0;
        std::size_t format = 0;
        auto operator<=>(const Hit&) const = default;
    };

    void fill_window(std::uint64_t from);
    void add_located(std::uint64_t from, std::uint64_t at, std::size_t format);
    [[nodiscard]] bool tired_of(std::size_t format) const;

    Bytes bytes_;
    const MagicTable& table_;
    std::uint64_t window_end_ = 0;  // containers that start before this are in hits_
    std::vector<Hit> hits_;
    std::size_t next_hit_ = 0;
    std::vector<std::uint32_t> failed_trials_;  // by format
    std::vector<std::uint32_t> failed_walks_;
    std::vector<std::uint32_t> located_;  // by format, in this window
    std::vector<std::uint64_t> starts_;
};

}  // namespace shirushi::unpack
