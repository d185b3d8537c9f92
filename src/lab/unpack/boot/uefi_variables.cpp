#include "unpack/boot/uefi_variables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "unpack/boot/uefi.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint64_t kStoreHeader = 28;
constexpr std::uint16_t kStart = 0x55aa;
constexpr std::uint8_t kAdded = 0x3f;            // VAR_ADDED
constexpr std::uint8_t kInTransition = 0x3e;     // being replaced, still in force until the new one is written
constexpr std::size_t kMostVariables = 65536;
constexpr std::uint32_t kMostName = 4096;        // bytes

struct Store {
    std::uint64_t size = 0;
    bool authenticated = false;
};

std::optional<Store> store_at(Bytes bytes) {
    constexpr std::uint8_t kFormatted = 0x5a;
    if (bytes.size() < kStoreHeader)
        return std::nullopt;
    const bool authenticated = is_guid(bytes, "AAF32C78-947B-439A-A180-2E144EC37792");
    if ((!authenticated && !is_guid(bytes, "DDCF3616-3275-4164-98B6-FE85707FFE7D")) || bytes[20] != kFormatted)
        return std::nullopt;
    return Store{.size = load_le<std::uint32_t>(bytes.data() + 16), .authenticated = authenticated};
}

struct Variable {
    std::uint8_t state = 0;
    std::string name;
    std::string vendor;
    Bytes data;
    std::uint64_t size = 0;  // of all of it
};

/// The variable at the start of `bytes`, where a start mark stands.
std::optional<Variable> variable_at(Bytes bytes, bool authenticated) {
    const std::uint64_t header = authenticated ? 60 : 32;
    if (bytes.size() < header)
        return std::nullopt;
    const std::uint8_t* sizes = bytes.data() + (authenticated ? 36 : 8);
    const auto name_size = load_le<std::uint32_t>(sizes);
    const auto data_size = load_le<std::uint32_t>(sizes + 4);
    if (name_size > kMostName || header + name_size + data_size > bytes.size())
        return std::nullopt;
    return Variable{.state = bytes[2], .name = ucs2_text(bytes.subspan(header, name_size)), .vendor = guid_text(bytes.subspan(header - 16, 16)),
                    .data = bytes.subspan(header + name_size, data_size), .size = header + name_size + data_size};
}

}  // namespace

Result<void> read_variables(Bytes bytes, const std::string& prefix, Sink& sink) {
    const auto store = store_at(bytes);
    if (!store) {
        TRY(sink.begin(prefix + "nvram.raw", {.mode = 0644}));
        TRY(sink.write(bytes));
        return sink.end("");
    }
    const Bytes all = bytes.first(std::clamp<std::uint64_t>(store->size, kStoreHeader, bytes.size()));
    std::set<std::string> taken;
    std::uint64_t at = kStoreHeader;
    for (std::size_t count = 0; count < kMostVariables && at + 2 <= all.size(); ++count) {
        if (load_le<std::uint16_t>(all.data() + at) != kStart)
            return {};  // erased flash behind the last one
        const auto variable = variable_at(all.subspan(at), store->authenticated);
        if (!variable)
            return fail(Errc::bad_input, fmt::format("the variable at 0x{:x} of the store is cut off or damaged", at));
        const bool in_force = variable->state == kAdded || variable->state == kInTransition;
        std::string name = fmt::format("{}variables/{}{}-{}", prefix, in_force ? "" : "deleted/", variable->name, variable->vendor);
        for (int again = 2; !taken.insert(name).second; ++again)
            name = fmt::format("{}variables/{}{}-{}-{}", prefix, in_force ? "" : "deleted/", variable->name, variable->vendor, again);
        TRY(sink.begin(name, {.mode = 0644}));
        TRY(sink.write(variable->data));
        TRY(sink.end(""));
        at += (variable->size + 3) / 4 * 4;
    }
    return {};
}

}  // namespace shirushi::unpack
