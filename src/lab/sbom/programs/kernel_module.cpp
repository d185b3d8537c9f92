// Linux kernel modules (include/linux/module.h, .modinfo): those that come from somewhere else than the kernel's own tree are components
// of their own, with their licence; the kernel's own are part of the kernel.

#include "base/text.hpp"
#include "sbom/packages/reading.hpp"
#include "sbom/programs/program_file.hpp"

namespace shirushi::sbom {
namespace {

std::string_view value_of(const std::vector<elf::ModuleInfo>& info, std::string_view key) {
    for (const elf::ModuleInfo& one : info)
        if (one.key == key)
            return one.value;
    return {};
}

/// Linux marks its own modules since 3.2 (commit 2449b8ba0745).
bool marks_its_own(std::string_view vermagic) {
    const auto numbers = split(vermagic.substr(0, vermagic.find(' ')), '.');
    const auto major = to_integer<unsigned>(numbers[0]);
    const auto minor = numbers.size() > 1 ? to_integer<unsigned>(numbers[1].substr(0, numbers[1].find_first_not_of("0123456789"))) : std::nullopt;
    return major && minor && (*major > 3 || (*major == 3 && *minor >= 2));
}

}  // namespace

PackageList read_kernel_module(const elf::ElfFile& module) {
    PackageList list;
    if (module.section(".modinfo") == nullptr)
        return list;
    const auto info = module.module_info();
    if (!marks_its_own(value_of(info, "vermagic")) || !value_of(info, "intree").empty())
        return list;
    const std::string_view name = value_of(info, "name");
    if (name.empty())  // since 4.13
        return list;
    add_package(list, {.name = std::string(name),
                       .version = std::string(value_of(info, "version")),
                       .supplier = std::string(value_of(info, "author")),
                       .license = std::string(value_of(info, "license")),
                       .offset = static_cast<std::uint64_t>(name.data() - as_text(module.bytes()).data())});
    return list;
}

}  // namespace shirushi::sbom
