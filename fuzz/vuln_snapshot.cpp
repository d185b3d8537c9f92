// A snapshot's payload from anywhere, sealed with a digest that fits: reading must refuse it or give tables that can be matched.

#include <algorithm>

#include "vuln/vuln.hpp"

namespace {

void exercise(const shirushi::vuln::Snapshot& snapshot) {
    shirushi::Table<shirushi::Component> components;
    components.observed = true;
    for (const auto& product : snapshot.products().first(std::min<std::size_t>(snapshot.products().size(), 8))) {
        shirushi::Component component;
        component.id = component.version = "1.0.1e";
        component.cpe = {std::string(snapshot.text(product.product))};
        components.rows.push_back(std::move(component));
    }
    shirushi::vuln::match(components, snapshot);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const shirushi::Bytes input(data, size);
    if (const auto snapshot = shirushi::vuln::Snapshot::read(input))
        exercise(*snapshot);
    shirushi::Reader reader(input);
    const auto advisories = reader.u8();
    const auto products = reader.u8();
    const auto criteria = reader.u8();
    if (!advisories || !products || !criteria)
        return 0;
    const shirushi::SnapshotInfo info{.date = "2025-05-13", .sha256 = {}, .advisories = *advisories};
    const auto file = shirushi::vuln::seal_snapshot(input.subspan(reader.position()), info, *products, *criteria);
    if (const auto snapshot = shirushi::vuln::Snapshot::read(file.value()))
        exercise(*snapshot);
    return 0;
}
