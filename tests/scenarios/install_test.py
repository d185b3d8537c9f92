"""cmake --install gives a program that finds its catalogues and its example; the Debian package holds the same."""
import subprocess
import sys
from pathlib import Path

from program import Run, Scenario, scratch, verify

build = Path(sys.argv[2])
scenario = Scenario()
with scratch() as name:
    work = Path(name)
    subprocess.run(["cmake", "--install", build, "--prefix", work / "usr"], check=True, stdout=subprocess.DEVNULL)
    program = work / "usr/bin/shirushi"
    help_text = Run(program, cwd=work).out
    scenario.contains(help_text, "examples/router.bin", "the installed program names its own example")
    run, assessment = verify(program, work / "usr/share/shirushi/examples/router.bin", work / "out")
    scenario.equal(run.code, 1, f"the installed program runs: {run.err}")
    scenario.equal(len(assessment["verdicts"]), 27, "with its own catalogue")

    made = subprocess.run(["cpack", "-G", "DEB", "-B", work / "package"], cwd=build, capture_output=True, text=True, check=False)
    packages = list((work / "package").glob("*.deb"))
    scenario.equal(len(packages), 1, f"cpack makes one package: {made.stdout[-400:]}{made.stderr[-400:]}")
    if packages:
        listing = subprocess.run(["dpkg-deb", "-c", packages[0]], capture_output=True, text=True, check=True).stdout
        for path in ("./usr/bin/shirushi", "./usr/share/shirushi/catalogues/requirements/ccds-27.toml", "./usr/share/shirushi/catalogues/advisories/embedded.snapshot"):
            scenario.contains(listing, path, "the package holds it")
        control = subprocess.run(["dpkg-deb", "-f", packages[0]], capture_output=True, text=True, check=True).stdout
        scenario.contains(control, "Depends: ", "the package depends on its libraries")
        scenario.contains(control, "libssl3", "libraries found by dpkg-shlibdeps")
scenario.finish()
