"""Feeds in, a snapshot out; bills of materials against it; what is broken or shrank leaves the snapshot as it was."""
import gzip
import json
import sys
from pathlib import Path

from program import ROOT, Run, Scenario, scratch

program = sys.argv[1]
scenario = Scenario()


def nvd(items, stamp="2024-05-01T00:00Z"):
    return json.dumps({"CVE_data_type": "CVE", "CVE_data_timestamp": stamp, "CVE_Items": [
        {"cve": {"CVE_data_meta": {"ID": cve}, "problemtype": {"problemtype_data": [{"description": [{"lang": "en", "value": "CWE-787"}]}]},
                 "description": {"description_data": [{"lang": "en", "value": "A fault."}]}},
         "configurations": {"nodes": [{"operator": "OR", "cpe_match": [{"vulnerable": True, "cpe23Uri": f"cpe:2.3:a:{product}:*:*:*:*:*:*:*:*", "versionEndExcluding": end}]}]},
         "impact": {"baseMetricV3": {"cvssV3": {"baseScore": 9.8, "vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}}},
         "publishedDate": "2024-01-01T00:00Z", "lastModifiedDate": "2024-04-01T00:00Z"} for cve, product, end in items]})


ITEMS = [("CVE-2024-1001", "busybox:busybox", "1.36.0"), ("CVE-2024-1002", "openssl:openssl", "3.0.9"), ("CVE-2024-1003", "thekelleys:dnsmasq", "2.90")]
EPSS = "#model_version:v2025.03.14,score_date:2024-05-31T12:55:00Z\ncve,epss,percentile\nCVE-2024-1001,0.125,0.9\n"
KEV = {"title": "CISA Catalog", "catalogVersion": "2024.06.01", "dateReleased": "2024-06-01T00:00:00Z", "count": 1,
       "vulnerabilities": [{"cveID": "CVE-2024-1003", "dateAdded": "2024-05-20"}]}
DEBIAN = {"openssl": {"CVE-2024-1002": {"releases": {"bookworm": {"status": "resolved", "repositories": {"bookworm": "3.0.8-1"}, "fixed_version": "3.0.7-2"}}}}}
SBOM = {"bomFormat": "CycloneDX", "specVersion": "1.5", "components": [
    {"type": "application", "bom-ref": "busybox", "name": "busybox", "version": "1.35.0", "cpe": "cpe:2.3:a:busybox:busybox:1.35.0:*:*:*:*:*:*:*"},
    {"type": "application", "bom-ref": "dnsmasq", "name": "dnsmasq", "version": "2.91", "cpe": "cpe:2.3:a:thekelleys:dnsmasq:2.91:*:*:*:*:*:*:*"},
    {"type": "library", "bom-ref": "openssl", "name": "openssl", "version": "3.0.8-1", "purl": "pkg:deb/debian/openssl@3.0.8-1?distro=debian-12",
     "cpe": "cpe:2.3:a:openssl:openssl:3.0.8:*:*:*:*:*:*:*"}]}

with scratch() as name:
    work = Path(name)

    def run(*words):
        return Run(program, "--quiet", "--lang", "en", *words, cwd=work)

    (work / "nvd.json.gz").write_bytes(gzip.compress(nvd(ITEMS).encode()))
    (work / "kev.json").write_text(json.dumps(KEV))
    (work / "debian.json").write_text(json.dumps(DEBIAN))
    (work / "sbom.json").write_text(json.dumps(SBOM))
    snapshot = work / "made.snapshot"
    imported = run("feed", "import", "--snapshot", snapshot, "--today", "2024-06-02", "nvd.json.gz", "kev.json", "debian.json")
    scenario.check(imported.code == 0, f"imports: {imported.err}")
    scenario.check("nvd.json.gz: nvd-1.1, 3 records, newest change 2024-05-01" in imported.out, f"says what came in: {imported.out!r}")
    before = snapshot.read_bytes()
    again = work / "again.snapshot"
    run("feed", "import", "--snapshot", again, "--today", "2024-06-02", "debian.json", "kev.json", "nvd.json.gz")
    scenario.check(again.read_bytes() == before, "the same feeds in another order give the same bytes")
    run("feed", "import", "--snapshot", again, "--today", "2024-06-02", "debian.json", "kev.json", "nvd.json.gz")
    scenario.check(again.read_bytes() == before, "importing twice changes nothing")

    status = run("feed", "status", "--snapshot", snapshot, "--today", "2024-06-03")
    scenario.check(status.code == 0 and "nvd-1.1 nvd.json.gz" in status.out and "kev kev.json" in status.out, f"status lists the feeds: {status.out!r}")
    scenario.check("Old data" not in run("feed", "status", "--snapshot", snapshot, "--today", "2024-05-20").out, "data of the month is not old")
    scenario.check("Old data" in run("feed", "status", "--snapshot", snapshot, "--today", "2024-08-20").out, "old data is said to be so")

    matched = run("match", "sbom.json", "--snapshot", snapshot)
    scenario.check(matched.code == 1, f"something applies: {matched.code} {matched.err}")
    scenario.check("CVE-2024-1001" in matched.out and "CVE-2024-1003" not in matched.out and "CVE-2024-1002" not in matched.out, f"matches: {matched.out!r}")
    (work / "escape.json").write_text(json.dumps(SBOM).replace('"bom-ref": "busybox"', '"bom-ref": "busy\\u001b[31mbox"'))
    scenario.check("\x1b" not in run("match", "escape.json", "--snapshot", snapshot).out, "no escape sequence of a document reaches the terminal")
    everything = run("match", "sbom.json", "--snapshot", snapshot, "--all")
    scenario.check("deb/debian/bookworm/openssl: mended in 3.0.7-2" in everything.out, f"what is excluded has a reason: {everything.out!r}")
    facts = json.loads(run("match", "sbom.json", "--snapshot", snapshot, "--json").out)
    states = {row["advisory"]: row["state"] for row in facts["advisory_matches"]["rows"]}
    scenario.check(states == {"CVE-2024-1001": "affected", "CVE-2024-1002": "mended"}, f"the same as facts: {states}")
    scenario.check("4 exposure unknown: not known to be exploited; exposure unknown; no EPSS score; CVSS 9.8 by nvd (CVSS:3.1/AV:N" in matched.out,
                   f"each has a priority in words: {matched.out!r}")
    (work / "epss.csv").write_text(EPSS)
    scored = work / "scored.snapshot"
    run("feed", "import", "--snapshot", scored, "--today", "2024-06-02", "nvd.json.gz", "kev.json", "debian.json", "epss.csv")
    scenario.check("EPSS 12.5 % (2024-05-31)" in run("match", "sbom.json", "--snapshot", scored).out, "EPSS has its day")

    def vex(**statement):
        (work / "maker.vex.json").write_text(json.dumps({"@context": "https://openvex.dev/ns/v0.2.0", "@id": "x", "author": "Example Devices", "timestamp": "2024-06-01T00:00:00Z", "statements": [
            {"vulnerability": {"name": "CVE-2024-1001"}, "products": [{"@id": "busybox", "identifiers": {"cpe23": "cpe:2.3:a:busybox:busybox:1.35.0:*:*:*:*:*:*:*"}}], **statement}]}))
        return run("match", "sbom.json", "--snapshot", snapshot, "--vex", "maker.vex.json")

    heard = vex(status="not_affected", justification="vulnerable_code_not_in_execute_path")
    scenario.check(heard.code == 0 and "Example Devices" in heard.out and "set aside" in heard.out, f"a statement sets it aside and is shown: {heard.code} {heard.out!r}")
    bare = vex(status="not_affected", impact_statement=" ")
    scenario.check(bare.code == 1 and "without a reason" in bare.out, f"without a reason it does not count: {bare.code} {bare.out!r} {bare.err!r}")
    waiting = vex(status="under_investigation")
    scenario.check(waiting.code == 1 and "under investigation" in waiting.out, f"under investigation it counts and is shown: {waiting.out!r}")
    scenario.check(run("match", "sbom.json", "--snapshot", snapshot, "--vex", "absent").code == 3, "statements that are not there")

    verified = run("verify", ROOT / "examples/router.bin", "-o", "reports", "--snapshot", snapshot)
    used = json.loads((work / "reports/assessment.json").read_text())["inputs"]
    scenario.check(any(each["name"] == "advisory snapshot 2024-05-01" for each in used), f"verify uses the snapshot that is named: {verified.code} {used}")

    before_vex = json.loads((work / "reports/facts.json").read_text())
    found = next(row for row in before_vex["advisory_matches"]["rows"] if row["state"] == "affected")
    component = next(row for row in before_vex["components"]["rows"] if row["id"] == found["component"])

    def judged(justification):
        (work / "router.vex.json").write_text(json.dumps({"@context": "https://openvex.dev/ns/v0.2.0", "@id": "x", "author": "Example Devices", "timestamp": "2024-06-01T00:00:00Z", "statements": [
            {"vulnerability": {"name": found["advisory"]}, "products": [{"@id": "it", "identifiers": {"cpe23": f"cpe:2.3:a:{component['cpe'][0]}:{component['version']}:*:*:*:*:*:*:*"}}], "status": "not_affected", "justification": justification}]}))
        run("verify", ROOT / "examples/router.bin", "-o", "stated", "--snapshot", snapshot, "--vex", "router.vex.json")
        return json.loads((work / "stated/assessment.json").read_text())

    stated = judged("inline_mitigations_already_exist")
    said = [each for each in stated["findings"] if each["check_id"] == "SHI-VUL-006"]
    scenario.check([(each["kind"], each["message_key"]) for each in said] == [("pass", "not_affected")] and "Example Devices" in said[0]["message"]["en"], f"explained: {said}")
    scenario.check(any(each["name"] == "VEX router.vex.json" for each in stated["inputs"]), "the document is pinned")
    scenario.check(not any(each["advisory"] == found["advisory"] and each["component"] == found["component"] for each in stated["priorities"]), "what is set aside has no priority")
    denied = [each for each in judged("component_not_present")["findings"] if each["check_id"] == "SHI-VUL-006"]
    scenario.check([(each["kind"], each["message_key"]) for each in denied] == [("fail", "contradicted_component")], f"what was found contradicts it: {denied}")

    text = nvd(ITEMS)
    for what, content, says in [
            ("cut off", text[:len(text) // 2], "cut off in record"),
            ("a wrong type", text.replace('"2.90"', "[2]"), '"versionEndExcluding" is not a text'),
            ("a key twice", text.replace('"publishedDate"', '"lastModifiedDate"', 1), "stands twice"),
            ("deep nesting", text.replace('"A fault."', "[" * 100 + "]" * 100, 1), "brackets deep"),
            ("no feed", "<html></html>", "not a feed that is known here"),
            ("shrunk", nvd(ITEMS[:1]), "records where it held 3 last time")]:
        (work / "nvd.json.gz").write_bytes(gzip.compress(content.encode()))
        refused = run("feed", "import", "--snapshot", snapshot, "--today", "2024-06-04", "nvd.json.gz")
        scenario.check(refused.code == 3 and says in refused.err, f"{what}: {refused.code} {refused.err!r}")
        scenario.check(snapshot.read_bytes() == before, f"{what}: the snapshot stays as it was")
    accepted = run("feed", "import", "--snapshot", snapshot, "--today", "2024-06-04", "--accept-losses", "nvd.json.gz")
    scenario.check(accepted.code == 0 and snapshot.read_bytes() != before, f"losses can be accepted: {accepted.err}")
    (work / "nvdcve-1.1-modified.json").write_text(nvd(ITEMS))
    run("feed", "import", "--snapshot", again, "--today", "2024-06-04", "nvdcve-1.1-modified.json")
    (work / "nvdcve-1.1-modified.json").write_text(nvd([("CVE-2024-1001", "busybox:busybox", "1.34.0")]))
    changed = run("feed", "import", "--snapshot", again, "--today", "2024-06-05", "nvdcve-1.1-modified.json")
    scenario.check(changed.code == 0 and "3 advisories" in changed.out, f"a smaller feed of changes only is no loss, and takes nothing away: {changed.out} {changed.err}")
    scenario.check("CVE-2024-1001" not in run("match", "sbom.json", "--snapshot", again).out, "what changed counts")
    skipped = run("feed", "import", "--snapshot", again, "--anew", "--skip-broken", "--today", "2024-06-04", "kev.json")
    scenario.check(skipped.code == 0, f"anew: {skipped.err}")
    scenario.check("nvd" not in run("feed", "status", "--snapshot", again, "--today", "2024-06-04").out, "anew forgets what was there")
    scenario.check(run("match", "sbom.json", "--snapshot", "absent").code == 3, "a snapshot that is not there")
    (work / "table-state-2020-04-27.tsv").write_text("cve\tpublished\tcwes\tcvss3_score\trejected\nCVE-1\t2016-05-05\tCWE-119|CWE-20\t9.8\t0\nCVE-2\t2017-05-05\tCWE-119\t7.5\t0\n")
    stats = run("stats", "cwe-top", "--to", "2016-12-31", "table-state-2020-04-27.tsv", snapshot)
    scenario.check(stats.code == 0 and stats.out.splitlines()[0].split("\t")[7] == "nvd2020-04_total", f"names each file's columns: {stats.out[:300]!r} {stats.err}")
    scenario.check(stats.out.splitlines()[1].split("\t")[7:12] == ["1", "1", "0", "1", "1"], f"counts CWE-119: {stats.out.splitlines()[1]!r}")
    top = run("stats", "cwe-top", "--top", "1", "--picture", "moved.svg", "table-state-2020-04-27.tsv")
    scenario.check(top.out.splitlines()[1:] == ["1\tCWE-119\t2\t1\t1\t2"], f"the first: {top.out!r} {top.err}")
    scenario.check("CWE-119: 2016: 1, 2017: 1" in (work / "moved.svg").read_text(), "the picture says how it moved")
    (work / "cwe.xml").write_text('<Weakness_Catalog Date="2024-07-16"><Weaknesses><Weakness ID="119" Name="Buffer Errors"/></Weaknesses></Weakness_Catalog>')
    (work / "jvn.rdf").write_text('<VULDEF-Document><Vulinfo><VulinfoID>JVNDB-2024-000001</VulinfoID><VulinfoData><Title>BusyBox における問題</Title><Related><RelatedItem>'
                                  '<VulinfoID>CVE-2024-1001</VulinfoID></RelatedItem></Related></VulinfoData></Vulinfo><Vulinfo><VulinfoID>JVNDB-2024-000002</VulinfoID>'
                                  '<VulinfoData><Title>dnsmasq における問題</Title><Affected><AffectedItem><Cpe>cpe:/a:thekelleys:dnsmasq</Cpe><VersionNumber>2.92 未満</VersionNumber>'
                                  '</AffectedItem></Affected></VulinfoData></Vulinfo></VULDEF-Document>', encoding="utf-8")
    (work / "nvd.json.gz").write_bytes(gzip.compress(nvd(ITEMS).encode()))
    japanese = run("feed", "import", "--snapshot", "japanese", "--anew", "--today", "2024-06-04", "nvd.json.gz", "cwe.xml", "jvn.rdf")
    scenario.check(japanese.code == 0 and "jvn.rdf: jvn-vuldef, 2 records" in japanese.out and "cwe.xml: cwe, 1 records, newest change 2024-07-16" in japanese.out, f"JVN, CWE: {japanese.err}")
    named = run("stats", "cwe-top", "--top", "1", "table-state-2020-04-27.tsv", "japanese")
    scenario.check(named.out.splitlines() == ["rank\tcwe\ttotal\tcritical\thigh\tc_plus_h\tname", "1\tCWE-119\t2\t1\t1\t2\tBuffer Errors"], f"names of weaknesses: {named.out!r} {named.err}")
    english = run("match", "sbom.json", "--snapshot", "japanese").out
    scenario.check("CVE-2024-1001" in english and "JVNDB-2024-000001\n" in english and "問題" not in english and "dnsmasq < 2.92" in english, f"JVN's numbers: {english!r}")
    shown = Run(program, "--quiet", "--lang", "ja", "match", "sbom.json", "--snapshot", "japanese", cwd=work).out
    scenario.check("JVNDB-2024-000001  BusyBox における問題" in shown and "JVNDB-2024-000002  dnsmasq における問題" in shown, f"and titles in Japanese: {shown!r}")
    (work / "damaged").write_bytes(before[:-1])
    scenario.check("bytes are there" in run("match", "sbom.json", "--snapshot", "damaged").err, "a snapshot that is cut")
scenario.finish()
