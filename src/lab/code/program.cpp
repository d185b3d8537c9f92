#include "code/program.hpp"

#include <algorithm>

#include "elf/numbers.hpp"

namespace shirushi::code {
namespace {

constexpr std::uint8_t kObject = 1;
constexpr std::uint32_t kExecute = 1, kWrite = 2;
constexpr std::size_t kMaximumText = 4096;
constexpr std::uint64_t kTableBias = 0x7ff0;  // MIPS: what $gp points beyond the table's start

namespace tag {
constexpr std::uint64_t offset_table = 3;
constexpr std::uint64_t mips_local_entries = 0x7000000a, mips_first_symbol = 0x70000013;
}  // namespace tag

/// "The address that the file was linked for, moved", of each processor.
bool is_relative(Processor processor, std::uint32_t type) {
    switch (processor) {
        case Processor::x86:
        case Processor::x86_64:
            return type == 8;
        case Processor::arm:
            return type == 23;
        case Processor::aarch64:
            return type == 1027;
        default:
            return false;
    }
}

/// Addend in the relocation rather than in the place: RELA.
bool has_addend(Processor processor) {
    return processor == Processor::x86_64 || processor == Processor::aarch64;
}

}  // namespace

Processor processor_of(const elf::Header& header) {
    switch (header.machine) {
        case elf::machine::x86:
            return Processor::x86;
        case elf::machine::x86_64:
            return header.is_64 ? Processor::x86_64 : Processor::none;
        case elf::machine::arm:
            return header.endian == Endian::little ? Processor::arm : Processor::none;
        case elf::machine::aarch64:
            return header.endian == Endian::little && header.is_64 ? Processor::aarch64 : Processor::none;
        case elf::machine::mips:
        case elf::machine::mips_rs3_le:
            return header.is_64 || (header.flags & 0x20) != 0 || (header.flags & 0x06000000) != 0 ? Processor::none : Processor::mips;  // N32, MIPS16, microMIPS
        default:
            return Processor::none;
    }
}

Program::Program(const elf::ElfFile& file) : file_(&file), processor_(processor_of(file.header())) {
    if (processor_ == Processor::none)
        return;
    find_code();
    read_slots();
    find_stubs();
    name_functions();
    add_unwound();
    if (processor_ == Processor::arm) {
        add_arm_unwound();
        if (file_->symbols().empty())
            add_arm_pushed();
    }
    add_called();
    settle_functions();
}

void Program::find_code() {
    for (const elf::Section& section : file_->sections()) {
        constexpr auto wanted = elf::section_flag::alloc | elf::section_flag::execute;
        if ((section.flags & wanted) != wanted || section.type == elf::section_type::nobits)
            continue;
        const CodeRange range{section.address, file_->contents(section)};
        if (range.bytes.empty() || section.address > UINT64_MAX / 2)
            continue;
        const bool stubs = section.name.starts_with(".plt") || section.name == ".MIPS.stubs" || section.name == ".iplt";
        (stubs ? stub_code_ : code_).push_back(range);
    }
    if (code_.empty()) {
        for (const elf::Segment& segment : file_->segments())
            if (segment.type == elf::segment_type::load && (segment.flags & kExecute) != 0 && segment.address <= UINT64_MAX / 2)
                code_.push_back({segment.address, clipped(file_->bytes(), segment.offset, segment.file_size)});
        stub_code_ = code_;
    }
    std::ranges::sort(code_, {}, &CodeRange::address);
    std::vector<CodeRange> apart;
    for (const CodeRange& range : code_)
        if (!range.bytes.empty() && (apart.empty() || range.address >= apart.back().end()))
            apart.push_back(range);
    code_ = std::move(apart);
}

void Program::read_slots() {
    for (const elf::Segment& segment : file_->segments())
        if (segment.type == elf::segment_type::gnu_relro)
            settled_.emplace_back(segment.address, segment.memory_size);
    for (const elf::Section& section : file_->sections())
        if (section.name.starts_with(".data.rel.ro"))
            settled_.emplace_back(section.address, section.size);
    const auto symbols = file_->dynamic_symbols();
    offset_table_ = file_->dynamic_value(tag::offset_table).value_or(0);
    for (const elf::Relocation& relocation : file_->dynamic_relocations()) {
        if (is_relative(processor_, relocation.type)) {
            if (has_addend(processor_))
                relative_[relocation.offset] = static_cast<std::uint64_t>(relocation.addend);
        } else if (relocation.symbol < symbols.size() && symbols[relocation.symbol].section != 0 && symbols[relocation.symbol].type == kObject) {
            relative_[relocation.offset] = symbols[relocation.symbol].value;
        } else if (relocation.symbol < symbols.size() && !symbols[relocation.symbol].name.empty()) {
            slots_.emplace(relocation.offset, symbols[relocation.symbol].name);
        }
    }
    if (processor_ == Processor::mips)
        read_mips_table(symbols);
}

/// The MIPS supplement: the table's last entries are those of the symbols from DT_MIPS_GOTSYM on, without relocations.
void Program::read_mips_table(const std::vector<elf::Symbol>& symbols) {
    if (offset_table_ == 0)
        return;
    table_pointer_ = (offset_table_ + kTableBias) & 0xffffffff;
    const std::uint64_t local = file_->dynamic_value(tag::mips_local_entries).value_or(0);
    const std::uint64_t first = file_->dynamic_value(tag::mips_first_symbol).value_or(UINT64_MAX);
    if (local > 0x10000)
        return;
    for (std::uint64_t i = first; i < symbols.size(); ++i) {
        const std::uint64_t slot = offset_table_ + 4 * (local + i - first);
        if (symbols[i].section == 0 && !symbols[i].name.empty())
            slots_.emplace(slot, symbols[i].name);
        else
            relative_.emplace(slot, symbols[i].value);
    }
}

bool Program::in_code(std::uint64_t address) const {
    const auto after = std::ranges::upper_bound(code_, address, {}, &CodeRange::address);
    return after != code_.begin() && std::prev(after)->holds(address);
}

std::optional<std::size_t> Program::function_at(std::uint64_t address) const {
    const auto after = std::ranges::upper_bound(functions_, address, {}, &FunctionStart::address);
    if (after == functions_.begin() || !in_code(address))
        return std::nullopt;
    return static_cast<std::size_t>(after - functions_.begin()) - 1;
}

CodeRange Program::body(std::size_t function) const {
    const FunctionStart& start = functions_[function];
    const auto after = std::ranges::upper_bound(code_, start.address, {}, &CodeRange::address);
    if (after == code_.begin())
        return {};
    const CodeRange& range = *std::prev(after);
    if (!range.holds(start.address))
        return {};
    std::uint64_t end = range.end();
    if (function + 1 < functions_.size())
        end = std::min(end, functions_[function + 1].address);
    if (start.size > 0 && start.size < end - start.address)
        end = start.address + start.size;
    return {start.address, range.bytes.subspan(start.address - range.address, end - start.address)};
}

const LibraryFunction* Program::callee(std::uint64_t address) const {
    if (const auto stub = stubs_.find(address); stub != stubs_.end())
        return stub->second;
    const auto own = own_.find(address & ~std::uint64_t{processor_ == Processor::arm ? 1U : 0U});
    return own == own_.end() ? nullptr : own->second;
}

/// mov (%esp), %register; ret.
std::optional<std::uint8_t> Program::thunk_register(std::uint64_t address) const {
    if (processor_ != Processor::x86)
        return std::nullopt;
    const std::uint32_t word = u32(file_->at_address(address), 0);
    return (word & 0xffffc7ff) == 0xc324048b ? std::optional(static_cast<std::uint8_t>(word >> 11 & 7)) : std::nullopt;
}

const LibraryFunction* Program::slot(std::uint64_t address) const {
    const std::string_view name = slot_name(address);
    return name.empty() ? nullptr : library_function(name);
}

std::string_view Program::slot_name(std::uint64_t address) const {
    const auto found = slots_.find(address);
    return found == slots_.end() ? std::string_view{} : found->second;
}

std::optional<std::uint64_t> Program::word(std::uint64_t address) const {
    if (const auto found = relative_.find(address); found != relative_.end())
        return found->second;
    if (slots_.contains(address))
        return std::nullopt;
    const bool table = processor_ == Processor::mips && address - offset_table_ < 0x40000;
    const auto held = [&](const elf::Segment& segment) {
        return segment.type == elf::segment_type::gnu_relro && address - segment.address < segment.memory_size;
    };
    if (!table && !is_constant(address) && std::ranges::none_of(file_->segments(), held))
        return std::nullopt;
    Reader reader(file_->at_address(address), file_->header().endian);
    if (file_->header().is_64) {
        const auto wide = reader.u64();
        return wide ? std::optional(*wide) : std::nullopt;
    }
    const auto narrow = reader.u32();
    return narrow ? std::optional<std::uint64_t>(*narrow) : std::nullopt;
}

bool Program::is_constant(std::uint64_t address) const {
    return std::ranges::any_of(file_->segments(), [&](const elf::Segment& segment) {
        return segment.type == elf::segment_type::load && (segment.flags & kWrite) == 0 && address >= segment.address &&
               address - segment.address < segment.file_size;
    });
}

bool Program::is_settled(std::uint64_t address) const {
    return is_constant(address) || std::ranges::any_of(settled_, [&](const auto& range) { return address - range.first < range.second; });
}

std::optional<std::uint64_t> Program::object_size(std::uint64_t address) const {
    const auto after = objects_.upper_bound(address);
    if (after == objects_.begin())
        return std::nullopt;
    const auto& [start, size] = *std::prev(after);
    return address - start < size ? std::optional(size - (address - start)) : std::nullopt;
}

bool Program::is_data(std::uint64_t address) const {
    return std::ranges::any_of(file_->segments(), [&](const elf::Segment& segment) {
        return segment.type == elf::segment_type::load && (segment.flags & kWrite) != 0 && address - segment.address < segment.memory_size;
    });
}

std::optional<std::string_view> Program::constant_text(std::uint64_t address) const {
    if (!is_constant(address))
        return std::nullopt;
    const std::string_view text = as_text(clipped(file_->at_address(address), 0, kMaximumText));
    const auto end = text.find('\0');
    return end == std::string_view::npos ? std::nullopt : std::optional(text.substr(0, end));
}

std::uint32_t Program::u32(Bytes bytes, std::size_t at) const {
    if (at + 4 > bytes.size())
        return 0;
    return file_->header().endian == Endian::big ? load_be<std::uint32_t>(bytes.data() + at) : load_le<std::uint32_t>(bytes.data() + at);
}

}  // namespace shirushi::code
