#pragma once
// Rows of one table of an SQLite database from hostile bytes (sqlite.org, "Database File Format"): table B-trees with overflow pages only;
// no indexes, no write-ahead log.

#include <functional>

#include "base/bytes.hpp"

namespace shirushi::sbom {

/// A value of a record; text and blobs are borrowed from the row.
struct SqliteValue {
    bool is_null = false;
    std::int64_t number = 0;  ///< of integers
    Bytes bytes;              ///< of texts and blobs
};

/// Calls `row` with each row's values and the offset of its cell until it returns false. Errors: bad_input (not a database, no such
/// table, damaged page: rows in front of it were delivered), limit.
Result<void> read_sqlite_table(Bytes file, std::string_view table, const std::function<bool(const std::vector<SqliteValue>&, std::uint64_t)>& row);

}  // namespace shirushi::sbom
