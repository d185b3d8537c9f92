#pragma once
// A package's header as rpm's databases hold it: index and data of a header structure, without the lead and the magic that files have
// (rpm, "RPM v4 package file format", header structure).

#include "sbom/packages/package_file.hpp"

namespace shirushi::sbom {

/// Errors: bad_input naming what is wrong. A header without a name gives a package without one.
Result<Package> package_of_rpm_header(Bytes blob);

/// Reads the header and adds the package, or a gap that names the blob's offset; keys of signers, which the database holds as
/// packages named gpg-pubkey, are left out. False when no more are taken.
bool add_rpm_header(PackageList& list, Bytes blob, std::uint64_t offset);

}  // namespace shirushi::sbom
