#pragma once
// Products recognised by what their programs carry in read-only data: one pass over the bytes finds every identifier's anchor
// (Vectorscan, literals only), then the line around the anchor is held against the identifier's regular expression (PCRE2).
// Patterns are data of this program and trusted; the bytes are hostile: the line is bounded, so are the matcher's steps and the
// number of lines tried per identifier.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "model/facts.hpp"

namespace shirushi::sbom {

/// How a product is recognised, as catalogues/identifiers.toml states it, with the advisories' names joined in.
struct ProductIdentifier {
    std::string product;  ///< canonical name: "busybox"
    std::string kind;     ///< a word of ComponentKind; empty: "application"
    /// Literal text that is part of every match; empty: the longest one that `pattern` shows. Where it shows none (a bare version), `with` is
    /// the anchor: in files that hold all of it, the pattern is held against every short line that starts with a digit, or 'v' and one.
    std::string anchor;
    /// Regular expression (PCRE2) over one line of printable characters: it must cover the anchor. Group 1 is the version;
    /// without a group the version stays unknown. ^ and $ are the ends of the printable run.
    std::string pattern;
    std::vector<std::string> exclude;  ///< regular expressions: a line that one of them matches is no evidence
    std::vector<std::string> cpe;      ///< "vendor:product"
    std::vector<std::string> with;     ///< literals that the same file (piece of one) must hold, each of them, or the line is only a mention
    std::string where;                 ///< "content" (also when empty) or "file_name": the pattern reads a file's base name from its start
    std::string purl = {};             ///< package-url without a version; empty: pkg:generic/ and the product
    std::uint32_t confidence = 0;      ///< per cent; 0: what is usual for the kind of evidence
};

/// Names under which packages carry a product: binary or source package, a last '*' stands for any ending.
struct ProductAlias {
    std::string product;
    std::vector<std::string> names;
    std::vector<std::string> cpe;
};

/// A line that identifies a product.
struct Sighting {
    std::size_t identifier = 0;  ///< index into what was compiled
    std::uint64_t offset = 0;    ///< of the match in the scanned file; 0 for a file name
    std::string version;         ///< empty: unknown
    std::string line;            ///< what matched with what follows on its line, cut at 120 characters
};

struct Scan {
    std::vector<Sighting> sightings;  ///< sorted by offset, then identifier
    bool incomplete = false;          ///< the ceiling on lines tried was reached: there may be more
};

/// Immutable once compiled; may be used from any number of threads, each with its own Scanner.
class Identifiers {
public:
    /// Errors: bad_input naming the identifier (no anchor, not a regular expression, unknown kind or where).
    static Result<Identifiers> compile(std::vector<ProductIdentifier> identifiers, std::vector<ProductAlias> aliases = {});
    ~Identifiers();
    Identifiers(Identifiers&&) noexcept;
    Identifiers& operator=(Identifiers&&) noexcept;

    [[nodiscard]] const std::vector<ProductIdentifier>& list() const;
    [[nodiscard]] const std::vector<ProductAlias>& aliases() const;
    [[nodiscard]] ComponentKind kind_of(std::size_t identifier) const;

    struct State;
    [[nodiscard]] const State& state() const { return *state_; }

private:
    Identifiers();
    std::unique_ptr<State> state_;
};

/// One thread's working memory. Borrows the identifiers, which must outlive it.
class Scanner {
public:
    static Result<Scanner> make(const Identifiers& identifiers);
    ~Scanner();
    Scanner(Scanner&&) noexcept;
    Scanner& operator=(Scanner&&) noexcept;

    /// Anchors that begin in [offset, offset + size) of `file`, size at most 1 GiB; lines may reach out of it, companions
    /// (`with`) must lie in it.
    Scan scan(Bytes file, std::uint64_t offset, std::uint64_t size);
    /// Identifiers that read file names, held against one base name.
    Scan scan_name(std::string_view base_name);

private:
    Scanner();
    struct State;
    std::unique_ptr<State> state_;
};

/// The longest literal that every match of `pattern` contains, as far as its top level shows it; empty when it shows none.
std::string anchor_of(std::string_view pattern);

}  // namespace shirushi::sbom
