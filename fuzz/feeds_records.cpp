// A feed from anywhere, read as the kind its first byte names: cut into records, each parsed, read and added; what comes out must be a
// snapshot.

#include "feeds/kinds.hpp"
#include "feeds/record_parser.hpp"
#include "feeds/records.hpp"
#include "vuln/vuln.hpp"

using namespace shirushi;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0)
        return 0;
    const feeds::Kind& kind = feeds::kinds()[data[0] % feeds::kinds().size()];
    const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
    (void)feeds::kind_of(text);
    vuln::SnapshotBuilder builder;
    const auto cutter = feeds::record_cutter(kind.layout, kind.array);
    if (cutter->push(text.substr(0, text.size() / 2)) && cutter->push(text.substr(text.size() / 2)))
        (void)cutter->finish();
    const feeds::Batch batch = cutter->take();
    feeds::RecordParser parser;
    for (const feeds::Batch::Record& each : batch.records)
        (void)parser.read(std::string_view(batch.text).substr(each.begin, each.size), {.key = each.key, .head = cutter->head()}, kind.read, builder);
    if (const auto file = std::move(builder).finish())
        if (!vuln::Snapshot::read(*file))
            __builtin_trap();  // what the builder writes must be readable
    return 0;
}
