#pragma once
// What the processors' lifters share: an opened capstone, the walk over instructions, and the operations that all of them write.

#include <memory>
#include <string>
#include <utility>

#include "code/capstone_handle.hpp"
#include "code/lifter.hpp"

namespace shirushi::code {

class CapstoneLifter : public Lifter {
public:
    [[nodiscard]] bool is_open() const { return capstone_.is_open(); }
    [[nodiscard]] const Convention& convention() const override { return convention_; }
    std::string text(Bytes code, std::uint64_t address, bool) override { return capstone_.text(code, address); }

protected:
    CapstoneLifter(cs_arch architecture, unsigned mode) : capstone_(architecture, mode) {}

    /// Calls `one` for each instruction, which has been entered; `address` has moved on by then. Where there is none, `step` bytes are stepped over.
    template <class One>
    void each(Bytes code, std::uint64_t& address, std::size_t step, const One& one) {
        while (code.size() >= step) {
            const std::uint64_t at = address;
            const cs_insn* instruction = capstone_.next(code, address);
            if (instruction == nullptr) {
                code = code.subspan(step);
                address += step;
                continue;
            }
            enter(at, static_cast<std::uint8_t>(instruction->size));
            one(*instruction, at);
        }
    }

    /// Operations from here on are those of this instruction.
    void enter(std::uint64_t address, std::uint8_t size) {
        current_ = static_cast<std::uint32_t>(out_->instructions.size());
        out_->instructions.push_back({address, static_cast<std::uint32_t>(out_->operations.size()), size});
    }

    Operation& add(Do what) {
        out_->operations.push_back({.what = what, .conditional = conditional_, .instruction = current_});
        return out_->operations.back();
    }

    void add_set(std::uint8_t to, std::int64_t value) {
        Operation& operation = add(Do::set);
        operation.to = to;
        operation.immediate = value;
    }

    void add_copy(std::uint8_t to, std::uint8_t from, std::int64_t plus, std::uint8_t width = 0) {
        Operation& operation = add(Do::copy);
        operation.to = to;
        operation.a = from;
        operation.immediate = plus;
        operation.width = width;
    }

    void add_calculate(Arithmetic kind, std::uint8_t to, std::uint8_t a, std::uint8_t b, std::int64_t immediate, std::uint8_t width) {
        Operation& operation = add(Do::calculate);
        operation.arithmetic = kind;
        operation.to = to;
        operation.a = a;
        operation.b = b;
        operation.immediate = immediate;
        operation.width = width;
    }

    void verify(std::uint8_t reg) { add(Do::verify).a = reg; }

    CapstoneHandle capstone_;
    Convention convention_;
    Lifted* out_ = nullptr;
    std::uint32_t current_ = 0;  // instruction
    bool conditional_ = false;   // it may not be done
};

/// Null where capstone does not know the processor.
template <class Processor, class... Arguments>
std::unique_ptr<Lifter> opened(Arguments... arguments) {
    auto lifter = std::make_unique<Processor>(arguments...);
    return lifter->is_open() ? std::move(lifter) : nullptr;
}

}  // namespace shirushi::code
