#pragma once
// For tests: a device's root file system, written down file by file.

#include <string>
#include <string_view>

#include "inspect/inspect.hpp"
#include "unpack/tree_builder.hpp"

namespace shirushi::inspect {

class SampleDevice {
public:
    SampleDevice() : builder_(unpack::TreeBuilder::owning(Buffer(4096))), root_(builder_.add_container(unpack::NodeId{0}, "squashfs", 0, 4096, "")) {
        for (const char* folder : {"bin", "etc", "sbin", "usr", "lib"})
            this->folder(folder);
    }
    SampleDevice&& file(std::string_view path, std::string_view text, std::uint32_t mode = 0644, std::uint32_t uid = 0) {
        return entry(path, {.kind = FileKind::regular, .mode = mode, .uid = uid}, text);
    }
    SampleDevice&& program(std::string_view path) { return file(path, std::string_view("\177ELF\0", 5), 0755); }
    SampleDevice&& folder(std::string_view path, std::uint32_t mode = 0755) { return entry(path, {.kind = FileKind::directory, .mode = mode}, {}); }
    SampleDevice&& link(std::string_view path, std::string target) {
        return entry(path, {.kind = FileKind::symlink, .mode = 0777, .target = std::move(target)}, {});
    }
    unpack::Tree tree() { return std::move(builder_).finish(); }

    /// Everything inspect() says about it.
    Facts facts(const Words& words = {}, const Budget& budget = {}) {
        const unpack::Tree finished = tree();
        Facts facts;
        inspect(finished, words, budget, facts);
        return facts;
    }

private:
    SampleDevice&& entry(std::string_view path, const unpack::EntryInfo& info, std::string_view text) {
        builder_.add_entry(root_, path, info, builder_.keep(Buffer(text.begin(), text.end())));
        return std::move(*this);
    }
    unpack::TreeBuilder builder_;
    unpack::NodeId root_;
};

}  // namespace shirushi::inspect
