"""sbom and vex: an image's bill of materials in every format, read again and held against schemas; a supplied one compared; minimum
elements; licences; statements about vulnerabilities applied. Documents that cannot be read are refused with the place."""
import json
import subprocess
import sys
from pathlib import Path

from program import ROOT, Run, Scenario, scratch

program, validator, published = sys.argv[1], sys.argv[2], Path(sys.argv[3])
example = ROOT / "examples/router.bin"
schemas = published / "@cyclonedx/cyclonedx-library/res/schema"
scenario = Scenario()


def run(*arguments, code=0, what="", **options):
    result = Run(program, "--quiet", "--lang", "en", *arguments, **options)
    scenario.equal(result.code, code, f"{what or arguments[:3]}: exit code ({result.err.strip()})")
    return result.out


def validate(schema, document, what):
    result = subprocess.run([validator, schema, document], capture_output=True, text=True, check=False)
    scenario.equal(result.returncode, 0, f"{what} is valid: {result.stdout[-300:]}{result.stderr[-300:]}")


with scratch() as name:
    work = Path(name)
    # An image's own document, in every format, and each of them again as the first.
    original = json.loads(run("sbom", example))
    names = sorted((component["name"], component.get("version", "")) for component in original["components"])
    scenario.check(len(names) > 3, f"components of the example ({len(names)})")
    for form, versions in (("cyclonedx-json", ("1.4", "1.5", "1.6")), ("cyclonedx-xml", ("1.4", "1.5", "1.6")), ("spdx-json", ("2.3",)), ("spdx-tag-value", ("2.3",))):
        for version in versions:
            path = work / f"{form}-{version}"
            text = run("sbom", example, "--format", form, "--spec-version", version)
            scenario.equal(text, run("sbom", example, "--format", form, "--spec-version", version), f"{form} {version}: same input, same bytes")
            path.write_text(text, encoding="utf-8")
            again = json.loads(run("sbom", path))
            scenario.equal(sorted((c["name"], c.get("version", "")) for c in again["components"]), names, f"{form} {version}: read again")
            scenario.equal(again["metadata"]["component"]["hashes"], original["metadata"]["component"]["hashes"], f"{form} {version}: the image's digest")
            if form == "cyclonedx-json":
                validate(schemas / f"bom-{version}.SNAPSHOT.schema.json", path, f"{form} {version}")
            if form == "cyclonedx-xml":
                result = subprocess.run(["xmllint", "--nonet", "--noout", "--schema", schemas / f"bom-{version}.SNAPSHOT.xsd", path], capture_output=True, text=True, check=False)
                scenario.equal(result.returncode, 0, f"{form} {version} is valid: {result.stderr[-400:]}")
            if form == "spdx-json":
                validate(ROOT / "tests/schemas/spdx-2.3-written.schema.json", path, form)
    dated = json.loads(run("sbom", example, environment={"SOURCE_DATE_EPOCH": "1767225600"}))
    scenario.equal(dated["metadata"]["timestamp"], "2026-01-01T00:00:00Z", "the time of reproducible builds")
    scenario.equal(json.loads(run("sbom", example, "--created", "2026-02-03T04:05:06Z"))["metadata"]["timestamp"], "2026-02-03T04:05:06Z", "--created")

    # A supplied document against the image: itself, then with one left out, one added and one changed.
    own = work / "cyclonedx-json-1.6"
    compared = json.loads(run("sbom", example, "--compare", own, "--json", code=0 if not original["metadata"].get("properties", [{}])[1:] else 2, what="compare with itself"))
    scenario.equal({row["result"] for row in compared["rows"]}, {"same"}, "compared with itself")
    changed = json.loads(own.read_text())
    left_out = changed["components"].pop(0)
    changed["components"].append({"type": "library", "name": "phantom", "version": "9.9", "bom-ref": "phantom"})
    victim = next(component for component in changed["components"] if component.get("version") and "purl" not in component)
    victim["version"] = "0.0.1"
    (work / "supplied.json").write_text(json.dumps(changed))
    rows = {(row["result"], row["name"]) for row in json.loads(run("sbom", example, "--compare", work / "supplied.json", "--json", code=1))["rows"]}
    scenario.check(("found_only", left_out["name"]) in rows, f"found but not declared: {left_out['name']}")
    scenario.check(("declared_only", "phantom") in rows, "declared but not found")
    scenario.check(("version_differs", victim["name"]) in rows, f"version differs: {victim['name']}")
    text = run("sbom", example, "--compare", work / "supplied.json", code=1)
    scenario.contains(text, "declared, but not found in the image (1)\n  phantom  9.9", "compare as text")
    japanese = Run(program, "--quiet", "--lang", "ja", "sbom", example, "--compare", work / "supplied.json").out
    scenario.contains(japanese, "申告されているが、イメージでは見つからない", "compare in Japanese")

    # Minimum elements.
    rated = json.loads(run("sbom", own, "--quality", "--json", code=1))
    by_element = {element["element"]: element for element in rated["elements"]}
    scenario.equal(by_element["name"]["present"], len(names) + 1, "every component has a name")
    scenario.equal(by_element["author"]["present"], 0, "a tool alone is no author")
    scenario.contains(run("sbom", own, "--quality", code=1), f"Minimum elements of a bill of materials (NTIA 2021): {rated['score']} of 100", "quality as text")
    complete = {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
                "metadata": {"timestamp": "2026-01-01T00:00:00Z", "authors": [{"name": "Ann"}],
                             "component": {"type": "firmware", "bom-ref": "p", "name": "p", "version": "1", "supplier": {"name": "s"}, "purl": "pkg:generic/p@1"}}}
    (work / "complete.json").write_text(json.dumps(complete))
    scenario.equal(json.loads(run("sbom", work / "complete.json", "--quality", "--json"))["score"], 100, "a complete document")

    # Licences.
    licensed = {"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "components": [
        {"type": "library", "bom-ref": "a", "name": "a", "licenses": [{"expression": "MIT OR AGPL-3.0-only"}]},
        {"type": "library", "bom-ref": "b", "name": "b", "licenses": [{"expression": "GPL-2.0-only AND Apache-2.0"}]},
        {"type": "library", "bom-ref": "c", "name": "c", "licenses": [{"license": {"name": "GPLv2+"}}]},
        {"type": "library", "bom-ref": "d", "name": "d", "licenses": [{"license": {"name": "ask the vendor"}}]}]}
    (work / "licensed.json").write_text(json.dumps(licensed))
    judged = {row["component"]: row for row in json.loads(run("sbom", work / "licensed.json", "--licences", "--json", code=1))["rows"]}
    scenario.equal((judged["a"]["verdict"], judged["a"]["chosen"]), ("allow", "MIT"), "the better of two licences")
    scenario.equal(len(judged["b"]["conflicts"]), 1, "two licences in conflict")
    scenario.equal((judged["c"]["expression"], "source" in judged["c"]["obligations"]), ("GPL-2.0-or-later", True), "a package's word for a licence")
    scenario.equal((judged["d"]["expression"], judged["d"]["verdict"]), ("", "review"), "words that are no licence")
    (work / "policy.toml").write_text('[[group]]\nid = "none"\ntitle.en = "x"\ntitle.ja = "x"\nverdict = "deny"\nlicences = ["*"]\n')
    own_policy = {row["component"]: row["verdict"] for row in json.loads(run("sbom", work / "licensed.json", "--licences", "--policy", work / "policy.toml", "--json", code=1))["rows"]}
    scenario.equal(own_policy["a"], "deny", "the user's own policy")
    (work / "bad.toml").write_text('[[group]]\nid = "x"\ntitle.en = "x"\ntitle.ja = "x"\nverdict = "maybe"\nlicences = []\n')
    scenario.contains(Run(program, "--quiet", "sbom", work / "licensed.json", "--licences", "--policy", work / "bad.toml").err, "bad.toml:5: verdict must be one of", "a policy that is none")
    scenario.contains(run("sbom", work / "licensed.json", "--licences", code=1), "What these licences ask for:", "licences as text")

    # Statements about vulnerabilities.
    match = original["vulnerabilities"][0]
    component = next(c for c in original["components"] if c["bom-ref"] == match["affects"][0]["ref"])
    statement = {"@context": "https://openvex.dev/ns/v0.2.0", "@id": "urn:test", "author": "Example Works", "timestamp": "2026-01-01T00:00:00Z", "version": 1, "statements": [
        {"vulnerability": {"name": match["id"]}, "status": "not_affected", "justification": "vulnerable_code_not_in_execute_path", "impact_statement": "never called",
         "products": [{"@id": f"pkg:generic/{component['name']}@{component.get('version', '')}", "identifiers": {"cpe23": component["cpe"]}} if "cpe" in component and "purl" not in component
                      else {"@id": component["purl"]}]}]}
    (work / "vex.json").write_text(json.dumps(statement))
    applied = run("vex", work / "vex.json", "--image", example, code=1)
    scenario.contains(applied, f"{match['id']}  {component['bom-ref']}  set aside\n    not affected: vulnerable_code_not_in_execute_path; never called\n    stated in vex.json at /statements/0", "a statement sets a match aside, with its reason")
    converted = run("vex", work / "vex.json", "--format", "cyclonedx-json", "--spec-version", "1.5")
    (work / "vex.cdx.json").write_text(converted)
    validate(schemas / "bom-1.5.SNAPSHOT.schema.json", work / "vex.cdx.json", "VEX as CycloneDX")
    scenario.contains(run("vex", work / "vex.cdx.json", "--format", "openvex", "--author", "Ann"), '"author": "Ann"', "VEX back as OpenVEX")
    scenario.contains(run("vex", work / "vex.json"), f"{match['id']}  1 products  not affected", "statements as a list")

    # What cannot be read.
    def refused(content, piece, *arguments):
        path = work / "refused"
        path.write_text(content, encoding="utf-8")
        result = Run(program, "--quiet", *(arguments or ("sbom",)), path)
        scenario.equal(result.code, 3, f"refused: {piece}")
        scenario.contains(result.err, piece, "refused with the place")

    refused('{"bomFormat": "CycloneDX", "specVersion": "9.0"}', "refused: CycloneDX 9.0 is not read")
    refused('{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{"name": 1}]}', "/components/0/name: expected text")
    refused('{"bomFormat": "CycloneDX", "bomFormat": "CycloneDX"}', 'the name "bomFormat" stands twice')
    refused('{"bomFormat": ', "line 1, byte ")
    refused('<?xml version="1.0"?>\n<!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/passwd">]><bom>&y;</bom>', "a document type (<!DOCTYPE) is not read")
    refused("SPDXVersion: SPDX-2.3\nnonsense", "line 2: expected")
    refused('{"@context": "https://openvex.dev/ns/v0.2.0", "statements": [{"status": "fixed"}]}', '/statements/0: lacks "vulnerability"', "vex")
    scenario.equal(Run(program, "sbom", example, "--format", "cyclonedx-json", "--spec-version", "2.3").code, 3, "a version that is not written")
    scenario.equal(Run(program, "sbom", example, "--policy", work / "policy.toml").code, 3, "--policy without --licences")
scenario.finish()
