#pragma once
// An opened capstone, and the one instruction record that it writes into.

#include <capstone/capstone.h>

#include <string>

#include "base/bytes.hpp"

namespace shirushi::code {

class CapstoneHandle {
public:
    CapstoneHandle(cs_arch architecture, unsigned mode) {
        if (cs_open(architecture, static_cast<cs_mode>(mode), &handle_) != CS_ERR_OK) {
            handle_ = 0;
            return;
        }
        cs_option(handle_, CS_OPT_DETAIL, CS_OPT_ON);
        instruction_ = cs_malloc(handle_);
    }
    ~CapstoneHandle() {
        if (instruction_ != nullptr)
            cs_free(instruction_, 1);
        if (handle_ != 0)
            cs_close(&handle_);
    }
    CapstoneHandle(const CapstoneHandle&) = delete;
    CapstoneHandle& operator=(const CapstoneHandle&) = delete;

    [[nodiscard]] bool is_open() const { return handle_ != 0 && instruction_ != nullptr; }
    void set_mode(unsigned mode) { cs_option(handle_, CS_OPT_MODE, mode); }

    /// The next instruction of `code`, which moves on; null where there is none that is whole.
    const cs_insn* next(Bytes& code, std::uint64_t& address) {
        const std::uint8_t* at = code.data();
        std::size_t left = code.size();
        if (left == 0 || !cs_disasm_iter(handle_, &at, &left, &address, instruction_))
            return nullptr;
        code = code.subspan(code.size() - left);
        return instruction_;
    }

    std::string text(Bytes code, std::uint64_t address) {
        const cs_insn* found = next(code, address);
        if (found == nullptr)
            return {};
        std::string text = found->mnemonic;
        if (found->op_str[0] != '\0')
            text.append(" ").append(found->op_str);
        return text;
    }

private:
    csh handle_ = 0;
    cs_insn* instruction_ = nullptr;
};

}  // namespace shirushi::code
