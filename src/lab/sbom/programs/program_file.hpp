#pragma once
// What a program or module says of the packages it was made from: one reader per kind of record, from an ELF file's own tables.

#include "elf/elf.hpp"
#include "sbom/packages/package_file.hpp"

namespace shirushi::sbom {

/// Modules of a Go program: the main one, what it depends on, the standard library. Nothing when it is no Go program.
PackageList read_go_build_info(const elf::ElfFile& program);
/// Crates of a Rust program built with cargo-auditable. Nothing when there is no such record.
PackageList read_rust_audit(const elf::ElfFile& program);
/// A kernel module that is not part of the kernel's own tree (one without "intree", of a kernel that marks its own: 3.2 and later).
PackageList read_kernel_module(const elf::ElfFile& module);

struct ProgramReader {
    Ecosystem ecosystem;
    PackageList (*read)(const elf::ElfFile& program);
};
std::span<const ProgramReader> program_readers();

/// Names of the applets in a BusyBox's table, sorted; empty when there is no such table.
std::vector<std::string> busybox_applets(Bytes program);

}  // namespace shirushi::sbom
