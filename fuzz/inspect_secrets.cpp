// Keys, certificates and tokens in a file of any kind.
#include "inspect/inspectors.hpp"
#include "unpack/tree_builder.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace shirushi;
    auto builder = unpack::TreeBuilder::owning(Buffer(1));
    const auto root = builder.add_container(unpack::NodeId{0}, "squashfs", 0, 1, "");
    builder.add_entry(root, "etc/key.pem", {.mode = 0644}, {data, size});
    const unpack::Tree tree = std::move(builder).finish();
    const inspect::Image image = inspect::look_at(tree);
    (void)inspect::inspect_secrets(image);
    (void)inspect::inspect_permissions(image);
    return 0;
}
