// Stubs: the few instructions through which a program calls an imported function. Each jumps to where a slot of the global offset table points;
// which slot is read from the instructions, so that no linker's layout of the section is taken for granted.

#include "code/program.hpp"

namespace shirushi::code {
namespace {

std::int64_t sign_extended(std::uint64_t value, int bits) {
    const std::uint64_t sign = std::uint64_t{1} << (bits - 1);
    return static_cast<std::int64_t>((value ^ sign) - sign);
}

/// The value of an ARM data-processing immediate: eight bits turned right by twice the four above them.
std::uint32_t arm_immediate(std::uint32_t instruction) {
    const std::uint32_t turn = (instruction >> 8 & 15) * 2;
    const std::uint32_t value = instruction & 0xff;
    return turn == 0 ? value : value >> turn | value << (32 - turn);
}

}  // namespace

void Program::find_stubs() {
    for (const CodeRange& range : stub_code_) {
        switch (processor_) {
            case Processor::x86:
            case Processor::x86_64:
                stubs_x86(range);
                break;
            case Processor::arm:
                stubs_arm(range);
                break;
            case Processor::aarch64:
                stubs_aarch64(range);
                break;
            default:
                stubs_mips(range);
        }
    }
    for (const auto& [slot, name] : slots_)
        known_ += library_function(name) != nullptr ? 1 : 0;
}

void Program::add_stub(std::uint64_t stub, std::uint64_t slot) {
    if (const auto found = slots_.find(slot); found != slots_.end())
        stubs_.emplace(stub, library_function(found->second));
}

/// jmp *slot, with what may stand in front of it: endbr, bnd.
void Program::stubs_x86(const CodeRange& range) {
    const bool is_64 = processor_ == Processor::x86_64;
    for (std::size_t i = 0; i + 6 <= range.bytes.size(); ++i) {
        const bool relative_to_table = range.bytes[i + 1] == 0xa3 && !is_64;
        if (range.bytes[i] != 0xff || (range.bytes[i + 1] != 0x25 && !relative_to_table))
            continue;
        const std::uint32_t word = u32(range.bytes, i + 2);
        const std::uint64_t at = range.address + i;
        const std::uint64_t slot = is_64               ? at + 6 + static_cast<std::uint64_t>(sign_extended(word, 32))
                                   : relative_to_table ? (offset_table_ + word) & 0xffffffff
                                                       : word;
        if (!slots_.contains(slot))
            continue;
        const bool bounded = i >= 1 && range.bytes[i - 1] == 0xf2;
        const std::size_t before = bounded ? 1 : 0;
        add_stub(at, slot);
        if (bounded)
            add_stub(at - 1, slot);
        if (i >= before + 4 && (u32(range.bytes, i - before - 4) & 0xfeffffff) == 0xfa1e0ff3)  // endbr64, endbr32
            add_stub(at - before - 4, slot);
    }
}

/// add ip, pc, #a; add ip, ip, #b; ldr pc, [ip, #c]! (the middle one may be absent or be there twice). Thumb code calls by blx, or by a
/// "bx pc; nop" in front.
void Program::stubs_arm(const CodeRange& range) {
    for (std::size_t i = 0; i + 8 <= range.bytes.size(); i += 4) {
        const std::uint32_t first = u32(range.bytes, i);
        if ((first & 0xfffff000) != 0xe28fc000)
            continue;
        std::uint64_t slot = range.address + i + 8 + arm_immediate(first);
        std::size_t next = i + 4;
        while (next < i + 12 && (u32(range.bytes, next) & 0xfffff000) == 0xe28cc000) {
            slot += arm_immediate(u32(range.bytes, next));
            next += 4;
        }
        const std::uint32_t last = u32(range.bytes, next);
        if ((last & 0xfffff000) != 0xe5bcf000)
            continue;
        slot = (slot + (last & 0xfff)) & 0xffffffff;
        add_stub(range.address + i, slot);
        if (i >= 4 && (u32(range.bytes, i - 4) & 0xffff) == 0x4778)
            add_stub(range.address + i - 4, slot);
    }
}

/// adrp x16, page; ldr x17, [x16, #low]; add x16, x16, #low; br x17, with a bti in front or none.
void Program::stubs_aarch64(const CodeRange& range) {
    for (std::size_t i = 0; i + 8 <= range.bytes.size(); i += 4) {
        const std::uint32_t page = u32(range.bytes, i);
        const std::uint32_t load = u32(range.bytes, i + 4);
        if ((page & 0x9f00001f) != 0x90000010 || (load & 0xffc003ff) != 0xf9400211)
            continue;
        const std::uint64_t distance = (std::uint64_t{page >> 5 & 0x7ffff} << 2 | (page >> 29 & 3)) << 12;
        const std::uint64_t at = range.address + i;
        const std::uint64_t slot = (at & ~std::uint64_t{0xfff}) + static_cast<std::uint64_t>(sign_extended(distance, 33)) + (load >> 10 & 0xfff) * 8;
        add_stub(at, slot);
        if (i >= 4 && u32(range.bytes, i - 4) == 0xd503245f)
            add_stub(at - 4, slot);
    }
}

/// lui $15, high; lw $25, low($15); addiu $24, $15, low; jr $25. Programs that are not position independent only.
void Program::stubs_mips(const CodeRange& range) {
    for (std::size_t i = 0; i + 8 <= range.bytes.size(); i += 4) {
        const std::uint32_t high = u32(range.bytes, i);
        const std::uint32_t low = u32(range.bytes, i + 4);
        if ((high & 0xffff0000) == 0x3c0f0000 && (low & 0xffff0000) == 0x8df90000)
            add_stub(range.address + i, ((high << 16) + static_cast<std::uint32_t>(sign_extended(low & 0xffff, 16))) & 0xffffffff);
    }
}

}  // namespace shirushi::code
