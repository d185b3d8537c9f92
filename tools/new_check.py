#!/usr/bin/env python3
"""new_check.py SHI-NET-009 banner_shown --reads services --requirement B-1

Writes a new check that compiles and whose tests are green: its predicate, its text (en, ja) and its cases, one line in
checks.list and one entry in a requirement. Then change the predicate, the sentences and the cases into what you mean.
Nothing is written when anything is wrong."""
import argparse
import json
import pathlib
import re
import sys

# Table: row type, variable, the text member the template compares, how its evidence is written, extra members of a case's row.
NO_EVIDENCE = "{}"
TABLES = {
    "accounts": ("Account", "account", "name", "{account.evidence}", {}),
    "advisory_matches": ("AdvisoryMatch", "match", "advisory", NO_EVIDENCE, {}),
    "call_sites": ("CallSite", "site", "callee", "{{.path = site.path, .offset = std::nullopt, .excerpt = \"\"}}", {}),
    "certificates": ("Certificate", "certificate", "subject", "{certificate.evidence}", {}),
    "components": ("Component", "component", "product", "component.evidence", {}),
    "declared_services": ("DeclaredService", "service", "protocol", NO_EVIDENCE, {}),
    "executables": ("Executable", "executable", "path", "{{.path = executable.path, .offset = std::nullopt, .excerpt = \"\"}}", {}),
    "files": ("File", "file", "path", "{{.path = file.path, .offset = std::nullopt, .excerpt = \"\"}}", {}),
    "regions": ("Region", "region", "format", NO_EVIDENCE, {}),
    "secrets": ("Secret", "secret", "format", "{secret.evidence}", {}),
    "services": ("Service", "service", "name", "{service.evidence}", {}),
    "wireless_networks": ("WirelessNetwork", "network", "ssid", "{network.evidence}", {}),
    "bluetooth_settings": ("BluetoothSetting", "setting", "setting", "{setting.evidence}", {}),
    "usb_exposures": ("UsbExposure", "exposure", "name", "{exposure.evidence}", {}),
    "reset_mechanisms": ("ResetMechanism", "mechanism", "name", "{mechanism.evidence}", {}),
    "web_exposures": ("WebExposure", "exposure", "address", "{exposure.evidence}", {}),
    "web_handlers": ("WebHandler", "handler", "address", "{handler.evidence}", {}),
    "update_mechanisms": ("UpdateMechanism", "mechanism", "tool", "{mechanism.evidence}", {}),
}


def fail(message):
    sys.exit(f"new-check: {message}; nothing was written")


def predicate(check_id, name, tables):
    row, variable, member, evidence, _ = TABLES[tables[0]]
    parameters = [f"const std::vector<{row}>& {tables[0]}"] + [f"const std::vector<{TABLES[t][0]}>&" for t in tables[1:]]
    reads = ", ".join(f"&Facts::{table}" for table in tables)
    return f"""// {check_id}: says which {tables[0]} are among the names that the check's text lists.
#include "check/check.hpp"

namespace shirushi::check {{

extern constexpr Check {name} = check_reading<{reads}>(
    "{check_id}", 1, []({", ".join(parameters)}, Report& out) {{
        for (const {row}& {variable} : {tables[0]})
            if (out.listed("names", {variable}.{member}))
                out.fail({{.key = "found",
                          .names = {{{{"name", {variable}.{member}}}}},
                          .figures = {{}},
                          .evidence = {evidence}}});
    }});

}}  // namespace shirushi::check
"""


def text(check_id, name, tables):
    words = name.replace("_", " ")
    return f"""id = "{check_id}"
level = "warning"

[title]
en = "Nothing unwanted: {words}"
ja = "望ましくないものがない（{words}）"

[remedy]
en = "Remove what is listed."
ja = "挙げられたものを取り除いてください。"

[limits]
en = "Knows only the names that its text lists."
ja = "本文に挙げた名前だけを検出します。"

[messages.found]
en = "{{name}} is unwanted."
ja = "{{name}} は望ましくありません。"

[parameters]
names = ["example-unwanted"]
"""


def cases(tables):
    member = TABLES[tables[0]][2]
    others = {table: [] for table in tables[1:]}
    found = {tables[0]: [{member: "example-unwanted", **TABLES[tables[0]][4]}], **others}
    other = {tables[0]: [{member: "something-else", **TABLES[tables[0]][4]}], **others}
    rows = [{"name": "listed", "facts": found, "expect": "fail", "keys": ["found"]},
            {"name": "not listed", "facts": other, "expect": "pass", "keys": ["pass"]},
            {"name": "nobody looked", "facts": {}, "expect": "open", "keys": ["not_observed"] * len(tables)}]
    return "[\n" + ",\n".join(" " + json.dumps(row) for row in rows) + "\n]\n"


def list_with(root, check_id, name):
    """checks.list with the new line where its id belongs."""
    path = root / "src/lab/check/checks.list"
    ids = {}
    for source in (root / "src/lab/check/checks").glob("*.cpp"):
        for found in re.finditer(r"extern constexpr Check (\w+)\s*=\s*check_reading<[^>]*>\(\s*\"(SHI-[A-Z]{3}-\d{3})\"", source.read_text()):
            ids[found[1]] = found[2]
    if check_id in ids.values():
        fail(f"{check_id} is taken")
    if name in ids:
        fail(f"a check named {name} exists")
    lines = path.read_text().splitlines()
    at = next((i for i, line in enumerate(lines) if (m := re.fullmatch(r"CHECK\((\w+)\)", line)) and ids.get(m[1], "") > check_id), len(lines))
    lines.insert(at, f"CHECK({name})")
    return path, "\n".join(lines) + "\n"


def requirement_with(root, catalogue, requirement, check_id):
    """The catalogue's text with the check added to the requirement's list."""
    path = root / f"catalogues/requirements/{catalogue}.toml"
    if not path.is_file():
        fail(f"there is no {path.relative_to(root)}")
    parts = re.split(r"(?m)^(?=\[\[requirements\]\]$)", path.read_text())
    for i, part in enumerate(parts):
        if f'\nid = "{requirement}"\n' not in part:
            continue
        if found := re.search(r"(?m)^checks = \[([^\]]*)\]", part):
            listed = [entry.strip() for entry in found[1].split(",") if entry.strip()] + [f'"{check_id}"']
            parts[i] = part[:found.start()] + f"checks = [{', '.join(listed)}]" + part[found.end():]
        else:
            parts[i] = re.sub(r"(?m)^(verification = .*)$", rf'\1\nchecks = ["{check_id}"]', part, count=1)
        return path, "".join(parts)
    fail(f"{catalogue} has no requirement {requirement}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("id", help="SHI-AREA-NNN, never used before")
    parser.add_argument("name", help="file and variable: small letters and _")
    parser.add_argument("--reads", required=True, help="tables of facts, comma-separated: " + ", ".join(TABLES))
    parser.add_argument("--requirement", required=True, help="the requirement that lists it, B-1")
    parser.add_argument("--catalogue", default="ccds-27")
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parent.parent)
    given = parser.parse_args()
    if not re.fullmatch(r"SHI-[A-Z]{3}-\d{3}", given.id):
        fail(f'"{given.id}" is no check id; write it as SHI-NET-009')
    if not re.fullmatch(r"[a-z][a-z0-9_]*[a-z0-9]", given.name):
        fail(f'"{given.name}" is no name; use small letters, digits and _')
    tables = given.reads.split(",")
    for table in tables:
        if table not in TABLES:
            fail(f'"{table}" is no table this script knows; known are {", ".join(TABLES)}')
    if len(set(tables)) != len(tables):
        fail("a table stands twice in --reads")
    new = {given.root / f"src/lab/check/checks/{given.name}.cpp": predicate(given.id, given.name, tables),
           given.root / f"catalogues/checks/{given.id}.toml": text(given.id, given.name, tables),
           given.root / f"src/lab/check/testdata/{given.id}.json": cases(tables)}
    changed = dict([list_with(given.root, given.id, given.name), requirement_with(given.root, given.catalogue, given.requirement, given.id)])
    for path in new:
        if path.exists():
            fail(f"{path.relative_to(given.root)} exists")
    for path, content in {**new, **changed}.items():
        path.write_text(content, encoding="utf-8")
    for path in new:
        print(f"new      {path.relative_to(given.root)}")
    for path in changed:
        print(f"changed  {path.relative_to(given.root)}")
    print("next: say what you mean in the three new files, then ./dev test -R check")


main()
