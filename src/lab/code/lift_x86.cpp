// x86: System V ABI, 64 and 32 bits. A write to a part of a register is taken for a write to the whole one.

#include <array>
#include <optional>
#include <utility>

#include "code/capstone_lifter.hpp"

namespace shirushi::code {
namespace {

// Numbers as in the encoding: ax cx dx bx sp bp si di r8 ... r15.
enum : std::uint8_t { ax, cx, dx, bx, sp, bp, si, di, r8, r9, r10, r11, spare = 40 };

struct Part {
    std::uint8_t number = kNone;
    std::uint8_t width = 0;
};

constexpr std::array<Part, X86_REG_ENDING> parts_of_registers() {
    std::array<Part, X86_REG_ENDING> parts{};
    constexpr x86_reg whole[4][8] = {{X86_REG_RAX, X86_REG_RCX, X86_REG_RDX, X86_REG_RBX, X86_REG_RSP, X86_REG_RBP, X86_REG_RSI, X86_REG_RDI},
                                     {X86_REG_EAX, X86_REG_ECX, X86_REG_EDX, X86_REG_EBX, X86_REG_ESP, X86_REG_EBP, X86_REG_ESI, X86_REG_EDI},
                                     {X86_REG_AX, X86_REG_CX, X86_REG_DX, X86_REG_BX, X86_REG_SP, X86_REG_BP, X86_REG_SI, X86_REG_DI},
                                     {X86_REG_AL, X86_REG_CL, X86_REG_DL, X86_REG_BL, X86_REG_SPL, X86_REG_BPL, X86_REG_SIL, X86_REG_DIL}};
    constexpr x86_reg high[4] = {X86_REG_R8, X86_REG_R8D, X86_REG_R8W, X86_REG_R8B};
    constexpr std::uint8_t widths[4] = {8, 4, 2, 1};
    for (std::uint8_t row = 0; row < 4; ++row) {
        for (std::uint8_t i = 0; i < 8; ++i) {
            parts[whole[row][i]] = {i, widths[row]};
            parts[high[row] + i] = {static_cast<std::uint8_t>(8 + i), widths[row]};
        }
    }
    parts[X86_REG_AH] = {ax, 1};
    parts[X86_REG_CH] = {cx, 1};
    parts[X86_REG_DH] = {dx, 1};
    parts[X86_REG_BH] = {bx, 1};
    return parts;
}
constexpr auto kParts = parts_of_registers();

Condition condition_of(unsigned id) {
    switch (id) {
        case X86_INS_JE:
            return Condition::equal;
        case X86_INS_JNE:
            return Condition::unequal;
        case X86_INS_JL:
        case X86_INS_JS:
            return Condition::less;
        case X86_INS_JLE:
            return Condition::less_equal;
        case X86_INS_JG:
            return Condition::greater;
        case X86_INS_JGE:
        case X86_INS_JNS:
            return Condition::greater_equal;
        case X86_INS_JB:
            return Condition::below;
        case X86_INS_JBE:
            return Condition::below_equal;
        case X86_INS_JA:
            return Condition::above;
        case X86_INS_JAE:
            return Condition::above_equal;
        default:
            return Condition::none;
    }
}

Part part_of(unsigned reg) {
    return reg < kParts.size() ? kParts[reg] : Part{};
}

class X86Lifter final : public CapstoneLifter {
public:
    explicit X86Lifter(bool is_64) : CapstoneLifter(CS_ARCH_X86, is_64 ? CS_MODE_64 : CS_MODE_32), is_64_(is_64) {
        convention_.stack = sp;
        convention_.result = ax;
        convention_.pointer = is_64 ? 8 : 4;
        convention_.stack_arguments = 0;
        convention_.entry_arguments = convention_.pointer;
        convention_.floats_apart = is_64;
        convention_.scratch = {ax, cx, dx};
        if (is_64) {
            convention_.arguments = {di, si, dx, cx, r8, r9};
            convention_.scratch = {ax, cx, dx, si, di, r8, r9, r10, r11};
        }
    }

    void lift(Bytes code, std::uint64_t address, bool, Lifted& out) override {
        out_ = &out;
        each(code, address, 1, [&](const cs_insn& instruction, std::uint64_t) {
            next_address_ = address;
            calculating_ = {};
            one(instruction);
            const cs_x86& x86 = instruction.detail->x86;
            const bool overwrites = x86.op_count > 0 && x86.operands[0].type == X86_OP_REG && (x86.operands[0].access & CS_AC_WRITE) != 0 && part_of(x86.operands[0].reg).number == calculated_.number;
            if (calculating_.number != kNone || x86.eflags != 0 || overwrites || instruction.id == X86_INS_CALL)
                calculated_ = calculating_;
        });
    }

private:
    /// Base, index and displacement of a memory operand. An absolute address has no base.
    void address_of(const cs_x86_op& operand, Operation& operation) const {
        operation.immediate = operand.mem.disp;
        if (operand.mem.base == X86_REG_RIP || operand.mem.base == X86_REG_EIP)
            operation.immediate += static_cast<std::int64_t>(next_address_);
        else
            operation.a = part_of(operand.mem.base).number;
        operation.index = part_of(operand.mem.index).number;
        if (operand.mem.segment == X86_REG_FS || operand.mem.segment == X86_REG_GS)
            operation.index = operation.a = spare;  // thread-local: not followed
    }

    /// The operand's value in a register: its own, or `spare`, loaded.
    std::uint8_t value(const cs_x86_op& operand) {
        if (operand.type == X86_OP_REG)
            return part_of(operand.reg).number;
        Operation& load = add(operand.type == X86_OP_MEM ? Do::load : Do::set);
        load.to = spare;
        load.width = operand.size;
        if (operand.type == X86_OP_MEM)
            address_of(operand, load);
        else
            load.immediate = operand.imm;
        return spare;
    }

    void assign(const cs_x86_op& target, const cs_x86_op& source) {
        if (target.type == X86_OP_MEM) {
            const std::uint8_t from = value(source);
            Operation& store = add(Do::store);
            address_of(target, store);
            store.b = from;
            store.width = target.size;
            return;
        }
        const Part to = part_of(target.reg);
        if (to.number == kNone)
            return;
        if (source.type == X86_OP_IMM && to.width == 2)
            return add_calculate(source.imm == 0 ? Arithmetic::mask : Arithmetic::other, to.number, to.number, kNone, source.imm == 0 ? ~std::int64_t{0xffff} : source.imm, is_64_ ? 8 : 4);
        if (source.type == X86_OP_IMM) {
            Operation& set = add(Do::set);
            set.to = to.number;
            set.immediate = to.width == 4 ? static_cast<std::int64_t>(static_cast<std::uint32_t>(source.imm)) : source.imm;
        } else if (source.type == X86_OP_MEM) {
            Operation& load = add(Do::load);
            address_of(source, load);
            load.to = to.number;
            load.width = source.size;
        } else {
            const Part from = part_of(source.reg);
            Operation& copy = add(from.number == kNone ? Do::forget : to.width < (is_64_ ? 8 : 4) ? Do::narrow : Do::copy);
            copy.to = to.number;
            copy.a = from.number;
            copy.width = to.width;
        }
    }

    void extend(const cs_x86& x86, bool with_sign) {
        const Part to = part_of(x86.operands[0].reg);
        const cs_x86_op& source = x86.operands[1];
        Operation& operation = add(source.type == X86_OP_MEM ? Do::load : Do::narrow);
        if (source.type == X86_OP_MEM)
            address_of(source, operation);
        else
            operation.a = part_of(source.reg).number;
        operation.to = to.number;
        operation.width = source.size;
        operation.is_signed = with_sign;
    }

    /// lea: an address, or arithmetic in disguise.
    void lea(const cs_x86& x86) {
        const Part to = part_of(x86.operands[0].reg);
        const cs_x86_op& source = x86.operands[1];
        Operation shape;
        address_of(source, shape);
        if (shape.index == kNone) {
            Operation& operation = add(shape.a == kNone ? Do::set : Do::copy);
            operation.to = to.number;
            operation.a = shape.a;
            operation.immediate = shape.immediate;
            operation.width = to.width;
            return;
        }
        std::uint8_t scaled = shape.index;
        if (source.mem.scale > 1) {
            Operation& scale = add(Do::calculate);
            scale.arithmetic = Arithmetic::multiply;
            scale.to = shape.a == kNone ? to.number : spare;
            scale.a = shape.index;
            scale.immediate = source.mem.scale;
            scale.width = to.width;
            scaled = scale.to;
        }
        if (shape.a != kNone)
            add_calculate(Arithmetic::add, to.number, shape.a, scaled, 0, to.width);
        if (shape.immediate != 0) {
            Operation& move = add(Do::copy);
            move.to = move.a = to.number;
            move.immediate = shape.immediate;
            move.width = to.width;
        }
    }

    /// target = target <kind> source, in registers or in memory.
    void calculate(const cs_x86& x86, Arithmetic kind) {
        const cs_x86_op& target = x86.operands[0];
        const cs_x86_op& source = x86.operands[x86.op_count > 1 ? 1 : 0];
        const bool constant = x86.op_count > 1 && source.type == X86_OP_IMM;
        if (target.type == X86_OP_MEM) {
            Operation& store = add(Do::store);
            address_of(target, store);
            store.width = target.size;
            return;
        }
        const Part to = part_of(target.reg);
        if (to.number == kNone)
            return;
        calculating_ = to;
        if (constant && (kind == Arithmetic::add || kind == Arithmetic::subtract)) {
            Operation& move = add(Do::copy);
            move.to = move.a = to.number;
            move.immediate = kind == Arithmetic::add ? source.imm : -source.imm;
            move.width = to.width;
            return;
        }
        const std::uint8_t other = constant || x86.op_count < 2 ? kNone : value(source);
        add_calculate(kind, to.number, to.number, other, constant ? source.imm : 0, to.width);
    }

    void multiply(const cs_x86& x86) {
        calculating_ = part_of(x86.operands[0].reg);
        if (x86.op_count == 1)
            calculating_ = {ax, x86.operands[0].size};
        if (x86.op_count == 1) {  // ax by the operand, into dx:ax
            add_calculate(Arithmetic::multiply, ax, ax, value(x86.operands[0]), 0, x86.operands[0].size);
            add(Do::forget).to = dx;
            return;
        }
        const Part to = part_of(x86.operands[0].reg);
        const std::uint8_t a = value(x86.operands[x86.op_count - (x86.op_count == 3 ? 2 : 1)]);
        if (x86.op_count == 3)
            add_calculate(Arithmetic::multiply, to.number, a, kNone, x86.operands[2].imm, to.width);
        else
            add_calculate(Arithmetic::multiply, to.number, to.number, a, 0, to.width);
    }

    void compare(const cs_x86& x86, bool test) {
        const cs_x86_op& left = x86.operands[0];
        const cs_x86_op& right = x86.operands[1];
        const bool same = test && left.type == X86_OP_REG && right.type == X86_OP_REG && left.reg == right.reg;
        if (test && !same) {  // of single bits
            if (left.type == X86_OP_MEM)
                (void)value(left);
            return;
        }
        const std::uint8_t a = value(left);
        if (a == spare && right.type == X86_OP_MEM)
            return;
        Operation operation{.what = Do::compare, .a = a, .width = left.size};
        if (!same && right.type == X86_OP_REG) {
            operation.b = part_of(right.reg).number;
        } else if (!same && right.type == X86_OP_MEM) {
            operation.b = value(right);
        } else if (!same) {
            operation.immediate = right.imm;
        }
        Operation& added = add(Do::compare);
        operation.instruction = added.instruction;
        added = operation;
    }

    void push(const cs_x86_op& operand) {
        const std::uint8_t from = value(operand);
        Operation& move = add(Do::copy);
        move.to = move.a = sp;
        move.immediate = -convention_.pointer;
        Operation& store = add(Do::store);
        store.a = sp;
        store.b = from;
        store.width = convention_.pointer;
    }

    void pop(const cs_x86_op& operand) {
        if (operand.type == X86_OP_REG) {
            Operation& load = add(Do::load);
            load.to = part_of(operand.reg).number;
            load.a = sp;
            load.width = convention_.pointer;
        }
        Operation& move = add(Do::copy);
        move.to = move.a = sp;
        move.immediate = convention_.pointer;
    }

    void transfer(const cs_insn& instruction, Do what) {
        const cs_x86_op& target = instruction.detail->x86.operands[0];
        if (what == Do::call && target.type == X86_OP_IMM && static_cast<std::uint64_t>(target.imm) == next_address_) {
            push(target);  // call to the next instruction: i386 asks where it is
            return;
        }
        Operation& operation = add(what);
        if (target.type == X86_OP_IMM) {
            operation.immediate = target.imm;
        } else if (target.type == X86_OP_MEM) {
            address_of(target, operation);
            operation.indirect = true;
        } else {
            operation.a = part_of(target.reg).number;
        }
    }

    /// A branch on the flags of a calculation asks for its result, or whether it was too large.
    void branch(const cs_insn& instruction) {
        const Condition condition = condition_of(instruction.id);
        const bool carry = condition == Condition::none || condition == Condition::below || condition == Condition::above_equal;
        if (calculated_.number != kNone) {
            Operation& asked = add(carry ? Do::verify : Do::compare);
            asked.a = calculated_.number;
            asked.width = calculated_.width;
        }
        transfer(instruction, Do::branch);
        out_->operations.back().condition = calculated_.number != kNone && carry ? Condition::none : condition;
    }

    /// Everything that is not followed: what it writes is forgotten, what it stores is unknown.
    void other(const cs_insn& instruction) {
        const cs_x86& x86 = instruction.detail->x86;
        const bool divides = instruction.id == X86_INS_DIV || instruction.id == X86_INS_IDIV;
        if (divides && x86.operands[0].type == X86_OP_REG)
            verify(part_of(x86.operands[0].reg).number);
        if ((instruction.id == X86_INS_SETO || instruction.id == X86_INS_SETNO || instruction.id == X86_INS_SETB || instruction.id == X86_INS_SETAE) && calculated_.number != kNone)
            verify(calculated_.number);
        for (int i = 0; i < x86.op_count; ++i) {
            const cs_x86_op& operand = x86.operands[i];
            if ((operand.access & CS_AC_WRITE) == 0 && i != 0)
                continue;
            if (operand.type == X86_OP_REG && part_of(operand.reg).number != kNone) {
                Operation& forget = add(Do::forget);
                forget.to = part_of(operand.reg).number;
                forget.conditional = instruction.id == X86_INS_SBB || instruction.id == X86_INS_ADC || (instruction.id >= X86_INS_SETAE && instruction.id <= X86_INS_SETS);
            } else if (operand.type == X86_OP_MEM && (operand.access & CS_AC_WRITE) != 0) {
                Operation& store = add(Do::store);
                address_of(operand, store);
                store.width = operand.size;
            } else if (operand.type == X86_OP_MEM) {
                (void)value(operand);
            }
        }
        for (int i = 0; i < instruction.detail->regs_write_count; ++i)
            if (const Part part = part_of(instruction.detail->regs_write[i]); part.number != kNone && part.number != sp)
                add(Do::forget).to = part.number;
    }

    void one(const cs_insn& instruction) {
        const cs_x86& x86 = instruction.detail->x86;
        switch (instruction.id) {
            case X86_INS_MOV:
            case X86_INS_MOVABS:
                return assign(x86.operands[0], x86.operands[1]);
            case X86_INS_MOVZX:
                return extend(x86, false);
            case X86_INS_MOVSX:
            case X86_INS_MOVSXD:
                return extend(x86, true);
            case X86_INS_LEA:
                return lea(x86);
            case X86_INS_ADD:
                return calculate(x86, Arithmetic::add);
            case X86_INS_SUB:
            case X86_INS_XOR:
                return subtract_or_clear(x86, instruction.id == X86_INS_SUB);
            case X86_INS_AND:
                return calculate(x86, Arithmetic::mask);
            case X86_INS_OR:
                return calculate(x86, Arithmetic::other);
            case X86_INS_SHL:
            case X86_INS_SAL:
                return calculate(x86, Arithmetic::shift_left);
            case X86_INS_SHR:
            case X86_INS_SAR:
                return calculate(x86, Arithmetic::shift_right);
            case X86_INS_IMUL:
            case X86_INS_MUL:
                return multiply(x86);
            case X86_INS_BSWAP:
                return calculate(x86, Arithmetic::swap);
            case X86_INS_XCHG:
                return exchange(instruction);
            case X86_INS_ROL:
            case X86_INS_ROR:
                return calculate(x86, x86.operands[0].size == 2 ? Arithmetic::swap : Arithmetic::other);
            case X86_INS_INC:
            case X86_INS_DEC:
                return step(x86.operands[0], instruction.id == X86_INS_INC ? 1 : -1);
            case X86_INS_CMP:
                return compare(x86, false);
            case X86_INS_TEST:
                return compare(x86, true);
            default:
                return flow(instruction);
        }
    }

    /// xchg of a register's two lowest bytes turns them over.
    void exchange(const cs_insn& instruction) {
        const cs_x86& x86 = instruction.detail->x86;
        const Part first = x86.operands[0].type == X86_OP_REG ? part_of(x86.operands[0].reg) : Part{};
        const Part second = x86.operands[1].type == X86_OP_REG ? part_of(x86.operands[1].reg) : Part{};
        if (first.number == kNone || first.number != second.number || first.width != 1)
            return other(instruction);
        add_calculate(Arithmetic::swap, first.number, first.number, kNone, 0, 2);
    }

    void step(const cs_x86_op& target, std::int64_t by) {
        Operation& move = add(target.type == X86_OP_MEM ? Do::store : Do::copy);
        if (target.type == X86_OP_MEM) {
            address_of(target, move);
            move.width = target.size;
            return;
        }
        calculating_ = part_of(target.reg);
        move.to = move.a = part_of(target.reg).number;
        move.immediate = by;
        move.width = target.size;
    }

    void subtract_or_clear(const cs_x86& x86, bool subtract) {
        if (x86.operands[0].type == X86_OP_REG && x86.operands[1].type == X86_OP_REG && x86.operands[0].reg == x86.operands[1].reg) {
            Operation& set = add(Do::set);
            set.to = part_of(x86.operands[0].reg).number;
            return;
        }
        calculate(x86, subtract ? Arithmetic::subtract : Arithmetic::other);
    }

    void flow(const cs_insn& instruction) {
        const cs_x86& x86 = instruction.detail->x86;
        switch (instruction.id) {
            case X86_INS_PUSH:
                return push(x86.operands[0]);
            case X86_INS_POP:
                return pop(x86.operands[0]);
            case X86_INS_CALL:
                return transfer(instruction, Do::call);
            case X86_INS_JMP:
                return transfer(instruction, Do::jump);
            case X86_INS_RET:
                add(Do::leave);
                return;
            case X86_INS_HLT:
            case X86_INS_UD2:
            case X86_INS_INT3:
                add(Do::stop);
                return;
            case X86_INS_LEAVE: {
                Operation& move = add(Do::copy);
                move.to = sp;
                move.a = bp;
                cs_x86_op saved{};
                saved.type = X86_OP_REG;
                saved.reg = is_64_ ? X86_REG_RBP : X86_REG_EBP;
                return pop(saved);
            }
            case X86_INS_CDQE:
            case X86_INS_CWDE: {
                Operation& narrow = add(Do::narrow);
                narrow.to = narrow.a = ax;
                narrow.width = instruction.id == X86_INS_CDQE ? 4 : 2;
                narrow.is_signed = true;
                return;
            }
            case X86_INS_MOVSB:
            case X86_INS_MOVSW:
            case X86_INS_MOVSD:
            case X86_INS_MOVSQ:
                if (x86.prefix[0] == X86_PREFIX_REP && x86.op_count == 2 && x86.operands[1].type == X86_OP_MEM && part_of(x86.operands[1].mem.base).number == si) {
                    Operation& move = add(Do::move_block);
                    move.a = di;
                    move.b = si;
                    move.index = cx;
                    move.width = x86.operands[0].size;
                    return;
                }
                break;
            case X86_INS_NOP:
            case X86_INS_ENDBR64:
            case X86_INS_ENDBR32:
                return;
            default:
                break;
        }
        conditional(instruction);
    }

    /// Branches, conditional moves, and everything else.
    void conditional(const cs_insn& instruction) {
        const cs_x86& x86 = instruction.detail->x86;
        if (instruction.id >= X86_INS_JAE && instruction.id <= X86_INS_JS)
            return branch(instruction);
        if (instruction.id >= X86_INS_CMOVA && instruction.id <= X86_INS_CMOVS && x86.op_count == 2 && x86.operands[0].type == X86_OP_REG) {
            const std::uint8_t from = value(x86.operands[1]);
            Operation& choose = add(Do::choose);
            choose.to = part_of(x86.operands[0].reg).number;
            choose.a = from;
            return;
        }
        other(instruction);
    }

    bool is_64_;
    std::uint64_t next_address_ = 0;
    Part calculated_, calculating_;  // what the flags stand for before this instruction, and behind it
};

}  // namespace

std::unique_ptr<Lifter> make_x86_lifter(bool is_64) { return opened<X86Lifter>(is_64); }

}  // namespace shirushi::code
