#pragma once
// What a product is used for, where it stands in a network, and what it is a part of, as product.toml states it. METI's IoT security and safety
// framework (IoT-SSF, 2020) places a product *in a use*: the same one may land elsewhere in another use.

#include <optional>
#include <string>
#include <vector>

#include "model/fields.hpp"

namespace shirushi {

/// How the product reaches a wide-area network, which decides who must meet the requirements common to all (level 1).
enum class Reach {
    wan,         ///< it reaches one itself
    beside_wan,  ///< it stands in a local network where another device does
    movable,     ///< it stands in a local network without one, but could be moved to one
    isolated,    ///< none of these
};
SHIRUSHI_NAMES(Reach, "wan", "beside_wan", "movable", "isolated")

struct Scope {
    Reach reach = Reach::wan;
    std::string reason;  ///< required for isolated
    bool operator==(const Scope&) const = default;
    SHIRUSHI_FIELDS(Scope, reach, reason)
};

/// A part of the system that the product belongs to, with the level it is certified for; 0: none.
struct SystemPart {
    std::string name;
    std::uint32_t level = 0;
    std::string mark;  ///< number of its certificate; empty: none
    bool operator==(const SystemPart&) const = default;
    SHIRUSHI_FIELDS(SystemPart, name, level, mark)
};

/// IoT-SSF axis 1: how hard it is to recover from an incident.
enum class Recovery { limited, serious, fatal };
SHIRUSHI_NAMES(Recovery, "limited", "serious", "fatal")
/// IoT-SSF axis 2: what an incident costs.
enum class Impact { limited, serious, catastrophic };
SHIRUSHI_NAMES(Impact, "limited", "serious", "catastrophic")
/// IoT-SSF axis 3: from where a demand comes. Viewpoints are not ordered and may overlap; not every use needs all of them.
enum class Viewpoint { before_operation, during_operation, operators, society };
SHIRUSHI_NAMES(Viewpoint, "before_operation", "during_operation", "operators", "society")
/// Not part of the map; weighed where measures are chosen.
enum class Likelihood { low, medium, high };
SHIRUSHI_NAMES(Likelihood, "low", "medium", "high")

struct Measure {
    Viewpoint viewpoint = Viewpoint::before_operation;
    std::string stakeholder;  ///< who bears it: "maker", "installer", "owner" ...
    std::string what;
    bool operator==(const Measure&) const = default;
    SHIRUSHI_FIELDS(Measure, viewpoint, stakeholder, what)
};

/// A place on the map.
struct Placement {
    Recovery recovery = Recovery::limited;
    Impact impact = Impact::limited;
    std::string reason;
    bool operator==(const Placement&) const = default;
    SHIRUSHI_FIELDS(Placement, recovery, impact, reason)
};

struct Use {
    std::string name;      ///< "opening window shutters from outside the house"
    std::string incident;  ///< what may happen
    Placement place;
    std::optional<Likelihood> likelihood;
    std::optional<Placement> residual;  ///< with the measures taken
    std::vector<Measure> measures;
    bool operator==(const Use&) const = default;
    SHIRUSHI_FIELDS(Use, name, incident, place, likelihood, residual, measures)
};

}  // namespace shirushi
