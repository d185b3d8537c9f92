#include "elf/elf.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "elf/numbers.hpp"

namespace shirushi::elf {
namespace {

constexpr std::size_t kIdentSize = 16;
// Linkers write about a dozen segments; a core dump, which nobody describes, some thousands.
constexpr std::uint32_t kMaximumSegments = 4096;
// Objects built with a section per function stay well below; each costs about 100 bytes here.
constexpr std::uint32_t kMaximumSections = 1 << 17;
// A library names a few hundred others at the very most; relocation counts and the like are single entries.
constexpr std::size_t kMaximumDynamicEntries = 1 << 16;
constexpr std::uint64_t kMaximumSectionName = 256;

/// An address, offset or size: four bytes in 32-bit files, eight in 64-bit ones.
Result<std::uint64_t> word(Reader& reader, bool is_64) {
    return is_64 ? reader.u64() : Result<std::uint64_t>(TRY(reader.u32()));
}

Result<Header> read_header(Bytes file) {
    if (!is_elf(file))
        return fail(Errc::bad_input, "not an ELF file");
    Header header;
    header.is_64 = file[4] == 2;
    header.endian = file[5] == 1 ? Endian::little : Endian::big;
    header.os_abi = file[7];
    Reader reader(file, header.endian);
    TRY(reader.skip(kIdentSize));
    header.type = TRY(reader.u16());
    header.machine = TRY(reader.u16());
    TRY(reader.skip(4));  // e_version
    header.entry = TRY(word(reader, header.is_64));
    header.segment_table = TRY(word(reader, header.is_64));
    header.section_table = TRY(word(reader, header.is_64));
    header.flags = TRY(reader.u32());
    TRY(reader.skip(2));  // e_ehsize
    header.segment_size = TRY(reader.u16());
    header.segment_count = TRY(reader.u16());
    header.section_size = TRY(reader.u16());
    header.section_count = TRY(reader.u16());
    header.name_section = TRY(reader.u16());
    return header;
}

Result<Segment> read_segment(Bytes entry, const Header& header) {
    Reader reader(entry, header.endian);
    Segment segment;
    segment.type = TRY(reader.u32());
    if (header.is_64)
        segment.flags = TRY(reader.u32());
    segment.offset = TRY(word(reader, header.is_64));
    segment.address = TRY(word(reader, header.is_64));
    TRY(word(reader, header.is_64));  // physical address
    segment.file_size = TRY(word(reader, header.is_64));
    segment.memory_size = TRY(word(reader, header.is_64));
    if (!header.is_64)
        segment.flags = TRY(reader.u32());
    return segment;
}

/// The section without its name; `name_offset` is where that stands in the name table.
Result<Section> read_section(Bytes entry, const Header& header, std::uint32_t& name_offset) {
    Reader reader(entry, header.endian);
    Section section;
    name_offset = TRY(reader.u32());
    section.type = TRY(reader.u32());
    section.flags = TRY(word(reader, header.is_64));
    section.address = TRY(word(reader, header.is_64));
    section.offset = TRY(word(reader, header.is_64));
    section.size = TRY(word(reader, header.is_64));
    section.link = TRY(reader.u32());
    section.info = TRY(reader.u32());
    TRY(word(reader, header.is_64));  // alignment
    section.entry_size = TRY(word(reader, header.is_64));
    return section;
}

std::string_view text_at(Bytes strings, std::uint64_t offset, std::uint64_t limit) {
    const std::string_view text = as_text(clipped(strings, offset, limit));
    const auto end = text.find('\0');
    return end == std::string_view::npos ? std::string_view{} : text.substr(0, end);
}

/// The entry `index` of a table, or empty when the file does not hold it whole.
Bytes table_entry(Bytes file, std::uint64_t table, std::uint64_t index, std::uint16_t stride, std::size_t size) {
    if (table > file.size())
        return {};
    const Bytes entry = clipped(file, table + index * stride, size);
    return entry.size() == size ? entry : Bytes{};
}

}  // namespace

bool is_elf(Bytes file) {
    return file.size() >= kIdentSize && as_text(file.first(4)) == "\177ELF" && (file[4] == 1 || file[4] == 2) &&
           (file[5] == 1 || file[5] == 2);
}

Result<ElfFile> ElfFile::read(Bytes file) {
    ElfFile elf(file, TRY_WITHIN("ELF header", read_header(file)));
    elf.apply_extended_numbering();
    elf.read_segments();
    elf.read_sections();
    elf.read_dynamic();
    return elf;
}

Result<Section> ElfFile::section_at(std::uint64_t index) const {
    const std::size_t size = header_.is_64 ? 64 : 40;
    if (header_.section_table == 0 || header_.section_size < size)
        return fail(Errc::not_found, "no section table");
    std::uint32_t name_offset = 0;
    return read_section(table_entry(file_, header_.section_table, index, header_.section_size, size), header_, name_offset);
}

// gABI 4.1 "Sections": counts that do not fit the header's 16 bits stand in section 0.
void ElfFile::apply_extended_numbering() {
    const auto first = section_at(0);
    if (!first)
        return;
    if (header_.section_count == 0)
        header_.section_count = static_cast<std::uint32_t>(std::min<std::uint64_t>(first->size, UINT32_MAX));
    if (header_.segment_count == 0xffff)
        header_.segment_count = first->info;
    if (header_.name_section == 0xffff)
        header_.name_section = first->link;
}

void ElfFile::read_segments() {
    const std::size_t size = header_.is_64 ? 56 : 32;
    if (header_.segment_table == 0 || header_.segment_count == 0)
        return;
    if (header_.segment_size < size) {
        problems_.push_back(fmt::format("program headers of {} bytes cannot be read", header_.segment_size));
        return;
    }
    const std::uint32_t count = std::min(header_.segment_count, kMaximumSegments);
    for (std::uint32_t i = 0; i < count; ++i) {
        const auto segment = read_segment(table_entry(file_, header_.segment_table, i, header_.segment_size, size), header_);
        if (!segment)
            break;
        segments_.push_back(*segment);
    }
    if (segments_.size() < header_.segment_count)
        problems_.push_back(fmt::format("{} of {} program headers read", segments_.size(), header_.segment_count));
}

void ElfFile::read_sections() {
    const std::size_t size = header_.is_64 ? 64 : 40;
    if (header_.section_table == 0 || header_.section_count == 0)
        return;
    if (header_.section_size < size) {
        problems_.push_back(fmt::format("section headers of {} bytes cannot be read", header_.section_size));
        return;
    }
    const std::uint32_t count = std::min(header_.section_count, kMaximumSections);
    const auto names = section_at(header_.name_section);
    const Bytes strings = names ? contents(*names) : Bytes{};
    for (std::uint32_t i = 0; i < count; ++i) {
        std::uint32_t name_offset = 0;
        auto section = read_section(table_entry(file_, header_.section_table, i, header_.section_size, size), header_, name_offset);
        if (!section)
            break;
        section->name = text_at(strings, name_offset, kMaximumSectionName);
        sections_.push_back(*section);
    }
    if (sections_.size() < header_.section_count)
        problems_.push_back(fmt::format("{} of {} section headers read", sections_.size(), header_.section_count));
}

void ElfFile::read_dynamic() {
    Bytes table;
    if (const Segment* const wanted = segment(segment_type::dynamic))
        table = clipped(file_, wanted->offset, wanted->file_size);
    else if (const auto found = std::ranges::find(sections_, section_type::dynamic, &Section::type); found != sections_.end())
        table = contents(*found);
    Reader reader(table, header_.endian);
    while (dynamic_.size() < kMaximumDynamicEntries) {
        const auto tag = word(reader, header_.is_64);
        const auto value = word(reader, header_.is_64);
        if (!tag || !value || *tag == dynamic_tag::null)
            break;
        dynamic_.push_back({*tag, *value});
    }
}

const Segment* ElfFile::segment(std::uint32_t type) const {
    const auto found = std::ranges::find(segments_, type, &Segment::type);
    return found == segments_.end() ? nullptr : &*found;
}

const Section* ElfFile::section(std::string_view name) const {
    const auto found = std::ranges::find(sections_, name, &Section::name);
    return found == sections_.end() ? nullptr : &*found;
}

std::optional<std::uint64_t> ElfFile::dynamic_value(std::uint64_t tag) const {
    const auto found = std::ranges::find(dynamic_, tag, &DynamicEntry::tag);
    return found == dynamic_.end() ? std::nullopt : std::optional(found->value);
}

Bytes ElfFile::contents(const Section& section) const {
    return section.type == section_type::nobits ? Bytes{} : clipped(file_, section.offset, section.size);
}

Bytes ElfFile::at_address(std::uint64_t address) const {
    for (const Segment& segment : segments_) {
        if (segment.type != segment_type::load || address < segment.address)
            continue;
        const std::uint64_t within = address - segment.address;
        if (within < segment.file_size && within <= UINT64_MAX - segment.offset)
            return clipped(file_, segment.offset + within, segment.file_size - within);
    }
    return {};
}

}  // namespace shirushi::elf
