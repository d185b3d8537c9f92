#include "unpack/boot/flat_program.hpp"

#include <fmt/format.h>

#include "unpack/archives/forwarding_sink.hpp"
#include "unpack/streams/compressed.hpp"

namespace shirushi::unpack {
namespace {

constexpr std::uint64_t kHeader = 64;
constexpr std::uint32_t kMost = std::uint32_t{256} << 20;  // no machine without memory management has as much
enum Flag : std::uint32_t { in_memory = 1, position_independent = 2, all_packed = 4, data_packed = 8, traced = 16, first_level_stack = 32, known_flags = 63 };

struct Program {
    std::uint32_t version = 0;
    std::uint32_t entry = 0;
    std::uint32_t data = 0;  // where the text ends
    std::uint32_t data_end = 0;
    std::uint32_t bss_end = 0;
    std::uint32_t stack = 0;
    std::uint32_t relocations = 0;
    std::uint32_t relocation_count = 0;
    std::uint32_t flags = 0;
};

std::optional<Program> program_of(Bytes bytes) {
    if (bytes.size() < kHeader || as_text(bytes.first(4)) != "bFLT")
        return std::nullopt;
    const auto field = [&](std::size_t number) { return load_be<std::uint32_t>(bytes.data() + 4 * number); };
    const Program program{.version = field(1), .entry = field(2), .data = field(3), .data_end = field(4), .bss_end = field(5), .stack = field(6),
                          .relocations = field(7), .relocation_count = field(8), .flags = field(9)};
    if ((program.version != 2 && program.version != 4) || program.entry < kHeader || program.data <= program.entry || program.data_end < program.data ||
        program.bss_end < program.data_end || program.bss_end > kMost || program.relocations < program.data_end || program.relocations > kMost ||
        program.relocation_count > kMost / 4 || (program.flags & ~std::uint32_t{known_flags}) != 0)
        return std::nullopt;
    return program;
}

std::string description_of(const Program& program) {
    std::string text = fmt::format("version {}, entry 0x{:x}, {} bytes of text, {} of data, {} zeroed, {} of stack, {} relocations", program.version, program.entry,
                                   program.data - kHeader, program.data_end - program.data, program.bss_end - program.data_end, program.stack, program.relocation_count);
    if ((program.flags & position_independent) != 0)
        text += ", position independent";
    if ((program.flags & in_memory) != 0)
        text += ", loaded into memory as a whole";
    if ((program.flags & all_packed) != 0)
        text += ", compressed";
    else if ((program.flags & data_packed) != 0)
        text += ", data compressed";
    return text;
}

bool is_packed(const Program& program) { return (program.flags & (all_packed | data_packed)) != 0; }

std::uint64_t packed_from(const Program& program) { return (program.flags & all_packed) != 0 ? kHeader : program.data; }

/// What gzip holds gets a name.
class NamingSink : public OffsetSink {
public:
    NamingSink(Sink& to, std::string_view name, std::string_view description, std::uint64_t before) : OffsetSink(to, before), name_(name), description_(description) {}
    Result<void> begin(std::string_view /*path*/, const EntryInfo& /*info*/) override { return begin_stream(name_, description_); }

private:
    std::string_view name_;
    std::string_view description_;
};

}  // namespace

std::optional<FoundContainer> identify_flat_program(Bytes bytes) {
    const auto program = program_of(bytes);
    if (!program || is_packed(*program))
        return std::nullopt;
    const std::uint64_t size = program->relocations + std::uint64_t{4} * program->relocation_count;
    FoundContainer found{.size = std::min<std::uint64_t>(size, bytes.size()), .description = description_of(*program)};
    if (found.size < size)
        found.description += ", " + cut_off(found.size, size);
    return found;
}

Result<Parts> split_flat_program(Bytes bytes) {
    const auto program = program_of(bytes);
    if (!program)
        return fail(Errc::bad_input, "it has no header");
    Parts parts;
    parts.parts.push_back({.name = "text", .offset = kHeader, .size = program->data - kHeader});
    parts.parts.push_back({.name = "data", .offset = program->data, .size = program->data_end - program->data});
    parts.parts.push_back({.name = "relocations", .offset = program->relocations, .size = std::uint64_t{4} * program->relocation_count});
    std::erase_if(parts.parts, [](const Part& part) { return part.size == 0; });
    return parts;
}

std::optional<FoundContainer> identify_packed_flat_program(Bytes bytes) {
    const auto program = program_of(bytes);
    if (!program || !is_packed(*program) || !identify_gzip(clipped(bytes, packed_from(*program), bytes.size())))
        return std::nullopt;
    return FoundContainer{.size = 0, .description = description_of(*program)};
}

Result<void> read_packed_flat_program(Bytes bytes, Share share, Sink& sink) {
    const auto program = program_of(bytes);
    if (!program)
        return fail(Errc::bad_input, "it has no header");
    const std::uint64_t from = packed_from(*program);
    if (from > kHeader) {
        TRY(sink.begin_stream("text", "as it lies there"));
        TRY(sink.write(clipped(bytes, kHeader, from - kHeader)));
        TRY(sink.end(""));
    }
    NamingSink named(sink, from > kHeader ? "data" : "program", from > kHeader ? "data and relocations, decompressed" : "text, data and relocations, decompressed", from);
    return read_gzip(clipped(bytes, from, bytes.size()), share, named);
}

}  // namespace shirushi::unpack
