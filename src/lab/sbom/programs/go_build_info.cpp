// Go's build information (Go source, debug/buildinfo/buildinfo.go): a mark at a multiple of 16 in a writable segment, then pointers
// to two strings (up to Go 1.17) or the strings themselves (since 1.18): the compiler's version and the list of modules. Stripping
// leaves it in place.

#include "base/text.hpp"
#include "sbom/packages/reading.hpp"
#include "sbom/programs/program_file.hpp"

namespace shirushi::sbom {
namespace {

constexpr std::string_view kMark = "\xFF Go buildinf:";
constexpr std::uint64_t kHead = 32;
constexpr std::uint64_t kAlign = 16;
constexpr std::uint64_t kText = std::uint64_t{4} << 20;  // the largest programs list some hundred KiB
constexpr std::uint64_t kFrame = 16;                     // marks around the list of modules

/// From the mark to the end of what holds it; empty when there is none.
Bytes record_in(Bytes bytes) {
    const std::string_view text = as_text(bytes);
    for (std::size_t at = text.find(kMark); at != std::string_view::npos; at = text.find(kMark, at + 1))
        if (at % kAlign == 0)
            return bytes.subspan(at);
    return {};
}

Bytes find_record(const elf::ElfFile& program) {
    if (const elf::Section* section = program.section(".go.buildinfo"))
        if (const Bytes record = record_in(program.contents(*section)); !record.empty())
            return record;
    constexpr std::uint32_t load = 1;
    constexpr std::uint32_t writable = 2;
    for (const elf::Segment& segment : program.segments())
        if (segment.type == load && (segment.flags & writable) != 0)
            if (const Bytes record = record_in(clipped(program.bytes(), segment.offset, segment.file_size)); !record.empty())
                return record;
    return {};
}

/// A length in groups of seven bits, then as many bytes.
Result<std::string_view> inline_text(Reader& reader) {
    std::uint64_t size = 0;
    for (unsigned shift = 0;; shift += 7) {
        const std::uint8_t byte = TRY(reader.u8());
        if (shift > 28)
            return fail(Errc::bad_input, "a length of more than 28 bits");
        size |= std::uint64_t{byte & 0x7FU} << shift;
        if (byte < 0x80)
            break;
    }
    return as_text(TRY(reader.take(size)));
}

/// A string by way of a pointer to its pointer and length.
Result<std::string_view> text_behind(const elf::ElfFile& program, std::uint64_t address, std::uint8_t width, Endian endian) {
    const auto word = [&](Reader& reader) -> Result<std::uint64_t> { return width == 8 ? TRY(reader.u64()) : TRY(reader.u32()); };
    Reader head(program.at_address(address), endian);
    const std::uint64_t start = TRY(word(head));
    const std::uint64_t size = TRY(word(head));
    return as_text(TRY(slice(program.at_address(start), 0, std::min(size, kText))));
}

struct Record {
    std::string_view version;
    std::string_view modules;
};

Result<Record> read_record(const elf::ElfFile& program, Bytes record) {
    Reader reader(record);
    TRY(reader.seek(kMark.size()));
    const std::uint8_t width = TRY(reader.u8());
    const std::uint8_t flags = TRY(reader.u8());
    Record out;
    if ((flags & 2) != 0) {
        TRY(reader.seek(kHead));
        out.version = TRY_WITHIN("compiler's version", inline_text(reader));
        out.modules = TRY_WITHIN("list of modules", inline_text(reader));
        return out;
    }
    if (width != 4 && width != 8)
        return fail(Errc::bad_input, "neither 4 nor 8 bytes a pointer");
    const Endian endian = (flags & 1) != 0 ? Endian::big : Endian::little;
    reader.set_endian(endian);
    const std::uint64_t version = width == 8 ? TRY(reader.u64()) : TRY(reader.u32());
    const std::uint64_t modules = width == 8 ? TRY(reader.u64()) : TRY(reader.u32());
    out.version = TRY_WITHIN("compiler's version", text_behind(program, version, width, endian));
    if (const auto text = text_behind(program, modules, width, endian))  // GOPATH builds have none
        out.modules = *text;
    return out;
}

/// "github.com/gorilla/mux": the last segment is the name, what is in front of it the namespace.
Package go_module(std::string_view path, std::string_view version, std::uint64_t offset) {
    Package package{.name = std::string(path), .version = version == "(devel)" ? std::string() : std::string(version), .offset = offset};
    if (const std::size_t slash = path.rfind('/'); slash != std::string_view::npos) {
        package.group = path.substr(0, slash);
        package.name = path.substr(slash + 1);
    }
    return package;
}

/// A folder of the builder's machine instead of a module's path.
bool is_folder(std::string_view path) { return path.starts_with("./") || path.starts_with("../") || path.starts_with('/'); }

}  // namespace

PackageList read_go_build_info(const elf::ElfFile& program) {
    PackageList list;
    const Bytes found = find_record(program);
    if (found.empty())
        return list;
    const auto offset = static_cast<std::uint64_t>(found.data() - program.bytes().data());
    auto record = read_record(program, found);
    if (!record) {
        list.gaps.push_back("Go build information: " + record.error().message);
        return list;
    }
    // "go1.20.3", perhaps with what was experimented with behind a blank; a development version has no number.
    std::string_view version = record->version.substr(0, record->version.find(' '));
    if (version.starts_with("go1"))
        add_package(list, {.name = "stdlib", .version = std::string(version.substr(2)), .offset = offset});
    std::string_view modules = record->modules;
    // modload.ModInfoData: sixteen bytes on either side mark the list where it lies among other texts.
    if (modules.size() < 2 * kFrame + 1 || modules[modules.size() - kFrame - 1] != '\n')
        return list;
    modules = modules.substr(kFrame, modules.size() - 2 * kFrame);
    std::vector<Package> rows;
    LineReader lines(as_bytes(modules));
    for (TextLine line; lines.next(line);) {
        const auto fields = split(line.text, '\t');
        if (fields.size() < 3)
            continue;
        const std::uint64_t at = static_cast<std::uint64_t>(line.text.data() - as_text(program.bytes()).data());
        if (fields[0] == "mod" || fields[0] == "dep")
            rows.push_back(go_module(fields[1], fields[2], at));
        else if (fields[0] == "=>" && !rows.empty() && !is_folder(fields[1]))  // what was built instead of the line above
            rows.back() = go_module(fields[1], fields[2], at);
    }
    for (Package& row : rows)
        if (!add_package(list, std::move(row)))
            break;
    return list;
}

}  // namespace shirushi::sbom
