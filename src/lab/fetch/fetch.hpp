#pragma once
// Public feeds from the network into a folder: what is new is fetched, what is not stays, what fails leaves the file of last time. HTTPS
// only, certificates always verified. Which feeds there are, and where, is data (read_feed_list). Knows nothing of what is in the files.

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "model/fields.hpp"

namespace shirushi::fetch {

enum class Protocol {
    file,     ///< one file at one address
    nvd_api,  ///< NVD's API 2.0: pages, then what changed
};

/// A feed and where it is. Defaults stand for what a list may leave out.
struct FeedSource {
    std::string name;  ///< "kev"; small letters, digits, - and .
    std::string url;   ///< https://; "{year}" in it: one feed for each year from first_year on
    std::string file;  ///< its name in the folder
    std::string kind;  ///< for the import; empty: told by content
    Protocol protocol = Protocol::file;
    bool wanted = true;                      ///< fetched when nobody names feeds
    std::uint32_t most_mib = 256;            ///< a larger one is refused
    std::uint32_t requests = 0;              ///< so many requests to its host ...
    std::uint32_t seconds = 0;               ///< ... in so many seconds; 0: no limit
    std::uint32_t requests_with_key = 0;     ///< the same with a key; 0: as without
    std::uint32_t page = 2000;               ///< records of a page, for nvd_api
    std::uint32_t first_year = 0;
    std::string key_header;                  ///< "apiKey"; empty: it takes no key
    std::string key_variable;                ///< environment variable that holds the key
    std::vector<std::string> redirect_hosts;  ///< other hosts that it may redirect to
    SHIRUSHI_FIELDS(FeedSource, name, url, file, kind, protocol, wanted, most_mib, requests, seconds, requests_with_key, page, first_year, key_header, key_variable,
                    redirect_hosts)
};

/// The feeds of a list (TOML, docs/formats/feed-list.md), each year's by itself up to `year`. Errors: bad_input, as "file:line: what".
Result<std::vector<FeedSource>> read_feed_list(std::string_view text, std::string_view file, int year);

/// A key as a file or the environment holds it, without blanks around it. Errors: bad_input (no key; what is wrong is said, never the key).
Result<std::string> api_key(std::string_view text);

struct UpdateOptions {
    std::string folder;        ///< made if it is not there
    std::string certificates;  ///< PEM file of authorities that count beside the system's; empty: none
    std::string proxy;         ///< "http://host:port"; empty: none
    std::string no_proxy;      ///< hosts that are reached without it, as curl takes them
    std::map<std::string, std::string> keys;  ///< by the feed's name
    unsigned attempts = 4;     ///< of each request
};

enum class Fetched {
    fresh,      ///< fetched now
    unchanged,  ///< what lies there is what the source has
    kept,       ///< could not be fetched; the file of last time is there
    missing,    ///< could not be fetched, and there is none
};

struct StoredFile {
    std::string path;
    std::string sha256;  ///< in hexadecimal
};

struct Outcome {
    std::string feed;
    Fetched state = Fetched::missing;
    std::string kind;                ///< as FeedSource::kind
    std::vector<StoredFile> files;  ///< in the order to import them in
    std::uint64_t bytes = 0;         ///< that came over the network
    std::string problem;             ///< why it is kept or missing
};

/// Of the feed: bytes so far, and of all where the server said (else 0).
using FetchProgress = std::function<void(std::string_view feed, std::uint64_t done, std::uint64_t total)>;

/// Fetches feed after feed; one that fails does not keep others from being fetched. Errors: io (the folder cannot be written), refused
/// (another update works in it).
Result<std::vector<Outcome>> update(const std::vector<FeedSource>& feeds, const UpdateOptions& options, const FetchProgress& progress = {});

/// Has the files of these feeds fetched whole the next time: whoever read them found them broken. Errors: io, refused.
Result<void> distrust(const std::string& folder, const std::vector<FeedSource>& feeds);

}  // namespace shirushi::fetch

namespace shirushi {
SHIRUSHI_NAMES(fetch::Protocol, "file", "nvd-api")
}  // namespace shirushi
