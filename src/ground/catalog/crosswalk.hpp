#pragma once
// Which requirement of one catalogue helps with which of another: crosswalk.toml. All of it is our own engineering judgement.

#include <string>
#include <vector>

#include "base/result.hpp"
#include "model/catalogue.hpp"

namespace shirushi::catalog {

/// How far evidence for one requirement goes towards another: not at all, some of the way, or all of it for what was tested.
enum class Reach { none, partial, full };

/// Evidence for `from` reaches `to`. Not the other way round: what satisfies `to` may be less than `from` asks.
struct CrosswalkPair {
    std::string from;  ///< requirement of CrosswalkMapping::from
    std::string to;    ///< requirement of CrosswalkMapping::to
    Reach reach = Reach::none;
    bool operator==(const CrosswalkPair&) const = default;
    SHIRUSHI_FIELDS(CrosswalkPair, from, to, reach)
};

/// All pairs from one catalogue to another.
struct CrosswalkMapping {
    std::string from;  ///< a catalogue's id
    std::string to;
    std::vector<CrosswalkPair> pairs;
    bool operator==(const CrosswalkMapping&) const = default;
    SHIRUSHI_FIELDS(CrosswalkMapping, from, to, pairs)
};

struct Crosswalk {
    Text remark;  ///< whose judgement it is
    std::vector<CrosswalkMapping> mapping;
    bool operator==(const Crosswalk&) const = default;
    SHIRUSHI_FIELDS(Crosswalk, remark, mapping)
};

/// How far one requirement is reached by another catalogue.
struct Reached {
    std::string requirement;
    Reach reach = Reach::none;
    std::vector<std::string> by;       ///< the other catalogue's requirements, in its order
    std::vector<std::string> through;  ///< "ccds-27/D-1": evidence that both share, where no pair joins the two catalogues
    bool operator==(const Reached&) const = default;
    SHIRUSHI_FIELDS(Reached, requirement, reach, by, through)
};

/// One direction of a comparison.
struct Comparison {
    std::string of;  ///< the catalogue whose requirements are listed, in its order
    std::string by;
    std::vector<Reached> requirements;
    bool operator==(const Comparison&) const = default;
    SHIRUSHI_FIELDS(Comparison, of, by, requirements)
};

/// How far each requirement of `of` is reached by `by`. Full where a pair by -> of says so; partial by any other pair of the two, in
/// either direction, or where evidence for a third catalogue's requirement reaches both.
Comparison compare(const Crosswalk& crosswalk, const Catalogue& of, const Catalogue& by);

/// One file's text, without what only the catalogues can show. Errors: bad_input as "file:line: what; what to do".
Result<Crosswalk> read_crosswalk(std::string_view text, std::string_view file);

}  // namespace shirushi::catalog

namespace shirushi {
SHIRUSHI_NAMES(catalog::Reach, "none", "partial", "full")
}  // namespace shirushi
