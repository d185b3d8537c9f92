// What a file says in words: names of libraries and paths, notes, a kernel module's information, the compilers' names.

#include <algorithm>

#include "elf/elf.hpp"
#include "elf/numbers.hpp"

namespace shirushi::elf {
namespace {

constexpr std::uint64_t kMaximumName = 4096;     // PATH_MAX; search paths are longer only by intent
constexpr std::size_t kMaximumNotes = 4096;      // real files have less than ten
constexpr std::size_t kMaximumNoteHolders = 64;  // segments or sections of notes that are looked into
constexpr std::size_t kMaximumStrings = 65536;   // of one section of strings
constexpr std::uint32_t kNoteGnuBuildId = 3;

std::vector<std::string_view> strings_of(Bytes bytes) {
    std::vector<std::string_view> strings;
    std::string_view rest = as_text(bytes);
    while (!rest.empty() && strings.size() < kMaximumStrings) {
        const auto end = std::min(rest.find('\0'), rest.size());
        if (end > 0)
            strings.push_back(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return strings;
}

Result<Note> read_note(Reader& reader) {
    const std::uint32_t name_size = TRY(reader.u32());
    const std::uint32_t description_size = TRY(reader.u32());
    Note note;
    note.type = TRY(reader.u32());
    const auto padded = [](std::uint64_t size) { return (size + 3) & ~std::uint64_t{3}; };
    const std::string_view name = as_text(TRY(reader.take(padded(name_size)))).substr(0, name_size);
    note.name = name.substr(0, name.find('\0'));
    note.description = TRY(reader.take(description_size));
    // The last note's padding may be missing.
    TRY(reader.skip(std::min(padded(description_size) - description_size, reader.remaining())));
    return note;
}

}  // namespace

std::string_view ElfFile::dynamic_string(std::uint64_t offset) const {
    const auto strings = dynamic_value(dynamic_tag::strings);
    if (!strings)
        return {};
    const Bytes table = clipped(at_address(*strings), 0, dynamic_value(dynamic_tag::strings_size).value_or(UINT64_MAX));
    const std::string_view text = as_text(clipped(table, offset, kMaximumName));
    const auto end = text.find('\0');
    return end == std::string_view::npos ? std::string_view{} : text.substr(0, end);
}

std::string_view ElfFile::interpreter() const {
    const Segment* const found = segment(segment_type::interp);
    if (found == nullptr)
        return {};
    const std::string_view text = as_text(clipped(file_, found->offset, std::min(found->file_size, kMaximumName)));
    return text.substr(0, text.find('\0'));
}

std::vector<std::string_view> ElfFile::needed() const {
    std::vector<std::string_view> names;
    for (const DynamicEntry& entry : dynamic_)
        if (entry.tag == dynamic_tag::needed)
            if (const std::string_view name = dynamic_string(entry.value); !name.empty())
                names.push_back(name);
    return names;
}

std::string_view ElfFile::soname() const {
    const auto offset = dynamic_value(dynamic_tag::soname);
    return offset ? dynamic_string(*offset) : std::string_view{};
}

std::string_view ElfFile::run_path() const {
    auto offset = dynamic_value(dynamic_tag::runpath);
    if (!offset)
        offset = dynamic_value(dynamic_tag::rpath);
    return offset ? dynamic_string(*offset) : std::string_view{};
}

void ElfFile::notes_in(Bytes bytes, std::vector<Note>& notes) const {
    Reader reader(bytes, header_.endian);
    while (!reader.at_end() && notes.size() < kMaximumNotes) {
        const auto note = read_note(reader);
        if (!note)
            break;
        notes.push_back(*note);
    }
}

// Sections first: they also exist in relocatable files, and segments only repeat them.
std::vector<Note> ElfFile::notes() const {
    std::vector<Note> notes;
    std::size_t holders = 0;
    for (const Section& section : sections_)
        if (section.type == section_type::note && ++holders <= kMaximumNoteHolders)
            notes_in(contents(section), notes);
    if (holders > 0)
        return notes;
    for (const Segment& segment : segments_)
        if (segment.type == segment_type::note && ++holders <= kMaximumNoteHolders)
            notes_in(clipped(file_, segment.offset, segment.file_size), notes);
    return notes;
}

Bytes ElfFile::build_id() const {
    for (const Note& note : notes())
        if (note.name == "GNU" && note.type == kNoteGnuBuildId)
            return note.description;
    return {};
}

std::vector<ModuleInfo> ElfFile::module_info() const {
    std::vector<ModuleInfo> all;
    if (const Section* const found = section(".modinfo"))
        for (const std::string_view line : strings_of(contents(*found)))
            if (const auto equals = line.find('='); equals != std::string_view::npos)
                all.push_back({line.substr(0, equals), line.substr(equals + 1)});
    return all;
}

std::vector<std::string_view> ElfFile::comments() const {
    const Section* const found = section(".comment");
    return found == nullptr ? std::vector<std::string_view>{} : strings_of(contents(*found));
}

}  // namespace shirushi::elf
