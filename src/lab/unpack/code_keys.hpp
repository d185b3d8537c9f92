#pragma once
// What is looked at of an instruction of each architecture: the bits that say which instruction it is, with little of its operands,
// as a number below kCodeKeys. How often each number occurs is what tells architectures apart (code_tables.cpp holds what was
// learned). Fields are those of the architectures' manuals: Arm DDI 0100 A3.1 (A32), DDI 0403 A5.1 (Thumb-2), DDI 0487 C4.1
// (A64); MIPS MD00087 A.1 and MD00076 (MIPS16e); Power ISA 2.07 1.6; RISC-V unprivileged ISA 24 and 16.8; Intel SDM 2 appendix
// A; Renesas SH-4 REJ09B0003 A; Xtensa ISA 7.3; Atmel AVR 0856; Intel MCS-51 2.

#include <array>
#include <cstdint>
#include <string_view>

#include "base/bytes.hpp"

namespace shirushi::unpack {

inline constexpr std::size_t kCodeKeys = 4096;
using KeyCounts = std::array<std::uint16_t, kCodeKeys>;

enum class CodeFamily : std::uint8_t { arm, thumb, aarch64, mips, mips64, mips16, powerpc, riscv32, riscv64, x86, x86_64, superh, xtensa, avr, mcs51 };
inline constexpr std::size_t kCodeFamilies = 15;

/// Counts the keys of every instruction in `code` (at most 64 KiB of it), read from its first byte on. Returns how many there were.
std::uint32_t count_keys(CodeFamily family, bool big_endian, Bytes code, KeyCounts& counts);

/// Bytes by which instructions are aligned: 1, 2 or 4.
std::size_t code_alignment(CodeFamily family);

}  // namespace shirushi::unpack
