#include <fmt/format.h>

#include <algorithm>

#include "unpack/boot/uefi.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint64_t kHeader = 28;
constexpr std::uint64_t kLargest = std::uint64_t{1} << 30;
constexpr std::size_t kMostItems = 64;
constexpr std::uint32_t kItemSupportsAuthentication = 1;  // CAPSULE_SUPPORT_AUTHENTICATION

struct Kind {
    std::string_view guid;
    std::string_view name;
};
constexpr std::string_view kFirmwareManagement = "6DCBD5ED-E82D-4C44-BDA1-7194199AD92A";
constexpr std::array kKinds{Kind{kFirmwareManagement, "firmware management"},
                            Kind{"3B6686BD-0D76-4030-B70E-B5519E2FC5A0", "EFI"},
                            Kind{"539182B9-ABB5-4391-B69A-E3A943F72FCC", "Intel"},
                            Kind{"4A3CA68B-7723-48FB-803D-578CC1FEC44D", "AMI Aptio, signed"},
                            Kind{"14EEBB90-890A-43DB-AED1-5D3C4588A418", "AMI Aptio"},
                            Kind{"3BE07062-1D51-45D2-832B-F093257ED461", "Toshiba"},
                            Kind{"E20BAFD3-9914-4F4F-9537-3129E090EB3C", "Lenovo"},
                            Kind{"3B8C8162-188C-46A4-AEC9-BE43F1D65697", "Windows firmware picture"}};

struct Capsule {
    const Kind* kind = nullptr;
    std::uint64_t header = 0;
    std::uint64_t size = 0;
};

std::optional<Capsule> capsule_of(Bytes bytes) {
    if (bytes.size() < kHeader)
        return std::nullopt;
    const auto kind = std::ranges::find_if(kKinds, [&](const Kind& one) { return is_guid(bytes, one.guid); });
    if (kind == kKinds.end())
        return std::nullopt;
    const Capsule capsule{.kind = &*kind, .header = load_le<std::uint32_t>(bytes.data() + 16), .size = load_le<std::uint32_t>(bytes.data() + 24)};
    const auto flags = load_le<std::uint32_t>(bytes.data() + 20);
    // Flags: the low half is the kind's own, of the high half three are defined. Toshiba and others leave them zero.
    if (capsule.header < kHeader || capsule.header > 65536 || capsule.size <= capsule.header || capsule.size > kLargest || (flags & 0xfff80000U) != 0)
        return std::nullopt;
    return capsule;
}

struct Items {
    std::vector<Part> parts;
    std::string description;
    std::string damage;
};

/// One payload: its header, then what signs it, then the image.
void add_payload(Bytes capsule, std::uint64_t at, std::uint64_t end, std::size_t number, Items& items) {
    Reader reader(clipped(capsule, at, end - at));
    const auto version = reader.u32();
    const auto guid = reader.take(16);
    (void)reader.skip(4);  // index of the image on its device
    const auto size = reader.u32();
    const auto vendor_size = reader.u32();
    if (!version || !guid || !size || !vendor_size || *version < 1 || *version > 3) {
        items.damage = fmt::format("the header of payload {} is cut off or unknown", number);
        return;
    }
    std::uint64_t support = 0;
    if (*version >= 2)
        (void)reader.skip(8);  // hardware instance
    if (*version >= 3)
        support = reader.u64().value_or(0);
    std::uint64_t first = reader.position();
    items.description += fmt::format("; payload {} for {}", number, guid_text(*guid));
    // A counter, then a WIN_CERTIFICATE_UEFI_GUID whose length includes itself.
    constexpr std::uint16_t kCertificateRevision = 0x0200;
    constexpr std::uint16_t kCertificateGuid = 0x0ef1;
    const Bytes signature = clipped(capsule, at + first, 16);
    const bool looks_signed = signature.size() == 16 && load_le<std::uint16_t>(signature.data() + 12) == kCertificateRevision && load_le<std::uint16_t>(signature.data() + 14) == kCertificateGuid;
    if (looks_signed) {
        const std::uint64_t length = load_le<std::uint32_t>(signature.data() + 8);
        if (length >= 24 && 8 + length < *size) {
            items.parts.push_back({.name = fmt::format("signature{}", number), .offset = at + first + 8, .size = length, .encrypted = {}});
            first += 8 + length;
            items.description += ", signed (not verified: no key is at hand)";
        }
    } else if ((support & kItemSupportsAuthentication) != 0) {
        items.description += ", says it is signed, and is not";
    }
    const std::uint64_t header = reader.position();
    items.parts.push_back({.name = fmt::format("payload{}", number), .offset = at + first, .size = *size - std::min<std::uint64_t>(*size, first - header), .encrypted = {}});
    if (*vendor_size != 0)
        items.parts.push_back({.name = fmt::format("vendor-code{}", number), .offset = at + header + *size, .size = *vendor_size, .encrypted = {}});
}

Items items_of(Bytes bytes, const Capsule& capsule) {
    Items items;
    const Bytes body = clipped(bytes, 0, capsule.size);
    if (capsule.kind->guid != kFirmwareManagement) {
        items.parts.push_back({.name = "payload", .offset = capsule.header, .size = capsule.size - capsule.header, .encrypted = {}});
        return items;
    }
    Reader reader(clipped(body, capsule.header, body.size()));
    const auto version = reader.u32();
    const auto drivers = reader.u16();
    const auto payloads = reader.u16();
    if (!payloads || *version != 1 || std::size_t{*drivers} + *payloads > kMostItems) {
        items.damage = "the list of payloads is cut off or makes no sense";
        items.parts.push_back({.name = "payload", .offset = capsule.header, .size = capsule.size - capsule.header, .encrypted = {}});
        return items;
    }
    std::vector<std::uint64_t> offsets;
    for (std::size_t i = 0; i < std::size_t{*drivers} + *payloads; ++i)
        offsets.push_back(capsule.header + std::min<std::uint64_t>(reader.u64().value_or(capsule.size), capsule.size));
    offsets.push_back(capsule.size);
    for (std::size_t i = 0; i + 1 < offsets.size(); ++i) {
        const std::uint64_t end = std::min<std::uint64_t>(offsets[i + 1], capsule.size);
        if (offsets[i] >= end)
            items.damage = fmt::format("item {} of the capsule points outside of it", i);
        else if (i < *drivers)
            items.parts.push_back({.name = fmt::format("driver{}.efi", i), .offset = offsets[i], .size = end - offsets[i], .encrypted = {}});
        else
            add_payload(body, offsets[i], end, i - *drivers, items);
    }
    return items;
}

}  // namespace

std::optional<FoundContainer> identify_capsule(Bytes bytes) {
    const auto capsule = capsule_of(bytes);
    if (!capsule)
        return std::nullopt;
    const std::uint64_t there = std::min<std::uint64_t>(capsule->size, bytes.size());
    std::string description = fmt::format("UEFI capsule, {}{}", capsule->kind->name, items_of(bytes, *capsule).description);
    if (there < capsule->size)
        description += ", " + cut_off(there, capsule->size);
    return FoundContainer{.size = there, .description = std::move(description), .checked = capsule->kind->guid == kFirmwareManagement};
}

Result<Parts> split_capsule(Bytes bytes) {
    const auto capsule = capsule_of(bytes);
    if (!capsule)
        return fail(Errc::internal, "not a capsule after all");
    Items items = items_of(bytes, *capsule);
    if (bytes.size() < capsule->size)
        items.damage = cut_off(bytes.size(), capsule->size);
    return Parts{.parts = std::move(items.parts), .damage = std::move(items.damage)};
}

}  // namespace shirushi::unpack
