// 32-bit MIPS, the o32 convention. What stands behind a branch is done before it. $gp is taken for what the dynamic section says that it is, so
// what sets it up is left out.

#include "code/capstone_lifter.hpp"

namespace shirushi::code {
namespace {

enum : std::uint8_t { zero = 0, v0 = 2, a0 = 4, t9 = 25, gp = 28, sp = 29, ra = 31, low = 33, spare = 40 };

std::uint8_t number_of(unsigned reg) {
    return reg >= MIPS_REG_0 && reg <= MIPS_REG_31 ? static_cast<std::uint8_t>(reg - MIPS_REG_0) : kNone;
}

bool has_delay_slot(unsigned id) {
    switch (id) {
        case MIPS_INS_B:
        case MIPS_INS_BAL:
        case MIPS_INS_BEQ:
        case MIPS_INS_BEQL:
        case MIPS_INS_BEQZ:
        case MIPS_INS_BGEZ:
        case MIPS_INS_BGEZL:
        case MIPS_INS_BGEZAL:
        case MIPS_INS_BGTZ:
        case MIPS_INS_BGTZL:
        case MIPS_INS_BLEZ:
        case MIPS_INS_BLEZL:
        case MIPS_INS_BLTZ:
        case MIPS_INS_BLTZL:
        case MIPS_INS_BNE:
        case MIPS_INS_BNEL:
        case MIPS_INS_BNEZ:
        case MIPS_INS_BC1F:
        case MIPS_INS_BC1T:
        case MIPS_INS_J:
        case MIPS_INS_JAL:
        case MIPS_INS_JALR:
        case MIPS_INS_JR:
            return true;
        default:
            return false;
    }
}

class MipsLifter final : public CapstoneLifter {
public:
    explicit MipsLifter(bool big_endian) : CapstoneLifter(CS_ARCH_MIPS, unsigned{CS_MODE_MIPS32} | (big_endian ? static_cast<unsigned>(CS_MODE_BIG_ENDIAN) : 0U)) {
        convention_.stack = sp;
        convention_.result = v0;
        convention_.link = ra;
        convention_.pointer = 4;
        convention_.zero = zero;
        convention_.table = gp;
        convention_.self = t9;
        convention_.paired_doubles = true;
        convention_.arguments = {a0, a0 + 1, a0 + 2, a0 + 3};
        convention_.stack_arguments = convention_.entry_arguments = 16;
        for (std::uint8_t i = 1; i <= t9; ++i)
            if (i < 16 || i > 23)
                convention_.scratch.push_back(i);
        convention_.scratch.push_back(ra);
        convention_.scratch.push_back(low);
    }

    void lift(Bytes code, std::uint64_t address, bool, Lifted& out) override {
        out_ = &out;
        while (code.size() >= 4) {
            const std::uint64_t at = address;
            const cs_insn* instruction = capstone_.next(code, address);
            if (instruction == nullptr) {
                code = code.subspan(4);
                address += 4;
                continue;
            }
            enter(at, 4);
            if (!has_delay_slot(instruction->id)) {
                one(instruction->id, instruction->detail->mips);
                continue;
            }
            const unsigned id = instruction->id;
            const cs_mips branch = instruction->detail->mips;
            const auto before = current_;
            const Condition condition = condition_of(id);
            if (condition != Condition::none)  // what is asked is asked before what stands behind is done
                compare(reg(branch, 0), branch.op_count > 2 ? reg(branch, 1) : kNone, 0);
            const std::uint64_t slot = address;
            const cs_insn* behind = code.size() >= 4 ? capstone_.next(code, address) : nullptr;
            if (behind != nullptr) {
                enter(slot, 4);
                if (!has_delay_slot(behind->id))
                    one(behind->id, behind->detail->mips);
            }
            current_ = before;
            flow(id, branch);
        }
    }

private:
    static bool is_target(std::uint8_t reg) { return reg != zero && reg != gp && reg != kNone; }

    void set(std::uint8_t to, std::int64_t value) {
        if (!is_target(to))
            return;
        add_set(to, value);
    }

    void copy(std::uint8_t to, std::uint8_t from, std::int64_t plus) {
        if (from == zero)
            return set(to, plus);
        if (!is_target(to))
            return;
        add_copy(to, from, plus);
    }

    void calculate(Arithmetic kind, std::uint8_t to, std::uint8_t a, std::uint8_t b, std::int64_t immediate) {
        if (!is_target(to))
            return;
        add_calculate(kind, to, a, b, immediate, 4);
    }

    static std::uint8_t reg(const cs_mips& mips, int number) {
        return number < mips.op_count && mips.operands[number].type == MIPS_OP_REG ? number_of(mips.operands[number].reg) : kNone;
    }
    static std::int64_t immediate(const cs_mips& mips, int number) {
        return number < mips.op_count && mips.operands[number].type == MIPS_OP_IMM ? mips.operands[number].imm : 0;
    }

    /// to = a op b, all registers; or with a constant behind.
    void three(const cs_mips& mips, Arithmetic kind) {
        const std::uint8_t to = reg(mips, 0), a = reg(mips, mips.op_count > 2 ? 1 : 0), b = reg(mips, mips.op_count - 1);
        if (b == kNone)
            return calculate(kind, to, a, kNone, immediate(mips, mips.op_count - 1));
        if (b == zero && (kind == Arithmetic::add || kind == Arithmetic::subtract || kind == Arithmetic::other))
            return copy(to, a, 0);
        if (a == zero && (kind == Arithmetic::add || kind == Arithmetic::other))
            return copy(to, b, 0);
        calculate(kind, to, a, b, 0);
    }

    void transfer(const cs_mips& mips, bool load, std::uint8_t width, bool with_sign) {
        if (mips.op_count < 2 || mips.operands[1].type != MIPS_OP_MEM)
            return;
        const std::uint8_t given = reg(mips, 0);
        if (load && !is_target(given))
            return;
        Operation& operation = add(load ? Do::load : Do::store);
        operation.a = number_of(mips.operands[1].mem.base);
        operation.immediate = mips.operands[1].mem.disp;
        operation.width = width;
        operation.is_signed = with_sign;
        (load ? operation.to : operation.b) = given;
    }

    static Condition condition_of(unsigned id) {
        switch (id) {
            case MIPS_INS_BEQ:
            case MIPS_INS_BEQL:
            case MIPS_INS_BEQZ:
                return Condition::equal;
            case MIPS_INS_BNE:
            case MIPS_INS_BNEL:
            case MIPS_INS_BNEZ:
                return Condition::unequal;
            case MIPS_INS_BGEZ:
            case MIPS_INS_BGEZL:
                return Condition::greater_equal;
            case MIPS_INS_BGTZ:
            case MIPS_INS_BGTZL:
                return Condition::greater;
            case MIPS_INS_BLEZ:
            case MIPS_INS_BLEZL:
                return Condition::less_equal;
            case MIPS_INS_BLTZ:
            case MIPS_INS_BLTZL:
                return Condition::less;
            default:
                return Condition::none;
        }
    }

    void compare(std::uint8_t a, std::uint8_t b, std::int64_t constant) {
        if (a == zero)
            std::swap(a, b);
        Operation& operation = add(Do::compare);
        operation.a = a;
        operation.b = b == zero ? kNone : b;
        operation.immediate = constant;
        operation.width = 4;
    }

    void set_if_less(const cs_mips& mips, bool with_sign) {
        calculate(with_sign ? Arithmetic::less : Arithmetic::below, reg(mips, 0), reg(mips, 1), reg(mips, 2), immediate(mips, 2));
    }

    void choose(const cs_mips& mips) {
        compare(reg(mips, 2), kNone, 0);
        if (!is_target(reg(mips, 0)))
            return;
        const std::uint8_t from = reg(mips, 1);
        Operation& operation = add(Do::choose);
        operation.to = reg(mips, 0);
        operation.a = from == zero ? kNone : from;
    }

    void narrow(const cs_mips& mips, std::uint8_t width) {
        if (!is_target(reg(mips, 0)))
            return;
        Operation& operation = add(Do::narrow);
        operation.to = reg(mips, 0);
        operation.a = reg(mips, mips.op_count > 1 ? 1 : 0);
        operation.width = width;
        operation.is_signed = true;
    }

    void flow(unsigned id, const cs_mips& mips) {
        switch (id) {
            case MIPS_INS_JR:
                if (reg(mips, 0) == ra) {
                    add(Do::leave);
                    return;
                }
                add(Do::jump).a = reg(mips, 0);
                return;
            case MIPS_INS_JALR:
                add(Do::call).a = reg(mips, mips.op_count - 1);
                return;
            case MIPS_INS_JAL:
            case MIPS_INS_BAL:
                add(Do::call).immediate = immediate(mips, 0) & 0xffffffff;
                return;
            case MIPS_INS_BGEZAL:
                add(Do::call).immediate = immediate(mips, 1) & 0xffffffff;
                return;
            case MIPS_INS_J:
            case MIPS_INS_B:
                add(Do::jump).immediate = immediate(mips, 0) & 0xffffffff;
                return;
            case MIPS_INS_BC1F:
            case MIPS_INS_BC1T:
                add(Do::branch).immediate = immediate(mips, mips.op_count - 1) & 0xffffffff;
                return;
            default:
                break;
        }
        Operation& branch = add(Do::branch);
        branch.immediate = immediate(mips, mips.op_count - 1) & 0xffffffff;
        branch.condition = condition_of(id);
    }

    void one(unsigned id, const cs_mips& mips) {
        switch (id) {
            case MIPS_INS_LUI:
                return set(reg(mips, 0), static_cast<std::int64_t>(static_cast<std::uint32_t>(immediate(mips, 1)) << 16));
            case MIPS_INS_MOVE:
                return copy(reg(mips, 0), reg(mips, 1), 0);
            case MIPS_INS_ADDI:
            case MIPS_INS_ADDIU:
                return copy(reg(mips, 0), reg(mips, mips.op_count > 2 ? 1 : 0), immediate(mips, mips.op_count - 1));
            case MIPS_INS_ORI:
                return reg(mips, 1) == zero ? set(reg(mips, 0), immediate(mips, 2) & 0xffff) : copy(reg(mips, 0), reg(mips, 1), immediate(mips, 2) & 0xffff);
            case MIPS_INS_ADD:
            case MIPS_INS_ADDU:
                return three(mips, Arithmetic::add);
            case MIPS_INS_SUB:
            case MIPS_INS_SUBU:
                return three(mips, Arithmetic::subtract);
            case MIPS_INS_AND:
            case MIPS_INS_ANDI:
                return three(mips, Arithmetic::mask);
            case MIPS_INS_OR:
            case MIPS_INS_XOR:
            case MIPS_INS_ROTR:
                return three(mips, Arithmetic::other);
            case MIPS_INS_SLL:
            case MIPS_INS_SLLV:
                return three(mips, Arithmetic::shift_left);
            case MIPS_INS_SRL:
            case MIPS_INS_SRA:
            case MIPS_INS_SRLV:
                return three(mips, Arithmetic::shift_right);
            default:
                return more(id, mips);
        }
    }

    void more(unsigned id, const cs_mips& mips) {
        switch (id) {
            case MIPS_INS_MUL:
                return three(mips, Arithmetic::multiply);
            case MIPS_INS_MULT:
            case MIPS_INS_MULTU:
                return calculate(Arithmetic::multiply, low, reg(mips, mips.op_count - 2), reg(mips, mips.op_count - 1), 0);
            case MIPS_INS_DIVU:
                verify(reg(mips, mips.op_count - 1));
                add(Do::forget).to = low;
                return;
            case MIPS_INS_MFHI:
                verify(low);
                add(Do::forget).to = reg(mips, 0);
                return;
            case MIPS_INS_MFLO:
                return copy(reg(mips, 0), low, 0);
            case MIPS_INS_WSBH:
                return calculate(Arithmetic::swap, reg(mips, 0), reg(mips, 1), kNone, 0);
            case MIPS_INS_EXT:
                return calculate(immediate(mips, 2) == 0 ? Arithmetic::mask : Arithmetic::other, reg(mips, 0), reg(mips, 1), kNone,
                                 (std::int64_t{1} << (immediate(mips, 3) & 31)) - 1);
            case MIPS_INS_SEB:
                return narrow(mips, 1);
            case MIPS_INS_SEH:
                return narrow(mips, 2);
            case MIPS_INS_SLT:
            case MIPS_INS_SLTI:
                return set_if_less(mips, true);
            case MIPS_INS_SLTU:
            case MIPS_INS_SLTIU:
                return set_if_less(mips, false);
            case MIPS_INS_MOVN:
            case MIPS_INS_MOVZ:
                return choose(mips);
            default:
                return memory(id, mips);
        }
    }

    void memory(unsigned id, const cs_mips& mips) {
        switch (id) {
            case MIPS_INS_LW:
            case MIPS_INS_LWL:
                return transfer(mips, true, 4, false);
            case MIPS_INS_LH:
                return transfer(mips, true, 2, true);
            case MIPS_INS_LHU:
                return transfer(mips, true, 2, false);
            case MIPS_INS_LB:
                return transfer(mips, true, 1, true);
            case MIPS_INS_LBU:
                return transfer(mips, true, 1, false);
            case MIPS_INS_SW:
            case MIPS_INS_SWL:
                return transfer(mips, false, 4, false);
            case MIPS_INS_SH:
                return transfer(mips, false, 2, false);
            case MIPS_INS_SB:
                return transfer(mips, false, 1, false);
            case MIPS_INS_LWR:
            case MIPS_INS_SWR:
            case MIPS_INS_NOP:
            case MIPS_INS_TEQ:
                return;
            case MIPS_INS_BREAK:
                add(Do::stop);
                return;
            default:
                if (is_target(reg(mips, 0)))
                    add(Do::forget).to = reg(mips, 0);
        }
    }
};

}  // namespace

std::unique_ptr<Lifter> make_mips_lifter(bool big_endian) { return opened<MipsLifter>(big_endian); }

}  // namespace shirushi::code
