"""assess and diff: judged again without the image, and one firmware version held against the next."""
import json
import sys
from pathlib import Path

from program import ROOT, Run, Scenario, scratch, verify

program = sys.argv[1]
scenario = Scenario()
example, clean, product = (ROOT / "examples" / name for name in ("router.bin", "router-clean.bin", "product.toml"))


def refused(what, piece, *arguments):
    run = Run(program, "--quiet", *arguments)
    scenario.equal(run.code, 3, f"{what}: exit code")
    scenario.contains(run.err, piece, f"{what}: message")
    scenario.check(run.err.startswith("shirushi: ") and run.err.count("\n") == 1, f"{what}: one sentence, got {run.err!r}")


def assess(facts, folder, *more):
    run = Run(program, "--quiet", "--lang", "en", "assess", facts, "-o", folder, *more)
    return run, json.loads((Path(folder) / "assessment.json").read_text(encoding="utf-8")) if (Path(folder) / "assessment.json").exists() else None


with scratch() as name:
    work = Path(name)
    first, judged = verify(program, example, work / "a")
    again, same = assess(work / "a/facts.json", work / "b")
    scenario.equal((again.code, again.err), (1, ""), "the flaws are there without the image")
    for document in ("assessment.json", "facts.json", "findings.sarif", "report.html"):
        scenario.equal((work / "a" / document).read_bytes() == (work / "b" / document).read_bytes(), True, f"{document}: the same facts, the same bytes")
    scenario.equal(again.out.replace(str(work / "b"), ""), first.out.replace(str(work / "a"), ""), "the same table")

    verify(program, clean, work / "c", "--product", product)
    assess(work / "c/facts.json", work / "d", "--product", product)
    scenario.equal((work / "c/assessment.json").read_bytes() == (work / "d/assessment.json").read_bytes(), True, "with product.toml, too")
    # A statement that cannot be used leaves a remark: heard again by assess, it is noted once.
    vex = work / "vex.json"
    vex.write_text(json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.6", "vulnerabilities": [{"id": "CVE-2011-2716", "affects": [{"ref": "urn:x"}]}]}), encoding="utf-8")
    verify(program, example, work / "h", "--vex", vex)
    assess(work / "h/facts.json", work / "i", "--vex", vex)
    notes = json.loads((work / "h/facts.json").read_text(encoding="utf-8"))["notes"]
    scenario.check(any("vex.json" in note for note in notes), f"the remark is a note: {notes}")
    scenario.equal((work / "h/assessment.json").read_bytes() == (work / "i/assessment.json").read_bytes(), True, "with statements, too")
    _, other_day = assess(work / "a/facts.json", work / "e", "--as-of", "2026-11-27")
    scenario.equal(other_day["as_of"], "2026-11-27", "the day of the judgement")
    several, _ = assess(work / "a/facts.json", work / "f", "--catalogue", "jcstar-1", "--catalogue", "uk-psti")
    scenario.check((work / "f/jcstar-1/report.html").is_file() and (work / "f/uk-psti/assessment.json").is_file(), "judged by two other catalogues")
    scenario.equal(json.loads((work / "f/jcstar-1/assessment.json").read_text(encoding="utf-8"))["catalogue"], "jcstar-1", "by the one that was asked for")

    _, matched = assess(work / "a/facts.json", work / "g", "--snapshot", ROOT / "catalogues/advisories/embedded.snapshot")
    scenario.equal([(v["requirement"], v["verdict"]) for v in matched["verdicts"]], [(v["requirement"], v["verdict"]) for v in judged["verdicts"]], "matched anew by the same data, the same verdicts")

    refused("facts that are none", "not JSON", "assess", example, "-o", work / "x")
    (work / "less.json").write_text("{}", encoding="utf-8")
    refused("facts that lack a table", "regions is missing", "assess", work / "less.json", "-o", work / "x")
    refused("no such file", "none.json", "assess", work / "none.json", "-o", work / "x")
    refused("a catalogue that is not there", "nowhere", "assess", work / "a/facts.json", "--catalogue", "nowhere", "-o", work / "x")

    changed = Run(program, "--lang", "en", "diff", work / "a", work / "c")
    scenario.equal((changed.code, changed.err), (0, ""), "the clean twin is not worse")
    for piece in ("Verdicts", "Fail -> ", "Findings that are gone", "SHI-", "Files: "):
        scenario.contains(changed.out, piece, "what became better")
    back = Run(program, "--lang", "en", "diff", work / "c", work / "a")
    scenario.equal(back.code, 1, "the other way round it is worse")
    scenario.contains(back.out, "New findings", "what became worse")
    document = json.loads(Run(program, "diff", work / "c/assessment.json", work / "a/assessment.json", "--json").out)
    scenario.check(document["catalogue"] == "ccds-27" and "files" not in document, "assessments alone say nothing of files")
    scenario.equal({each["requirement"] for each in document["verdicts"] if each.get("after") == "fail"} <= {v["requirement"] for v in judged["verdicts"] if v["verdict"] == "fail"}, True, "the verdicts are the assessment's")
    new = {each["finding"]["fingerprint"] for each in document["findings"] if each["change"] == "added"}
    listed = {each["fingerprint"] for each in judged["findings"] if each["kind"] in ("fail", "review")}
    old = {each["fingerprint"] for each in json.loads((work / "c/assessment.json").read_text(encoding="utf-8"))["findings"]}
    scenario.equal(new, listed - old, "the findings are those that only the later one has")
    facts = json.loads(Run(program, "diff", work / "a/facts.json", work / "c/facts.json", "--json").out)
    scenario.check(facts["catalogue"] == "" and any(each["table"] == "services" for each in facts["facts"]), "facts alone say nothing of verdicts")
    nothing = Run(program, "--lang", "ja", "diff", work / "a", work / "b")
    scenario.equal((nothing.code, nothing.out), (0, "違いはありません。\n"), "a run against itself")
    scenario.contains(Run(program, "--lang", "ja", "diff", work / "c", work / "a").out, "新しい検出事項", "in Japanese")
    refused("other catalogues", "only judgements by the same catalogue", "diff", work / "a/assessment.json", work / "f/jcstar-1/assessment.json")
    refused("nothing in common", "nothing in common", "diff", work / "a/assessment.json", work / "a/facts.json")
    (work / "empty").mkdir()
    refused("an empty folder", "neither assessment.json nor facts.json", "diff", work / "a", work / "empty")
scenario.finish()
