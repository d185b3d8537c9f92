#pragma once
// ELF files from hostile bytes (System V gABI 4.1 chapters 4 and 5, with the processor supplements' additions). Every offset
// and count in the file is a claim: tables are clipped to the bytes that are there, and what a loader would use (program
// headers, PT_DYNAMIC) is believed before section headers, which may be absent or lie. Pure; no locks needed: an ElfFile never
// changes once read.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"

namespace shirushi::elf {

/// e_type.
enum class FileType : std::uint16_t { none = 0, relocatable = 1, executable = 2, shared = 3, core = 4 };

struct Header {
    bool is_64 = false;
    Endian endian = Endian::little;
    std::uint8_t os_abi = 0;
    std::uint16_t type = 0;  ///< FileType, or a value that has no name here
    std::uint16_t machine = 0;
    std::uint32_t flags = 0;
    std::uint64_t entry = 0;
    std::uint64_t segment_table = 0;  ///< file offset; 0: none
    std::uint64_t section_table = 0;
    std::uint32_t segment_count = 0;  ///< as claimed, with the extended numbering of section 0 applied
    std::uint32_t section_count = 0;
    std::uint32_t name_section = 0;
    std::uint16_t segment_size = 0;  ///< bytes per entry
    std::uint16_t section_size = 0;
};

struct Segment {
    std::uint32_t type = 0;
    std::uint32_t flags = 0;
    std::uint64_t offset = 0;
    std::uint64_t address = 0;
    std::uint64_t file_size = 0;
    std::uint64_t memory_size = 0;
};

struct Section {
    std::string_view name;
    std::uint32_t type = 0;
    std::uint64_t flags = 0;
    std::uint64_t address = 0;
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
    std::uint32_t link = 0;
    std::uint32_t info = 0;
    std::uint64_t entry_size = 0;
};

struct DynamicEntry {
    std::uint64_t tag = 0;
    std::uint64_t value = 0;
};

struct Symbol {
    std::string_view name;  ///< empty when its string is not in the string table
    std::uint64_t value = 0;
    std::uint64_t size = 0;
    std::uint8_t type = 0;     ///< STT_: 1 object, 2 function, 3 section, 4 file, 6 thread-local, 10 indirect function
    std::uint8_t binding = 0;  ///< STB_: 0 local, 1 global, 2 weak
    std::uint8_t visibility = 0;
    std::uint16_t section = 0;  ///< SHN_: 0 undefined

    /// Named here, defined elsewhere.
    [[nodiscard]] bool imported() const { return section == 0 && binding != 0 && !name.empty(); }
};

struct Relocation {
    std::uint64_t offset = 0;  ///< address in a linked file, offset in the target section in a relocatable one
    std::uint32_t type = 0;    ///< on 64-bit MIPS the first of the three operations
    std::uint32_t symbol = 0;  ///< index into the symbol table the relocations belong to
    std::int64_t addend = 0;   ///< 0 where the entry carries none
};

struct Note {
    std::string_view name;  ///< "GNU", "Go" ...
    std::uint32_t type = 0;
    Bytes description;
};

/// One "key=value" of a kernel module's .modinfo.
struct ModuleInfo {
    std::string_view key;
    std::string_view value;
};

/// The four identifying bytes and a class and byte order that exist.
bool is_elf(Bytes file);

/// "arm", "mipsel", "x86-64" ...; "machine-N" for a number without a name here. Byte order is part of the name where custom
/// has it so (mipsel, powerpc64le), otherwise not.
std::string machine_name(const Header& header);

/// A file's tables. Borrows the bytes given to read(): they must outlive the ElfFile and every view it hands out.
class ElfFile {
public:
    /// Fails (bad_input) only when the file header is not one; a damaged table is clipped or left out and noted in problems().
    static Result<ElfFile> read(Bytes file);

    [[nodiscard]] Bytes bytes() const { return file_; }
    [[nodiscard]] const Header& header() const { return header_; }
    [[nodiscard]] const std::vector<Segment>& segments() const { return segments_; }
    [[nodiscard]] const std::vector<Section>& sections() const { return sections_; }
    /// Up to, not including, DT_NULL.
    [[nodiscard]] const std::vector<DynamicEntry>& dynamic() const { return dynamic_; }
    /// What of the tables could not be read, in words and in file order.
    [[nodiscard]] const std::vector<std::string>& problems() const { return problems_; }

    [[nodiscard]] const Segment* segment(std::uint32_t type) const;                     ///< first of its type, or null
    [[nodiscard]] const Section* section(std::string_view name) const;                  ///< first of its name, or null
    [[nodiscard]] std::optional<std::uint64_t> dynamic_value(std::uint64_t tag) const;  ///< of the first such entry

    /// A section's bytes, clipped to the file; empty for one that occupies none (.bss).
    [[nodiscard]] Bytes contents(const Section& section) const;
    /// The file's bytes from a virtual address to the end of its loadable segment's file image; empty when nothing is mapped there.
    [[nodiscard]] Bytes at_address(std::uint64_t address) const;

    /// The dynamic symbol table, entry 0 included, with or without section headers: its length comes from DT_HASH, DT_GNU_HASH or
    /// DT_MIPS_SYMTABNO, else from the relocations that use it.
    [[nodiscard]] std::vector<Symbol> dynamic_symbols() const;
    /// The static symbol table (.symtab); empty when stripped.
    [[nodiscard]] std::vector<Symbol> symbols() const;
    /// Relocations of the dynamic section: DT_REL, DT_RELA, DT_JMPREL in this order, indices into dynamic_symbols().
    [[nodiscard]] std::vector<Relocation> dynamic_relocations() const;
    /// Relocations that a SHT_REL or SHT_RELA section holds (of a relocatable file: indices into symbols()).
    [[nodiscard]] std::vector<Relocation> relocations(const Section& section) const;

    [[nodiscard]] std::string_view interpreter() const;  ///< PT_INTERP; empty when there is none
    [[nodiscard]] std::vector<std::string_view> needed() const;
    [[nodiscard]] std::string_view soname() const;
    [[nodiscard]] std::string_view run_path() const;  ///< DT_RUNPATH, else DT_RPATH
    [[nodiscard]] std::vector<Note> notes() const;
    [[nodiscard]] Bytes build_id() const;
    [[nodiscard]] std::vector<ModuleInfo> module_info() const;
    [[nodiscard]] std::vector<std::string_view> comments() const;  ///< compiler names in .comment

private:
    ElfFile(Bytes file, Header header) : file_(file), header_(header) {}
    void read_segments();
    void read_sections();
    void read_dynamic();
    void apply_extended_numbering();
    [[nodiscard]] Result<Section> section_at(std::uint64_t index) const;
    [[nodiscard]] std::vector<Symbol> symbol_table(Bytes table, Bytes strings) const;
    [[nodiscard]] std::vector<Relocation> relocation_table(Bytes table, bool with_addend) const;
    [[nodiscard]] std::uint64_t dynamic_symbol_count() const;
    [[nodiscard]] std::uint64_t gnu_hash_count() const;
    [[nodiscard]] std::string_view dynamic_string(std::uint64_t offset) const;
    [[nodiscard]] std::size_t symbol_size() const { return header_.is_64 ? 24 : 16; }
    [[nodiscard]] bool mips64() const;
    void notes_in(Bytes bytes, std::vector<Note>& notes) const;

    Bytes file_;
    Header header_;
    std::vector<Segment> segments_;
    std::vector<Section> sections_;
    std::vector<DynamicEntry> dynamic_;
    std::vector<std::string> problems_;
};

}  // namespace shirushi::elf
