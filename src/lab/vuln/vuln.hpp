#pragma once
// Advisories against components: versions compared, snapshots read and written, matches found. See README.md.

#include "vuln/exposure.hpp"
#include "vuln/inventory.hpp"
#include "vuln/match.hpp"
#include "vuln/package_names.hpp"
#include "vuln/records.hpp"
#include "vuln/snapshot.hpp"
#include "vuln/snapshot_builder.hpp"
#include "vuln/version.hpp"
