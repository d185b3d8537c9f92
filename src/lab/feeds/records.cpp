#include "feeds/records.hpp"

#include "feeds/csv.hpp"
#include "feeds/json_records.hpp"
#include "feeds/xml_records.hpp"

namespace shirushi::feeds {

std::unique_ptr<RecordCutter> record_cutter(Layout layout, std::string_view name) {
    switch (layout) {
        case Layout::rows: return std::make_unique<CsvCutter>();
        case Layout::elements: return std::make_unique<XmlCutter>(name);
        case Layout::values:
        case Layout::array:
        case Layout::members: break;
    }
    return std::make_unique<JsonCutter>(layout, name);
}

}  // namespace shirushi::feeds
