#pragma once
// Which advisories apply to which components. Pure; same input, same rows.
//
// What decides, and why:
// - Only vendor:product pairs match (a component's own `cpe`, or where it has none those of `names` for its product), whole
//   and concrete: a pair with "*" or "-" is no name. CPE part h is hardware and never a component; a and o are not told apart,
//   because NVD files the same software (BlueZ, OP-TEE, FreeRTOS) under both. Target software and hardware name no product.
// - Only operands marked vulnerable are products; the others are the platform the product runs on. An advisory "X running on
//   Y" is reported for X unless the components contradict Y: an image with a Linux kernel runs no Windows. Anything else about
//   Y (a distribution, a device model) is not known here, and a false alarm can be judged later where silence cannot.
// - Version "-" of an advisory is CPE's "not applicable", not "any": it matches no version. No version and no range is "any".
// - Both ends of a range count, in the product's version scheme; start, end and update are never dropped.
// - A criterion that names neither one version nor an end ("linux_kernel > 3.2.60", "p *") only says that nobody wrote down
//   where the fault was mended, and old records are full of them: every later version would be vulnerable for ever. Where no
//   other criterion of the same advisory fits, the row's state is `open_ended`, also for a distribution's package: a person
//   must look. A product that was abandoned has nothing but such records and keeps its faults; this cannot be told from a
//   careless record by the record alone, so it goes to the same person and is never silently passed.
// - A component without a version gives one row, state version_unknown, with an empty advisory and the number of advisories
//   in `range`: a list of all of them would drown what is known.
// - What a distribution says of its own package (package_names.hpp) goes before upstream's ranges: `mended`, with the reason, or
//   `affected`. Where it says nothing of an advisory, upstream's word stays a hint.
// - Where it is known which parts were built (applets, a kernel's modules) and which part holds the fault, and that part is not among
//   them: `not_compiled_in`, with the reason.
// - Of several origins the most trusted counts, product by product (records.hpp); a correction replaces all that NVD says.
// - A distribution's package is compared by its upstream part. dpkg and rpm with a revision and apk with -rN: the distribution
//   publishes fixes under the same upstream version and documents them, so upstream's range is a hint: `superseded`, kept so
//   that distribution data can decide. opkg's -N says only how often the package was built; OpenWrt ships upstream's version
//   with fixes it documents nowhere a machine could read: `affected`.

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/facts.hpp"
#include "vuln/snapshot.hpp"
#include "vuln/version.hpp"

namespace shirushi::vuln {

/// An entry of catalogues/components.toml: the names a product goes by in advisories. Where it is given, its scheme wins over
/// the snapshot's.
struct ProductNames {
    std::string product;           ///< Component::product: "busybox"
    std::vector<std::string> cpe;  ///< "busybox:busybox", "rob_landley:busybox"
    VersionScheme scheme = VersionScheme::generic;
};

/// What narrows a match down; for whoever matches many tables at once (inventory.hpp).
struct MatchScope {
    const std::vector<bool>* only = nullptr;  ///< by the advisory's number in the snapshot; nothing: all
    std::optional<bool> has_linux;            ///< whether a Linux kernel runs there; nothing: as the components show
};

/// Rows are sorted by component id, then advisory, each pair once. `observed` is the components'; `gaps` are theirs and one for each
/// distribution or ecosystem whose advisories the snapshot lacks. A component whose product the snapshot does not cover adds no row. The result refers to neither argument.
Table<AdvisoryMatch> match(const Table<Component>& components, const Snapshot& snapshot, std::span<const ProductNames> names = {}, const MatchScope& scope = {});

/// How many components go by no name that advisories use: neither CPE nor a package of a distribution or ecosystem that publishes them.
std::size_t unidentified(const Table<Component>& components, std::span<const ProductNames> names = {});

}  // namespace shirushi::vuln
