#include "code/call_scan.hpp"

#include <algorithm>

namespace shirushi::code {
namespace {

bool is_of_interest(const LibraryFunction* function) {
    if (function == nullptr)
        return false;
    switch (function->role) {
        case Role::fill:
        case Role::input_number:
        case Role::input_text:
        case Role::length:
        case Role::translate:
        case Role::search:
        case Role::divide:
        case Role::nothing:
        case Role::setting:
        case Role::start:
        case Role::plain:
            return false;
        case Role::exit:
            return function->format != kNoArgument;
        case Role::use:
            return function->length != kNoArgument;  // write, send: what they read may not be there
        default:
            return true;
    }
}

std::uint64_t moved(std::uint64_t from, std::uint32_t distance, int bits, int scale) {
    const auto extended = static_cast<std::int32_t>(distance << (32 - bits)) >> (32 - bits);
    return from + static_cast<std::uint64_t>(std::int64_t{extended} * scale);
}

class Scan {
public:
    explicit Scan(const Program& program) : program_(program), big_(program.file().header().endian == Endian::big) {}

    std::vector<std::size_t> run() {
        for (const CodeRange& range : program_.code()) {
            switch (program_.processor()) {
                case Processor::x86:
                case Processor::x86_64:
                    x86(range);
                    break;
                case Processor::aarch64:
                    aarch64(range);
                    break;
                case Processor::arm:
                    arm(range);
                    thumb(range);
                    break;
                default:
                    mips(range);
            }
        }
        std::ranges::sort(found_);
        const auto rest = std::ranges::unique(found_);
        found_.erase(rest.begin(), rest.end());
        return std::move(found_);
    }

private:
    void target(std::uint64_t at, std::uint64_t address) {
        if (is_of_interest(program_.callee(address)))
            add(at);
    }
    void slot(std::uint64_t at, std::uint64_t address) {
        if (is_of_interest(program_.slot(address)))
            add(at);
    }
    void add(std::uint64_t at) {
        if (const auto function = program_.function_at(at); function && (found_.empty() || found_.back() != *function))
            found_.push_back(*function);
    }
    [[nodiscard]] std::uint32_t word(const CodeRange& range, std::size_t at) const {
        return big_ ? load_be<std::uint32_t>(range.bytes.data() + at) : load_le<std::uint32_t>(range.bytes.data() + at);
    }

    void x86(const CodeRange& range) {
        const bool is_64 = program_.processor() == Processor::x86_64;
        for (std::size_t i = 0; i + 6 <= range.bytes.size(); ++i) {
            const std::uint8_t first = range.bytes[i];
            const std::uint64_t at = range.address + i;
            if (first == 0xe8 || first == 0xe9)
                target(at, moved(at + 5, word(range, i + 1), 32, 1));
            else if (first == 0xf3 && (range.bytes[i + 1] == 0xa4 || range.bytes[i + 1] == 0xa5 || (range.bytes[i + 1] == 0x48 && range.bytes[i + 2] == 0xa5)))
                add(at);  // rep movs: a memcpy that was put in place
            else if (first == 0xff && (range.bytes[i + 1] == 0x15 || range.bytes[i + 1] == 0x25))
                slot(at, is_64 ? moved(at + 6, word(range, i + 2), 32, 1) : word(range, i + 2));
            else if (first == 0xff && !is_64 && (range.bytes[i + 1] == 0x93 || range.bytes[i + 1] == 0xa3))
                slot(at, (program_.offset_table() + word(range, i + 2)) & 0xffffffff);
        }
    }

    void aarch64(const CodeRange& range) {
        for (std::size_t i = 0; i + 4 <= range.bytes.size(); i += 4)
            if (const std::uint32_t one = word(range, i); (one & 0x7c000000) == 0x14000000)
                target(range.address + i, moved(range.address + i, one & 0x03ffffff, 26, 4));
    }

    void arm(const CodeRange& range) {
        for (std::size_t i = 0; i + 4 <= range.bytes.size(); i += 4)
            if (const std::uint32_t one = word(range, i); (one & 0x0e000000) == 0x0a000000)
                target(range.address + i, moved(range.address + i + 8, one & 0x00ffffff, 24, 4) & 0xffffffff);
    }

    void thumb(const CodeRange& range) {
        for (std::size_t i = 0; i + 4 <= range.bytes.size(); i += 2) {
            const std::uint32_t one = word(range, i);
            if ((one & 0xf800) != 0xf000 || (one >> 30 & 3) < 2)
                continue;
            const std::uint32_t high = one & 0xffff, low = one >> 16;
            const bool exchange = (low & 0xd000) == 0xc000, call = (low & 0xd000) == 0xd000, jump = (low & 0xd000) == 0x9000;
            if (!exchange && !call && !jump)
                continue;
            const std::uint32_t sign = high >> 10 & 1;
            const std::uint32_t one_bit = ~((low >> 13 & 1) ^ sign) & 1, two_bit = ~((low >> 11 & 1) ^ sign) & 1;
            const std::uint32_t distance = sign << 24 | one_bit << 23 | two_bit << 22 | (high & 0x3ff) << 12 | (low & 0x7ff) << 1;
            const std::uint64_t from = range.address + i + 4;
            target(range.address + i, moved(exchange ? from & ~std::uint64_t{3} : from, distance, 25, 1) & 0xffffffff);
        }
    }

    void mips(const CodeRange& range) {
        for (std::size_t i = 0; i + 4 <= range.bytes.size(); i += 4) {
            const std::uint32_t one = word(range, i);
            if (one >> 16 == 0x8f99)  // lw $t9, distance($gp)
                slot(range.address + i, moved(program_.table_pointer(), one & 0xffff, 16, 1) & 0xffffffff);
            else if (one >> 27 == 1)  // j, jal
                target(range.address + i, ((range.address + i) & 0xf0000000) | (one & 0x03ffffff) << 2);
            else if (one >> 16 == 0x0411)
                target(range.address + i, moved(range.address + i + 4, one & 0xffff, 16, 4) & 0xffffffff);
        }
    }

    const Program& program_;
    bool big_;
    std::vector<std::size_t> found_;
};

}  // namespace

std::vector<std::size_t> functions_to_decode(const Program& program) {
    return program.known() == 0 ? std::vector<std::size_t>{} : Scan(program).run();
}

}  // namespace shirushi::code
