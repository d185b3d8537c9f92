#pragma once
// An assessment as people and other tools read it. Everything here is pure: nothing touches the disk, the clock or the
// network, and the same arguments give the same bytes. All strings of the arguments may be hostile. No function fails.

#include <string>
#include <vector>

#include "model/assessment.hpp"
#include "model/catalogue.hpp"
#include "model/facts.hpp"
#include "model/layout.hpp"

namespace shirushi::report {

/// report.html: one file in both languages, without any reference to another; its Content-Security-Policy allows nothing but
/// its own style and script, by their SHA-256. Long lists are cut where the page says so: assessment.json and facts.json
/// hold everything.
std::string html(const Assessment& assessment, const Facts& facts, const Catalogue& catalogue, const std::vector<CheckText>& checks);

/// layout.svg: a picture of what lies where in the image, as in report.html, as a file of its own: it carries its style, follows
/// the reader's light or dark scheme, refers to nothing, and says every region in words (desc) as well.
std::string layout_svg(const Facts& facts, Language language);

/// findings.sarif: OASIS SARIF 2.1.0. English messages, the Japanese beside them in properties.
std::string sarif(const Assessment& assessment, const std::vector<CheckText>& checks);

/// oscal-ar.json: NIST OSCAL 1.1.2 assessment results, in English.
std::string oscal(const Assessment& assessment, const Catalogue& catalogue);

/// checklist.csv: the catalogue's requirements with verdict, method, grounds, evidence and next step, a line each (RFC 4180, UTF-8 with
/// byte order mark).
std::string checklist(const Assessment& assessment, const Catalogue& catalogue, Language language);

enum class Colour { off, on };

struct TerminalStyle {
    Language language = Language::en;
    Colour colour = Colour::off;
    unsigned width = 80;  ///< columns; lines are at most this wide, at least 40
};

/// What the terminal shows when a run ends: verdicts, counts, the three worst findings, what was not looked at, next steps.
std::string terminal_summary(const Assessment& assessment, const Catalogue& catalogue, const std::vector<CheckText>& checks,
                             const TerminalStyle& style);

/// The layout of an image as a table for the terminal: a line for each range, indented ones for what lies inside it, then partitions,
/// notes and what could not be read. Lines are as long as what they say.
std::string terminal_layout(const Layout& layout, const TerminalStyle& style);

}  // namespace shirushi::report
