#include "unpack/boot/efi_program.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "unpack/boot/pe_image.hpp"

namespace shirushi::unpack {
namespace {

using namespace std::string_view_literals;

struct Machine {
    std::uint16_t number;
    std::string_view name;
};
constexpr std::array kMachines{Machine{0x14c, "x86"},       Machine{0x8664, "x86-64"},  Machine{0x1c2, "arm"},     Machine{0x1c4, "arm"},        Machine{0xaa64, "arm64"},
                               Machine{0x5032, "riscv32"},  Machine{0x5064, "riscv64"}, Machine{0x6264, "loongarch64"}, Machine{0xebc, "EFI byte code"}};
constexpr std::uint16_t kFirstSubsystem = 10;
constexpr std::array kSubsystems{"application"sv, "boot service driver"sv, "runtime driver"sv, "driver in ROM"sv};
constexpr std::uint64_t kShortText = 512;

struct Program {
    PeImage pe;
    std::string_view machine;
    std::string_view subsystem;
};

std::optional<Program> program_of(Bytes bytes) {
    auto pe = read_pe(bytes);
    if (!pe || pe->size < 64 || pe->subsystem < kFirstSubsystem || pe->subsystem >= kFirstSubsystem + kSubsystems.size())
        return std::nullopt;
    const auto* const machine = std::ranges::find(kMachines, pe->machine, &Machine::number);
    if (machine == kMachines.end())
        return std::nullopt;
    const std::string_view subsystem = kSubsystems.at(pe->subsystem - std::size_t{kFirstSubsystem});
    return Program{.pe = std::move(*pe), .machine = machine->name, .subsystem = subsystem};
}

/// Without what fills the file's section up to an alignment.
std::uint64_t content_size(const PeSection& section) { return section.in_memory == 0 ? section.size : std::min(section.size, section.in_memory); }

const PeSection* section_named(const PeImage& pe, std::string_view name) {
    const auto at = std::ranges::find(pe.sections, name, &PeSection::name);
    return at == pe.sections.end() ? nullptr : &*at;
}

std::string text_of(Bytes bytes, const PeImage& pe, std::string_view name) {
    const PeSection* section = section_named(pe, name);
    return section == nullptr ? std::string() : excerpt(as_text(clipped(bytes, section->offset, std::min(content_size(*section), kShortText))), 200);
}

}  // namespace

bool is_unified_kernel(Bytes bytes) {
    const auto program = program_of(bytes);
    return program && section_named(program->pe, ".linux") != nullptr;
}

std::optional<FoundContainer> identify_efi_program(Bytes bytes) {
    const auto program = program_of(bytes);
    if (!program)
        return std::nullopt;
    const PeImage& pe = program->pe;
    std::string description = fmt::format("EFI {}, {}, {} sections", program->subsystem, program->machine, pe.sections.size());
    if (section_named(pe, ".linux") != nullptr) {
        description += ", unified kernel image";
        if (const std::string release = text_of(bytes, pe, ".uname"); !release.empty())
            description += ", Linux " + release;
        if (const std::string line = text_of(bytes, pe, ".cmdline"); !line.empty())
            description += fmt::format(", command line \"{}\"", line);
    }
    if (pe.certificates)
        description += ", with certificates (not verified)";
    const bool whole = pe.size <= bytes.size();
    if (!whole)
        description += ", " + cut_off(bytes.size(), pe.size);
    return FoundContainer{.size = std::min<std::uint64_t>(pe.size, bytes.size()), .description = std::move(description), .checked = whole, .encrypted = {}};
}

Result<Parts> split_efi_program(Bytes bytes) {
    const auto program = program_of(bytes);
    if (!program)
        return fail(Errc::internal, "not an EFI program after all");
    Parts result;
    for (const PeSection& section : program->pe.sections)
        if (content_size(section) != 0 && section.offset < bytes.size())
            result.parts.push_back({.name = section.name, .offset = section.offset, .size = content_size(section), .encrypted = {}});
    if (program->pe.size > bytes.size())
        result.damage = cut_off(bytes.size(), program->pe.size);
    return result;
}

}  // namespace shirushi::unpack
