#pragma once
// A tar.gz that grows: each page is a gzip member of its own (RFC 1952 2.2), so that more can be added without packing anew. The same
// pages give the same bytes.

#include <string>
#include <string_view>

#include "fetch/cache.hpp"

namespace shirushi::fetch {

class PageArchive {
public:
    /// A new archive, or one that begins with what `earlier` holds (a path; empty: nothing). Errors: io, bad_input (no such archive).
    static Result<PageArchive> begin(const std::string& path, const std::string& earlier);
    /// Errors: io, limit (a name longer than tar holds).
    Result<void> add(std::string_view name, std::string_view page);
    Result<void> finish();

private:
    explicit PageArchive(PartFile file) : file_(std::move(file)) {}
    PartFile file_;
};

}  // namespace shirushi::fetch
