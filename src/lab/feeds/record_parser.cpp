#include "feeds/record_parser.hpp"

namespace shirushi::feeds {

Result<std::string> RecordParser::read(std::string_view text, const Place& place, const RecordReader& reader, Builder& builder) {
    if (const auto* xml = std::get_if<XmlReader>(&reader))
        return (*xml)(TRY(parse_xml(text)), place, builder);
    if (const auto* csv = std::get_if<CsvReader>(&reader))
        return (*csv)(TRY(csv_.parse(text, place.head)), place, builder);
    const Json record = TRY(json_.parse(text));
    std::string day = TRY(std::get<JsonReader>(reader)(record, place, builder));
    if (!json_.problem().empty())
        return fail(Errc::bad_input, json_.problem());
    return day;
}

}  // namespace shirushi::feeds
