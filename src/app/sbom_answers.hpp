#pragma once
// What is said of a bill of materials on the terminal. Each print() returns the exit code that goes with what it printed.

#include "model/catalogue.hpp"
#include "model/licences.hpp"
#include "sbom/documents/compare.hpp"
#include "sbom/documents/quality.hpp"
#include "sbom/licences/licences.hpp"

namespace shirushi::app {

struct SbomAnswers {
    Language language = Language::en;
    bool json = false;

    /// 0 all the same, 1 something differs, 2 nothing differs but something could not be looked at.
    [[nodiscard]] int print(const sbom::ComparedTable& table) const;
    /// 0 all elements are there, else 1.
    [[nodiscard]] int print(const sbom::Quality& quality) const;
    /// 1 something is not allowed or in conflict, 2 something is to be looked at, else 0.
    [[nodiscard]] int print(const sbom::LicenceTable& table, const LicencePolicy& policy) const;
};

}  // namespace shirushi::app
