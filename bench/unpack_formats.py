"""Each format beside its own tool and the general ones: the same image, unpacked to files, on one core and on two.

The image holds about 16 MiB (`MIB`) of real programs and text of this machine. Every run's answer is verified: the digests of all files must be
the source tree's. Times are medians of TURNS turns, the programs taking turns; a ratio is ours : theirs, so below 1 is faster.
"""
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

MIB = 16
# format: (name, command that makes {image} of {tree}, [(peer, command that unpacks {image} into {out})])
SEVEN = ("7zz", "7zz x -y -snld -o{out} {image}")
BSDTAR = ("bsdtar", "mkdir -p {out}; bsdtar -xf {image} -C {out}")
CASES = [
    *[(f"squashfs {c}", f"mksquashfs {{tree}} {{image}} -comp {c} -quiet -no-progress", [("unsquashfs", "unsquashfs -q -n -d {out} {image}"), SEVEN])
      for c in ("gzip", "xz", "lzo", "lz4", "zstd")],
    ("ext4", "mke2fs -q -t ext4 -d {tree} {image} 64M", [("debugfs", "mkdir -p {out}; debugfs -R 'rdump / {out}' {image}"), SEVEN]),
    ("tar.gz", "tar -C {tree} -c . | gzip -n > {image}", [("tar", "mkdir -p {out}; tar -xzf {image} -C {out}"), BSDTAR]),
    ("tar.xz", "tar -C {tree} -c . | xz -T1 > {image}", [("tar", "mkdir -p {out}; tar -xJf {image} -C {out}"), BSDTAR]),
    ("cpio", "(cd {tree}; find . | cpio -o -H newc) > {image}", [("cpio", "mkdir -p {out}; cd {out}; cpio -id < {image}"), BSDTAR]),
    ("zip", "cd {tree}; zip -q -r -y {image}.zip .; mv {image}.zip {image}", [BSDTAR, SEVEN]),
    ("7z", "cd {tree}; 7zz a -snl {image}.7z . ; mv {image}.7z {image}", [SEVEN, BSDTAR]),
    ("iso9660", "xorriso -as mkisofs -quiet -R -J -o {image} {tree}", [("xorriso", "xorriso -osirrox on -indev {image} -extract / {out}"), BSDTAR, SEVEN]),
    ("erofs lz4", "mkfs.erofs -zlz4 {image} {tree}", [("fsck.erofs", "fsck.erofs --extract={out} {image}")]),
    ("cramfs", "mkfs.cramfs {tree} {image}", [("fsck.cramfs", "fsck.cramfs --extract={out} {image}")]),
    ("jffs2 zlib", "mkfs.jffs2 -r {tree} -o {image} -e 128KiB -n", []),
    ("ubifs lzo", "mkfs.ubifs -r {tree} -o {image}.ubifs -m 2048 -e 126976 -c 1000 -x lzo; printf '[v]\\nmode=ubi\\nimage={image}.ubifs\\nvol_id=0\\nvol_type=dynamic\\n"
                  "vol_name=rootfs\\nvol_flags=autoresize\\n' > {image}.ini; ubinize -o {image} -m 2048 -p 128KiB {image}.ini", []),
    ("fat16", "truncate -s 64M {image}; mkfs.fat -F 16 {image}; mcopy -s -i {image} {tree}/* ::/", [("mcopy", "mkdir -p {out}; mcopy -s -n -i {image} '::/*' {out}"), SEVEN]),
    ("ntfs", "truncate -s 64M {image}; mkntfs -q -F {image}; for f in {tree}/*/*; do test -f \"$f\" && ntfscp -q -f {image} \"$f\" \"$(basename \"$f\")\"; done", [SEVEN]),
]


def digests(folder):
    found = set()
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink() and path.stat().st_size > 0:
            found.add(hashlib.sha256(path.read_bytes()).digest())
    return found


def source_tree(work):
    """Real programs of this machine, each once, until MIB are together; names are unique, so that flat copies work too."""
    tree = work / "tree"
    total, seen = 0, set()
    for folder in ("/usr/sbin", "/usr/bin", "/usr/share/perl/5.36.0"):
        target = tree / folder.strip("/").replace("/", "-")
        target.mkdir(parents=True)
        for path in sorted(Path(folder).glob("*")):
            size = path.stat().st_size if path.is_file() and not path.is_symlink() else 0
            if not 2000 < size < 1_500_000 or total > MIB << 20 or path.name.lower() in seen:
                continue
            seen.add(path.name.lower())
            (target / path.name).write_bytes(path.read_bytes())
            total += size
    return tree


def run(measured, command, core):
    prefix = ["taskset", "-c", "0"] if core == 1 else []
    return measured([*prefix, "bash", "-c", f"export PATH=$PATH:/usr/sbin:/sbin; {{ {command}; }} >/dev/null 2>&1"], (0, 1, 2))


def bench(work, program, measured, in_turns, middle, remove):
    tree = source_tree(work)
    want = digests(tree)
    print(f"unpack to files: {len(want)} files, {sum(p.stat().st_size for p in tree.rglob('*') if p.is_file()) >> 20} MiB; wall seconds, medians; ratio = ours : theirs")
    for name, make, peers in CASES:
        image, out = work / "image", work / "out"
        image.unlink(missing_ok=True)
        made = subprocess.run(["bash", "-c", "export PATH=$PATH:/usr/sbin:/sbin; " + make.format(tree=tree, image=image)], capture_output=True)
        if made.returncode != 0 or not image.exists():
            sys.exit(f"{name}: could not be made: {made.stderr.decode(errors='replace')[-300:]}")
        for peer, command in [*peers, ("binwalk", "mkdir -p {out}; binwalk -e -q --run-as=root -C {out} {image}" if os.geteuid() == 0 else "mkdir -p {out}; binwalk -e -q -C {out} {image}")]:
            row = [f"  {name:<14} {peer:<11}"]
            for core in (1, 2):
                if peer == "binwalk" and core == 2:
                    continue
                missing = {}

                def once(command, who):
                    remove(out)
                    result = run(measured, command.format(out=out, image=image), core)
                    missing[who] = len(want - digests(out))
                    return result

                mine, theirs = in_turns(lambda: once(f"{program} -q unpack -o {out} {image}", "we"), lambda: once(command, peer))
                if missing["we"]:
                    sys.exit(f"{name}: wrong answer: {missing['we']} of {len(want)} files are missing from ours")
                ratio = middle(mine, "wall") / middle(theirs, "wall")
                row.append(f"{core} core{'s' if core > 1 else ' '}: ours {middle(mine, 'wall'):.3f} theirs {middle(theirs, 'wall'):.3f} ratio {ratio:.2f}"
                           + (f" (theirs lacks {missing[peer]} files)" if missing[peer] else ""))
            print("   ".join(row), flush=True)
        remove(out)
        shutil.rmtree(out, ignore_errors=True)
