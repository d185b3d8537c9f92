#pragma once
// A record's text to whoever reads its kind. One thread per parser.

#include "feeds/csv.hpp"
#include "feeds/json.hpp"
#include "feeds/readers.hpp"

namespace shirushi::feeds {

class RecordParser {
public:
    /// `text` with kPadding readable bytes behind it. Errors: bad_input, limit. What comes back is the day of the record's newest change
    /// (YYYY-MM-DD), or nothing.
    Result<std::string> read(std::string_view text, const Place& place, const RecordReader& reader, Builder& builder);

private:
    JsonParser json_;
    CsvParser csv_;
};

}  // namespace shirushi::feeds
