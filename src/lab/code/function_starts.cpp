// Where functions start: symbols, the tables for unwinding, and what is called. Each of these may be absent, and each may lie: a start outside
// of the code counts for nothing.

#include <algorithm>

#include "code/program.hpp"
#include "elf/numbers.hpp"

namespace shirushi::code {
namespace {

constexpr std::size_t kMaximumFunctions = 1 << 20;
constexpr std::uint32_t kUnwindHeader = 0x6474e550, kArmUnwind = 0x70000001;
constexpr std::uint8_t kObject = 1, kFunction = 2, kIndirectFunction = 10;

std::int64_t extended(std::uint32_t value, int bits) {
    return static_cast<std::int32_t>(value << (32 - bits)) >> (32 - bits);
}

}  // namespace

void Program::add_start(std::uint64_t address, std::uint64_t size, std::string_view name, bool thumb) {
    if (functions_.size() < kMaximumFunctions && in_code(address))
        functions_.push_back({address, size, name, thumb});
}

void Program::name_functions() {
    const bool arm = processor_ == Processor::arm;
    for (const bool dynamic : {false, true}) {
        for (const elf::Symbol& symbol : dynamic ? file_->dynamic_symbols() : file_->symbols()) {
            if (symbol.section != 0 && symbol.type == kObject && symbol.size > 0 && objects_.size() < kMaximumFunctions)
                objects_.emplace(symbol.value, symbol.size);
            if (symbol.section == 0 || (symbol.type != kFunction && symbol.type != kIndirectFunction))
                continue;
            const bool thumb = arm && (symbol.value & 1) != 0;
            const std::uint64_t address = symbol.value - (thumb ? 1 : 0);
            add_start(address, symbol.size, symbol.name, thumb);
            if (const LibraryFunction* function = library_function(symbol.name); function != nullptr && in_code(address))
                known_ += own_.emplace(address, function).second ? 1 : 0;
        }
    }
    const bool thumb = arm && (file_->header().entry & 1) != 0;
    add_start(file_->header().entry - (thumb ? 1 : 0), 0, "", thumb);
}

/// .eh_frame_hdr's table (Linux Standard Base): pairs of a function's and its description's distance from the header.
void Program::add_unwound() {
    const elf::Segment* header = file_->segment(kUnwindHeader);
    if (header == nullptr)
        return;
    const Bytes bytes = file_->at_address(header->address);
    if (bytes.size() < 12 || bytes[0] != 1 || bytes[2] != 0x03 || bytes[3] != 0x3b)  // count as udata4, table as sdata4 from here
        return;
    const std::size_t width = (bytes[1] & 0x0f) == 0x0c || (bytes[1] & 0x0f) == 0x04 ? 8 : 4;
    const std::uint64_t count = std::min<std::uint64_t>(u32(bytes, 4 + width), (bytes.size() - 8 - std::min<std::size_t>(width, bytes.size() - 8)) / 8);
    for (std::uint64_t i = 0; i < count; ++i)
        add_start(header->address + static_cast<std::uint64_t>(extended(u32(bytes, 8 + width + i * 8), 32)), 0, "", false);
}

/// .ARM.exidx: pairs of a function's distance, in 31 bits, and what to do.
void Program::add_arm_unwound() {
    const elf::Segment* segment = file_->segment(kArmUnwind);
    if (segment == nullptr)
        return;
    const Bytes bytes = clipped(file_->at_address(segment->address), 0, segment->file_size);
    // Which instruction set they are in nobody says here: that of a push at their start, else the program's entry's.
    const bool usual = (file_->header().entry & 1) != 0;
    for (std::size_t i = 0; i + 8 <= bytes.size(); i += 8) {
        const std::uint64_t address = (segment->address + i + static_cast<std::uint64_t>(extended(u32(bytes, i), 31))) & 0xfffffffe;
        if (!in_code(address))
            continue;
        const std::uint32_t word = u32(file_->at_address(address), 0);
        const bool thumb_push = (word & 0xff00) == 0xb500 || (word & 0xffff) == 0xe92d;
        const bool arm_push = word >> 16 == 0xe92d || word >> 16 == 0xe24d || word == 0xe1a0c00d;
        add_start(address, 0, "", thumb_push || (usual && !arm_push));
    }
}

/// ARM without symbols: its table for unwinding names only what somebody asked to have unwound, which no C program does. A function that calls
/// others keeps where it returns to, at its start: push {..., lr}. In which instruction set the code is, its words say: nearly all of
/// ARM's own are unconditional, which is 0xe in the top four bits.
void Program::add_arm_pushed() {
    for (const CodeRange& range : code_) {
        const std::size_t words = range.bytes.size() / 4;
        std::size_t unconditional = 0;
        for (std::size_t i = 0; i < words; ++i)
            unconditional += u32(range.bytes, i * 4) >> 28 == 0xe ? 1 : 0;
        const bool thumb = 2 * unconditional < words;
        for (std::size_t i = 0; i + 4 <= range.bytes.size() && functions_.size() < kMaximumFunctions; i += thumb ? 2 : 4) {
            const std::uint32_t word = u32(range.bytes, i);
            const bool short_push = (word & 0xff00) == 0xb500;                              // push {r0-r7..., lr}
            const bool wide_push = (word & 0xffff) == 0xe92d && (word & 0x40000000) != 0;   // push.w {..., lr}
            const bool arm_push = (word & 0xffff4000) == 0xe92d4000 || word == 0xe52de004;  // push {..., lr}; push {lr}
            if (thumb ? short_push || wide_push : arm_push)
                add_start(range.address + i, 0, "", thumb);
        }
    }
}

/// Without tables for unwinding: what a call instruction goes to, and on MIPS what sets up $gp.
void Program::add_called() {
    const bool tables = file_->segment(kUnwindHeader) != nullptr || file_->segment(kArmUnwind) != nullptr;
    if (tables && processor_ != Processor::mips)
        return;
    for (const CodeRange& range : code_) {
        const std::size_t step = processor_ == Processor::x86 || processor_ == Processor::x86_64 ? 1 : 4;
        for (std::size_t i = 0; i + 5 <= range.bytes.size() && functions_.size() < kMaximumFunctions; i += step) {
            const std::uint64_t at = range.address + i;
            const std::uint32_t word = u32(range.bytes, i);
            if (processor_ == Processor::mips) {
                if (word >> 16 == 0x3c1c && u32(range.bytes, i + 4) >> 16 == 0x279c && u32(range.bytes, i + 8) == 0x0399e021)
                    add_start(at, 0, "", false);
                else if (word >> 16 == 0x0411)  // bal
                    add_start(at + 4 + static_cast<std::uint64_t>(extended(word & 0xffff, 16) * 4), 0, "", false);
                else if (word >> 26 == 3)  // jal
                    add_start((at & 0xf0000000) | (word & 0x03ffffff) << 2, 0, "", false);
            } else if (processor_ == Processor::aarch64 && word >> 26 == 0x25) {
                add_start(at + static_cast<std::uint64_t>(extended(word & 0x03ffffff, 26) * 4), 0, "", false);
            } else if (processor_ == Processor::arm && word >> 24 == 0xeb) {
                add_start((at + 8 + static_cast<std::uint64_t>(extended(word & 0x00ffffff, 24) * 4)) & 0xffffffff, 0, "", false);
            } else if (step == 1 && range.bytes[i] == 0xe8) {
                const std::uint64_t target = at + 5 + static_cast<std::uint64_t>(extended(u32(range.bytes, i + 1), 32));
                const Bytes there = in_code(target) ? file_->at_address(target) : Bytes{};
                const std::uint8_t first = there.empty() ? 0 : there.front();
                if (first == 0x55 || first == 0x53 || first == 0x41 || first == 0x48 || first == 0xf3 || first == 0x83 || first == 0x57 || first == 0x56)
                    add_start(target, 0, "", false);
            }
        }
    }
}

void Program::settle_functions() {
    std::ranges::stable_sort(functions_, [](const FunctionStart& a, const FunctionStart& b) {
        return std::tuple(a.address, a.name.empty(), a.name) < std::tuple(b.address, b.name.empty(), b.name);
    });
    const auto rest = std::ranges::unique(functions_, {}, &FunctionStart::address);
    functions_.erase(rest.begin(), rest.end());
}

}  // namespace shirushi::code
