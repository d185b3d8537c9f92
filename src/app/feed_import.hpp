#pragma once
// Feeds' files into the advisory snapshot, which is replaced when all of them were read, and stays as it was otherwise.

#include <string>
#include <vector>

#include "app/command.hpp"

namespace shirushi::app {

struct FeedToImport {
    std::string path;
    std::string kind;  ///< empty: told by content
};

/// Brings the files into the snapshot that the options name, in this order, and says so on standard output. `options.files` and
/// `options.kind` do not count. `broken` takes the path of the file that could not be brought in. Errors: of the file or the snapshot.
Result<void> import_feeds(const CommonOptions& common, const FeedImportOptions& options, const std::vector<FeedToImport>& files, std::string* broken = nullptr);

/// `given`, or the day of the system's clock as YYYY-MM-DD.
std::string day_today(const std::string& given);

}  // namespace shirushi::app
