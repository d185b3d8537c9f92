#!/usr/bin/env python3
"""Builds the corpus images: router-like firmware with planted flaws, and clean twins. Same input, same bytes.

  tests/corpus/build.py FOLDER                   own content only
  tests/corpus/build.py FOLDER --debian DIR      also the clean trees with real Debian programs (DIR/ARCH/PACKAGE from fetch.sh)
  tests/corpus/build.py --example FOLDER         the two images that ship as examples, and their product.toml
"""
import argparse
import gzip
import io
import lzma
import os
import shutil
import struct
import subprocess
import sys
import tarfile
import tempfile
import zlib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import root_tree  # noqa: E402

BLOCK = 0x10000  # erase block of the flash that the layouts imitate
ENVIRONMENT = {**os.environ, "SOURCE_DATE_EPOCH": "1500000000", "LC_ALL": "C", "TZ": "UTC"}


def run(*command, **options):
    result = subprocess.run([str(part) for part in command], capture_output=True, env={**ENVIRONMENT, **options.pop("environment", {})}, **options)
    if result.returncode != 0:
        sys.exit(f"{command[0]} failed: {result.stderr.decode(errors='replace')[-2000:]}")
    return result.stdout


# ---- file systems ---------------------------------------------------------------------------------------------------

def folders_of(tree):
    wanted = {name for name, entry in tree.items() if entry.folder}
    for path in tree:
        while "/" in path:
            path = path.rsplit("/", 1)[0]
            wanted.add(path)
    return sorted(wanted)


def tar_bytes(tree):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for name in folders_of(tree):
            info = tarfile.TarInfo(name)
            info.type, info.mode, info.mtime = tarfile.DIRTYPE, tree[name].mode if name in tree else 0o755, 1500000000
            archive.addfile(info)
        for name, entry in sorted(tree.items()):
            if entry.folder:
                continue
            info = tarfile.TarInfo(name)
            info.mode, info.mtime = entry.mode, 1500000000
            if entry.link:
                info.type, info.linkname = tarfile.SYMTYPE, entry.link
                archive.addfile(info)
            else:
                info.size = len(entry.content)
                archive.addfile(info, io.BytesIO(entry.content))
    return out.getvalue()


def squashfs(work, tree, compressor):
    out = work / "root.squashfs"
    out.unlink(missing_ok=True)
    run("mksquashfs", "-", out, "-tar", "-comp", compressor, "-noappend", "-no-progress", "-quiet", "-processors", "1", "-b", "131072", input=tar_bytes(tree))
    return out.read_bytes()


def cpio_newc(tree):
    out = bytearray()

    def add(number, name, mode, content):
        fields = [number, mode, 0, 0, 1, 1500000000, len(content), 0, 0, 0, 0, len(name) + 1, 0]
        out.extend(b"070701" + b"".join(b"%08x" % field for field in fields) + name.encode() + b"\0")
        out.extend(b"\0" * (-len(out) % 4) + content)
        out.extend(b"\0" * (-len(out) % 4))

    number = 1
    for name in folders_of(tree):
        add(number, name, 0o040000 | (tree[name].mode if name in tree else 0o755), b"")
        number += 1
    for name, entry in sorted(tree.items()):
        if not entry.folder:
            add(number, name, 0o120777 if entry.link else 0o100000 | entry.mode, entry.link.encode() if entry.link else entry.content)
            number += 1
    add(0, "TRAILER!!!", 0, b"")
    return bytes(out) + b"\0" * (-len(out) % 512)


def ext4(work, tree):
    folder, out, commands = work / "root", work / "root.ext4", []
    shutil.rmtree(folder, ignore_errors=True)
    out.unlink(missing_ok=True)
    folder.mkdir()
    for name in folders_of(tree):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for name, entry in sorted(tree.items()):
        if entry.link:
            (folder / name).symlink_to(entry.link)
        elif not entry.folder:
            (folder / name).write_bytes(entry.content)
    content = sum(len(entry.content) + 4096 for entry in tree.values())
    blocks = max(1024, content * 13 // 10 // 1024 + 512)
    fixed = {"E2FSPROGS_FAKE_TIME": "1500000000"}
    run("mke2fs", "-q", "-t", "ext4", "-b", "1024", "-O", "^metadata_csum,^has_journal", "-U", "00000000-0000-4000-8000-000000000001",
        "-E", "hash_seed=00000000-0000-4000-8000-000000000002,root_owner=0:0", "-d", folder, out, str(blocks), environment=fixed)
    for name in folders_of(tree) + sorted(name for name, entry in tree.items() if not entry.folder):
        entry = tree.get(name)
        kind = 0o120000 if entry and entry.link else 0o040000 if entry is None or entry.folder else 0o100000
        mode = 0o777 if entry and entry.link else entry.mode if entry else 0o755
        commands += [f"sif /{name} mode 0{kind | mode:o}", f"sif /{name} uid 0", f"sif /{name} gid 0"]
        commands += [f"sif /{name} {time} 1500000000" for time in ("atime", "ctime", "mtime", "crtime")]
        commands += [f"sif /{name} {time}_extra 0" for time in ("atime", "ctime", "mtime", "crtime")]
    run("debugfs", "-w", "-f", "-", out, input="\n".join(commands).encode() + b"\n", environment=fixed)
    return out.read_bytes()


# ---- kernels and containers ---------------------------------------------------------------------------------------------

def kernel(version):
    """Not a kernel: bytes that compress like one, with the banner every Linux carries."""
    state, code = 1, bytearray()
    for _ in range(40000):
        state = (state * 1103515245 + 12345) & 0x7FFFFFFF
        code += bytes([state >> 16 & 0x1F, 0x10, state >> 24 & 0x0F, 0xE5])
    banner = f"Linux version {version} (builder@factory) (gcc version 12.2.0 (GCC) ) #1 SMP Thu Jan 1 00:00:00 UTC 2015\n".encode()
    return bytes(code[:80000]) + b"\0" * 64 + banner + b"\0" * 64 + bytes(code[80000:])


def uimage(work, payload, architecture, kind, compression, name):
    source, out = work / "payload", work / "uimage"
    source.write_bytes(payload)
    run("mkimage", "-A", architecture, "-O", "linux", "-T", kind, "-C", compression, "-a", "0x80008000", "-e", "0x80008000",
        "-n", name, "-d", source, out)
    return out.read_bytes()


def fit(work, payload):
    (work / "kernel.gz").write_bytes(gzip.compress(payload, mtime=0))
    (work / "image.its").write_text("""/dts-v1/;
/ { description = "Kanmon gateway"; #address-cells = <1>;
  images { kernel-1 { description = "kernel"; data = /incbin/("kernel.gz"); type = "kernel"; arch = "arm64"; os = "linux";
    compression = "gzip"; load = <0x80008000>; entry = <0x80008000>; hash-1 { algo = "sha256"; }; }; };
  configurations { default = "config-1"; config-1 { description = "default"; kernel = "kernel-1"; }; }; };
""")
    run("mkimage", "-f", "image.its", "image.fit", cwd=work)
    return (work / "image.fit").read_bytes()


def trx(parts):
    """TRX version 1: magic, length, CRC-32 (as zlib's, inverted) over everything after itself, flags and version, three offsets."""
    body, offsets = b"", []
    for part in parts:
        offsets.append(28 + len(body))
        body += part + b"\0" * (-(28 + len(body) + len(part)) % 4096)
    offsets += [0] * (3 - len(offsets))
    covered = struct.pack("<I3I", 1 << 16, *offsets) + body
    crc = zlib.crc32(covered) ^ 0xFFFFFFFF
    return b"HDR0" + struct.pack("<II", 28 + len(body), crc) + covered


def lzma_alone(payload):
    return lzma.compress(payload, format=lzma.FORMAT_ALONE, preset=6)


def flash(parts, size):
    """Parts one after the other on erase-block boundaries, 0xff between and behind them."""
    image = bytearray()
    for part in parts:
        image += part
        image += b"\xff" * (-len(image) % BLOCK)
    if len(image) > size:
        size = len(image) + (-len(image) % (1 << 20))
    return bytes(image) + b"\xff" * (size - len(image))


# ---- the images -------------------------------------------------------------------------------------------------------

KERNELS = {"planted": "2.6.36", "clean": "6.18.40"}
BOOT_AREA = b"\xff" * (2 * BLOCK)


def armhf_squashfs(work, tree, state):
    compressed = uimage(work, gzip.compress(kernel(KERNELS[state]), mtime=0), "arm", "kernel", "gzip", f"Linux-{KERNELS[state]}")
    return flash([BOOT_AREA, compressed, squashfs(work, tree, "xz")], 1 << 20)


def mipsel_trx(work, tree, state):
    return flash([trx([lzma_alone(kernel(KERNELS[state])), squashfs(work, tree, "gzip")])], 1 << 20)


def arm64_fit_ext4(work, tree, state):
    return flash([fit(work, kernel(KERNELS[state])), ext4(work, tree)], 1 << 20)


def armhf_initramfs(work, tree, state):
    ramdisk = uimage(work, gzip.compress(cpio_newc(tree), mtime=0), "arm", "ramdisk", "gzip", "root")
    return flash([BOOT_AREA, uimage(work, kernel(KERNELS[state]), "arm", "kernel", "none", f"Linux-{KERNELS[state]}"), ramdisk], 1 << 20)


LAYOUTS = {"armhf-squashfs": ("armhf", armhf_squashfs), "mipsel-trx": ("mipsel", mipsel_trx),
           "arm64-fit-ext4": ("arm64", arm64_fit_ext4), "armhf-initramfs": ("armhf", armhf_initramfs)}
TREES = {"planted": root_tree.planted, "clean": root_tree.clean}
DEBIAN_PROGRAMS = {"bin/busybox": ("busybox-static", "bin/busybox"), "usr/sbin/dropbear": ("dropbear-bin", "usr/sbin/dropbear")}


def build(folder, layout, state, packages=None, name=None):
    architecture, make = LAYOUTS[layout]
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        tree = TREES[state](work, architecture)
        if packages:
            tree = root_tree.with_debian(tree, packages / architecture, DEBIAN_PROGRAMS)
        image = make(work, tree, state)
    path = folder / (name or f"{layout}-{state}.bin")
    path.write_bytes(image)
    print(f"{path.name} {len(image)} bytes")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--debian", type=Path, help="unpacked Debian packages: DIR/ARCH/PACKAGE")
    parser.add_argument("--example", action="store_true", help="only the images that ship as examples")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    if arguments.example:
        build(arguments.folder, "armhf-squashfs", "planted", name="router.bin")
        build(arguments.folder, "armhf-squashfs", "clean", name="router-clean.bin")
        return
    for layout in LAYOUTS:
        for state in TREES:
            build(arguments.folder, layout, state)
        if arguments.debian:
            build(arguments.folder, layout, "clean", arguments.debian, f"{layout}-debian.bin")


if __name__ == "__main__":
    main()
