#include "unpack/archives/rpm.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "base/text.hpp"
#include "crypto/sha256.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint64_t kLead = 96;
constexpr std::uint32_t kLeadMagic = 0xedabeedb;
constexpr std::uint32_t kHeaderMagic = 0x8eade801;  // with the header's version, 1
constexpr std::uint64_t kIndexEntry = 16;
constexpr std::uint32_t kMostEntries = 65536;                // rpm's own ceiling
constexpr std::uint32_t kMostStore = std::uint32_t{256} << 20;  // as above
constexpr std::size_t kMostText = 256;

enum class Type : std::uint32_t { int32 = 4, int64 = 5, text = 6, binary = 7, texts = 8, localised = 9 };

// Tags of the signature header ...
constexpr std::uint32_t kSignatureSize = 1000;  // of main header and payload together
constexpr std::uint32_t kLongSignatureSize = 270;
constexpr std::uint32_t kHeaderSha256 = 273;
constexpr std::uint32_t kDsaSignature = 267;
constexpr std::uint32_t kRsaSignature = 268;
constexpr std::uint32_t kOpenPgp = 278;
constexpr std::uint32_t kPgpOfAll = 1002;
constexpr std::uint32_t kGpgOfAll = 1005;
// ... and of the main header.
constexpr std::uint32_t kName = 1000;
constexpr std::uint32_t kVersion = 1001;
constexpr std::uint32_t kRelease = 1002;
constexpr std::uint32_t kEpoch = 1003;
constexpr std::uint32_t kArchitecture = 1022;
constexpr std::uint32_t kSourceRpm = 1044;
constexpr std::uint32_t kPayloadFormat = 1124;
constexpr std::uint32_t kPayloadCompressor = 1125;
constexpr std::uint32_t kPayloadSha256 = 5092;

/// A header structure: an index of entries that point into a store behind it.
struct Header {
    Bytes index;
    Bytes store;
    Bytes whole;

    struct Entry {
        Type type{};
        std::uint32_t offset = 0;
        std::uint32_t count = 0;
    };
    [[nodiscard]] std::optional<Entry> entry(std::uint32_t tag) const {
        for (std::uint64_t at = 0; at + kIndexEntry <= index.size(); at += kIndexEntry)
            if (load_be<std::uint32_t>(index.data() + at) == tag)
                return Entry{static_cast<Type>(load_be<std::uint32_t>(index.data() + at + 4)), load_be<std::uint32_t>(index.data() + at + 8),
                             load_be<std::uint32_t>(index.data() + at + 12)};
        return std::nullopt;
    }
    /// The (first) text of this tag, printable; empty when there is none.
    [[nodiscard]] std::string text(std::uint32_t tag) const {
        const auto found = entry(tag);
        if (!found || (found->type != Type::text && found->type != Type::texts && found->type != Type::localised))
            return {};
        Reader reader(clipped(store, found->offset, store.size()));
        return printable(reader.c_text(kMostText).value_or(""));
    }
    [[nodiscard]] std::optional<std::uint64_t> number(std::uint32_t tag) const {
        const auto found = entry(tag);
        if (!found || (found->type != Type::int32 && found->type != Type::int64))
            return std::nullopt;
        Reader reader(clipped(store, found->offset, 8), Endian::big);
        if (found->type == Type::int64) {
            const auto large = reader.u64();
            return large ? std::optional(*large) : std::nullopt;
        }
        const auto small = reader.u32();
        return small ? std::optional<std::uint64_t>(*small) : std::nullopt;
    }
};

Result<Header> read_header(Bytes bytes, std::uint64_t at) {
    Reader reader(clipped(bytes, at, bytes.size()), Endian::big);
    if (TRY(reader.u32()) != kHeaderMagic)
        return fail(Errc::bad_input, "no rpm header");
    TRY(reader.skip(4));
    const std::uint32_t entries = TRY(reader.u32());
    const std::uint32_t store = TRY(reader.u32());
    if (entries == 0 || entries > kMostEntries || store > kMostStore)
        return fail(Errc::bad_input, fmt::format("an rpm header cannot have {} entries over {} bytes", entries, store));
    Header header{.index = TRY(reader.take(entries * kIndexEntry)), .store = TRY(reader.take(store))};
    header.whole = bytes.subspan(at, reader.position());
    return header;
}

struct Package {
    Header signature;
    Header main;
    std::uint64_t payload_at = 0;
    std::optional<std::uint64_t> payload_size;  // where the signature header says it
};

Result<Package> read_package(Bytes bytes) {
    if (bytes.size() < kLead || load_be<std::uint32_t>(bytes.data()) != kLeadMagic || bytes[4] < 3 || bytes[4] > 4)
        return fail(Errc::bad_input, "no rpm lead");
    Package package{.signature = TRY_WITHIN("signature", read_header(bytes, kLead)), .main = {}};
    const std::uint64_t main_at = (kLead + package.signature.whole.size() + 7) / 8 * 8;
    package.main = TRY_WITHIN("header", read_header(bytes, main_at));
    package.payload_at = main_at + package.main.whole.size();
    auto size = package.signature.number(kLongSignatureSize);
    if (!size)
        size = package.signature.number(kSignatureSize);
    if (size && *size >= package.main.whole.size())
        package.payload_size = *size - package.main.whole.size();
    return package;
}

Bytes payload_of(const Package& package, Bytes bytes) { return clipped(bytes, package.payload_at, package.payload_size.value_or(bytes.size())); }

bool is_signed(const Header& signature) {
    return std::ranges::any_of(std::initializer_list<std::uint32_t>{kDsaSignature, kRsaSignature, kOpenPgp, kPgpOfAll, kGpgOfAll},
                               [&](std::uint32_t tag) { return signature.entry(tag).has_value(); });
}

/// "busybox 1:1.36.1-2.fc39 (armv7hl)"
std::string title(const Header& main) {
    const auto epoch = main.number(kEpoch);
    const bool source = !main.entry(kSourceRpm);  // every binary package names the one it was built from
    return fmt::format("{} {}{}-{} ({}{})", main.text(kName), epoch ? fmt::format("{}:", *epoch) : "", main.text(kVersion), main.text(kRelease), main.text(kArchitecture),
                       source ? ", source" : "");
}

bool header_is_right(const Package& package) {
    const std::string stated = package.signature.text(kHeaderSha256);
    return !stated.empty() && crypto::sha256(package.main.whole).hex() == stated;
}

}  // namespace

std::optional<FoundContainer> identify_rpm(Bytes bytes) {
    const auto package = read_package(bytes);
    if (!package || package->main.text(kName).empty())
        return std::nullopt;
    const Bytes payload = payload_of(*package, bytes);
    FoundContainer found{.size = package->payload_at + payload.size(), .checked = header_is_right(*package)};
    std::string format = package->main.text(kPayloadFormat);
    std::string compressor = package->main.text(kPayloadCompressor);
    found.description = fmt::format("{}, {} payload, {}, {}", title(package->main), format.empty() ? "cpio" : format, compressor.empty() ? "gzip" : compressor,
                                    is_signed(package->signature) ? "signed (not verified)" : "not signed");
    if (package->payload_size && payload.size() < *package->payload_size)
        found.description += ", " + cut_off(found.size, package->payload_at + *package->payload_size);
    return found;
}

Result<Parts> split_rpm(Bytes bytes) {
    const Package package = TRY(read_package(bytes));
    const Bytes payload = payload_of(package, bytes);
    Parts result;
    result.parts.push_back({"payload", package.payload_at, package.payload_size.value_or(payload.size())});
    const std::string stated = package.main.text(kPayloadSha256);
    if (!package.signature.text(kHeaderSha256).empty() && !header_is_right(package))
        result.damage = "the header's SHA-256 does not match";
    else if (payload.size() == package.payload_size && !stated.empty() && crypto::sha256(payload).hex() != stated)
        result.damage = "the payload's SHA-256 does not match";
    return result;
}

}  // namespace shirushi::unpack
