// A feed from anywhere, read as the kind its first byte names: cut into records, each parsed, read and added; what comes out must be a
// snapshot.

#include "feeds/kinds.hpp"
#include "vuln/vuln.hpp"

using namespace shirushi;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0)
        return 0;
    const feeds::Kind& kind = feeds::kinds()[data[0] % feeds::kinds().size()];
    const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
    (void)feeds::kind_of(text);
    vuln::SnapshotBuilder builder;
    if (kind.read == nullptr) {
        std::string day;
        (void)feeds::read_epss_line(text, day, builder);
    } else {
        feeds::JsonCutter cutter(kind.layout, kind.array);
        (void)cutter.push(text);
        (void)cutter.finish();
        const feeds::Batch batch = cutter.take();
        feeds::JsonParser parser;
        for (const feeds::Batch::Record& each : batch.records)
            if (const auto record = parser.parse(std::string_view(batch.text).substr(each.begin, each.size)))
                (void)kind.read(*record, {.key = each.key, .head = cutter.head()}, builder);
    }
    if (const auto file = std::move(builder).finish())
        if (!vuln::Snapshot::read(*file))
            __builtin_trap();  // what the builder writes must be readable
    return 0;
}
