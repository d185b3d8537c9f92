#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>

#include "unpack/android/android_images.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint64_t kHeader = 28;
constexpr std::uint64_t kChunkHeader = 12;
constexpr std::uint16_t kRaw = 0xcac1;
constexpr std::uint16_t kLeftOut = 0xcac3;
constexpr std::uint16_t kSum = 0xcac4;

struct Header {
    std::uint64_t header_size = 0;
    std::uint64_t chunk_header_size = 0;
    std::uint64_t block = 0;
    std::uint64_t blocks = 0;
    std::uint32_t chunks = 0;
    std::uint32_t sum = 0;
};

std::optional<Header> header_of(Bytes bytes) {
    if (bytes.size() < kHeader || load_le<std::uint32_t>(bytes.data()) != 0xed26ff3a || load_le<std::uint16_t>(bytes.data() + 4) != 1)
        return std::nullopt;
    const std::uint8_t* at = bytes.data();
    const Header header{.header_size = load_le<std::uint16_t>(at + 8), .chunk_header_size = load_le<std::uint16_t>(at + 10), .block = load_le<std::uint32_t>(at + 12),
                        .blocks = load_le<std::uint32_t>(at + 16), .chunks = load_le<std::uint32_t>(at + 20), .sum = load_le<std::uint32_t>(at + 24)};
    if (header.header_size < kHeader || header.chunk_header_size < kChunkHeader || header.block == 0 || header.block % 4 != 0 || header.block > 1U << 24U)
        return std::nullopt;
    return header;
}

struct Chunk {
    std::uint16_t type = 0;
    std::uint64_t blocks = 0;
    std::uint64_t size = 0;  // with its header
    std::uint64_t content = 0;  // where that begins
};

/// The chunk at `at`; nothing when it is none. Its content may be cut off.
std::optional<Chunk> chunk_at(Bytes bytes, std::uint64_t at, const Header& header) {
    const Bytes raw = clipped(bytes, at, kChunkHeader);
    if (raw.size() < kChunkHeader)
        return std::nullopt;
    const Chunk chunk{.type = load_le<std::uint16_t>(raw.data()), .blocks = load_le<std::uint32_t>(raw.data() + 4), .size = load_le<std::uint32_t>(raw.data() + 8),
                      .content = at + header.chunk_header_size};
    const std::uint64_t content = chunk.type == kRaw ? chunk.blocks * header.block : chunk.type == kLeftOut ? 0 : 4;
    if (chunk.type < kRaw || chunk.type > kSum || chunk.size != header.chunk_header_size + content)
        return std::nullopt;
    return chunk;
}

struct Outline {
    std::uint64_t end = 0;
    std::uint64_t blocks = 0;
    std::uint64_t given = 0;
    bool whole = false;
    bool summed = false;
};

Outline outline_of(Bytes bytes, const Header& header) {
    Outline outline{.end = header.header_size};
    for (std::uint32_t i = 0; i < header.chunks; ++i) {
        const auto chunk = chunk_at(bytes, outline.end, header);
        if (!chunk || outline.end + chunk->size > bytes.size()) {
            outline.end = chunk ? bytes.size() : std::min<std::uint64_t>(outline.end, bytes.size());
            return outline;
        }
        outline.end += chunk->size;
        outline.blocks += chunk->type == kSum ? 0 : chunk->blocks;
        outline.given += chunk->type == kRaw ? chunk->blocks : 0;
        outline.summed = outline.summed || chunk->type == kSum;
    }
    outline.whole = outline.blocks <= header.blocks;
    return outline;
}

class SparseReader {
public:
    SparseReader(Bytes bytes, const Header& header, Sink& sink) : bytes_(bytes), header_(header), sink_(sink) {}

    Result<void> read() {
        const Outline outline = outline_of(bytes_, header_);
        summed_ = outline.summed || header_.sum != 0;
        TRY(sink_.begin("", {}));
        std::uint64_t at = header_.header_size;
        std::string damage;
        for (std::uint32_t i = 0; i < header_.chunks && damage.empty(); ++i) {
            const auto chunk = chunk_at(bytes_, at, header_);
            if (!chunk)
                damage = fmt::format("chunk {} of {} cannot be read", i, header_.chunks);
            else
                TRY(add(*chunk, damage));
            at += chunk ? chunk->size : 0;
        }
        if (damage.empty() && blocks_ != header_.blocks)
            damage = fmt::format("{} of {} blocks are given", blocks_, header_.blocks);
        if (damage.empty() && header_.sum != 0 && header_.sum != sum_)
            damage = "the checksum does not match";
        TRY(sink_.end(damage));
        if (!damage.empty())
            return fail(Errc::bad_input, damage);
        return {};
    }

private:
    Result<void> add(const Chunk& chunk, std::string& damage) {
        const Bytes content = clipped(bytes_, chunk.content, chunk.size - header_.chunk_header_size);
        if (chunk.type == kRaw) {
            if (content.size() < chunk.size - header_.chunk_header_size)
                damage = cut_off(bytes_.size(), chunk.content + chunk.blocks * header_.block);
            blocks_ += chunk.blocks;
            return add_raw(content);
        }
        if (content.size() < 4 && chunk.type != kLeftOut) {
            damage = "cut off in a chunk's header";
            return {};
        }
        const std::uint32_t value = chunk.type == kLeftOut ? 0 : load_le<std::uint32_t>(content.data());
        if (chunk.type == kSum) {
            if (value != sum_)
                damage = fmt::format("the checksum of the first {} blocks does not match", blocks_);
            return {};
        }
        blocks_ += chunk.blocks;
        if (blocks_ > header_.blocks) {
            damage = fmt::format("its chunks hold more than the {} blocks it has", header_.blocks);
            return {};
        }
        return add_filled(value, chunk.blocks * header_.block);
    }

    Result<void> add_raw(Bytes content) {
        while (!content.empty()) {
            const Bytes step = clipped(content, 0, kStreamChunk);
            TRY(sink_.write(step));
            if (summed_)
                sum_ = static_cast<std::uint32_t>(crc32_z(sum_, step.data(), step.size()));
            content = content.subspan(step.size());
        }
        return {};
    }

    Result<void> add_filled(std::uint32_t value, std::uint64_t size) {
        while (size != 0) {
            const std::span<std::uint8_t> room = TRY(sink_.reserve(std::min(size, kStreamChunk))).first(std::min(size, kStreamChunk));
            for (std::size_t i = 0; i < room.size(); ++i)
                room[i] = static_cast<std::uint8_t>(value >> 8 * (i % 4));
            if (summed_)
                sum_ = static_cast<std::uint32_t>(crc32_z(sum_, room.data(), room.size()));
            sink_.commit(room.size());
            size -= room.size();
        }
        return {};
    }

    Bytes bytes_;
    Header header_;
    Sink& sink_;
    std::uint64_t blocks_ = 0;
    std::uint32_t sum_ = 0;
    bool summed_ = false;
};

}  // namespace

std::optional<FoundContainer> identify_android_sparse(Bytes bytes) {
    const auto header = header_of(bytes);
    if (!header || header->chunks == 0 || !chunk_at(bytes, header->header_size, *header))
        return std::nullopt;
    const Outline outline = outline_of(bytes, *header);
    std::string description = fmt::format("{} blocks of {} bytes, {} of them given, {} chunks", header->blocks, header->block, outline.given, header->chunks);
    if (!outline.whole)
        description += ", cut off or damaged";
    return FoundContainer{.size = outline.end, .description = std::move(description), .checked = outline.whole};
}

Result<void> read_android_sparse(Bytes bytes, Share share, Sink& sink) {
    const auto header = header_of(bytes);
    if (!header)
        return fail(Errc::bad_input, "not a sparse image after all");
    if (share.index != 0)
        return {};
    return SparseReader(bytes, *header, sink).read();
}

}  // namespace shirushi::unpack
