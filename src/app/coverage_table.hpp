#pragma once
// How much of each catalogue the tool decides: as a table for the terminal, and as the document docs/coverage.md.

#include <string>
#include <vector>

#include "catalog/coverage.hpp"
#include "report/texts.hpp"

namespace shirushi::app {

/// One line a catalogue; with `named`, the requirements of each kind below it.
std::string coverage_table(const std::vector<catalog::Coverage>& rows, bool named, const report::Texts& texts, Language language);

/// Markdown: the table of all catalogues, and per catalogue which requirements are of which kind.
std::string coverage_document(const std::vector<const Catalogue*>& catalogues, const report::Texts& texts, Language language);

}  // namespace shirushi::app
