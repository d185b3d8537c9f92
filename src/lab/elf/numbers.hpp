#pragma once
// The numbers of the gABI, of GNU and of the MIPS supplement that this room reads; named as there, without their prefixes.

#include <cstdint>

namespace shirushi::elf {

namespace segment_type {
inline constexpr std::uint32_t load = 1, dynamic = 2, interp = 3, note = 4;
inline constexpr std::uint32_t gnu_stack = 0x6474e551, gnu_relro = 0x6474e552;
}  // namespace segment_type

namespace segment_flag {
inline constexpr std::uint32_t execute = 1;
}

namespace section_type {
inline constexpr std::uint32_t symtab = 2, rela = 4, dynamic = 6, note = 7, nobits = 8, rel = 9, dynsym = 11;
}

namespace section_flag {
inline constexpr std::uint64_t alloc = 2, execute = 4;
}

namespace dynamic_tag {
inline constexpr std::uint64_t null = 0, needed = 1, plt_relocations_size = 2, hash = 4, strings = 5, symbols = 6;
inline constexpr std::uint64_t rela = 7, rela_size = 8, strings_size = 10, soname = 14, rpath = 15, rel = 17, rel_size = 18;
inline constexpr std::uint64_t plt_relocation_kind = 20, debug = 21, plt_relocations = 23, bind_now = 24, runpath = 29;
inline constexpr std::uint64_t flags = 30, gnu_hash = 0x6ffffef5, flags_1 = 0x6ffffffb;
inline constexpr std::uint64_t mips_symbol_count = 0x70000011, mips_rld_map = 0x70000016, mips_rld_map_relative = 0x70000035;
}  // namespace dynamic_tag

namespace dynamic_flag {
inline constexpr std::uint64_t bind_now = 8;  // DT_FLAGS
inline constexpr std::uint64_t now_1 = 1;     // DT_FLAGS_1
inline constexpr std::uint64_t pie_1 = 0x08000000;
}  // namespace dynamic_flag

namespace machine {
inline constexpr std::uint16_t sparc = 2, x86 = 3, m68k = 4, mips = 8, mips_rs3_le = 10, powerpc = 20, powerpc64 = 21, s390 = 22;
inline constexpr std::uint16_t arm = 40, superh = 42, sparc64 = 43, x86_64 = 62, aarch64 = 183, alpha = 0x9026;
}  // namespace machine

}  // namespace shirushi::elf
