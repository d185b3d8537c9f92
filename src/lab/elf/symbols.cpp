// Symbols and relocations. A file without section headers says nowhere how long its dynamic symbol table is; the hash tables
// that a loader looks names up in do.

#include <algorithm>

#include "elf/elf.hpp"
#include "elf/numbers.hpp"

namespace shirushi::elf {
namespace {

// The largest browsers have about a million; a symbol costs 48 bytes here.
constexpr std::uint64_t kMaximumSymbols = 1 << 21;
constexpr std::uint64_t kMaximumRelocations = 1 << 21;
// Mangled C++ names reach some thousand bytes. The limit keeps a table whose symbols all name one long string linear.
constexpr std::uint64_t kMaximumSymbolName = 4096;

std::string_view name_at(Bytes strings, std::uint64_t offset) {
    const std::string_view text = as_text(clipped(strings, offset, kMaximumSymbolName));
    const auto end = text.find('\0');
    return end == std::string_view::npos ? std::string_view{} : text.substr(0, end);
}

Result<Symbol> read_symbol(Reader& reader, bool is_64, Bytes strings) {
    Symbol symbol;
    std::uint8_t info = 0;
    const std::uint32_t name = TRY(reader.u32());
    if (!is_64) {
        symbol.value = TRY(reader.u32());
        symbol.size = TRY(reader.u32());
    }
    info = TRY(reader.u8());
    symbol.visibility = TRY(reader.u8()) & 3;
    symbol.section = TRY(reader.u16());
    if (is_64) {
        symbol.value = TRY(reader.u64());
        symbol.size = TRY(reader.u64());
    }
    symbol.type = info & 15;
    symbol.binding = info >> 4;
    symbol.name = name_at(strings, name);
    return symbol;
}

Result<Relocation> read_relocation_32(Reader& reader, bool with_addend) {
    Relocation relocation;
    relocation.offset = TRY(reader.u32());
    const std::uint32_t info = TRY(reader.u32());
    relocation.symbol = info >> 8;
    relocation.type = info & 0xff;
    if (with_addend)
        relocation.addend = static_cast<std::int32_t>(TRY(reader.u32()));
    return relocation;
}

Result<Relocation> read_relocation_64(Reader& reader, bool with_addend, bool mips) {
    Relocation relocation;
    relocation.offset = TRY(reader.u64());
    if (mips) {  // 64-bit MIPS ELF specification 2.9: a symbol, a second symbol's kind and three operations, the last in front
        relocation.symbol = TRY(reader.u32());
        TRY(reader.skip(3));
        relocation.type = TRY(reader.u8());
    } else {
        const std::uint64_t info = TRY(reader.u64());
        relocation.symbol = static_cast<std::uint32_t>(info >> 32);
        relocation.type = static_cast<std::uint32_t>(info);
    }
    if (with_addend)
        relocation.addend = static_cast<std::int64_t>(TRY(reader.u64()));
    return relocation;
}

}  // namespace

bool ElfFile::mips64() const {
    return header_.is_64 && header_.machine == machine::mips;
}

std::vector<Symbol> ElfFile::symbol_table(Bytes table, Bytes strings) const {
    std::vector<Symbol> symbols;
    const std::uint64_t count = std::min<std::uint64_t>(table.size() / symbol_size(), kMaximumSymbols);
    symbols.reserve(count);
    Reader reader(table, header_.endian);
    for (std::uint64_t i = 0; i < count; ++i) {
        auto symbol = read_symbol(reader, header_.is_64, strings);
        if (!symbol)
            break;
        symbols.push_back(*symbol);
    }
    return symbols;
}

std::vector<Symbol> ElfFile::symbols() const {
    const auto found = std::ranges::find(sections_, section_type::symtab, &Section::type);
    if (found == sections_.end() || found->link >= sections_.size())
        return {};
    return symbol_table(contents(*found), contents(sections_[found->link]));
}

std::vector<Symbol> ElfFile::dynamic_symbols() const {
    const auto table = dynamic_value(dynamic_tag::symbols);
    const auto strings = dynamic_value(dynamic_tag::strings);
    if (table && strings) {
        const Bytes entries = at_address(*table);
        const Bytes names = clipped(at_address(*strings), 0, dynamic_value(dynamic_tag::strings_size).value_or(UINT64_MAX));
        if (!entries.empty() && !names.empty())
            return symbol_table(clipped(entries, 0, dynamic_symbol_count() * symbol_size()), names);
    }
    const auto found = std::ranges::find(sections_, section_type::dynsym, &Section::type);
    if (found == sections_.end() || found->link >= sections_.size())
        return {};
    return symbol_table(contents(*found), contents(sections_[found->link]));
}

// Whatever claims more wins: a symbol too many has no name, a symbol too few is an import unseen.
std::uint64_t ElfFile::dynamic_symbol_count() const {
    std::uint64_t count = dynamic_value(dynamic_tag::mips_symbol_count).value_or(0);
    if (const auto address = dynamic_value(dynamic_tag::hash)) {
        Reader reader(at_address(*address), header_.endian);
        // Their supplements make the words of the table eight bytes long.
        const bool wide = header_.is_64 && (header_.machine == machine::alpha || header_.machine == machine::s390);
        if (reader.skip(wide ? 8 : 4)) {
            if (wide)
                count = std::max(count, reader.u64().value_or(0));
            else
                count = std::max<std::uint64_t>(count, reader.u32().value_or(0));
        }
    }
    count = std::max(count, gnu_hash_count());
    if (count <= 1)  // no hash table, or one that holds definitions only and there are none
        for (const Relocation& relocation : dynamic_relocations())
            count = std::max<std::uint64_t>(count, std::uint64_t{relocation.symbol} + 1);
    return std::min(count, kMaximumSymbols);
}

// The table holds the defined symbols only, which stand last: the count is one more than the last index in any chain. When it
// holds none, it says nothing about the undefined ones (older linkers write 1 as the first index then) and the answer is 0.
std::uint64_t ElfFile::gnu_hash_count() const {
    const auto address = dynamic_value(dynamic_tag::gnu_hash);
    if (!address)
        return 0;
    const Bytes table = at_address(*address);
    Reader reader(table, header_.endian);
    const auto buckets = reader.u32();
    const auto first = reader.u32();
    const auto filter_words = reader.u32();
    if (!buckets || !first || !filter_words || !reader.skip(4) || !reader.skip(std::uint64_t{*filter_words} * (header_.is_64 ? 8 : 4)))
        return 0;
    std::uint32_t last = 0;
    for (std::uint32_t i = 0; i < *buckets; ++i) {
        const auto start = reader.u32();
        if (!start)
            return 0;
        last = std::max(last, *start);
    }
    if (last < *first || last == 0)
        return 0;
    if (!reader.skip(std::uint64_t{last - *first} * 4))
        return 0;
    for (std::uint64_t index = last;; ++index) {
        const auto hash = reader.u32();
        if (!hash || (*hash & 1) != 0)
            return index + 1;
    }
}

std::vector<Relocation> ElfFile::relocation_table(Bytes table, bool with_addend) const {
    const std::size_t size = (header_.is_64 ? 8 : 4) * (with_addend ? 3 : 2);
    const std::uint64_t count = std::min<std::uint64_t>(table.size() / size, kMaximumRelocations);
    std::vector<Relocation> relocations;
    relocations.reserve(count);
    Reader reader(table, header_.endian);
    for (std::uint64_t i = 0; i < count; ++i) {
        const auto relocation = header_.is_64 ? read_relocation_64(reader, with_addend, mips64()) : read_relocation_32(reader, with_addend);
        if (!relocation)
            break;
        relocations.push_back(*relocation);
    }
    return relocations;
}

std::vector<Relocation> ElfFile::dynamic_relocations() const {
    std::vector<Relocation> relocations;
    const auto append = [&](std::uint64_t start_tag, std::uint64_t size_tag, bool with_addend) {
        const auto address = dynamic_value(start_tag);
        const auto size = dynamic_value(size_tag);
        if (!address || !size)
            return;
        const auto more = relocation_table(clipped(at_address(*address), 0, *size), with_addend);
        relocations.insert(relocations.end(), more.begin(), more.end());
    };
    append(dynamic_tag::rel, dynamic_tag::rel_size, false);
    append(dynamic_tag::rela, dynamic_tag::rela_size, true);
    append(dynamic_tag::plt_relocations, dynamic_tag::plt_relocations_size,
           dynamic_value(dynamic_tag::plt_relocation_kind) == dynamic_tag::rela);
    return relocations;
}

std::vector<Relocation> ElfFile::relocations(const Section& section) const {
    if (section.type != section_type::rel && section.type != section_type::rela)
        return {};
    return relocation_table(contents(section), section.type == section_type::rela);
}

}  // namespace shirushi::elf
