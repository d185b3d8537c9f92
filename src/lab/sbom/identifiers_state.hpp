#pragma once
// What compiled identifiers are inside: for identifiers.cpp and scanner.cpp only.

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <hs/hs.h>

#include "sbom/identifiers.hpp"

namespace shirushi::sbom {

struct FreeCode {
    void operator()(pcre2_code* code) const { pcre2_code_free(code); }
};
using Expression = std::unique_ptr<pcre2_code, FreeCode>;

struct FreeDatabase {
    void operator()(hs_database_t* database) const { hs_free_database(database); }
};

struct CompiledIdentifier {
    std::string anchor;
    Expression pattern;
    std::vector<Expression> exclude;
    std::vector<std::uint32_t> with;  // indexes into State::companions
    bool has_version = false;
    bool starts_line = false;  // the anchor is the first thing on its line: cheap to see before anything else is tried
    bool reads_names = false;
    bool stands_alone = false; // a bare version: no anchor of its own
    std::string name_start;    // of those that read names: literal text that every match starts with
    ComponentKind kind = ComponentKind::application;
};

struct Identifiers::State {
    std::vector<ProductIdentifier> list;
    std::vector<ProductAlias> aliases;
    std::vector<CompiledIdentifier> compiled;
    std::vector<std::string> companions;  // literals of all `with`, each once; in the database their ids follow the anchors'
    std::unique_ptr<hs_database_t, FreeDatabase> database;  // nothing when no identifier reads content
    std::vector<std::uint32_t> standing_alone;  // indexes of identifiers without an anchor
    std::size_t longest_anchor = 1;
};

}  // namespace shirushi::sbom
