#include "elf/hardening.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "elf/functions.hpp"
#include "elf/numbers.hpp"

namespace shirushi::elf {
namespace {

// A program that uses this many distinct functions on buffers most likely keeps one of them on the stack. On a Debian system the
// rule picks out the packages that are built without the protector (binutils, gcc, U-Boot's tools) and hardly any other.
constexpr std::size_t kEnoughToExpectStackBuffer = 4;

// Fewer distinct replaceable functions than this may all be calls whose buffers the compiler knew nothing about, or knew to be
// safe: it leaves those alone in a fortified program too.
constexpr std::size_t kEnoughToExpectOneReplaced = 4;

constexpr std::size_t kMaximumText = 1024;

bool has_dynamic_flag(const ElfFile& file, std::uint64_t tag, std::uint64_t flag) {
    return (file.dynamic_value(tag).value_or(0) & flag) != 0;
}

bool is_kernel_module(const ElfFile& file) {
    return file.section(".modinfo") != nullptr || file.section(".gnu.linkonce.this_module") != nullptr;
}

/// A debug file has the sections of the program it belongs to, but none of their bytes.
bool is_debug_file(const ElfFile& file) {
    bool any_code = false;
    for (const Section& section : file.sections()) {
        if ((section.flags & section_flag::execute) == 0)
            continue;
        any_code = true;
        if (section.type != section_type::nobits)
            return false;
    }
    return any_code;
}

bool is_linux_kernel(const ElfFile& file) {
    return file.section("__ksymtab") != nullptr && !is_kernel_module(file);
}

/// ET_DYN is both: a linker marks a program with DF_1_PIE, and gives only programs the entry a debugger looks for (DT_DEBUG, on
/// MIPS DT_MIPS_RLD_MAP*). Where neither is there, an interpreter makes a program of what has no name as a library
/// (the C library itself has both, and is a library).
bool is_position_independent_program(const ElfFile& file) {
    if (has_dynamic_flag(file, dynamic_tag::flags_1, dynamic_flag::pie_1))
        return true;
    if (!file.soname().empty())
        return false;
    return file.dynamic_value(dynamic_tag::debug) || file.dynamic_value(dynamic_tag::mips_rld_map) ||
           file.dynamic_value(dynamic_tag::mips_rld_map_relative) || !file.interpreter().empty();
}

Result<ElfKind> kind_of(const ElfFile& file) {
    switch (static_cast<FileType>(file.header().type)) {
        case FileType::relocatable:
            return is_kernel_module(file) ? ElfKind::kernel_module : ElfKind::relocatable;
        case FileType::executable:
            return ElfKind::executable;
        case FileType::shared:
            return is_position_independent_program(file) ? ElfKind::executable : ElfKind::shared_library;
        default:
            return fail(Errc::unsupported, "ELF, but neither a program nor a library nor an object file");
    }
}

/// What Linux does with the stack of a program that does not say (arch/*/include/asm/elf.h, EXSTACK_DEFAULT): the older ports give
/// an executable one. MIPS toolchains long wrote no PT_GNU_STACK at all, whatever the code needs.
Answer nx_by_default(const Header& header) {
    switch (header.machine) {
        case machine::x86:
        case machine::x86_64:
        case machine::arm:
        case machine::powerpc:
        case machine::sparc:
        case machine::sparc64:
        case machine::s390:
        case machine::m68k:
        case machine::alpha:
        case machine::superh:
            return Answer::no;
        case machine::aarch64:
            return Answer::yes;
        default:
            return Answer::unknown;
    }
}

Answer nx_of(const ElfFile& file, ElfKind kind) {
    if (kind == ElfKind::kernel_module)  // runs on the kernel's stacks
        return Answer::unknown;
    if (kind == ElfKind::relocatable) {
        const Section* const mark = file.section(".note.GNU-stack");
        if (mark == nullptr)
            return nx_by_default(file.header());
        return (mark->flags & section_flag::execute) != 0 ? Answer::no : Answer::yes;
    }
    const Segment* const stack = file.segment(segment_type::gnu_stack);
    if (stack == nullptr)
        return nx_by_default(file.header());
    return (stack->flags & segment_flag::execute) != 0 ? Answer::no : Answer::yes;
}

/// Full means that nothing a loader writes code addresses to stays writable: every symbol is bound before the program starts, or
/// there is none to bind late. A file without dynamic section still has a writable .got.plt for indirect functions unless it was
/// linked with -z now, which then only shows in where that section lies.
Relro relro_of(const ElfFile& file) {
    const Segment* const relro = file.segment(segment_type::gnu_relro);
    if (relro == nullptr)
        return Relro::none;
    if (file.dynamic_value(dynamic_tag::bind_now) || has_dynamic_flag(file, dynamic_tag::flags, dynamic_flag::bind_now) ||
        has_dynamic_flag(file, dynamic_tag::flags_1, dynamic_flag::now_1))
        return Relro::full;
    if (!file.dynamic().empty()) {
        // MIPS binds late through its global offset table, without DT_JMPREL.
        const bool binds_late = file.dynamic_value(dynamic_tag::plt_relocations) || file.header().machine == machine::mips;
        return binds_late ? Relro::partial : Relro::full;
    }
    if (file.sections().empty())
        return Relro::partial;
    const Section* const table = file.section(".got.plt");
    const bool covered = table == nullptr || (table->address >= relro->address && table->address - relro->address < relro->memory_size);
    return covered ? Relro::full : Relro::partial;
}

/// Go and the like check bounds themselves and use neither stack protector nor C's string functions for their own code.
bool is_go(const ElfFile& file) {
    return file.section(".gopclntab") != nullptr || file.section(".note.go.buildid") != nullptr;
}

/// musl has no checking functions, and neither has what a program is compiled with there (fortify-headers checks inline): the
/// file cannot tell. Its library is "libc.so" (OpenWrt, also Android's, which has them) or "libc.musl-ARCH.so.1" (Alpine).
bool uses_musl(const ElfFile& file) {
    return file.interpreter().find("ld-musl") != std::string_view::npos ||
           std::ranges::any_of(file.needed(), [](std::string_view name) { return name == "libc.so" || name.starts_with("libc.musl"); });
}

struct Imports {
    std::vector<std::string_view> functions;  ///< source names of undefined functions, start-up code's left out; sorted, unique
    bool stack_protector = false;             ///< undefined
    bool stack_protector_defined = false;     ///< also as a local symbol
    std::vector<std::string_view> fortified;  ///< source names of those that a checking twin replaced
};

void note_symbol(const Symbol& symbol, Imports& imports) {
    constexpr std::uint8_t kUntyped = 0, kFunction = 2;  // an undefined symbol of an object file has no type
    if (is_stack_protector(symbol.name))
        (symbol.imported() ? imports.stack_protector : imports.stack_protector_defined) = true;
    else if (!symbol.imported() || (symbol.type != kUntyped && symbol.type != kFunction))
        return;
    else if (const std::string_view function = fortified_name(symbol.name); !function.empty())
        imports.fortified.push_back(function);
    else if (!is_start_up(symbol.name))
        imports.functions.push_back(source_name(symbol.name));
}

Imports imports_of(const ElfFile& file, const std::vector<Symbol>& static_symbols, ElfKind kind) {
    Imports imports;
    const bool object = kind == ElfKind::relocatable || kind == ElfKind::kernel_module;
    if (!object)
        for (const Symbol& symbol : file.dynamic_symbols())
            note_symbol(symbol, imports);
    for (const Symbol& symbol : static_symbols) {
        if (object)
            note_symbol(symbol, imports);
        else if (!symbol.imported() && is_stack_protector(symbol.name))
            imports.stack_protector_defined = true;
    }
    std::ranges::sort(imports.functions);
    const auto repeated = std::ranges::unique(imports.functions);
    imports.functions.erase(repeated.begin(), repeated.end());
    return imports;
}

/// Whether the imports let one expect an array on some function's stack: the protector leaves functions without one alone.
bool expects_stack_buffer(const Imports& imports) {
    if (std::ranges::any_of(imports.functions, is_unbounded))
        return true;
    std::vector<std::string_view> names = imports.fortified;
    names.insert(names.end(), imports.functions.begin(), imports.functions.end());
    std::ranges::sort(names);
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return static_cast<std::size_t>(std::ranges::count_if(names, works_on_buffers)) >= kEnoughToExpectStackBuffer;
}

/// yes: at least one function of the file is protected. no: none is, although what the file imports shows that it works on
/// buffers. unknown: nothing to go by, as in a small program without arrays, an object file or a kernel module; and a dynamic library
/// that only defines the protector's functions offers them to others. In a static program that is not stripped the C library's
/// own functions count too.
Answer canary_of(const ElfFile& file, const Executable& found, const Imports& imports) {
    if (imports.stack_protector)
        return Answer::yes;
    const bool is_linked = found.kind == ElfKind::executable || found.kind == ElfKind::shared_library;
    if (!is_linked || is_go(file))
        return Answer::unknown;
    if (!found.dynamic) {
        if (imports.stack_protector_defined)
            return Answer::yes;
        return found.stripped ? Answer::unknown : Answer::no;
    }
    return !imports.stack_protector_defined && expects_stack_buffer(imports) ? Answer::no : Answer::unknown;
}

Answer fortified_of(const ElfFile& file, const Executable& found, const Imports& imports) {
    if (!imports.fortified.empty())
        return Answer::yes;
    if (!found.dynamic || is_go(file) || uses_musl(file))
        return Answer::unknown;
    const bool expected =
        found.fortifiable.size() >= kEnoughToExpectOneReplaced || std::ranges::any_of(found.fortifiable, is_always_fortified);
    return expected ? Answer::no : Answer::unknown;
}

}  // namespace

Result<Executable> describe(Bytes file) {
    return describe(TRY(ElfFile::read(file)));
}

Result<Executable> describe(const ElfFile& file) {
    Executable found;
    found.kind = TRY(kind_of(file));
    if (is_debug_file(file))
        return fail(Errc::unsupported, "debug information of an ELF file, without its code");
    if (is_linux_kernel(file))
        return fail(Errc::unsupported, "a Linux kernel as ELF file");
    const std::vector<Symbol> static_symbols = file.symbols();
    found.machine = machine_name(file.header());
    found.bits = file.header().is_64 ? 64 : 32;
    found.big_endian = file.header().endian == Endian::big;
    for (const std::string_view name : file.needed())
        found.needed.push_back(excerpt(name, kMaximumText));
    found.dynamic = found.kind == ElfKind::shared_library || !file.interpreter().empty() || !found.needed.empty();
    found.stripped = static_symbols.size() <= 1;  // the first entry is always empty
    found.run_path = excerpt(file.run_path(), kMaximumText);
    if (found.kind == ElfKind::executable || found.kind == ElfKind::shared_library) {
        found.pie = file.header().type == static_cast<std::uint16_t>(FileType::shared) ? Answer::yes : Answer::no;
        found.relro = relro_of(file);
    }
    found.nx = nx_of(file, found.kind);

    const Imports imports = imports_of(file, static_symbols, found.kind);
    for (const std::string_view name : imports.functions) {
        if (is_fortifiable(name))
            found.fortifiable.emplace_back(name);
        if (is_dangerous(name))
            found.dangerous.emplace_back(name);
    }
    found.canary = canary_of(file, found, imports);
    found.fortified = fortified_of(file, found, imports);
    return found;
}

}  // namespace shirushi::elf
