"""Real inputs: images with Debian's own programs for armhf, arm64 and mipsel, a netboot installer, boot loaders. Fetched by name."""
import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests/scenarios"))
from program import Run, Scenario, scratch, verify  # noqa: E402

program, cache = sys.argv[1], Path(sys.argv[2])
scenario = Scenario()


def fetch(architecture, *packages):
    subprocess.run([ROOT / "tests/corpus/fetch.sh", architecture, cache / architecture, *packages], check=True)
    return cache / architecture


def upstream(folder, package):
    """Version of an unpacked package without epoch and Debian revision."""
    line = next(l for l in (folder / f"{package}.control").read_text(encoding="utf-8").splitlines() if l.startswith("Version: "))
    return line.split()[1].split(":")[-1].rsplit("-", 1)[0].split("~")[0].split("+")[0]


def versions(folder, product):
    facts = json.loads((folder / "facts.json").read_text(encoding="utf-8"))
    return {row["version"] for row in facts["components"]["rows"] if row["product"] == product}, facts


def expect(folder, product, version, what):
    seen, _ = versions(folder, product)
    scenario.check(any(v == version or v.startswith(version) for v in seen), f"{what}: {product} {version}, found {sorted(seen)}")


def layout(image, folder):
    """What `unpack` writes and says of an image."""
    run = Run(program, "--quiet", "--lang", "en", "unpack", "--json", image, "-o", folder)
    scenario.equal(run.code, 0, f"{image.name}: unpack: {run.err}")
    document = json.loads(run.out)
    scenario.equal(sum(row["size"] for row in document["regions"]["rows"] if row["path"] == ""), image.stat().st_size, f"{image.name}: regions cover the image")
    return document


def formats(document):
    """Of the image itself."""
    return {row["format"] for row in document["regions"]["rows"] if row["path"] == ""}


def descriptions(document):
    return " | ".join(row["description"] for row in document["regions"]["rows"])


for architecture in ("armhf", "arm64", "mipsel"):
    fetch(architecture, "busybox-static", "dropbear-bin")

with scratch() as name:
    work = Path(name)
    subprocess.run([sys.executable, ROOT / "tests/corpus/build.py", work, "--debian", cache], check=True, stdout=subprocess.DEVNULL)
    for image in sorted(work.glob("*-debian.bin")):
        architecture = next(a for a in ("armhf", "arm64", "mipsel") if image.name.startswith(a))
        run, assessment = verify(program, image, work / image.stem, "--product", ROOT / "examples/product.toml")
        scenario.check(run.code in (1, 2), f"{image.name}: {run.err}")
        for package, product in (("busybox-static", "busybox"), ("dropbear-bin", "dropbear")):
            expect(work / image.stem, product, upstream(cache / architecture, package), image.name)
        failing = sorted(f["check_id"] for f in assessment["findings"] if f["kind"] == "fail" and any("dropbear" in e["path"] for e in f["evidence"])
                         and not f["check_id"].startswith("SHI-VUL"))
        # Debian's mipsel programs do ask for an executable stack (PT_GNU_STACK RWE): the finding is true there.
        scenario.equal(failing, ["SHI-BIN-001"] if architecture == "mipsel" else [], f"{image.name}: Debian's dropbear is hardened as far as its CPU goes")

    installer = fetch("armhf", "debian-installer-12-netboot-armhf") / "debian-installer-12-netboot-armhf"
    text = installer / "usr/lib/debian-installer/images/12/armhf/text/debian-installer/armhf"
    run, assessment = verify(program, text / "initrd.gz", work / "initrd")
    scenario.check(run.code in (1, 2), f"netboot initrd: {run.err}")
    seen, facts = versions(work / "initrd", "busybox")
    scenario.check(seen, f"netboot initrd: busybox found, got {sorted(seen)}")
    scenario.check(len(facts["files"]["rows"]) > 1000, f"netboot initrd: {len(facts['files']['rows'])} files")
    scenario.check(len(facts["executables"]["rows"]) > 100, f"netboot initrd: {len(facts['executables']['rows'])} ELF files")
    run, assessment = verify(program, text / "vmlinuz", work / "vmlinuz")
    seen, _ = versions(work / "vmlinuz", "linux_kernel")
    scenario.check(any(v.startswith("6.1.") for v in seen), f"netboot kernel: Linux 6.1, found {sorted(seen)} ({run.err})")

    boot = fetch("armhf", "u-boot-qemu") / "u-boot-qemu"
    for image in sorted(boot.rglob("u-boot.bin"))[:2]:
        run, _ = verify(program, image, work / f"boot-{image.parent.name}")
        seen, _ = versions(work / f"boot-{image.parent.name}", "u-boot")
        scenario.check(any(v.startswith("2023.01") for v in seen), f"{image.parent.name}: U-Boot 2023.01, found {sorted(seen)} ({run.err})")
        document = layout(image, work / f"tree-{image.parent.name}")
        scenario.check({"uboot-environment", "dtb"} & formats(document), f"{image.parent.name}: variables or a device tree, found {sorted(formats(document))}")
        scenario.check("damaged" not in {row["kind"] for row in document["regions"]["rows"]}, f"{image.parent.name}: nothing in it is taken for something damaged")
    document = layout(next(boot.rglob("qemu_arm/u-boot.bin")), work / "tree-qemu-arm")
    scenario.contains(descriptions(document), "looks like arm code", "U-Boot for arm")

    firmware = fetch("amd64", "ovmf") / "ovmf"
    document = layout(next(firmware.rglob("OVMF/OVMF_CODE_4M.snakeoil.fd")), work / "tree-ovmf")
    scenario.equal(formats(document), {"firmware-volume"}, "OVMF: nothing but firmware volumes")
    drivers = [path for path in (work / "tree-ovmf").rglob("*") if path.is_file() and path.read_bytes()[:2] == b"MZ"]
    scenario.check(len(drivers) > 90, f"OVMF: {len(drivers)} drivers come out")
    for architecture, package, machine, file in (("amd64", "grub-efi-amd64-bin", "x86-64", "grubx64.efi"), ("arm64", "grub-efi-arm64-bin", "arm64", "grubaa64.efi")):
        image = next((fetch(architecture, package) / package).rglob("monolithic/" + file))
        document = layout(image, work / f"tree-{package}")
        scenario.contains(descriptions(document), f"EFI application, {machine}", package)
        modules = next((path for path in (work / f"tree-{package}").rglob("mods") if path.is_file()), None)
        scenario.check(modules and b"mimg" in modules.read_bytes()[:16], f"{package}: the section with GRUB's modules is a file")
    document = layout(text / "vmlinuz", work / "tree-vmlinuz")
    scenario.contains(descriptions(document), "Linux zImage, arm, little endian, xz", "netboot kernel")

    grub = fetch("arm64", "grub-efi-arm64-bin") / "grub-efi-arm64-bin"
    image = next(iter(sorted(grub.rglob("grub*.efi"))), None) or next(iter(sorted(grub.rglob("kernel.img"))))
    run, _ = verify(program, image, work / "grub")
    scenario.check(run.code in (1, 2, 3) and (run.code != 3 or "format" in run.err), f"GRUB image is read or refused in words: {run.err}")
scenario.finish()
