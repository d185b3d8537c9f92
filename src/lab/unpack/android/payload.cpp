#include <bzlib.h>
#include <fmt/format.h>
#include <lzma.h>

#include <algorithm>
#include <vector>

#include "base/text.hpp"
#include "crypto/sha256.hpp"
#include "unpack/android/android_images.hpp"
#include "unpack/android/payload_manifest.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint64_t kHeader = 24;
constexpr std::uint64_t kLargestManifest = 256U << 20;   // tens of MiB for a whole phone
constexpr std::size_t kMostPartitions = 4096;
constexpr std::uint64_t kLargestPartition = std::uint64_t{1} << 44;  // so that no sum of sizes overflows
constexpr std::uint64_t kDecoderMemory = 128U << 20;     // xz -9 needs 65 MiB

struct Payload {
    std::uint64_t block = 4096;
    std::uint64_t minor = 0;
    Bytes blobs;
    std::vector<PayloadPartition> partitions;
    std::uint64_t claimed = 0;
    bool damaged = false;
};

bool is_delta(std::uint64_t type) {
    return type != payload::kReplace && type != payload::kReplaceBzip2 && type != payload::kReplaceXz && type != payload::kZero && type != payload::kDiscard;
}

/// Calls `each` with every operation of a partition; false when the message is damaged.
template <class Each>
bool for_each_operation(const PayloadPartition& partition, const Each& each) {
    ProtobufReader reader(partition.message);
    while (const auto field = reader.next())
        if (field->number == payload::kOperations)
            each(payload_operation_of(field->content));
    return !reader.damaged();
}

std::optional<Payload> payload_of(Bytes bytes) {
    if (bytes.size() < kHeader || as_text(bytes.first(4)) != "CrAU" || load_be<std::uint64_t>(bytes.data() + 4) != 2)
        return std::nullopt;
    const auto manifest_size = load_be<std::uint64_t>(bytes.data() + 12);
    const auto signature_size = load_be<std::uint32_t>(bytes.data() + 20);
    if (manifest_size == 0 || manifest_size > kLargestManifest)
        return std::nullopt;
    const std::uint64_t blobs_at = kHeader + manifest_size + signature_size;
    Payload result{.blobs = clipped(bytes, blobs_at, bytes.size()), .claimed = blobs_at};
    ProtobufReader reader(clipped(bytes, kHeader, manifest_size));
    std::uint64_t signatures_at = 0;
    while (const auto field = reader.next()) {
        if (field->number == payload::kBlockSize)
            result.block = field->value;
        else if (field->number == payload::kMinorVersion)
            result.minor = field->value;
        else if (field->number == payload::kSignaturesOffset)
            signatures_at = field->value;
        else if (field->number == payload::kSignaturesSize && field->value < kLargestPartition && signatures_at < kLargestPartition)
            result.claimed = std::max(result.claimed, blobs_at + signatures_at + field->value);
        else if (field->number == payload::kPartitions && result.partitions.size() < kMostPartitions)
            result.partitions.push_back(payload_partition_of(field->content));
    }
    result.damaged = reader.damaged();
    if (result.block == 0 || result.block > 1U << 24U || (result.partitions.empty() && result.damaged))
        return std::nullopt;
    for (const PayloadPartition& partition : result.partitions)
        for_each_operation(partition, [&](const PayloadOperation& operation) {
            if (operation.data_size < kLargestPartition && operation.data_offset < kLargestPartition && operation.data_size != 0)
                result.claimed = std::max(result.claimed, blobs_at + operation.data_offset + operation.data_size);
        });
    return result;
}

/// Decompresses all of `packed` into `room`; returns how much that was.
std::optional<std::uint64_t> decompressed(std::uint64_t type, Bytes packed, std::span<std::uint8_t> room) {
    if (type == payload::kReplace) {
        if (packed.size() > room.size())
            return std::nullopt;
        copy_bytes(packed, room);
        return packed.size();
    }
    if (type == payload::kReplaceXz) {
        std::uint64_t memory = kDecoderMemory;
        std::size_t in = 0;
        std::size_t out = 0;
        if (lzma_stream_buffer_decode(&memory, 0, nullptr, packed.data(), &in, packed.size(), room.data(), &out, room.size()) != LZMA_OK)
            return std::nullopt;
        return out;
    }
    if (packed.size() > UINT32_MAX || room.size() > UINT32_MAX)
        return std::nullopt;
    auto size = static_cast<unsigned>(room.size());
    // bzip2's interface takes its input without const, and does not write to it.
    if (BZ2_bzBuffToBuffDecompress(reinterpret_cast<char*>(room.data()), &size, reinterpret_cast<char*>(const_cast<std::uint8_t*>(packed.data())), static_cast<unsigned>(packed.size()), 0, 0) != BZ_OK)
        return std::nullopt;
    return size;
}

class PartitionReader {
public:
    PartitionReader(const Payload& payload, const PayloadPartition& partition) : payload_(payload), partition_(partition) {}

    Result<void> read(Sink& sink) {
        survey();
        TRY(sink.begin_stream(partition_.name.empty() ? "partition" : partition_.name, fmt::format("partition, {} operations", operations_)));
        // Never more than the operations write, whatever size is claimed.
        const std::uint64_t size = std::min(partition_.size, end_);
        const std::span<std::uint8_t> room = TRY(sink.reserve(size)).first(size);
        if (!in_order_)
            std::ranges::fill(room, std::uint8_t{0});
        for_each_operation(partition_, [&](const PayloadOperation& operation) { apply(operation, room); });
        if (size < partition_.size)
            complain(fmt::format("{} of {} bytes are given", size, partition_.size));
        if (deltas_ != 0)
            complain(fmt::format("{} of {} operations change the image before, which is not here: their blocks are left zero", deltas_, operations_));
        if (damage_.empty() && partition_.digest.size() == 32 && !std::ranges::equal(crypto::sha256(room).bytes, partition_.digest))
            complain("the SHA-256 of the partition does not match");
        sink.commit(size);
        TRY(sink.end(damage_));
        return {};
    }
    [[nodiscard]] std::uint64_t deltas() const { return deltas_; }
    [[nodiscard]] const std::string& damage() const { return damage_; }

private:
    void complain(const std::string& what) {
        if (damage_.empty())
            damage_ = what;
    }

    /// What the operations write: how far, and whether each begins where the one before ended.
    void survey() {
        const bool whole = for_each_operation(partition_, [&](const PayloadOperation& operation) {
            ++operations_;
            const bool delta = is_delta(operation.type);
            deltas_ += delta ? 1 : 0;
            in_order_ = in_order_ && !delta;
            PayloadExtents extents(operation.message);
            while (const auto extent = extents.next()) {
                if (extent->block > kLargestPartition / payload_.block || extent->count > kLargestPartition / payload_.block) {
                    complain("an operation writes beyond every partition");
                    in_order_ = false;
                    continue;
                }
                in_order_ = in_order_ && extent->block * payload_.block == end_;
                end_ = std::max(end_, (extent->block + extent->count) * payload_.block);
            }
        });
        if (!whole)
            complain("its list of operations is damaged");
    }

    void apply(const PayloadOperation& operation, std::span<std::uint8_t> room) {
        if (is_delta(operation.type))
            return clear(operation, room);
        if (operation.type == payload::kZero || operation.type == payload::kDiscard)
            return clear(operation, room);
        const Bytes packed = clipped(payload_.blobs, operation.data_offset, operation.data_size);
        if (packed.size() < operation.data_size) {
            complain(fmt::format("cut off: the data at 0x{:x} is not there", operation.data_offset));
            return clear(operation, room);
        }
        if (operation.digest.size() == 32 && !std::ranges::equal(crypto::sha256(packed).bytes, operation.digest))
            complain(fmt::format("the SHA-256 of the data at 0x{:x} does not match", operation.data_offset));
        write(operation, packed, room);
    }

    static std::vector<std::span<std::uint8_t>> places_of(const PayloadOperation& operation, std::uint64_t block, std::span<std::uint8_t> room) {
        std::vector<std::span<std::uint8_t>> places;
        PayloadExtents extents(operation.message);
        while (const auto extent = extents.next()) {
            if (extent->block > kLargestPartition / block || extent->count > kLargestPartition / block || extent->block * block >= room.size())
                continue;
            places.push_back(room.subspan(extent->block * block, std::min(extent->count * block, room.size() - extent->block * block)));
        }
        return places;
    }

    void clear(const PayloadOperation& operation, std::span<std::uint8_t> room) const {
        for (const auto place : places_of(operation, payload_.block, room))
            std::ranges::fill(place, std::uint8_t{0});
    }

    void write(const PayloadOperation& operation, Bytes packed, std::span<std::uint8_t> room) {
        const auto places = places_of(operation, payload_.block, room);
        std::uint64_t all = 0;
        for (const auto place : places)
            all += place.size();
        if (places.empty() || all > room.size())
            return complain("an operation writes to no place, or to one place twice");
        Buffer gathered(places.size() == 1 ? 0 : all);
        const std::span<std::uint8_t> to = places.size() == 1 ? places[0] : std::span<std::uint8_t>(gathered);
        const auto made = decompressed(operation.type, packed, to);
        if (!made)
            complain(fmt::format("the data at 0x{:x} cannot be decompressed", operation.data_offset));
        std::ranges::fill(to.subspan(made.value_or(0)), std::uint8_t{0});
        if (places.size() == 1)
            return;
        std::uint64_t from = 0;
        for (const auto place : places) {
            std::ranges::copy(to.subspan(from, place.size()), place.begin());
            from += place.size();
        }
    }

    const Payload& payload_;
    const PayloadPartition& partition_;
    std::uint64_t operations_ = 0;
    std::uint64_t deltas_ = 0;
    std::uint64_t end_ = 0;
    bool in_order_ = true;
    std::string damage_;
};

}  // namespace

std::optional<FoundContainer> identify_android_payload(Bytes bytes) {
    const auto payload = payload_of(bytes);
    if (!payload)
        return std::nullopt;
    std::string names;
    for (const PayloadPartition& partition : payload->partitions)
        names += fmt::format("{} {}", names.empty() ? ":" : ",", printable(partition.name));
    std::string description = fmt::format("{} update of {} partitions{}", payload->minor == 0 ? "full" : "incremental", payload->partitions.size(), excerpt(names, 400));
    if (payload->claimed > bytes.size())
        description += ", " + cut_off(bytes.size(), payload->claimed);
    return FoundContainer{.size = std::min<std::uint64_t>(payload->claimed, bytes.size()), .description = std::move(description), .checked = !payload->damaged};
}

Result<void> read_android_payload(Bytes bytes, Share share, Sink& sink) {
    const auto payload = payload_of(bytes);
    if (!payload)
        return fail(Errc::bad_input, "not a payload after all");
    std::string damage = payload->damaged ? "the manifest is damaged: partitions may be missing" : "";
    std::uint64_t incremental = 0;
    for (std::size_t i = 0; i < payload->partitions.size(); ++i) {
        if (i % share.count != share.index)
            continue;
        PartitionReader reader(*payload, payload->partitions[i]);
        TRY(reader.read(sink));
        incremental += reader.deltas() != 0 ? 1 : 0;
        if (damage.empty() && !reader.damage().empty())
            damage = fmt::format("{}: {}", printable(payload->partitions[i].name), reader.damage());
    }
    if (incremental != 0)
        return fail(Errc::unsupported, fmt::format("{} partitions are changes to an image that is not here", incremental));
    if (!damage.empty())
        return fail(Errc::bad_input, damage);
    return {};
}

}  // namespace shirushi::unpack
