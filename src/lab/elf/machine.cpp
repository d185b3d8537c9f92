// Names of processors, as firmware people say them. Numbers: the gABI's registry of e_machine values.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "elf/elf.hpp"
#include "elf/numbers.hpp"

namespace shirushi::elf {
namespace {

struct MachineName {
    std::uint16_t number;
    std::string_view name;
};

constexpr auto kMachines = std::to_array<MachineName>({
    {2, "sparc"},    {3, "x86"},       {4, "m68k"},        {15, "hppa"},      {18, "sparc"},    {40, "arm"},         {43, "sparc64"},
    {44, "tricore"}, {45, "arc"},      {50, "ia64"},       {53, "coldfire"},  {76, "cris"},     {83, "avr"},         {87, "v850"},
    {88, "m32r"},    {92, "openrisc"}, {93, "arc"},        {94, "xtensa"},    {105, "msp430"},  {106, "blackfin"},   {113, "nios2"},
    {138, "lm32"},   {164, "hexagon"}, {167, "nds32"},     {173, "rx"},       {183, "aarch64"}, {189, "microblaze"}, {195, "arc"},
    {247, "bpf"},    {252, "csky"},    {258, "loongarch"}, {0x9026, "alpha"},
});

constexpr std::uint32_t kMipsN32 = 0x20;  // EF_MIPS_ABI2: 64-bit registers in a 32-bit file

std::string mips_name(const Header& header) {
    std::string name = header.is_64 ? "mips64" : (header.flags & kMipsN32) != 0 ? "mipsn32" : "mips";
    return name += header.endian == Endian::big ? "" : "el";
}

}  // namespace

std::string machine_name(const Header& header) {
    const bool big = header.endian == Endian::big;
    switch (header.machine) {
        case machine::mips:
        case machine::mips_rs3_le:
            return mips_name(header);
        case machine::powerpc:
            return big ? "powerpc" : "powerpcle";
        case machine::powerpc64:
            return big ? "powerpc64" : "powerpc64le";
        case machine::s390:
            return header.is_64 ? "s390x" : "s390";
        case machine::superh:
            return big ? "sh4eb" : "sh4";
        case machine::x86_64:
            return header.is_64 ? "x86-64" : "x32";
        case 243:
            return header.is_64 ? "riscv64" : "riscv32";
        default:
            break;
    }
    const auto found = std::ranges::find(kMachines, header.machine, &MachineName::number);
    return found == kMachines.end() ? fmt::format("machine-{}", header.machine) : std::string(found->name);
}

}  // namespace shirushi::elf
