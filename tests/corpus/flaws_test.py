"""Every planted flaw is found in every layout, and its clean twin has none of them. Writes docs/planted-flaws.md."""
import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests/scenarios"))
from program import Scenario, scratch, verify  # noqa: E402

program = sys.argv[1]
table_file = ROOT / "docs/planted-flaws.md"
flaws = tomllib.loads((ROOT / "tests/corpus/flaws.toml").read_text(encoding="utf-8"))["flaw"]
layouts = ["armhf-squashfs", "mipsel-trx", "arm64-fit-ext4", "armhf-initramfs"]
scenario = Scenario()


def found_by(assessment, flaw):
    """Checks whose failing finding for the flaw's requirement points at the flaw's path."""
    verdict = next(v for v in assessment["verdicts"] if v["requirement"] == flaw["requirement"])
    if verdict["verdict"] != "fail":
        return []
    return sorted({finding["check_id"] for finding in assessment["findings"]
                   if finding["fingerprint"] in verdict["findings"] and finding["kind"] == "fail"
                   and any(flaw["path"] in evidence["path"] for evidence in finding["evidence"])})


def table(results):
    rows = ["# Planted flaws and what finds them", "",
            "Made by the test `corpus.flaws` (`./dev approve` writes it anew). Each flaw of `tests/corpus/flaws.toml` is planted in four",
            "layouts; the check named failed there with evidence at the flaw's place. The clean twins fail no requirement.", "",
            "| flaw | requirement | " + " | ".join(layouts) + " | clean twins |", "|---|---|" + "---|" * (len(layouts) + 1)]
    for flaw in flaws:
        cells = [flaw["check"] if flaw["check"] in results[layout][flaw["id"]] else "**not found**" for layout in layouts]
        rows.append(f"| {flaw['what']} | {flaw['requirement']} | " + " | ".join(cells) + " | none |")
    return "\n".join(rows) + "\n"


with scratch() as name:
    work = Path(name)
    subprocess.run([sys.executable, ROOT / "tests/corpus/build.py", work / "images"], check=True, stdout=subprocess.DEVNULL)
    results = {}
    product = work / "product.toml"  # the example's, but for interfaces that it says it has not
    declared = (ROOT / "examples/product.toml").read_text(encoding="utf-8")
    product.write_text(declared.replace('bluetooth = "no"', 'bluetooth = "yes"').replace('usb = "no"', 'usb = "yes"'), encoding="utf-8")
    for layout in layouts:
        run, planted = verify(program, work / f"images/{layout}-planted.bin", work / layout, "--product", product)
        scenario.equal(run.code, 1, f"{layout}: planted image fails ({run.err})")
        results[layout] = {flaw["id"]: found_by(planted, flaw) for flaw in flaws}
        for flaw in flaws:
            scenario.check(flaw["check"] in results[layout][flaw["id"]], f"{layout}: {flaw['id']}: {flaw['check']} fails for {flaw['requirement']} at its place")
        run, clean = verify(program, work / f"images/{layout}-clean.bin", work / f"{layout}-clean", "--product", product)
        for finding in clean["findings"]:
            scenario.check(finding["kind"] != "fail", f"{layout}: clean twin: {finding['check_id']} {finding['message']['en']} {finding['evidence'][:2]}")
        scenario.equal(run.code, 2, f"{layout}: the clean twin fails nothing ({run.err})")
    text = table(results)
    if os.environ.get("SHIRUSHI_APPROVE"):
        table_file.write_text(text, encoding="utf-8")
    scenario.check(table_file.exists() and table_file.read_text(encoding="utf-8") == text, "docs/planted-flaws.md is what the test makes (./dev approve)")
scenario.finish()
