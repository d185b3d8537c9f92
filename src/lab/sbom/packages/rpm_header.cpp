#include "sbom/packages/rpm_header.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "sbom/packages/reading.hpp"

namespace shirushi::sbom {
namespace {

constexpr std::uint32_t kEntries = 65'536;  // rpm's own ceiling (HEADER_TAGS_MAX)
constexpr std::size_t kText = 4096;
constexpr std::size_t kGaps = 16;

enum Tag : std::uint32_t {
    name = 1000,
    version = 1001,
    release = 1002,
    epoch = 1003,
    vendor = 1011,
    license = 1014,
    packager = 1015,
    arch = 1022,
    source_rpm = 1044
};
enum Type : std::uint32_t { int32 = 4, string = 6, string_array = 8, translated = 9 };

/// "bash-5.1.8-6.el9.src.rpm": name, and version with release.
void split_source(std::string_view file, Package& package) {
    for (const std::string_view ending : {".src.rpm", ".nosrc.rpm"})
        if (file.ends_with(ending))
            file.remove_suffix(ending.size());
    const std::size_t release = file.rfind('-');
    const std::size_t version = release == std::string_view::npos || release == 0 ? std::string_view::npos : file.rfind('-', release - 1);
    if (version == std::string_view::npos)
        return;
    package.source = file.substr(0, version);
    package.source_version = file.substr(version + 1);
}

}  // namespace

Result<Package> package_of_rpm_header(Bytes blob) {
    Reader reader(blob, Endian::big);
    const std::uint32_t entries = TRY_WITHIN("header", reader.u32());
    const std::uint32_t size = TRY_WITHIN("header", reader.u32());
    if (entries > kEntries)
        return fail(Errc::bad_input, fmt::format("a header of {} entries", entries));
    const Bytes index = TRY_WITHIN("header's index", reader.take(std::uint64_t{entries} * 16));
    const Bytes data = TRY_WITHIN("header's data", reader.take(size));

    Package package;
    std::string release_text;
    std::string packager_text;
    std::string source_file;
    Reader rows(index, Endian::big);
    for (std::uint32_t i = 0; i < entries; ++i) {
        const std::uint32_t tag = TRY(rows.u32());
        const std::uint32_t type = TRY(rows.u32());
        const std::uint32_t offset = TRY(rows.u32());
        const std::uint32_t count = TRY(rows.u32());
        std::string* into = tag == name         ? &package.name
                            : tag == version    ? &package.version
                            : tag == release    ? &release_text
                            : tag == vendor     ? &package.supplier
                            : tag == license    ? &package.license
                            : tag == packager   ? &packager_text
                            : tag == arch       ? &package.architecture
                            : tag == source_rpm ? &source_file
                                                : nullptr;
        const bool is_text = type == string || type == string_array || type == translated;
        if (into != nullptr && into->empty() && is_text && count > 0) {
            Reader text(clipped(data, offset, kText));
            *into = TRY_WITHIN(fmt::format("tag {}", tag), text.c_text(kText));
        } else if (tag == epoch && type == int32 && count > 0) {
            Reader number(clipped(data, offset, 4), Endian::big);
            package.epoch = std::to_string(TRY_WITHIN("epoch", number.u32()));
        }
    }
    if (!release_text.empty())
        package.version += "-" + release_text;
    if (!package.epoch.empty())
        package.version.insert(0, package.epoch + ":");
    if (package.supplier.empty())
        package.supplier = packager_text;
    split_source(source_file, package);
    return package;
}

bool add_rpm_header(PackageList& list, Bytes blob, std::uint64_t offset) {
    auto package = package_of_rpm_header(blob);
    if (!package) {
        if (list.gaps.size() < kGaps)
            list.gaps.push_back(fmt::format("package at {}: {}", offset, package.error().message));
        return true;
    }
    package->offset = offset;
    return package->name == "gpg-pubkey" || add_package(list, std::move(*package));
}

}  // namespace shirushi::sbom
