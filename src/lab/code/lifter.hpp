#pragma once
// Machine code -> operations, one implementation for each processor, over capstone.

#include <memory>
#include <string>

#include "base/bytes.hpp"
#include "code/operation.hpp"

namespace shirushi::code {

class Lifter {
public:
    virtual ~Lifter() = default;

    [[nodiscard]] virtual const Convention& convention() const = 0;
    /// The instructions of `code`, which stands at `address`, appended to `out`. Bytes that are no instruction are stepped over.
    /// `thumb` matters on ARM only; `table_pointer` is what $gp holds on MIPS.
    virtual void lift(Bytes code, std::uint64_t address, bool thumb, Lifted& out) = 0;
    /// One instruction as text: "bl 0x10430"; empty where it is none.
    [[nodiscard]] virtual std::string text(Bytes code, std::uint64_t address, bool thumb) = 0;
};

/// Null where the processor's library cannot be opened.
std::unique_ptr<Lifter> make_x86_lifter(bool is_64);
std::unique_ptr<Lifter> make_arm_lifter();
std::unique_ptr<Lifter> make_aarch64_lifter();
std::unique_ptr<Lifter> make_mips_lifter(bool big_endian);

}  // namespace shirushi::code
