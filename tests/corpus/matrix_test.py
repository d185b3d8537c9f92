"""One made device for each requirement fails what its fault is about and nothing else; the clean twin fails nothing. Writes docs/matrix.md."""
import os
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests/scenarios"))
sys.path.insert(0, str(ROOT / "tests/corpus"))
import build  # noqa: E402
import root_tree  # noqa: E402
from matrix import DEVICES, Device, seen  # noqa: E402
from program import Scenario, scratch, verify  # noqa: E402

program = sys.argv[1]
page = ROOT / "docs/matrix.md"
scenario = Scenario()


def made(device, work, tree):
    """The image and product.toml of a device."""
    changed = tree | (device.change(tree, work) if device else {})
    image = work / "device.bin"
    image.write_bytes(build.armhf_squashfs(work, changed, "clean"))
    stated = (ROOT / "examples/product.toml").read_text(encoding="utf-8")
    for piece, instead in device.product if device else ():
        assert piece in stated, piece
        stated = stated.replace(piece, instead)
    product = work / "product.toml"
    product.write_text(stated + (device.more if device else ""), encoding="utf-8")
    return image, product


def judged(device, work, tree):
    image, product = made(device, work, tree)
    run, assessment = verify(program, image, work / "out", "--product", product)
    name = (device.requirement if device else "") or "clean"
    scenario.check(run.code in (0, 1, 2), f"{name}: judged ({run.code} {run.err})")
    failed = tuple(sorted(v["requirement"] for v in assessment["verdicts"] if v["verdict"] == "fail"))
    checks = sorted({f["check_id"] for f in assessment["findings"] if f["kind"] == "fail"})
    return failed, checks, assessment


def settled(assessment):
    """The clean device after persons tried every open point of the catalogue and answered each check that asks for one."""
    requirements = tomllib.loads((ROOT / "catalogues/requirements/ccds-27.toml").read_text(encoding="utf-8"))["requirements"]
    points = {(requirement["id"], point["id"]) for requirement in requirements for point in requirement.get("open_points", [])}
    asking = {finding["fingerprint"]: finding["check_id"] for finding in assessment["findings"] if finding["kind"] in ("review", "open")}
    points |= {(verdict["requirement"], asking[each]) for verdict in assessment["verdicts"] for each in verdict["findings"] if each in asking}
    return Device("", "", "", (), more="".join(seen(requirement, "tried on the device", True, point) for requirement, point in sorted(points)))


rows = []
with scratch() as name:
    work = Path(name)
    tree = root_tree.clean(work, "armhf")
    failed, checks, assessment = judged(None, work, tree)
    scenario.equal(failed, (), "the clean twin fails nothing")
    failed, checks, after = judged(settled(assessment), work, tree)
    verdicts = {v["requirement"]: v["verdict"] for v in after["verdicts"]}
    scenario.equal({each: verdict for each, verdict in verdicts.items() if verdict not in ("pass", "not_applicable")}, {}, "the clean twin, with every open point tried, passes")
    passed = sum(verdict == "pass" for verdict in verdicts.values())
    every = [v["requirement"] for v in assessment["verdicts"]]
    for device in DEVICES:
        failed, checks, assessment = judged(device, work, tree)
        scenario.equal(failed, tuple(sorted(device.fails)), f"{device.requirement}: {device.what} ({checks})")
        if device.check:
            scenario.check(device.check in checks, f"{device.requirement}: {device.check} fails ({checks})")
        rows.append(f"| {device.requirement} | {device.what} | {device.check or 'a person'} | {', '.join(failed)} |")
    missing = [each for each in every if each not in {device.requirement for device in DEVICES}]
    table = "\n".join(["# One device for each requirement", "",
                       "Made by the test `corpus.matrix` (`./dev approve` writes it anew): the clean device of the corpus with one fault each. The last column is every requirement that failed;",
                       "where there are several, they ask for the same thing in other words. The clean twin fails none; after persons tried every open point and answered",
                       f"what checks leave to them, it passes all {passed} that apply to it.", "",
                       "| requirement | fault | found by | failed |", "|---|---|---|---|", *rows, "",
                       f"Without a device: {', '.join(missing)}." if missing else "Every requirement has one."]) + "\n"
    if os.environ.get("SHIRUSHI_APPROVE"):
        page.write_text(table, encoding="utf-8")
    scenario.check(page.exists() and page.read_text(encoding="utf-8") == table, "docs/matrix.md is what the test makes (./dev approve)")
scenario.finish()
