#pragma once
// A small language for tests: ElfBuilder(32, Endian::big, 8).needs("libc.so.6").imports("strcpy").build() is a file that a
// loader would understand. One loadable segment maps the whole file at kBase; section headers are written only when asked for.

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "elf/elf.hpp"
#include "elf/numbers.hpp"

namespace shirushi::elf {

class ElfBuilder {
public:
    static constexpr std::uint64_t kBase = 0x10000;
    enum class Hash { system_v, gnu, gnu_without_definitions, none };

    ElfBuilder(int bits, Endian endian, std::uint16_t machine) : is_64_(bits == 64), endian_(endian), machine_(machine) {}

    ElfBuilder& type(FileType type) { return type_ = type, *this; }
    ElfBuilder& interpreter(std::string_view path) { return interpreter_ = path, *this; }
    ElfBuilder& needs(std::string_view name) { return texts_.push_back({dynamic_tag::needed, std::string(name)}), *this; }
    ElfBuilder& soname(std::string_view name) { return texts_.push_back({dynamic_tag::soname, std::string(name)}), *this; }
    ElfBuilder& run_path(std::string_view path) { return texts_.push_back({dynamic_tag::runpath, std::string(path)}), *this; }
    ElfBuilder& dynamic(std::uint64_t tag, std::uint64_t value) { return extra_.push_back({tag, value}), *this; }
    ElfBuilder& imports(std::string_view name) { return imports_.emplace_back(name), *this; }
    ElfBuilder& defines(std::string_view name) { return definitions_.emplace_back(name), *this; }
    ElfBuilder& hash(Hash hash) { return hash_ = hash, *this; }
    ElfBuilder& segment(std::uint32_t type, std::uint32_t flags) { return marks_.push_back({type, flags}), *this; }
    /// Adds section headers too.
    ElfBuilder& section(std::string_view name, std::uint32_t section_type, std::uint64_t flags, std::string_view content = {}) {
        return sections_.push_back({std::string(name), section_type, flags, std::string(content)}), *this;
    }
    /// A .symtab entry; adds section headers too.
    ElfBuilder& symbol(std::string_view name, bool defined) { return static_symbols_.push_back({std::string(name), defined}), *this; }

    [[nodiscard]] Buffer build() {
        out_.clear();
        sections_written_.clear();
        const bool linked = type_ != FileType::relocatable;
        const bool dynamic = !texts_.empty() || !extra_.empty() || !imports_.empty() || !definitions_.empty();
        const std::size_t segments = linked ? 1 + (interpreter_.empty() ? 0 : 1) + (dynamic ? 1 : 0) + marks_.size() : 0;
        const std::size_t header_size = is_64_ ? 64 : 52;
        out_.resize(header_size + segments * (is_64_ ? 56 : 32));
        const auto interpreter = interpreter_.empty() ? Range{} : append(text_with_nul(interpreter_));
        const Range dynamic_range = dynamic ? write_dynamic() : Range{};
        const std::uint64_t section_table = write_sections();
        Buffer whole = std::move(out_);
        out_.clear();
        write_header(segments, section_table);
        if (linked) {
            write_segment(segment_type::load, 5, {0, whole.size()});
            if (!interpreter_.empty())
                write_segment(segment_type::interp, 4, interpreter);
            if (dynamic)
                write_segment(segment_type::dynamic, 6, dynamic_range);
            for (const auto& [type, flags] : marks_)
                write_segment(type, flags, {0, 0});
        }
        std::ranges::copy(out_, whole.begin());
        return whole;
    }

private:
    struct Range {
        std::uint64_t offset = 0, size = 0;
    };
    struct Text {
        std::uint64_t tag;
        std::string text;
    };
    struct Content {
        std::string name;
        std::uint32_t type;
        std::uint64_t flags;
        std::string content;
    };
    struct StaticSymbol {
        std::string name;
        bool defined;
    };
    struct Written {
        std::uint32_t name, type;
        std::uint64_t flags;
        Range range;
        std::uint32_t link;
    };

    void put(std::uint64_t value, int width) {
        for (int i = 0; i < width; ++i)
            out_.push_back(static_cast<std::uint8_t>(value >> 8 * (endian_ == Endian::little ? i : width - 1 - i)));
    }
    void zeros(std::size_t count) { out_.resize(out_.size() + count); }
    void word(std::uint64_t value) { put(value, is_64_ ? 8 : 4); }
    static std::string text_with_nul(std::string text) { return text += '\0'; }
    Range append(std::string_view bytes) {
        const Range range{out_.size(), bytes.size()};
        out_.insert(out_.end(), bytes.begin(), bytes.end());
        return range;
    }
    static std::uint32_t intern(std::string& table, std::string_view text) {
        const auto offset = static_cast<std::uint32_t>(table.size());
        table.append(text) += '\0';
        return offset;
    }
    void align() { out_.resize((out_.size() + 7) / 8 * 8); }

    void put_symbol(std::uint32_t name, std::uint8_t info, std::uint16_t section) {
        put(name, 4);
        if (!is_64_)
            put(0, 8);
        put(info, 1);
        put(0, 1);
        put(section, 2);
        if (is_64_)
            zeros(16);
    }

    void put_hash(std::uint32_t symbols) {
        if (hash_ == Hash::system_v) {
            put(1, 4);
            put(symbols, 4);
            zeros(4 * (1 + symbols));
            return;
        }
        const auto first = static_cast<std::uint32_t>(1 + imports_.size());
        const bool none = hash_ == Hash::gnu_without_definitions || definitions_.empty();
        put(1, 4);
        put(none ? 1 : first, 4);
        put(1, 4);
        put(0, 4);
        word(0);
        put(none ? 0 : first, 4);
        for (std::size_t i = 0; i < definitions_.size() && !none; ++i)
            put(i + 1 == definitions_.size() ? 1 : 0, 4);
    }

    Range write_dynamic() {
        std::string strings(1, '\0');
        align();
        const std::uint64_t symbols = out_.size();
        put_symbol(0, 0, 0);
        for (const std::string& name : imports_)
            put_symbol(intern(strings, name), 0x12, 0);
        for (const std::string& name : definitions_)
            put_symbol(intern(strings, name), 0x12, 1);
        const auto count = static_cast<std::uint32_t>(1 + imports_.size() + definitions_.size());
        std::vector<DynamicEntry> entries;
        for (const Text& text : texts_)
            entries.push_back({text.tag, intern(strings, text.text)});
        entries.insert(entries.end(), extra_.begin(), extra_.end());
        const std::uint64_t hash = out_.size();
        if (hash_ != Hash::none)
            put_hash(count);
        align();
        const std::uint64_t relocations = out_.size();
        for (std::uint32_t i = 1; i < count; ++i) {  // one each, without addend
            word(kBase);
            if (is_64_ && machine_ == machine::mips) {
                put(i, 4);
                put(3, 4);
            } else {
                word(is_64_ ? std::uint64_t{i} << 32 | 7 : i << 8 | 7);
            }
        }
        const std::uint64_t relocations_size = out_.size() - relocations;
        const Range string_range = append(strings);
        entries.push_back({dynamic_tag::symbols, kBase + symbols});
        entries.push_back({dynamic_tag::strings, kBase + string_range.offset});
        entries.push_back({dynamic_tag::strings_size, string_range.size});
        entries.push_back({dynamic_tag::rel, kBase + relocations});
        entries.push_back({dynamic_tag::rel_size, relocations_size});
        if (hash_ != Hash::none)
            entries.push_back({hash_ == Hash::system_v ? dynamic_tag::hash : dynamic_tag::gnu_hash, kBase + hash});
        entries.push_back({dynamic_tag::null, 0});
        align();
        const std::uint64_t start = out_.size();
        for (const DynamicEntry& entry : entries) {
            word(entry.tag);
            word(entry.value);
        }
        return {start, out_.size() - start};
    }

    /// The offset of the section table; 0 when there is none.
    std::uint64_t write_sections() {
        if (sections_.empty() && static_symbols_.empty())
            return 0;
        std::string names(1, '\0');
        sections_written_.push_back({});
        for (const Content& section : sections_)
            sections_written_.push_back({intern(names, section.name), section.type, section.flags, append(section.content), 0});
        if (!static_symbols_.empty()) {
            std::string strings(1, '\0');
            align();
            const std::uint64_t start = out_.size();
            put_symbol(0, 0, 0);
            for (const StaticSymbol& symbol : static_symbols_)
                put_symbol(intern(strings, symbol.name), 0x10, symbol.defined ? 1 : 0);
            const auto next = static_cast<std::uint32_t>(sections_written_.size() + 1);
            sections_written_.push_back({intern(names, ".symtab"), 2, 0, {start, out_.size() - start}, next});
            sections_written_.push_back({intern(names, ".strtab"), 3, 0, append(strings), 0});
        }
        sections_written_.push_back({intern(names, ".shstrtab"), 3, 0, {}, 0});
        sections_written_.back().range = append(names);
        align();
        const std::uint64_t table = out_.size();
        for (const Written& section : sections_written_) {
            put(section.name, 4);
            put(section.type, 4);
            word(section.flags);
            word(0);
            word(section.range.offset);
            word(section.range.size);
            put(section.link, 4);
            put(0, 4);
            word(1);
            word(0);
        }
        return table;
    }

    void write_header(std::size_t segments, std::uint64_t section_table) {
        append(std::string("\177ELF"));
        put(is_64_ ? 2 : 1, 1);
        put(endian_ == Endian::little ? 1 : 2, 1);
        put(1, 1);
        out_.resize(16);
        put(static_cast<std::uint16_t>(type_), 2);
        put(machine_, 2);
        put(1, 4);
        word(kBase);
        word(segments == 0 ? 0 : is_64_ ? 64 : 52);
        word(section_table);
        put(0, 4);
        put(is_64_ ? 64 : 52, 2);
        put(is_64_ ? 56 : 32, 2);
        put(segments, 2);
        put(is_64_ ? 64 : 40, 2);
        put(sections_written_.size(), 2);
        put(sections_written_.empty() ? 0 : sections_written_.size() - 1, 2);
    }

    void write_segment(std::uint32_t type, std::uint32_t flags, Range range) {
        put(type, 4);
        if (is_64_)
            put(flags, 4);
        word(range.offset);
        word(kBase + range.offset);
        word(kBase + range.offset);
        word(range.size);
        word(range.size);
        if (!is_64_)
            put(flags, 4);
        word(8);
    }

    bool is_64_;
    Endian endian_;
    std::uint16_t machine_;
    FileType type_ = FileType::shared;
    Hash hash_ = Hash::system_v;
    std::string interpreter_;
    std::vector<Text> texts_;
    std::vector<DynamicEntry> extra_;
    std::vector<std::string> imports_, definitions_;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> marks_;
    std::vector<Content> sections_;
    std::vector<StaticSymbol> static_symbols_;
    std::vector<Written> sections_written_;
    Buffer out_;
};

}  // namespace shirushi::elf
