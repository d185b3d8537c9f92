// A snapshot file from anywhere, sealed with a size and digest that fit: reading must refuse it or give tables that can be matched.

#include <algorithm>
#include <cstring>

#include "vuln/snapshot_builder.hpp"
#include "vuln/snapshot_format.hpp"
#include "vuln/vuln.hpp"

namespace {

using namespace shirushi;

void exercise(const vuln::Snapshot& snapshot) {
    Table<Component> components;
    components.observed = true;
    for (const auto& product : snapshot.products().first(std::min<std::size_t>(snapshot.products().size(), 8))) {
        Component component;
        component.id = component.version = "1.0.1e";
        component.cpe = {std::string(snapshot.text(product.product))};
        components.rows.push_back(std::move(component));
    }
    vuln::match(components, snapshot);
    vuln::SnapshotBuilder builder;
    builder.load(snapshot);
    (void)std::move(builder).finish();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Bytes input(data, size);
    if (const auto snapshot = vuln::Snapshot::read(input))
        exercise(*snapshot);
    if (size < sizeof(vuln::FileHead))
        return 0;
    Buffer file(input.begin(), input.end());
    vuln::FileHead head{};
    std::memcpy(&head, file.data(), sizeof head);
    std::ranges::copy(vuln::snapshot_magic, head.magic);
    head.format = vuln::snapshot_format;
    head.size = size;
    std::memcpy(file.data(), &head, sizeof head);
    const Digest digest = vuln::snapshot_digest(file);
    std::ranges::copy(digest.bytes, file.begin() + offsetof(vuln::FileHead, sha256));
    if (const auto snapshot = vuln::Snapshot::read(file))
        exercise(*snapshot);
    return 0;
}
