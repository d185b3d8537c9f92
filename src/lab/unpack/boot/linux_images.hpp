#pragma once
// Linux kernels as boot loaders take them, in own code, split in the parent: the code in front, the compressed kernel and what
// stands behind it become parts, which are scanned like any other bytes, so that a wrong guess about the payload loses nothing.
// Sources, all in the kernel's tree: Documentation/arch/arm/booting.rst with arch/arm/boot/compressed/head.S and vmlinux.lds.S
// (zImage), Documentation/arch/arm64/booting.rst, Documentation/arch/riscv/boot-image-header.rst, Documentation/arch/x86/boot.rst,
// drivers/firmware/efi/libstub/zboot-header.S, kernel/configs.c (the configuration inside).

#include <optional>

#include "unpack/formats.hpp"

namespace shirushi::unpack {

/// arm: magic at 0x24. Ends where its header says; device trees appended behind are containers of their own, and counted here.
std::optional<FoundContainer> identify_zimage(Bytes bytes);
Result<Parts> split_zimage(Bytes bytes);

/// x86: "HdrS" at 0x202, both bzImage and the old zImage.
std::optional<FoundContainer> identify_bzimage(Bytes bytes);
Result<Parts> split_bzimage(Bytes bytes);

/// arm64 and RISC-V: a header in front of the kernel itself, which is not compressed. Where no EFI header says how long the
/// file is, the size is that in memory, which includes what the kernel clears at its start.
std::optional<FoundContainer> identify_linux_image(Bytes bytes);
Result<Parts> split_linux_image(Bytes bytes);

/// The generic EFI wrapper: "MZ", then "zimg".
std::optional<FoundContainer> identify_zboot(Bytes bytes);
Result<Parts> split_zboot(Bytes bytes);

/// The configuration a kernel was built with, between IKCFG_ST and IKCFG_ED; handed out as the file "config".
std::optional<FoundContainer> identify_kernel_config(Bytes bytes);
Result<void> read_kernel_config(Bytes bytes, Share share, Sink& sink);

}  // namespace shirushi::unpack
