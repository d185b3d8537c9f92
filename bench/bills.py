"""bills.py SHIRUSHI SNAPSHOT DATA: `match` on five published bills of materials, with the expected results beside.

What is expected is worked out here, by other code and from the feeds' files: Alpine's secdb by package and release, NVD's ranges by the
vendor:product pairs of each component, one version compared with another in the simplest way that is right for these bills. SNAPSHOT holds NVD's feeds
and Alpine's secdb of DATA. Prints a table; exit code 1 where any row differs."""
import json
import lzma
import re
import subprocess
import sys
import tempfile
from pathlib import Path

shirushi, snapshot, data = sys.argv[1], sys.argv[2], Path(sys.argv[3])
BILLS = (("cyclonedx/osv-scanner/alpine-zlib-16.cdx.json", "zlib of Alpine 3.22"),
         ("cyclonedx/guac-data/syft-cyclonedx-docker.io-library-alpine.latest.json", "syft's bill of an Alpine 3.16 image"),
         ("cyclonedx/guac-data/syft-cyclonedx-docker.io-library-debian.latest.json.xz", "syft's bill of a Debian 11 image"),
         ("cyclonedx/cve-bin-tool/test_triage_cyclonedx_sbom.json", "two products by CPE 2.2"),
         ("spdx/cve-bin-tool/spdx_test.spdx", "tag-value, by name: glibc 2.11.1, tomcat 9.0.14"))


def opened(path):
    return lzma.open(path, "rt", encoding="utf-8") if path.suffix == ".xz" else open(path, encoding="utf-8")


def order(version):
    """Numbers before letters, a suffix like _rc before nothing: enough for the versions of these bills."""
    pre = {"alpha": -4, "beta": -3, "pre": -2, "rc": -1}
    return [(1, int(each), "") if each.isdigit() else (pre.get(each, 0), 0, each) for each in re.findall(r"\d+|[a-z]+", version.lower())] + [(0, 0, "")]


def upstream(version):
    """Of a distribution's version, upstream's."""
    version = version.split(":", 1)[-1]
    version = re.sub(r"-r\d+$", "", version)
    if "-" in version:
        version = version.rsplit("-", 1)[0]
    return re.split(r"[+~](?:dfsg|ds|deb|really|git)", version)[0]


def alpine_fixes():
    """(release, package) -> [(id, version that mends it)]"""
    fixes = {}
    for path in sorted((data / "distro/alpine-secdb").glob("*.xz")):
        document = json.load(opened(path))
        for package in document["packages"]:
            package = package["pkg"]
            for version, ids in package["secfixes"].items():
                for text in ids or []:
                    for name in re.findall(r"CVE-\d+-\d+", text):
                        fixes.setdefault((document["distroversion"].lstrip("v"), package["name"]), []).append((name, version))
    return fixes


def nvd_ranges(pairs):
    """vendor:product -> [(id, criterion)] of NVD's feeds, for these pairs only."""
    found = {}
    for path in sorted((data / "vulnerability/nvd-1.1").glob("*.xz")):
        for item in json.load(opened(path))["CVE_Items"]:
            if "** REJECT **" in item["cve"]["description"]["description_data"][0]["value"][:20]:
                continue
            nodes = list(item["configurations"]["nodes"])
            for node in nodes:
                nodes.extend(node.get("children", []))
                for criterion in node.get("cpe_match", []):
                    pair = ":".join(criterion["cpe23Uri"].split(":")[3:5])
                    if criterion["vulnerable"] and pair in pairs:
                        found.setdefault(pair, []).append((item["cve"]["CVE_data_meta"]["ID"], criterion))
    return found


def fits(version, criterion):
    exact = re.sub(r"\\(.)", r"\1", criterion["cpe23Uri"].split(":")[5])
    update = criterion["cpe23Uri"].split(":")[6]
    if exact not in "*-":
        return order(version) == order(exact if update in "*-" else exact + update)
    ours = order(version)
    return exact == "*" and not (
        "versionStartIncluding" in criterion and ours < order(criterion["versionStartIncluding"])
        or "versionStartExcluding" in criterion and ours <= order(criterion["versionStartExcluding"])
        or "versionEndIncluding" in criterion and ours > order(criterion["versionEndIncluding"])
        or "versionEndExcluding" in criterion and ours >= order(criterion["versionEndExcluding"]))


def expected_of(component, fixes, ranges):
    qualifiers = dict(each.split("=", 1) for each in component["purl"].partition("?")[2].replace("%2F", "/").split("&") if "=" in each)
    expected = {name for pair in component["cpe"] for name, criterion in ranges.get(pair, []) if fits(upstream(component["version"]), criterion)}
    if component["ecosystem"] == "apk":
        release = ".".join(qualifiers.get("distro", "").removeprefix("alpine-").split(".")[:2])
        said = fixes.get((release, qualifiers.get("upstream", qualifiers.get("origin", component["name"]))), [])
        worst = {}
        for name, version in said:
            worst[name] = max(worst.get(name, "0"), version, key=order)
        expected -= set(worst)
        expected |= {name for name, version in worst.items() if version != "0" and order(component["version"]) < order(version)}
    return {(name, component["id"]) for name in expected}


def main():
    facts = []
    for path, _ in BILLS:
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=Path(path.removesuffix(".xz")).name) as bill:
            bill.write(opened(data / path).read())
            bill.flush()
            result = subprocess.run([shirushi, "--quiet", "match", bill.name, "--snapshot", snapshot, "--json"], capture_output=True, text=True, check=False)
        if result.returncode == 3:
            sys.exit(f"{path}: {result.stderr}")
        facts.append(json.loads(result.stdout))
    fixes = alpine_fixes()
    ranges = nvd_ranges({pair for each in facts for component in each["components"]["rows"] for pair in component["cpe"]})
    print("| bill | components | expected | found | missing | more | nothing said of |\n|---|---:|---:|---:|---:|---:|---|")
    differ = False
    for (path, title), each in zip(BILLS, facts):
        components = each["components"]["rows"]
        expected = set().union(*(expected_of(component, fixes, ranges) for component in components))
        found = {(row["advisory"], row["component"]) for row in each["advisory_matches"]["rows"] if row["state"] in ("affected", "superseded", "open_ended")}
        gaps = [gap.split(":")[0] for gap in each["advisory_matches"]["gaps"] if "advisory data" in gap]
        print(f"| {title} | {len(components)} | {len(expected)} | {len(found)} | {len(expected - found)} | {len(found - expected)} | {', '.join(gaps)} |")
        for sign, rows in (("-", expected - found), ("+", found - expected)):
            for name, component in sorted(rows):
                differ = True
                print(f"{sign} {name} {component}", file=sys.stderr)
    return 1 if differ else 0


sys.exit(main())
