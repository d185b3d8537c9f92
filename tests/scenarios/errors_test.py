"""Whatever cannot be verified ends in one clear sentence, exit code 3, and nothing lost."""
import os
import sys
from pathlib import Path

from program import ROOT, Run, Scenario, scratch

program = sys.argv[1]
example = ROOT / "examples/router.bin"
scenario = Scenario()


def refused(what, piece, *arguments, **options):
    run = Run(program, "--quiet", *arguments, **options)
    scenario.equal(run.code, 3, f"{what}: exit code")
    scenario.contains(run.err, piece, f"{what}: message")
    scenario.check(run.err.startswith("shirushi: ") and run.err.count("\n") == 1, f"{what}: one sentence after the program's name, got {run.err!r}")
    return run


with scratch() as name:
    work = Path(name)
    out = work / "out"
    refused("no such file", "missing.bin", "verify", work / "missing.bin", "-o", out)
    refused("a directory", "director", "verify", work, "-o", out)
    (work / "empty.bin").write_bytes(b"")
    refused("an empty file", "empty", "verify", work / "empty.bin", "-o", out)
    os.mkfifo(work / "pipe")
    refused("a pipe", "pipe", "verify", work / "pipe", "-o", out)

    (work / "noise.txt").write_text("This is not a firmware image.\n" * 40)
    refused("not an image", "noise.txt", "verify", work / "noise.txt", "-o", out)

    (work / "file").write_text("x")
    refused("output below a file", "output folder", "verify", example, "-o", work / "file" / "below")
    refused("output is a file", "output folder", "verify", example, "-o", work / "file")
    scenario.equal((work / "file").read_text(), "x", "the file in the way is untouched")

    if Path("/dev/full").exists() and os.geteuid() == 0:
        # A file system of 64 KiB: the reports do not fit.
        small = work / "small"
        small.mkdir()
        if os.system(f"mount -t tmpfs -o size=64k none {small} 2>/dev/null") == 0:
            try:
                refused("disk full", "No space left", "verify", example, "-o", small)
                scenario.check(not list(small.glob("*.part")), "disk full: no half file stays")
            finally:
                os.system(f"umount {small}")
        else:
            print("note: this machine does not allow a small file system; disk full was not tried")

    if os.geteuid() == 0:
        demote = {"user": 65534, "group": 65534, "extra_groups": []}
        os.chmod(name, 0o755)
        locked = work / "locked"
        locked.mkdir(mode=0o555)
        refused("no permission for output", "ermission denied", "verify", example, "-o", locked / "out", **demote)
        secret = work / "secret.bin"
        secret.write_bytes(b"x" * 100)
        secret.chmod(0)
        refused("unreadable image", "ermission denied", "verify", secret, "-o", work / "out2", **demote)

    refused("unknown catalogue", "ccds-27", "verify", example, "-o", out, "--catalogue", "nonsense")
    refused("bad date", "2026-11-23", "verify", example, "-o", out, "--as-of", "yesterday")
    refused("no product.toml", "nowhere.toml", "verify", example, "-o", out, "--product", work / "nowhere.toml")
    (work / "product.toml").write_text('vendr = "x"\n')
    refused("bad product.toml", "product.toml:1", "verify", example, "-o", out, "--product", work / "product.toml")
    refused("bad catalogues", "requirements/", "--catalogues", work / "none", "verify", example, "-o", out)
    scenario.equal(Run(program, "--nonsense").code, 3, "an unknown option")
    scenario.check(not list(out.glob("*.json")) if out.exists() else True, "a refused run writes no report")
scenario.finish()
