#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <set>

#include "base/text.hpp"
#include "unpack/boot/uefi.hpp"
#include "unpack/boot/uefi_sections.hpp"
#include "unpack/boot/uefi_variables.hpp"

namespace shirushi::unpack {
namespace {

namespace type = section_type;

constexpr std::uint64_t kSmallestHeader = 56;
constexpr std::uint64_t kLargest = std::uint64_t{1} << 30;
constexpr std::uint64_t kMostUnpacked = std::uint64_t{256} << 20;  // held in memory at a time and in total; OVMF's are 15 MiB
constexpr std::size_t kMostFiles = 16384;                           // of one volume
constexpr std::size_t kDeepest = 16;                                // volumes inside volumes

struct Volume {
    std::uint64_t size = 0;
    std::uint64_t header = 0;  // files start here, aligned to eight
    std::uint32_t attributes = 0;
    bool checksum = false;
    std::string_view kind;  // "FFS2" ...; empty: none that is known
};

constexpr std::string_view kNvram = "NVRAM";

std::string_view file_system(Bytes guid) {
    if (is_guid(guid, "8C8CE578-8A3D-4F1C-9935-896185C32DD3"))
        return "FFS2";
    if (is_guid(guid, "5473C07A-3DCB-4DCA-BD6F-1E9689E7349A"))
        return "FFS3";
    if (is_guid(guid, "7A9354D9-0468-444A-81CE-0BF617D890DF"))
        return "FFS1";
    if (is_guid(guid, "04ADEEAD-61FF-4D31-B6BA-64F8BF901F5A"))
        return "FFS2 (Apple)";
    if (is_guid(guid, "FFF12B8D-7696-4C8B-A985-2747075B4F50"))
        return kNvram;
    return {};
}

std::uint16_t sum16(Bytes bytes) {
    std::uint16_t sum = 0;
    for (std::size_t i = 0; i + 1 < bytes.size(); i += 2)
        sum = static_cast<std::uint16_t>(sum + load_le<std::uint16_t>(bytes.data() + i));
    return sum;
}

std::uint8_t sum8(Bytes bytes) {
    std::uint8_t sum = 0;
    for (const std::uint8_t byte : bytes)
        sum = static_cast<std::uint8_t>(sum + byte);
    return sum;
}

std::optional<Volume> volume_of(Bytes bytes) {
    if (bytes.size() < kSmallestHeader || as_text(bytes.subspan(40, 4)) != "_FVH")
        return std::nullopt;
    const std::uint8_t* at = bytes.data();
    Volume volume{.size = load_le<std::uint64_t>(at + 32), .header = load_le<std::uint16_t>(at + 48), .attributes = load_le<std::uint32_t>(at + 44), .kind = file_system(bytes.subspan(16, 16))};
    if (volume.header < kSmallestHeader || volume.header % 2 != 0 || volume.header > bytes.size() || volume.size <= volume.header || volume.size > kLargest)
        return std::nullopt;
    volume.checksum = sum16(bytes.first(volume.header)) == 0;
    if (!volume.checksum && volume.kind.empty())
        return std::nullopt;
    // An extended header may stand behind, with the volume's name in it.
    const auto extended = load_le<std::uint16_t>(at + 52);
    if (at[55] >= 2 && extended != 0 && std::uint64_t{extended} + 20 <= std::min<std::uint64_t>(volume.size, bytes.size())) {
        const auto size = load_le<std::uint32_t>(at + extended + 16);
        if (size >= 20 && size < volume.size - extended)
            volume.header = std::uint64_t{extended} + size;
    }
    return volume;
}

std::string_view file_type(std::uint8_t type) {
    constexpr std::array<std::string_view, 16> kTypes{"", "raw", "freeform", "sec-core", "pei-core", "dxe-core", "pei-module", "driver",
                                                      "pei-and-driver", "application", "mm", "volume-image", "mm-and-driver", "mm-core", "mm-standalone", "mm-core-standalone"};
    return type < kTypes.size() && type != 0 ? kTypes.at(type) : "file";
}

std::string_view ending(std::uint8_t section) {
    switch (section) {
        case type::kPe32: return ".efi";
        case type::kTe: return ".te";
        case type::kPositionIndependent: return ".pic";
        case type::kDxeDependency:
        case type::kPeiDependency:
        case type::kMmDependency: return ".depex";
        case type::kVersion: return ".version";
        case type::kCompatibility16: return ".rom";
        case type::kFreeform: return ".freeform";
        default: return ".raw";
    }
}

struct File {
    std::uint64_t size = 0;  // with the header
    std::uint64_t header = 24;
    std::uint8_t type = 0;
    std::uint8_t attributes = 0;
    std::uint8_t state = 0;
    bool header_fits = false;
};

/// The file at the start of `bytes`; nothing when its size makes no sense.
std::optional<File> file_at(Bytes bytes, bool erased_is_one) {
    constexpr std::uint8_t kLarge = 1;
    if (bytes.size() < 24)
        return std::nullopt;
    const std::uint8_t* at = bytes.data();
    File file{.size = load_le<std::uint32_t>(at + 20) & 0xffffffU, .type = at[18], .attributes = at[19], .state = at[23]};
    if ((file.attributes & kLarge) != 0) {
        if (bytes.size() < 32)
            return std::nullopt;
        file.size = load_le<std::uint64_t>(at + 24);
        file.header = 32;
    }
    if (erased_is_one)
        file.state = static_cast<std::uint8_t>(~file.state);
    if (file.size < file.header || file.size > bytes.size())
        return std::nullopt;
    // The header's sum leaves out the file's checksum and the state.
    file.header_fits = static_cast<std::uint8_t>(sum8(bytes.first(file.header)) - at[17] - at[23]) == 0;
    return file;
}

bool is_empty(Bytes bytes) { return std::ranges::all_of(bytes, [&](std::uint8_t byte) { return byte == bytes[0] && (byte == 0 || byte == 0xff); }); }

/// Reads volumes, those inside others behind them, and hands out their files.
class VolumeReader {
public:
    explicit VolumeReader(Sink& sink) : sink_(sink) {}

    Result<void> run(Bytes bytes) {
        waiting_.push_back({.bytes = bytes, .keeper = nullptr, .prefix = {}, .depth = 0});
        while (!waiting_.empty()) {
            const Waiting next = std::move(waiting_.back());
            waiting_.pop_back();
            TRY(read_volume(next));
        }
        if (files_ != 0)
            sink_.describe(fmt::format("{} {} in {} {}", files_, files_ == 1 ? "file" : "files", volumes_, volumes_ == 1 ? "volume" : "volumes"));
        return damage_.empty() ? Result<void>() : fail(Errc::bad_input, damage_);
    }

private:
    struct Waiting {
        Bytes bytes;
        std::shared_ptr<const Buffer> keeper;
        std::string prefix;  // "" or a folder with '/' behind it
        std::size_t depth = 0;
    };

    Result<void> read_volume(const Waiting& here) {
        const auto volume = volume_of(here.bytes);
        if (!volume)
            return hand_out(here.prefix + "volume", ".raw", here.bytes, "the volume's header makes no sense");
        ++volumes_;
        if (volume->size > here.bytes.size())
            note_damage("a volume is " + cut_off(here.bytes.size(), volume->size));
        const Bytes body = here.bytes.first(std::min<std::uint64_t>(volume->size, here.bytes.size()));
        if (volume->kind == kNvram)
            return read_variables(body.subspan(volume->header), here.prefix, sink_);
        if (volume->kind.empty())
            return hand_out(here.prefix + "volume", ".raw", body.subspan(volume->header), "");
        return read_files(body, *volume, here);
    }

    Result<void> read_files(Bytes body, const Volume& volume, const Waiting& here) {
        constexpr std::uint32_t kErasePolarity = 0x800;
        const bool erased_is_one = (volume.attributes & kErasePolarity) != 0;
        std::vector<Waiting> inner;
        std::uint64_t at = (volume.header + 7) / 8 * 8;
        std::size_t count = 0;
        while (at < body.size()) {
            const Bytes rest = body.subspan(at);
            if (is_empty(rest))
                break;
            const auto file = file_at(rest, erased_is_one);
            if (!file || !file->header_fits || ++count > kMostFiles) {
                // Free space begins with bytes as erased; what stands there all the same, or a damaged header, is kept whole.
                note_damage(fmt::format("at 0x{:x} of a volume stands no file", at));
                TRY(hand_out(here.prefix + "rest", ".raw", rest, "no file begins here"));
                break;
            }
            TRY(read_file(rest.first(file->size), *file, here, inner));
            at += (file->size + 7) / 8 * 8;
        }
        for (auto next = inner.rbegin(); next != inner.rend(); ++next)
            waiting_.push_back(std::move(*next));
        return {};
    }

    Result<void> read_file(Bytes bytes, const File& file, const Waiting& here, std::vector<Waiting>& inner) {
        constexpr std::uint8_t kPadding = 0xf0;
        constexpr std::uint8_t kRawFile = 1;
        constexpr std::uint8_t kDeleted = 0x10;
        const Bytes data = bytes.subspan(file.header);
        if (file.type == kPadding)
            return is_empty(data) ? Result<void>() : hand_out(here.prefix + "padding", ".raw", data, "");
        ++files_;
        const std::string guid = guid_text(bytes);
        const std::string prefix = here.prefix + ((file.state & kDeleted) != 0 ? "deleted/" : "");
        const std::string damage = data_fits(bytes, file) ? "" : "the file's checksum does not match";
        if (file.type == kRawFile || file.type == 0 || file.type > 0x0f)
            return hand_out(prefix + guid, ".raw", data, damage);
        const std::vector<UefiLeaf> leaves = leaves_of(data, here.keeper, budget_);
        std::string name;
        for (const UefiLeaf& leaf : leaves)
            if (leaf.type == type::kUserInterface && name.empty())
                name = ucs2_text(leaf.content);
        std::ranges::replace(name, '/', '_');
        if (name.empty())
            name = file.type == 2 || file.type == 0x0b ? guid : fmt::format("{}-{}", file_type(file.type), guid);
        for (const UefiLeaf& leaf : leaves) {
            if (leaf.type == type::kUserInterface)
                continue;
            if (leaf.type == type::kVolume && here.depth + 1 < kDeepest)
                inner.push_back({.bytes = leaf.content, .keeper = leaf.keeper, .prefix = unique(prefix + name, "") + "/", .depth = here.depth + 1});
            else
                TRY(hand_out_leaf(prefix + name, leaf, damage));
        }
        return {};
    }

    Result<void> hand_out_leaf(const std::string& base, const UefiLeaf& leaf, const std::string& file_damage) {
        const std::string& damage = leaf.damage.empty() ? file_damage : leaf.damage;
        if (leaf.type == type::kVersion && leaf.content.size() >= 2)
            return hand_out(base, ".version", as_bytes(fmt::format("{} (build {})\n", ucs2_text(leaf.content.subspan(2)), load_le<std::uint16_t>(leaf.content.data()))), damage);
        if (leaf.content.empty() || (leaf.type == type::kRaw && is_empty(leaf.content)))  // aligns what follows
            return {};
        return hand_out(base, ending(leaf.type), leaf.content, damage);
    }

    [[nodiscard]] static bool data_fits(Bytes bytes, const File& file) {
        constexpr std::uint8_t kChecksum = 0x40;
        constexpr std::uint8_t kFixed = 0xaa;
        const std::uint8_t stored = bytes[17];
        if ((file.attributes & kChecksum) == 0)
            return stored == kFixed || stored == 0x5a;  // the latter in volumes of revision 1
        return static_cast<std::uint8_t>(sum8(bytes.subspan(file.header)) + stored) == 0;
    }

    std::string unique(const std::string& base, std::string_view end) {
        std::string name = base + std::string(end);
        for (int again = 2; !taken_.insert(name).second; ++again)
            name = fmt::format("{}-{}{}", base, again, end);
        return name;
    }

    Result<void> hand_out(const std::string& base, std::string_view end, Bytes content, std::string_view damage) {
        TRY(sink_.begin(unique(base, end), {.mode = 0644}));
        TRY(sink_.write(content));
        return sink_.end(damage);
    }

    void note_damage(std::string what) {
        if (damage_.empty())
            damage_ = std::move(what);
    }

    Sink& sink_;
    std::vector<Waiting> waiting_;
    std::set<std::string> taken_;
    std::string damage_;
    std::uint64_t budget_ = kMostUnpacked;
    std::size_t files_ = 0;
    std::size_t volumes_ = 0;
};

}  // namespace

std::string guid_text(Bytes bytes) {
    const std::uint8_t* at = bytes.data();
    std::string text = fmt::format("{:08X}-{:04X}-{:04X}-", load_le<std::uint32_t>(at), load_le<std::uint16_t>(at + 4), load_le<std::uint16_t>(at + 6));
    for (std::size_t i = 8; i < 16; ++i)
        text += fmt::format("{}{:02X}", i == 10 ? "-" : "", at[i]);
    return text;
}

bool is_guid(Bytes bytes, std::string_view text) { return bytes.size() >= 16 && guid_text(bytes) == text; }

std::string ucs2_text(Bytes bytes) {
    std::string text;
    for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
        const unsigned unit = load_le<std::uint16_t>(bytes.data() + i);
        if (unit == 0)
            break;
        if (unit < 0x80) {
            text += static_cast<char>(unit);
        } else if (unit < 0x800) {
            text += {static_cast<char>(0xc0U | unit >> 6U), static_cast<char>(0x80U | (unit & 0x3fU))};
        } else if (unit >= 0xd800 && unit < 0xe000) {
            text += '?';
        } else {
            text += {static_cast<char>(0xe0U | unit >> 12U), static_cast<char>(0x80U | (unit >> 6U & 0x3fU)), static_cast<char>(0x80U | (unit & 0x3fU))};
        }
    }
    return text;
}

std::optional<FoundContainer> identify_firmware_volume(Bytes bytes) {
    const auto volume = volume_of(bytes);
    if (!volume)
        return std::nullopt;
    const std::uint64_t there = std::min<std::uint64_t>(volume->size, bytes.size());
    std::string description = fmt::format("UEFI firmware volume, {}", volume->kind.empty() ? "unknown file system " + guid_text(bytes.subspan(16)) : std::string(volume->kind));
    if (!volume->checksum)
        description += ", the header's checksum does not match";
    if (there < volume->size)
        description += ", " + cut_off(there, volume->size);
    return FoundContainer{.size = there, .description = std::move(description), .checked = volume->checksum};
}

Result<void> read_firmware_volume(Bytes bytes, Share share, Sink& sink) {
    if (share.index != 0)
        return {};
    return VolumeReader(sink).run(bytes);
}

}  // namespace shirushi::unpack
