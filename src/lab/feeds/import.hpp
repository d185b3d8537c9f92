#pragma once
// A feed's file into a snapshot builder. Two threads: one unpacks and cuts, one parses; what is added, and in what order, depends on the
// file alone. A file is taken whole or not at all, unless the caller wants its broken records skipped.

#include <functional>
#include <string>

#include "feeds/kinds.hpp"

namespace shirushi::feeds {

struct ImportOptions {
    std::string kind;          ///< as Kind::name; empty: told by content
    bool skip_broken = false;  ///< go on behind records that cannot be read, and count them
    std::string today;         ///< YYYY-MM-DD, noted in the snapshot
    std::size_t threads = 2;   ///< 1: unpack and parse by turns
};

/// Bytes of the file done so far, and of all; records so far.
using ImportProgress = std::function<void(std::uint64_t done, std::uint64_t total, std::uint64_t records)>;

struct Imported {
    std::string kind;
    std::string date;  ///< YYYY-MM-DD: the newest change in it; empty when nothing says
    std::uint64_t records = 0;
    std::uint64_t refused = 0;
    std::string first_refusal;  ///< why the first of those was
    std::string sha256;
};

/// Errors: not_found, io, bad_input, limit: with the file's name, the record and the byte. After an error the builder holds a part of the
/// feed and must not be used.
Result<Imported> import_feed(const std::string& path, const ImportOptions& options, vuln::SnapshotBuilder& builder, const ImportProgress& progress = {});

}  // namespace shirushi::feeds
