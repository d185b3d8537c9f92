// ARM and Thumb-2 (AAPCS). An instruction under a condition may leave what was there.

#include "code/capstone_lifter.hpp"

namespace shirushi::code {
namespace {

enum : std::uint8_t { sp = 13, link = 14, pc = 15, spare = 40 };

std::uint8_t number_of(unsigned reg) {
    if (reg >= ARM_REG_R0 && reg <= ARM_REG_R12)
        return static_cast<std::uint8_t>(reg - ARM_REG_R0);
    return reg == ARM_REG_SP ? sp : reg == ARM_REG_LR ? link : reg == ARM_REG_PC ? pc : kNone;
}

Condition condition_of(arm_cc code) {
    switch (code) {
        case ARM_CC_EQ:
            return Condition::equal;
        case ARM_CC_NE:
            return Condition::unequal;
        case ARM_CC_HS:
            return Condition::above_equal;
        case ARM_CC_LO:
            return Condition::below;
        case ARM_CC_MI:
        case ARM_CC_LT:
            return Condition::less;
        case ARM_CC_PL:
        case ARM_CC_GE:
            return Condition::greater_equal;
        case ARM_CC_HI:
            return Condition::above;
        case ARM_CC_LS:
            return Condition::below_equal;
        case ARM_CC_GT:
            return Condition::greater;
        case ARM_CC_LE:
            return Condition::less_equal;
        default:
            return Condition::none;
    }
}

class ArmLifter final : public CapstoneLifter {
public:
    ArmLifter() : CapstoneLifter(CS_ARCH_ARM, CS_MODE_ARM) {
        convention_.stack = sp;
        convention_.result = 0;
        convention_.link = link;
        convention_.pointer = 4;
        convention_.paired_doubles = true;
        convention_.arguments = {0, 1, 2, 3};
        convention_.scratch = {0, 1, 2, 3, 12, link};
    }

    std::string text(Bytes code, std::uint64_t address, bool thumb) override {
        capstone_.set_mode(thumb ? CS_MODE_THUMB : CS_MODE_ARM);
        return capstone_.text(code, address);
    }

    void lift(Bytes code, std::uint64_t address, bool thumb, Lifted& out) override {
        capstone_.set_mode(thumb ? CS_MODE_THUMB : CS_MODE_ARM);
        out_ = &out;
        thumb_ = thumb;
        each(code, address, thumb ? 2 : 4, [&](const cs_insn& instruction, std::uint64_t at) {
            address_ = at;
            const cs_arm& arm = instruction.detail->arm;
            conditional_ = arm.cc != ARM_CC_AL && arm.cc != ARM_CC_INVALID;
            one(instruction);
            if (arm.update_flags && arm.op_count > 1 && arm.operands[0].type == ARM_OP_REG && !is_compare(instruction.id)) {
                flags_ = number_of(static_cast<unsigned>(arm.operands[0].reg));
                Operation& result = add(Do::compare);
                result.a = number_of(static_cast<unsigned>(arm.operands[0].reg));
                result.width = 4;
            }
        });
    }

private:
    static bool is_compare(unsigned id) { return id == ARM_INS_CMP || id == ARM_INS_CMN || id == ARM_INS_TST || id == ARM_INS_TEQ; }

    [[nodiscard]] std::int64_t counter() const { return static_cast<std::int64_t>(address_ + (thumb_ ? 4 : 8)); }

    void set(std::uint8_t to, std::int64_t value) {
        Operation& operation = add(conditional_ ? Do::choose : Do::set);
        operation.to = to;
        operation.immediate = value;
    }

    void copy(std::uint8_t to, std::uint8_t from, std::int64_t plus) {
        if (from == pc)
            return set(to, counter() + plus);
        if (conditional_ && plus == 0) {
            Operation& choose = add(Do::choose);
            choose.to = to;
            choose.a = from;
            return;
        }
        add_copy(to, from, plus);
    }

    void calculate(Arithmetic kind, std::uint8_t to, std::uint8_t a, std::uint8_t b, std::int64_t immediate) { add_calculate(kind, to, a, b, immediate, 4); }

    /// A register operand, shifted as it says; the program counter as a constant.
    std::uint8_t operand(const cs_arm_op& given) {
        if (given.type != ARM_OP_REG)
            return kNone;
        std::uint8_t from = number_of(given.reg);
        if (from == pc) {
            Operation& operation = add(Do::set);
            operation.to = spare;
            operation.immediate = counter();
            operation.conditional = false;
            from = spare;
        }
        if (given.shift.type == ARM_SFT_INVALID || given.shift.value == 0 || given.shift.type > ARM_SFT_ROR)
            return from;
        calculate(given.shift.type == ARM_SFT_LSL ? Arithmetic::shift_left : Arithmetic::shift_right, spare, from, kNone, given.shift.value);
        return spare;
    }

    /// Two or three operands: op d, n, m is op n, m where the first two are one.
    void arithmetic(const cs_arm& arm, Arithmetic kind) {
        if (arm.op_count < 2 || arm.operands[0].type != ARM_OP_REG)
            return;
        const std::uint8_t to = number_of(arm.operands[0].reg);
        const cs_arm_op& left = arm.operands[arm.op_count > 2 ? 1 : 0];
        const cs_arm_op& right = arm.operands[arm.op_count > 2 ? 2 : 1];
        if (to == kNone || left.type != ARM_OP_REG)
            return;
        if (to == pc) {
            add(Do::jump).a = spare;
            return;
        }
        const std::uint8_t a = number_of(left.reg);
        if (right.type == ARM_OP_IMM && (kind == Arithmetic::add || kind == Arithmetic::subtract))
            return copy(to, a, kind == Arithmetic::add ? right.imm : -std::int64_t{right.imm});
        if (a == pc) {
            const std::uint8_t b = operand(right);
            Operation& operation = add(Do::copy);
            operation.to = to;
            operation.a = b;
            operation.immediate = counter();
            return;
        }
        if (right.type == ARM_OP_IMM)
            return calculate(kind, to, a, kNone, right.imm);
        const std::uint8_t b = operand(right);
        calculate(kind, to, a, b, 0);
    }

    /// rsb: the second operand less the first.
    void subtract_from(const cs_arm& arm) {
        if (arm.op_count < 3 || arm.operands[0].type != ARM_OP_REG || arm.operands[1].type != ARM_OP_REG)
            return other(arm, ARM_INS_RSB);
        std::uint8_t from = spare;
        if (arm.operands[2].type == ARM_OP_IMM)
            add_set(spare, static_cast<std::int64_t>(static_cast<std::uint32_t>(arm.operands[2].imm)));
        else
            from = operand(arm.operands[2]);
        calculate(Arithmetic::subtract, number_of(static_cast<unsigned>(arm.operands[0].reg)), from, number_of(static_cast<unsigned>(arm.operands[1].reg)), 0);
    }

    void move(const cs_arm& arm) {
        if (arm.op_count < 2 || arm.operands[0].type != ARM_OP_REG)
            return;
        const std::uint8_t to = number_of(arm.operands[0].reg);
        if (to == kNone)
            return;
        if (to == pc) {
            const bool back = arm.operands[1].type == ARM_OP_REG && arm.operands[1].reg == ARM_REG_LR;
            add(back ? Do::leave : Do::jump).a = back ? kNone : spare;
            return;
        }
        if (arm.operands[1].type == ARM_OP_IMM)
            return set(to, static_cast<std::int64_t>(static_cast<std::uint32_t>(arm.operands[1].imm)));
        const std::uint8_t from = operand(arm.operands[1]);
        if (from == kNone)
            add(Do::forget).to = to;
        else
            copy(to, from, 0);
    }

    void transfer(const cs_arm& arm, bool load, int registers, std::uint8_t width, bool with_sign) {
        if (arm.op_count <= registers || arm.operands[registers].type != ARM_OP_MEM)
            return;
        const cs_arm_op& place = arm.operands[registers];
        std::uint8_t base = number_of(static_cast<unsigned>(place.mem.base));
        std::int64_t distance = place.subtracted && place.mem.disp > 0 ? -std::int64_t{place.mem.disp} : place.mem.disp;
        const bool has_index = place.mem.index != ARM_REG_INVALID;
        const bool post = arm.op_count > registers + 1;
        if (arm.writeback && !post && !has_index) {
            copy(base, base, distance);
            distance = 0;
        }
        if (base == pc) {
            distance += counter() & ~std::int64_t{3};
            base = kNone;
        }
        std::uint8_t index = has_index ? number_of(static_cast<unsigned>(place.mem.index)) : kNone;
        if (has_index && place.mem.lshift == 0 && place.shift.value == 0 && base != kNone) {
            calculate(Arithmetic::add, spare, base, index, 0);
            base = spare;
            index = kNone;
        }
        for (int i = 0; i < registers; ++i) {
            const std::uint8_t reg = number_of(static_cast<unsigned>(arm.operands[i].reg));
            Operation& operation = add(load ? Do::load : Do::store);
            operation.a = base;
            operation.index = index;
            operation.immediate = distance + 4 * i;
            operation.width = width;
            operation.is_signed = with_sign;
            (load ? operation.to : operation.b) = reg == pc ? spare : reg;
            if (load && reg == pc)
                add(Do::jump).a = spare;
        }
        if (post && arm.writeback && arm.operands[registers + 1].type == ARM_OP_IMM && base < pc)
            copy(base, base, arm.operands[registers + 1].subtracted ? -std::int64_t{arm.operands[registers + 1].imm} : arm.operands[registers + 1].imm);
    }

    /// push and stmdb sp!: the lowest register lowest.
    void push(const cs_arm& arm, int first) {
        const int count = arm.op_count - first;
        Operation& move = add(Do::copy);
        move.to = move.a = sp;
        move.immediate = -4 * count;
        for (int i = 0; i < count; ++i) {
            Operation& store = add(Do::store);
            store.a = sp;
            store.b = number_of(static_cast<unsigned>(arm.operands[first + i].reg));
            store.immediate = 4 * i;
            store.width = 4;
        }
    }

    void pop(const cs_arm& arm, int first) {
        const int count = arm.op_count - first;
        bool leaves = false;
        for (int i = 0; i < count; ++i) {
            const std::uint8_t reg = number_of(static_cast<unsigned>(arm.operands[first + i].reg));
            leaves |= reg == pc;
            if (reg == pc || reg == kNone)
                continue;
            Operation& load = add(Do::load);
            load.to = reg;
            load.a = sp;
            load.immediate = 4 * i;
            load.width = 4;
        }
        Operation& move = add(Do::copy);
        move.to = move.a = sp;
        move.immediate = 4 * count;
        if (leaves)
            add(Do::leave);
    }

    /// stm and ldm with another base than the stack pointer's push and pop.
    void many(const cs_arm& arm, bool load, int direction) {
        if (arm.op_count < 2)
            return;
        const std::uint8_t base = number_of(static_cast<unsigned>(arm.operands[0].reg));
        if (base == sp && arm.writeback)
            return load ? pop(arm, 1) : push(arm, 1);
        const int count = arm.op_count - 1;
        for (int i = 0; i < count; ++i) {
            const std::uint8_t reg = number_of(static_cast<unsigned>(arm.operands[1 + i].reg));
            if (reg == base && load)
                continue;
            Operation& operation = add(load ? Do::load : Do::store);
            operation.a = base;
            (load ? operation.to : operation.b) = reg == pc ? spare : reg;
            operation.immediate = direction > 0 ? 4 * i : -4 * (count - i);
            operation.width = 4;
            if (load && reg == pc)
                add(Do::leave);
        }
        if (arm.writeback)
            copy(base, base, direction * 4 * count);
    }

    void compare(const cs_arm& arm, bool negated) {
        if (arm.op_count < 2 || arm.operands[0].type != ARM_OP_REG)
            return;
        const bool constant = arm.operands[1].type == ARM_OP_IMM;
        const std::uint8_t b = constant ? kNone : operand(arm.operands[1]);
        Operation& operation = add(Do::compare);
        operation.condition = conditional_ ? condition_of(arm.cc) : Condition::none;
        operation.a = number_of(static_cast<unsigned>(arm.operands[0].reg));
        operation.b = b;
        operation.immediate = !constant ? 0 : negated ? -std::int64_t{arm.operands[1].imm} : arm.operands[1].imm;
        operation.width = 4;
    }

    void narrow(const cs_arm& arm, std::uint8_t width, bool with_sign) {
        Operation& operation = add(Do::narrow);
        operation.to = number_of(static_cast<unsigned>(arm.operands[0].reg));
        operation.a = number_of(static_cast<unsigned>(arm.operands[arm.op_count > 1 ? 1 : 0].reg));
        operation.width = width;
        operation.is_signed = with_sign;
    }

    void go(const cs_insn& instruction) {
        const cs_arm& arm = instruction.detail->arm;
        const cs_arm_op& target = arm.operands[0];
        const bool call = instruction.id == ARM_INS_BL || instruction.id == ARM_INS_BLX;
        if (!call && target.type == ARM_OP_REG && target.reg == ARM_REG_LR) {
            add(Do::leave);
            return;
        }
        Operation& operation = add(call ? Do::call : conditional_ && target.type == ARM_OP_IMM ? Do::branch : Do::jump);
        operation.condition = operation.what == Do::branch ? condition_of(arm.cc) : Condition::none;
        if (target.type == ARM_OP_IMM)
            operation.immediate = static_cast<std::int64_t>(static_cast<std::uint32_t>(target.imm));
        else
            operation.a = number_of(static_cast<unsigned>(target.reg));
    }

    void one(const cs_insn& instruction) {
        const cs_arm& arm = instruction.detail->arm;
        switch (instruction.id) {
            case ARM_INS_MOV:
            case ARM_INS_MOVW:
                return move(arm);
            case ARM_INS_MOVT: {
                const std::uint8_t to = number_of(static_cast<unsigned>(arm.operands[0].reg));
                calculate(Arithmetic::mask, to, to, kNone, 0xffff);
                return copy(to, to, static_cast<std::int64_t>(static_cast<std::uint32_t>(arm.operands[1].imm) << 16));
            }
            case ARM_INS_MVN:
                return arm.operands[1].type == ARM_OP_IMM ? set(number_of(static_cast<unsigned>(arm.operands[0].reg)), static_cast<std::uint32_t>(~arm.operands[1].imm)) : other(arm, instruction.id);
            case ARM_INS_ADD:
            case ARM_INS_ADDW:
                return arithmetic(arm, Arithmetic::add);
            case ARM_INS_SUB:
            case ARM_INS_SUBW:
                return arithmetic(arm, Arithmetic::subtract);
            case ARM_INS_ADR:
                return set(number_of(static_cast<unsigned>(arm.operands[0].reg)), (counter() & ~std::int64_t{3}) + arm.operands[1].imm);
            case ARM_INS_AND:
                return arithmetic(arm, Arithmetic::mask);
            case ARM_INS_LSL:
                return arithmetic(arm, Arithmetic::shift_left);
            case ARM_INS_LSR:
            case ARM_INS_ASR:
                return arithmetic(arm, Arithmetic::shift_right);
            case ARM_INS_MUL:
            case ARM_INS_SMULBB:
                return arithmetic(arm, Arithmetic::multiply);
            case ARM_INS_MLA: {
                calculate(Arithmetic::multiply, spare, number_of(static_cast<unsigned>(arm.operands[1].reg)), number_of(static_cast<unsigned>(arm.operands[2].reg)), 0);
                return calculate(Arithmetic::add, number_of(static_cast<unsigned>(arm.operands[0].reg)), spare, number_of(static_cast<unsigned>(arm.operands[3].reg)), 0);
            }
            case ARM_INS_REV:
            case ARM_INS_REV16:
                return calculate(Arithmetic::swap, number_of(static_cast<unsigned>(arm.operands[0].reg)), number_of(static_cast<unsigned>(arm.operands[1].reg)), kNone, 0);
            case ARM_INS_ORR:
            case ARM_INS_EOR:
            case ARM_INS_BIC:
                return arithmetic(arm, Arithmetic::other);
            default:
                return more(instruction);
        }
    }

    void more(const cs_insn& instruction) {
        const cs_arm& arm = instruction.detail->arm;
        switch (instruction.id) {
            case ARM_INS_RSB:
                return subtract_from(arm);
            case ARM_INS_UBFX:
                return calculate(arm.operands[2].imm == 0 ? Arithmetic::mask : Arithmetic::other, number_of(static_cast<unsigned>(arm.operands[0].reg)),
                                 number_of(static_cast<unsigned>(arm.operands[1].reg)), kNone, (std::int64_t{1} << (arm.operands[3].imm & 31)) - 1);
            case ARM_INS_CMP:
                return compare(arm, false);
            case ARM_INS_CMN:
                return compare(arm, true);
            case ARM_INS_CBZ:
            case ARM_INS_CBNZ: {
                Operation& operation = add(Do::compare);
                operation.a = number_of(static_cast<unsigned>(arm.operands[0].reg));
                operation.width = 4;
                Operation& branch = add(Do::branch);
                branch.immediate = static_cast<std::int64_t>(static_cast<std::uint32_t>(arm.operands[1].imm));
                branch.condition = instruction.id == ARM_INS_CBZ ? Condition::equal : Condition::unequal;
                return;
            }
            default:
                return memory(instruction);
        }
    }

    void memory(const cs_insn& instruction) {
        const cs_arm& arm = instruction.detail->arm;
        switch (instruction.id) {
            case ARM_INS_LDR:
                return transfer(arm, true, 1, 4, false);
            case ARM_INS_LDRB:
                return transfer(arm, true, 1, 1, false);
            case ARM_INS_LDRH:
                return transfer(arm, true, 1, 2, false);
            case ARM_INS_LDRSB:
                return transfer(arm, true, 1, 1, true);
            case ARM_INS_LDRSH:
                return transfer(arm, true, 1, 2, true);
            case ARM_INS_LDRD:
                return transfer(arm, true, 2, 4, false);
            case ARM_INS_STR:
                return transfer(arm, false, 1, 4, false);
            case ARM_INS_STRB:
                return transfer(arm, false, 1, 1, false);
            case ARM_INS_STRH:
                return transfer(arm, false, 1, 2, false);
            case ARM_INS_STRD:
                return transfer(arm, false, 2, 4, false);
            case ARM_INS_PUSH:
                return push(arm, 0);
            case ARM_INS_POP:
                return pop(arm, 0);
            case ARM_INS_STMDB:
                return many(arm, false, -1);
            case ARM_INS_STM:
                return many(arm, false, 1);
            case ARM_INS_LDM:
                return many(arm, true, 1);
            case ARM_INS_UXTB:
                return narrow(arm, 1, false);
            case ARM_INS_UXTH:
                return narrow(arm, 2, false);
            case ARM_INS_SXTB:
                return narrow(arm, 1, true);
            case ARM_INS_SXTH:
                return narrow(arm, 2, true);
            case ARM_INS_B:
            case ARM_INS_BL:
            case ARM_INS_BLX:
            case ARM_INS_BX:
                return go(instruction);
            case ARM_INS_TBB:
            case ARM_INS_TBH:
                add(Do::jump).a = spare;
                return;
            case ARM_INS_UDF:
                add(Do::stop);
                return;
            default:
                return other(arm, instruction.id);
        }
    }

    void other(const cs_arm& arm, unsigned id) {
        if ((id == ARM_INS_ADC || id == ARM_INS_SBC) && flags_ != kNone)
            verify(flags_);  // the upper half of a longer number
        if (id == ARM_INS_UDIV)
            verify(number_of(static_cast<unsigned>(arm.operands[2].reg)));
        if (id == ARM_INS_UMULL) {  // both halves of a product
            const std::uint8_t low = number_of(static_cast<unsigned>(arm.operands[0].reg));
            calculate(Arithmetic::multiply, low, number_of(static_cast<unsigned>(arm.operands[2].reg)), number_of(static_cast<unsigned>(arm.operands[3].reg)), 0);
            verify(low);
            add(Do::forget).to = number_of(static_cast<unsigned>(arm.operands[1].reg));
            return;
        }
        for (int i = 0; i < arm.op_count; ++i)
            if ((arm.operands[i].access & CS_AC_WRITE) != 0 && arm.operands[i].type == ARM_OP_REG && number_of(static_cast<unsigned>(arm.operands[i].reg)) < pc)
                add(Do::forget).to = number_of(static_cast<unsigned>(arm.operands[i].reg));
    }

    std::uint64_t address_ = 0;
    bool thumb_ = false;
    std::uint8_t flags_ = kNone;  // the last result that set them
};

}  // namespace

std::unique_ptr<Lifter> make_arm_lifter() { return opened<ArmLifter>(); }

}  // namespace shirushi::code
