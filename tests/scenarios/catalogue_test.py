"""The catalogues on the command line: list, show, compare, coverage; several of them judged in one run; docs/coverage.md."""
import json
import os
import sys
import tomllib
from pathlib import Path

from program import ROOT, Run, Scenario, scratch, verify

program = sys.argv[1]
scenario = Scenario()
files = {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted((ROOT / "catalogues/requirements").glob("*.toml"))}
document = ROOT / "docs/coverage.md"


def catalogue(*arguments, language="en"):
    run = Run(program, "--lang", language, "catalogue", *arguments)
    scenario.equal((run.code, run.err), (0, ""), f"catalogue {' '.join(arguments)}")
    return run.out


def refused(what, piece, *arguments):
    run = Run(program, *arguments)
    scenario.equal(run.code, 3, f"{what}: exit code")
    scenario.contains(run.err, piece, f"{what}: message")
    scenario.check(run.err.startswith("shirushi: ") and run.err.count("\n") == 1, f"{what}: one sentence, got {run.err!r}")


entries = json.loads(catalogue("list", "--json"))
scenario.equal({entry["id"]: entry["requirements"] for entry in entries}, {name: len(file["requirements"]) for name, file in files.items()}, "list --json counts what the files hold")
listed = catalogue("list")
for entry in entries:
    scenario.contains(listed, entry["title"]["en"], "list names each catalogue")
    scenario.contains(listed, entry["edition"], "list gives its edition")
    scenario.contains(listed, entry["confidence"], "list says how sure its facts are")
scenario.contains(catalogue("list", language="ja"), files["jcstar-1"]["title"]["ja"], "list in Japanese")

for name, file in files.items():
    shown = catalogue("show", name)
    scenario.check(all(requirement["title"]["en"] in shown for requirement in file["requirements"]), f"show {name} names every requirement")
scenario.contains(catalogue("show", "jcstar-1"), "[unconfirmed]", "show marks what is unconfirmed")
full = catalogue("show", "etsi-en-303-645", "5.1-5")
for piece in ("brute-force-test", "IXIT 1-AuthMech", "Asked when", "ccds-27 A-8", "information tables"):
    scenario.contains(full, piece, "a requirement in full")
scenario.equal(json.loads(catalogue("show", "uk-psti", "PSTI-3", "--json"))["declarations"], ["support_until"], "a requirement as JSON")
scenario.contains(catalogue("show", "uk-psti", "PSTI-3", language="ja"), "サポート期間", "a requirement in Japanese")

compared = catalogue("compare", "ccds-27", "jcstar-1")
scenario.contains(compared, "ccds-27 as reached by jcstar-1: 27 requirements", "one direction")
scenario.contains(compared, "jcstar-1 as reached by ccds-27: 16 requirements", "the other direction")
scenario.contains(compared, "engineering judgement", "whose judgement it is")
both = json.loads(catalogue("compare", "psa-10", "jp-mic-34-10", "--json"))
scenario.equal([(each["of"], each["by"]) for each in both["comparisons"]], [("psa-10", "jp-mic-34-10"), ("jp-mic-34-10", "psa-10")], "compare --json has both directions")

rows = json.loads(catalogue("coverage", "--json"))
scenario.equal(len(rows), len(files), "coverage of every catalogue")
native = next(row for row in rows if row["catalogue"] == "ccds-27")
scenario.equal(sum(len(native[kind]) for kind in ("automatic", "guided", "declared", "person")), 27, "each requirement counts once")
scenario.contains(catalogue("coverage", "ccds-27"), "automatic: ", "coverage of one catalogue names its requirements")
scenario.contains(catalogue("coverage", language="ja"), "参照用の一覧", "coverage in Japanese")

made = catalogue("coverage", "--markdown")
if os.environ.get("SHIRUSHI_APPROVE") == "1":
    document.write_text(made, encoding="utf-8")
scenario.check(document.exists() and document.read_text(encoding="utf-8") == made, "docs/coverage.md is what the command prints (./dev approve)")

refused("unknown catalogue", "there is no catalogue \"nonsense\"; there is: bsa-12, ", "catalogue", "show", "nonsense")
refused("unknown requirement", "\"catalogue show ccds-27\" lists them", "catalogue", "show", "ccds-27", "Z-9")
refused("compared with itself", "name two catalogues", "catalogue", "compare", "ccds-27", "ccds-27")

with scratch() as name:
    work = Path(name)
    image = ROOT / "examples/router.bin"
    refused("judging by a reference list", "is a reference list", "--quiet", "verify", image, "-o", work / "r", "--catalogue", "eucc")
    run, alone = verify(program, image, work / "alone", "--catalogue", "jcstar-1")
    scenario.equal(run.code, 1, "the planted example fails STAR-1")
    scenario.equal([verdict["requirement"] for verdict in alone["verdicts"]], [requirement["id"] for requirement in files["jcstar-1"]["requirements"]], "a verdict for each requirement of STAR-1")
    chosen = ["ccds-27", "jcstar-1", "etsi-en-303-645", "eu-cra"]
    run, _ = verify(program, image, work / "four", *[word for each in chosen for word in ("--catalogue", each)])
    scenario.equal(run.code, 1, "several catalogues: the worst decides")
    scenario.equal(sorted(path.name for path in (work / "four").iterdir()), sorted([*chosen, "facts.json", "sbom.cdx.json"]), "what was found is written once")
    for each in chosen:
        scenario.contains(run.out, f"== {each}", "each catalogue has its section on the terminal")
        assessment = json.loads((work / "four" / each / "assessment.json").read_text(encoding="utf-8"))
        scenario.equal(assessment["catalogue"], each, "each catalogue has its assessment")
        scenario.equal(sum(entry["name"].startswith("catalogue ") for entry in assessment["inputs"]), 1, "and pins only its own catalogue")
        scenario.check((work / "four" / each / "report.html").is_file() and (work / "four" / each / "findings.sarif").is_file(), f"{each}: reports")
    scenario.equal((work / "four/jcstar-1/assessment.json").read_bytes() == (work / "alone/assessment.json").read_bytes(), True, "the same judgement alone or among others")
scenario.finish()
