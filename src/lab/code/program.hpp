#pragma once
// A program as the analysis needs it: where its code is, where its functions start, which addresses stand for which library function, and
// what its constant data hold. Borrows the file's bytes.

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "code/library.hpp"
#include "elf/elf.hpp"

namespace shirushi::code {

enum class Processor { none, x86, x86_64, arm, aarch64, mips };

Processor processor_of(const elf::Header& header);

struct CodeRange {
    std::uint64_t address = 0;
    Bytes bytes;
    [[nodiscard]] std::uint64_t end() const { return address + bytes.size(); }
    [[nodiscard]] bool holds(std::uint64_t at) const { return at >= address && at < end(); }
};

struct FunctionStart {
    std::uint64_t address = 0;  ///< without the Thumb bit
    std::uint64_t size = 0;     ///< 0: up to the next one
    std::string_view name;      ///< empty: not known
    bool thumb = false;
};

class Program {
public:
    explicit Program(const elf::ElfFile& file);

    [[nodiscard]] Processor processor() const { return processor_; }
    [[nodiscard]] const elf::ElfFile& file() const { return *file_; }
    /// By address, without overlap. Stubs of imported functions (.plt) are left out where sections tell.
    [[nodiscard]] const std::vector<CodeRange>& code() const { return code_; }
    /// By address, each once.
    [[nodiscard]] const std::vector<FunctionStart>& functions() const { return functions_; }
    /// The function that holds an address, with its bytes up to the next one; nothing outside the code.
    [[nodiscard]] std::optional<std::size_t> function_at(std::uint64_t address) const;
    [[nodiscard]] CodeRange body(std::size_t function) const;

    /// The library function that calling this address calls: a stub, or a function of that name in the program itself.
    [[nodiscard]] const LibraryFunction* callee(std::uint64_t address) const;
    /// The library function whose address a slot of the global offset table holds.
    [[nodiscard]] const LibraryFunction* slot(std::uint64_t address) const;
    /// The name of what a slot stands for, library function or not; empty: none.
    [[nodiscard]] std::string_view slot_name(std::uint64_t address) const;
    /// The register that a function which only asks where it was called from (i386) puts that in, as numbered in the encoding.
    [[nodiscard]] std::optional<std::uint8_t> thunk_register(std::uint64_t address) const;
    /// Whether calling this address calls some imported function, known or not.
    [[nodiscard]] bool is_stub(std::uint64_t address) const { return stubs_.contains(address); }
    /// How many addresses and slots stand for a library function that is known here.
    [[nodiscard]] std::size_t known() const { return known_; }

    /// What a pointer-sized word holds when the program starts, as far as the file tells.
    [[nodiscard]] std::optional<std::uint64_t> word(std::uint64_t address) const;
    /// The text at an address in memory that nobody can write; nothing where there is none, or where it is longer than 4 KiB.
    [[nodiscard]] std::optional<std::string_view> constant_text(std::uint64_t address) const;
    /// Whether an address lies in a segment that cannot be written.
    [[nodiscard]] bool is_constant(std::uint64_t address) const;

    /// The same, or in one that cannot be written once the program was linked.
    [[nodiscard]] bool is_settled(std::uint64_t address) const;
    /// Whether an address lies in memory of the program that can be written.
    [[nodiscard]] bool is_data(std::uint64_t address) const;
    /// Bytes from an address to the end of the object that a symbol says to be there.
    [[nodiscard]] std::optional<std::uint64_t> object_size(std::uint64_t address) const;

    /// What $gp holds on MIPS: 0 elsewhere.
    [[nodiscard]] std::uint64_t table_pointer() const { return table_pointer_; }
    /// Address of the global offset table by DT_PLTGOT: what i386 code keeps in ebx.
    [[nodiscard]] std::uint64_t offset_table() const { return offset_table_; }

private:
    void find_code();
    void read_slots();
    void read_mips_table(const std::vector<elf::Symbol>& symbols);
    void find_stubs();
    void stubs_x86(const CodeRange& range);
    void stubs_arm(const CodeRange& range);
    void stubs_aarch64(const CodeRange& range);
    void stubs_mips(const CodeRange& range);
    void add_stub(std::uint64_t stub, std::uint64_t slot);
    void name_functions();
    void add_unwound();
    void add_arm_unwound();
    void add_arm_pushed();
    void add_called();
    void add_start(std::uint64_t address, std::uint64_t size, std::string_view name, bool thumb);
    void settle_functions();
    [[nodiscard]] bool in_code(std::uint64_t address) const;
    [[nodiscard]] std::uint32_t u32(Bytes bytes, std::size_t at) const;

    const elf::ElfFile* file_;
    Processor processor_;
    std::vector<CodeRange> code_, stub_code_;
    std::vector<FunctionStart> functions_;
    std::unordered_map<std::uint64_t, std::string_view> slots_;             // slot -> symbol
    std::unordered_map<std::uint64_t, std::uint64_t> relative_;             // slot -> address that it will hold
    std::unordered_map<std::uint64_t, const LibraryFunction*> stubs_;       // null: imported, but nothing that is known here
    std::unordered_map<std::uint64_t, const LibraryFunction*> own_;         // functions of the program that bear a library function's name
    std::vector<std::pair<std::uint64_t, std::uint64_t>> settled_;          // address and bytes of what is not written once linked
    std::map<std::uint64_t, std::uint64_t> objects_;                        // address -> bytes, by symbols
    std::size_t known_ = 0;
    std::uint64_t table_pointer_ = 0;
    std::uint64_t offset_table_ = 0;
};

}  // namespace shirushi::code
