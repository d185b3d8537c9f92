"""The README's first command: the example, its reports, twice the same bytes, and product.toml's part in the verdicts."""
import json
import subprocess
import sys
import tomllib
from pathlib import Path

from program import DOCUMENTS, ROOT, Run, Scenario, scratch, verify

program, validator, published = sys.argv[1], sys.argv[2], Path(sys.argv[3])
example = ROOT / "examples/router.bin"
scenario = Scenario()

help_text = Run(program).out
scenario.contains(help_text, "verify", "help names the first command")
named = next((line.split()[-1] for line in help_text.splitlines() if " verify " in line and line.strip().endswith(".bin")), "")
scenario.check(named and Path(named).exists(), f"the example that help names exists: {named!r}")

with scratch() as name:
    work = Path(name)
    run, assessment = verify(program, example, work / "a")
    scenario.equal(run.code, 1, "the planted example fails")
    for document in DOCUMENTS:
        scenario.check((work / "a" / document).is_file(), f"{document} is written")
    scenario.equal(sorted(path.name for path in (work / "a").iterdir()), DOCUMENTS, "nothing else is written")

    scenario.equal(len(assessment["verdicts"]), 27, "a verdict for each requirement")
    for verdict in assessment["verdicts"]:
        for key in ("requirement", "verdict", "reasons", "findings", "remedy"):
            scenario.check(key in verdict, f"{verdict.get('requirement')}: has {key}")
        scenario.check(verdict["verdict"] in ("pass", "fail", "inconclusive", "not_applicable"), f"{verdict['requirement']}: a known verdict")
        scenario.check(verdict["reasons"], f"{verdict['requirement']}: has reasons")
        if verdict["verdict"] in ("fail", "inconclusive"):
            scenario.check(verdict["remedy"], f"{verdict['requirement']}: says what to do")
    fingerprints = {finding["fingerprint"] for finding in assessment["findings"]}
    scenario.check(all(f in fingerprints for v in assessment["verdicts"] for f in v["findings"]), "verdicts refer to findings that are there")

    run, _ = verify(program, example, work / "b")
    for document in DOCUMENTS:
        scenario.equal((work / "a" / document).read_bytes() == (work / "b" / document).read_bytes(), True, f"{document}: same input, same bytes")

    schemas = {"facts.json": ROOT / "docs/formats/schemas/facts-1.schema.json", "assessment.json": ROOT / "docs/formats/schemas/assessment-1.schema.json",
               "oscal-ar.json": ROOT / "tests/schemas/oscal-ar-written.schema.json",
               "findings.sarif": published / "@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json",
               "sbom.cdx.json": published / "@cyclonedx/cyclonedx-library/res/schema/bom-1.6.SNAPSHOT.schema.json"}
    for document, schema in schemas.items():
        result = subprocess.run([validator, schema, work / "a" / document], capture_output=True, text=True, check=False)
        scenario.equal(result.returncode, 0, f"{document} is valid: {result.stdout[-300:]}{result.stderr[-300:]}")

    run, clean = verify(program, ROOT / "examples/router-clean.bin", work / "c", "--product", ROOT / "examples/product.toml")
    failing = [v["requirement"] for v in clean["verdicts"] if v["verdict"] == "fail"]
    scenario.equal(failing, [], "the clean twin fails nothing")
    scenario.equal(run.code, 2, "what nobody has looked at is inconclusive")
    absent = [v["requirement"] for v in clean["verdicts"] if v["verdict"] == "not_applicable"]
    scenario.check(absent, "interfaces declared absent make requirements not applicable")

    answers = "Example Works\nGateway\n1.0\niot-gateway\nsecurity@example.com\n2030-12-31\ny\nn\nn\nn\ny\n?\ny\n443/tcp https settings page\nnonsense\n\n"
    init = Run(program, "--lang", "en", "init", "-o", work / "product.toml", input=answers.encode())
    scenario.equal(init.code, 0, f"init: {init.err}")
    run, declared = verify(program, example, work / "d", "--product", work / "product.toml")
    scenario.equal(declared["product"]["vendor"], "Example Works", "the declaration is in the assessment")
    scenario.equal(len(declared["product"]["services"]), 1, "the declared service")
    scenario.equal(Run(program, "init", "-o", work / "product.toml", input=b"").code, 3, "init does not overwrite")

    # What the image shows is not asked for: vendor, model, version, three lines left empty, then Ethernet, Bluetooth, USB and SQL.
    answers = "Example Works\nGateway\n1.0\n\n\n\ny\nn\nn\nn\n" + "for the owner\n" * 2 + "-\n" * 40
    asked = Run(program, "--lang", "en", "init", "--facts", work / "a/facts.json", "-o", work / "found.toml", input=answers.encode())
    scenario.equal(asked.code, 0, f"init --facts: {asked.err}")
    scenario.contains(asked.out, "is in the image", "says what it found")
    stated = tomllib.loads((work / "found.toml").read_text(encoding="utf-8"))
    scenario.equal(stated["interfaces"]["web_interface"], "yes", "the web interface was found")
    scenario.equal([each["purpose"] for each in stated["services"]], ["for the owner"] * 2, "the services that were confirmed")
    observed = json.loads((work / "a/facts.json").read_text(encoding="utf-8"))
    ports = {(end["transport"], end["port"]) for row in observed["services"]["rows"] for end in row["endpoints"]}
    scenario.check({(each["transport"], each["port"]) for each in stated["services"]} <= ports, "with the ports that were found")
    scenario.equal(verify(program, example, work / "g", "--product", work / "found.toml")[0].code, 1, "and verify reads it")

    japanese = Run(program, "--lang", "ja", "--quiet", "verify", example, "-o", work / "e")
    scenario.contains(japanese.out, "不適合", "the terminal in Japanese")
    scenario.equal((work / "e/report.html").read_bytes() == (work / "a/report.html").read_bytes(), True, "the report is in both languages")

    sbom = json.loads(Run(program, "--quiet", "sbom", example).out)
    scenario.equal(sbom["specVersion"], "1.6", "sbom on standard output")
    scenario.contains(Run(program, "--quiet", "unpack", "--files", example).out, "etc/shadow", "unpack lists files")
    scenario.contains(Run(program, "explain", "B-1").out, "SHI-", "explain a requirement")
    scenario.equal(Run(program, "explain", "Z-9").code, 3, "explain what is not there")
scenario.finish()
