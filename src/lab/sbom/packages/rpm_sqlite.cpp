// rpm's database of packages in SQLite, as rpm 4.16 and later write it (rpm, lib/backend/sqlite.c): table Packages, columns hnum and blob.

#include "sbom/packages/rpm_header.hpp"
#include "sbom/packages/sqlite_table.hpp"

namespace shirushi::sbom {

PackageList read_rpm_sqlite(Bytes content) {
    PackageList list;
    const auto read = read_sqlite_table(content, "Packages", [&](const std::vector<SqliteValue>& row, std::uint64_t offset) {
        return row.size() < 2 || row[1].bytes.empty() || add_rpm_header(list, row[1].bytes, offset);
    });
    if (!read)
        list.gaps.push_back(read.error().message);
    return list;
}

}  // namespace shirushi::sbom
