// AArch64: the procedure call standard's registers; w registers are the low halves of x registers.

#include "code/capstone_lifter.hpp"

namespace shirushi::code {
namespace {

enum : std::uint8_t { link = 30, sp = 31, zero = 32, spare = 40 };

struct Part {
    std::uint8_t number = kNone;
    std::uint8_t width = 0;
};

Part part_of(unsigned reg) {
    if (reg >= ARM64_REG_X0 && reg <= ARM64_REG_X28)
        return {static_cast<std::uint8_t>(reg - ARM64_REG_X0), 8};
    if (reg >= ARM64_REG_W0 && reg <= ARM64_REG_W30)
        return {static_cast<std::uint8_t>(reg - ARM64_REG_W0), 4};
    switch (reg) {
        case ARM64_REG_X29:
            return {29, 8};
        case ARM64_REG_X30:
            return {link, 8};
        case ARM64_REG_SP:
        case ARM64_REG_WSP:
            return {sp, 8};
        case ARM64_REG_XZR:
        case ARM64_REG_WZR:
            return {zero, 8};
        default:
            return {};
    }
}

Condition condition_of(arm64_cc code) {
    switch (code) {
        case ARM64_CC_EQ:
            return Condition::equal;
        case ARM64_CC_NE:
            return Condition::unequal;
        case ARM64_CC_HS:
            return Condition::above_equal;
        case ARM64_CC_LO:
            return Condition::below;
        case ARM64_CC_MI:
        case ARM64_CC_LT:
            return Condition::less;
        case ARM64_CC_PL:
        case ARM64_CC_GE:
            return Condition::greater_equal;
        case ARM64_CC_HI:
            return Condition::above;
        case ARM64_CC_LS:
            return Condition::below_equal;
        case ARM64_CC_GT:
            return Condition::greater;
        case ARM64_CC_LE:
            return Condition::less_equal;
        default:
            return Condition::none;
    }
}

class Aarch64Lifter final : public CapstoneLifter {
public:
    Aarch64Lifter() : CapstoneLifter(CS_ARCH_ARM64, CS_MODE_LITTLE_ENDIAN) {
        convention_.stack = sp;
        convention_.result = 0;
        convention_.link = link;
        convention_.pointer = 8;
        convention_.zero = zero;
        convention_.floats_apart = true;
        convention_.arguments = {0, 1, 2, 3, 4, 5, 6, 7};
        for (std::uint8_t i = 0; i <= 18; ++i)
            convention_.scratch.push_back(i);
        convention_.scratch.push_back(link);
    }

    void lift(Bytes code, std::uint64_t address, bool, Lifted& out) override {
        out_ = &out;
        each(code, address, 4, [&](const cs_insn& instruction, std::uint64_t) {
            one(instruction);
            const cs_arm64& arm = instruction.detail->arm64;
            const bool compares = instruction.id == ARM64_INS_CMP || instruction.id == ARM64_INS_CMN || instruction.id == ARM64_INS_CCMP || instruction.id == ARM64_INS_TST;
            if (!arm.update_flags || arm.op_count < 2 || compares)
                return;
            if (const Part result = part_of(arm.operands[0].reg); result.number < zero) {
                Operation& compare = add(Do::compare);
                compare.a = result.number;
                compare.width = result.width;
            }
        });
    }

private:
    void set(std::uint8_t to, std::int64_t value) {
        if (to == zero || to == kNone)
            return;
        add_set(to, value);
    }

    void forget(const cs_arm64_op& operand, bool conditional = false) {
        if (operand.type != ARM64_OP_REG || part_of(operand.reg).number >= zero)
            return;
        Operation& operation = add(Do::forget);
        operation.to = part_of(operand.reg).number;
        operation.conditional = conditional;
    }

    void copy(Part to, std::uint8_t from, std::int64_t plus) {
        if (from == zero)
            return set(to.number, plus);
        add_copy(to.number, from, plus, to.width);
    }

    void calculate(Arithmetic kind, Part to, std::uint8_t a, std::uint8_t b, std::int64_t immediate) {
        add_calculate(kind, to.number, a, b, immediate, to.width);
    }

    /// The last operand's register, shifted or extended as it says.
    std::uint8_t second(const cs_arm64_op& operand) {
        if (operand.type == ARM64_OP_IMM) {
            set(spare, operand.imm << (operand.shift.type == ARM64_SFT_LSL ? operand.shift.value : 0));
            return spare;
        }
        if (operand.type != ARM64_OP_REG)
            return kNone;
        const Part part = part_of(operand.reg);
        if (part.number == zero) {
            set(spare, 0);
            return spare;
        }
        std::uint8_t from = part.number;
        const int narrow = operand.ext == ARM64_EXT_UXTB || operand.ext == ARM64_EXT_SXTB ? 1 : operand.ext == ARM64_EXT_UXTH || operand.ext == ARM64_EXT_SXTH ? 2 : 0;
        if (narrow != 0) {
            Operation& operation = add(Do::narrow);
            operation.to = spare;
            operation.a = from;
            operation.width = static_cast<std::uint8_t>(narrow);
            operation.is_signed = operand.ext >= ARM64_EXT_SXTB;
            from = spare;
        }
        if (operand.shift.type == ARM64_SFT_INVALID || operand.shift.value == 0)
            return from;
        const bool left = operand.shift.type == ARM64_SFT_LSL;
        calculate(left ? Arithmetic::shift_left : Arithmetic::shift_right, {spare, 8}, from, kNone, operand.shift.value);
        return spare;
    }

    void sum(const cs_arm64& arm, bool subtract) {
        if (arm.op_count < 3)
            return;
        const Part to = part_of(arm.operands[0].reg);
        const std::uint8_t a = part_of(arm.operands[1].reg).number;
        if (to.number == kNone || to.number == zero)
            return;
        if (arm.operands[2].type == ARM64_OP_IMM) {
            const std::int64_t value = arm.operands[2].imm << (arm.operands[2].shift.type == ARM64_SFT_LSL ? arm.operands[2].shift.value : 0);
            return copy(to, a, subtract ? -value : value);
        }
        const std::uint8_t b = second(arm.operands[2]);
        calculate(subtract ? Arithmetic::subtract : Arithmetic::add, to, a, b, 0);
    }

    void three(const cs_arm64& arm, Arithmetic kind) {
        if (arm.op_count < 2)
            return;
        const Part to = part_of(arm.operands[0].reg);
        if (to.number == kNone || to.number == zero)
            return;
        const std::uint8_t a = part_of(arm.operands[1].reg).number;
        if (arm.op_count == 2)
            return calculate(kind, to, a, kNone, 0);
        if (arm.operands[2].type == ARM64_OP_IMM)
            return calculate(kind, to, a, kNone, arm.operands[2].imm);
        const std::uint8_t b = second(arm.operands[2]);
        calculate(kind, to, a, b, 0);
    }

    void address_of(const cs_arm64_op& operand, Operation& operation) const {
        operation.a = part_of(operand.mem.base).number;
        operation.immediate = operand.mem.disp;
        operation.index = operand.mem.index == ARM64_REG_INVALID ? kNone : part_of(operand.mem.index).number;
    }

    /// ldr, str and their kind, pairs included: `width` of each register; 0: the register's own.
    void transfer(const cs_arm64& arm, bool load, int registers, std::uint8_t width, bool with_sign) {
        const cs_arm64_op& place = arm.operands[registers];
        if (arm.op_count <= registers || (place.type != ARM64_OP_MEM && place.type != ARM64_OP_IMM))
            return;
        const bool post = arm.writeback && arm.op_count > registers + 1 && arm.operands[registers + 1].type == ARM64_OP_IMM;
        const std::uint8_t base = place.type == ARM64_OP_MEM ? part_of(place.mem.base).number : kNone;
        if (arm.writeback && !post)
            copy({base, 8}, base, place.mem.disp);
        std::int64_t shift = 0;
        for (int i = 0; i < registers; ++i) {
            const Part part = part_of(arm.operands[i].reg);
            const bool vector = part.number == kNone;
            const std::uint8_t bytes = width != 0 ? width : vector ? 16 : part.number == zero ? 8 : part.width;
            if (vector && load)
                continue;
            Operation& operation = add(load ? Do::load : Do::store);
            if (place.type == ARM64_OP_MEM)
                address_of(place, operation);
            else
                operation.immediate = place.imm;
            if (arm.writeback && !post)
                operation.immediate = 0;
            operation.immediate += shift;
            operation.width = bytes;
            operation.is_signed = with_sign;
            (load ? operation.to : operation.b) = part.number == zero ? kNone : part.number;
            shift += bytes;
        }
        if (post)
            copy({base, 8}, base, arm.operands[registers + 1].imm);
    }

    void compare(const cs_arm64& arm, bool negated) {
        if (arm.op_count < 2)
            return;
        const Part a = part_of(arm.operands[0].reg);
        const bool constant = arm.operands[1].type == ARM64_OP_IMM;
        const std::uint8_t b = constant ? kNone : second(arm.operands[1]);
        Operation& operation = add(Do::compare);
        if (arm.op_count > 2 && arm.operands[2].type == ARM64_OP_IMM) {  // ccmp
            operation.condition = condition_of(arm.cc);
            operation.to = static_cast<std::uint8_t>(arm.operands[2].imm & 15);
        }
        operation.a = a.number;
        operation.b = b;
        operation.immediate = !constant ? 0 : negated ? -arm.operands[1].imm : arm.operands[1].imm;
        operation.width = a.width;
    }

    void choose(const cs_arm64& arm) {
        const Part to = part_of(arm.operands[0].reg);
        const std::uint8_t a = part_of(arm.operands[1].reg).number, b = part_of(arm.operands[2].reg).number;
        if (to.number == kNone || to.number == zero)
            return;
        copy({spare, to.width}, b, 0);
        copy(to, a, 0);
        Operation& operation = add(Do::choose);
        operation.to = to.number;
        operation.a = spare;
    }

    void branch_on_zero(const cs_arm64& arm, Condition condition) {
        const bool compares = condition != Condition::none;
        const Part a = part_of(arm.operands[0].reg);
        if (compares) {
            Operation& operation = add(Do::compare);
            operation.a = a.number;
            operation.width = a.width;
        }
        Operation& branch = add(Do::branch);
        branch.immediate = arm.operands[compares ? 1 : 2].imm;
        branch.condition = condition;
    }

    static bool sign_bit(const cs_arm64& arm) { return arm.operands[1].imm == part_of(arm.operands[0].reg).width * 8 - 1; }

    void branch_on_sign(const cs_arm64& arm, bool clear) {
        const Part a = part_of(arm.operands[0].reg);
        Operation& operation = add(Do::compare);
        operation.a = a.number;
        operation.width = a.width;
        Operation& branch = add(Do::branch);
        branch.immediate = arm.operands[2].imm;
        branch.condition = clear ? Condition::greater_equal : Condition::less;
    }

    void go(const cs_insn& instruction) {
        const cs_arm64& arm = instruction.detail->arm64;
        const bool conditional = instruction.id == ARM64_INS_B && arm.cc != ARM64_CC_INVALID && arm.cc != ARM64_CC_AL;
        const bool call = instruction.id == ARM64_INS_BL || instruction.id == ARM64_INS_BLR;
        Operation& operation = add(call ? Do::call : conditional ? Do::branch : Do::jump);
        operation.condition = conditional ? condition_of(arm.cc) : Condition::none;
        if (arm.operands[0].type == ARM64_OP_IMM)
            operation.immediate = arm.operands[0].imm;
        else
            operation.a = part_of(arm.operands[0].reg).number;
    }

    void field(const cs_arm64& arm, bool with_sign) {
        const Part to = part_of(arm.operands[0].reg);
        const std::uint8_t a = part_of(arm.operands[1].reg).number;
        const std::int64_t low = arm.operands[2].imm, bits = arm.operands[3].imm;
        if (low == 0 && !with_sign && bits < 63)
            return calculate(Arithmetic::mask, to, a, kNone, (std::int64_t{1} << bits) - 1);
        calculate(Arithmetic::other, to, a, kNone, 0);
    }

    /// ubfiz, sbfiz: a register's low bits, moved up.
    void field_up(const cs_arm64& arm) {
        calculate(Arithmetic::shift_left, part_of(arm.operands[0].reg), part_of(arm.operands[1].reg).number, kNone, arm.operands[2].imm);
    }

    void narrow(const cs_arm64& arm, std::uint8_t width, bool with_sign) {
        Operation& operation = add(Do::narrow);
        operation.to = part_of(arm.operands[0].reg).number;
        operation.a = part_of(arm.operands[1].reg).number;
        operation.width = width;
        operation.is_signed = with_sign;
    }

    void move(const cs_arm64& arm) {
        const Part to = part_of(arm.operands[0].reg);
        if (to.number == kNone || to.number == zero)
            return;
        if (arm.operands[1].type == ARM64_OP_IMM)
            return set(to.number, arm.operands[1].imm << (arm.operands[1].shift.type == ARM64_SFT_LSL ? arm.operands[1].shift.value : 0));
        if (arm.operands[1].type == ARM64_OP_REG && part_of(arm.operands[1].reg).number != kNone)
            return copy(to, part_of(arm.operands[1].reg).number, 0);
        forget(arm.operands[0]);
    }

    /// movk puts 16 bits into a constant.
    void move_keep(const cs_arm64& arm) {
        const Part to = part_of(arm.operands[0].reg);
        copy(to, to.number, arm.operands[1].imm << (arm.operands[1].shift.type == ARM64_SFT_LSL ? arm.operands[1].shift.value : 0));
    }

    void multiply_add(const cs_arm64& arm) {
        const Part to = part_of(arm.operands[0].reg);
        calculate(Arithmetic::multiply, {spare, to.width}, part_of(arm.operands[1].reg).number, part_of(arm.operands[2].reg).number, 0);
        const std::uint8_t plus = part_of(arm.operands[3].reg).number;
        if (plus == zero)
            return copy(to, spare, 0);
        calculate(Arithmetic::add, to, spare, plus, 0);
    }

    void one(const cs_insn& instruction) {
        const cs_arm64& arm = instruction.detail->arm64;
        switch (instruction.id) {
            case ARM64_INS_MOV:
            case ARM64_INS_MOVZ:
                return move(arm);
            case ARM64_INS_MOVN:
                return set(part_of(arm.operands[0].reg).number, ~(arm.operands[1].imm << (arm.operands[1].shift.type == ARM64_SFT_LSL ? arm.operands[1].shift.value : 0)));
            case ARM64_INS_MOVK:
                return move_keep(arm);
            case ARM64_INS_ADRP:
            case ARM64_INS_ADR:
                return set(part_of(arm.operands[0].reg).number, arm.operands[1].imm);
            case ARM64_INS_ADD:
                return sum(arm, false);
            case ARM64_INS_SUB:
                if (part_of(arm.operands[0].reg).number == zero)
                    return;
                return sum(arm, true);
            case ARM64_INS_AND:
                return three(arm, Arithmetic::mask);
            case ARM64_INS_LSL:
                return three(arm, Arithmetic::shift_left);
            case ARM64_INS_LSR:
            case ARM64_INS_ASR:
                return three(arm, Arithmetic::shift_right);
            case ARM64_INS_MUL:
            case ARM64_INS_UMULL:
            case ARM64_INS_SMULL:
                return three(arm, Arithmetic::multiply);
            case ARM64_INS_MADD:
            case ARM64_INS_UMADDL:
            case ARM64_INS_SMADDL:
                return multiply_add(arm);
            case ARM64_INS_REV:
            case ARM64_INS_REV16:
            case ARM64_INS_REV32:
                return part_of(arm.operands[0].reg).number == kNone ? void() : three(arm, Arithmetic::swap);
            case ARM64_INS_ORR:
            case ARM64_INS_EOR:
                return three(arm, Arithmetic::other);
            case ARM64_INS_CMP:
            case ARM64_INS_CMN:
            case ARM64_INS_CCMP:
                return compare(arm, instruction.id == ARM64_INS_CMN);
            case ARM64_INS_CSEL:
                return choose(arm);
            default:
                return more(instruction);
        }
    }

    void more(const cs_insn& instruction) {
        const cs_arm64& arm = instruction.detail->arm64;
        switch (instruction.id) {
            case ARM64_INS_LDR:
            case ARM64_INS_LDUR:
                return transfer(arm, true, 1, 0, false);
            case ARM64_INS_LDRSW:
            case ARM64_INS_LDURSW:
                return transfer(arm, true, 1, 4, true);
            case ARM64_INS_LDRB:
            case ARM64_INS_LDURB:
                return transfer(arm, true, 1, 1, false);
            case ARM64_INS_LDRSB:
            case ARM64_INS_LDURSB:
                return transfer(arm, true, 1, 1, true);
            case ARM64_INS_LDRH:
            case ARM64_INS_LDURH:
                return transfer(arm, true, 1, 2, false);
            case ARM64_INS_LDRSH:
            case ARM64_INS_LDURSH:
                return transfer(arm, true, 1, 2, true);
            case ARM64_INS_LDP:
                return transfer(arm, true, 2, 0, false);
            case ARM64_INS_STR:
            case ARM64_INS_STUR:
                return transfer(arm, false, 1, 0, false);
            case ARM64_INS_STRB:
            case ARM64_INS_STURB:
                return transfer(arm, false, 1, 1, false);
            case ARM64_INS_STRH:
            case ARM64_INS_STURH:
                return transfer(arm, false, 1, 2, false);
            case ARM64_INS_STP:
                return transfer(arm, false, 2, 0, false);
            default:
                return extend_or_go(instruction);
        }
    }

    void extend_or_go(const cs_insn& instruction) {
        const cs_arm64& arm = instruction.detail->arm64;
        switch (instruction.id) {
            case ARM64_INS_UXTB:
                return narrow(arm, 1, false);
            case ARM64_INS_UXTH:
                return narrow(arm, 2, false);
            case ARM64_INS_SXTB:
                return narrow(arm, 1, true);
            case ARM64_INS_SXTH:
                return narrow(arm, 2, true);
            case ARM64_INS_SXTW:
                return narrow(arm, 4, true);
            case ARM64_INS_UBFX:
            case ARM64_INS_SBFX:
                return field(arm, instruction.id == ARM64_INS_SBFX);
            case ARM64_INS_UBFIZ:
            case ARM64_INS_SBFIZ:
                return field_up(arm);
            case ARM64_INS_CBZ:
            case ARM64_INS_CBNZ:
                return branch_on_zero(arm, instruction.id == ARM64_INS_CBZ ? Condition::equal : Condition::unequal);
            case ARM64_INS_TBZ:
            case ARM64_INS_TBNZ:
                return sign_bit(arm) ? branch_on_sign(arm, instruction.id == ARM64_INS_TBZ) : branch_on_zero(arm, Condition::none);
            case ARM64_INS_B:
            case ARM64_INS_BL:
            case ARM64_INS_BLR:
            case ARM64_INS_BR:
                return go(instruction);
            case ARM64_INS_RET:
                add(Do::leave);
                return;
            case ARM64_INS_BRK:
            case ARM64_INS_HLT:
                add(Do::stop);
                return;
            default:
                return other(arm, instruction.id);
        }
    }

    void other(const cs_arm64& arm, unsigned id) {
        const bool asks = id == ARM64_INS_UMULH || id == ARM64_INS_SMULH || id == ARM64_INS_UDIV;
        for (int i = id == ARM64_INS_UDIV ? 2 : 1; asks && i < arm.op_count; ++i)  // the high half of a product, or how often something goes into a size
            verify(part_of(arm.operands[i].reg).number);
        for (int i = 0; i < arm.op_count; ++i)
            if ((arm.operands[i].access & CS_AC_WRITE) != 0)
                forget(arm.operands[i], arm.cc != ARM64_CC_INVALID);
    }
};

}  // namespace

std::unique_ptr<Lifter> make_aarch64_lifter() { return opened<Aarch64Lifter>(); }

}  // namespace shirushi::code
