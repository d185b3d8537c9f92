#include "unpack/filesystems/minifs.hpp"

#include <fmt/format.h>
#include <lzma.h>

#include <algorithm>
#include <tuple>
#include <vector>

#include "unpack/entry_names.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint64_t kHeader = 32;
constexpr std::uint64_t kFileEntry = 20;
constexpr std::uint64_t kChunkEntry = 12;
constexpr std::uint32_t kMostFiles = 65536;  // real ones have some hundred
constexpr std::uint32_t kMostChunk = std::uint32_t{64} << 20;
constexpr std::uint64_t kMemory = std::uint64_t{96} << 20;  // of liblzma

struct File {
    std::string_view folder;
    std::string_view name;
    std::uint32_t chunk = 0;
    std::uint32_t offset = 0;  // in what the chunk unpacks to
    std::uint32_t size = 0;
};

struct Chunk {
    std::uint32_t offset = 0;  // from where the chunks' data begins
    std::uint32_t packed = 0;
    std::uint32_t size = 0;
};

struct FileSystem {
    std::vector<File> files;  // in order of chunk and offset
    std::vector<Chunk> chunks;
    std::uint64_t data = 0;
    std::uint64_t size = 0;
};

std::uint32_t word(Bytes bytes, std::uint64_t number) { return load_be<std::uint32_t>(bytes.data() + 4 * number); }

std::optional<std::string_view> text_at(std::string_view names, std::uint32_t offset) {
    const std::string_view rest = offset < names.size() ? names.substr(offset) : std::string_view();
    const std::size_t end = rest.find('\0');
    return end == std::string_view::npos || end > longest_path ? std::nullopt : std::optional(rest.substr(0, end));
}

bool read_files(Bytes table, std::string_view names, FileSystem& to) {
    for (std::uint64_t at = 0; at < table.size(); at += kFileEntry) {
        const Bytes entry = table.subspan(at, kFileEntry);
        const auto folder = text_at(names, word(entry, 0));
        const auto name = text_at(names, word(entry, 1));
        if (!folder || !name || name->empty() || word(entry, 2) >= kMostFiles)
            return false;
        to.files.push_back({*folder, *name, word(entry, 2), word(entry, 3), word(entry, 4)});
    }
    std::ranges::sort(to.files, {}, [](const File& file) { return std::tuple(file.chunk, file.offset, file.folder, file.name); });
    return true;
}

std::optional<FileSystem> file_system_of(Bytes bytes) {
    constexpr std::string_view kMagic("MINIFS\0\0\0\0\0\0\0\0\0\0\0\0\0\3", 20);
    if (bytes.size() < kHeader || as_text(bytes.first(kMagic.size())) != kMagic)
        return std::nullopt;
    const std::uint32_t count = word(bytes, 5);
    const Bytes names = clipped(bytes, kHeader, word(bytes, 7));
    const Bytes table = clipped(bytes, kHeader + names.size(), kFileEntry * count);
    FileSystem found;
    if (count == 0 || count > kMostFiles || names.empty() || names.size() < word(bytes, 7) || table.size() < kFileEntry * count || !read_files(table, as_text(names), found))
        return std::nullopt;
    const std::uint64_t chunks = std::uint64_t{found.files.back().chunk} + 1;
    const std::uint64_t chunks_at = kHeader + names.size() + table.size();
    const Bytes chunk_table = clipped(bytes, chunks_at, kChunkEntry * chunks);
    if (chunk_table.size() < kChunkEntry * chunks)
        return std::nullopt;
    found.data = chunks_at + chunk_table.size();
    found.size = found.data;
    for (std::uint64_t i = 0; i < chunks; ++i) {
        const Bytes entry = chunk_table.subspan(i * kChunkEntry, kChunkEntry);
        found.chunks.push_back({word(entry, 0), word(entry, 1), word(entry, 2)});
        found.size = std::max(found.size, found.data + found.chunks.back().offset + found.chunks.back().packed);
    }
    const bool right = std::ranges::all_of(found.files, [&](const File& file) { return std::uint64_t{file.offset} + file.size <= found.chunks[file.chunk].size; });
    return right ? std::optional(std::move(found)) : std::nullopt;
}

/// An LZMA stream with its usual header. What came out, and what is wrong with it.
std::pair<Buffer, std::string> unpack_chunk(Bytes bytes, const FileSystem& system, const Chunk& chunk) {
    const Bytes packed = clipped(bytes, system.data + chunk.offset, chunk.packed);
    if (chunk.size > kMostChunk)
        return {Buffer(), "its chunk is larger than a decoder may hold"};
    lzma_stream stream = LZMA_STREAM_INIT;
    if (lzma_alone_decoder(&stream, kMemory) != LZMA_OK)
        return {Buffer(), "liblzma could not start"};
    Buffer output(chunk.size);
    stream.next_in = packed.data();
    stream.avail_in = packed.size();
    stream.next_out = output.data();
    stream.avail_out = output.size();
    const lzma_ret code = lzma_code(&stream, LZMA_RUN);
    output.resize(output.size() - stream.avail_out);
    lzma_end(&stream);
    if (output.size() == chunk.size)
        return {std::move(output), ""};
    return {std::move(output), packed.size() < chunk.packed ? "its chunk is cut off" : fmt::format("its chunk is damaged (liblzma says {})", static_cast<int>(code))};
}

}  // namespace

std::optional<FoundContainer> identify_minifs(Bytes bytes) {
    const auto system = file_system_of(bytes);
    if (!system)
        return std::nullopt;
    FoundContainer found{.size = std::min<std::uint64_t>(system->size, bytes.size()), .description = fmt::format("{} files in {} chunks", system->files.size(), system->chunks.size()), .checked = true};
    if (found.size < system->size)
        found.description += ", " + cut_off(found.size, system->size);
    return found;
}

Result<void> read_minifs(Bytes bytes, Share /*share*/, Sink& sink) {
    const auto system = file_system_of(bytes);
    if (!system)
        return fail(Errc::bad_input, "its tables are damaged or cut off");
    std::pair<Buffer, std::string> chunk;
    std::optional<std::uint32_t> held;
    for (const File& file : system->files) {
        if (held != file.chunk)
            chunk = unpack_chunk(bytes, *system, system->chunks[file.chunk]);
        held = file.chunk;
        const std::string_view folder = file.folder.substr(std::min(file.folder.find_first_not_of('/'), file.folder.size()));
        TRY(sink.begin(folder.empty() ? std::string(file.name) : fmt::format("{}/{}", folder, file.name), {.mode = 0644}));
        const Bytes content = clipped(chunk.first, file.offset, file.size);
        TRY(sink.write(content));
        TRY(sink.end(content.size() < file.size ? chunk.second : ""));
    }
    return {};
}

}  // namespace shirushi::unpack
