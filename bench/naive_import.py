"""What one writes first: NVD JSON 1.1 feeds into SQLite. The peer of `shirushi feed import` in the bench.

naive_import.py DATABASE FEED.json.xz...
"""
import json
import lzma
import sqlite3
import sys

database = sqlite3.connect(sys.argv[1])
database.executescript(
    "pragma journal_mode=off; pragma synchronous=off;"
    "create table cve(id text primary key, published text, modified text, score real, vector text);"
    "create table weakness(cve text, cwe text);"
    "create table criterion(cve text, cpe text, vulnerable int, start_including text, start_excluding text, end_including text, end_excluding text);")


def matches(node):
    yield from node.get("cpe_match", [])
    for child in node.get("children", []):
        yield from matches(child)


count = 0
for path in sys.argv[2:]:
    with lzma.open(path) as file:
        feed = json.load(file)
    cves, weaknesses, criteria = [], [], []
    for item in feed["CVE_Items"]:
        cve = item["cve"]["CVE_data_meta"]["ID"]
        metric = item.get("impact", {})
        cvss = metric.get("baseMetricV3", {}).get("cvssV3") or metric.get("baseMetricV2", {}).get("cvssV2") or {}
        cves.append((cve, item.get("publishedDate"), item.get("lastModifiedDate"), cvss.get("baseScore"), cvss.get("vectorString")))
        for kind in item["cve"].get("problemtype", {}).get("problemtype_data", []):
            weaknesses += [(cve, each["value"]) for each in kind["description"]]
        for node in item.get("configurations", {}).get("nodes", []):
            criteria += [(cve, m["cpe23Uri"], m["vulnerable"], m.get("versionStartIncluding"), m.get("versionStartExcluding"), m.get("versionEndIncluding"),
                          m.get("versionEndExcluding")) for m in matches(node)]
    database.executemany("insert or replace into cve values(?,?,?,?,?)", cves)
    database.executemany("insert into weakness values(?,?)", weaknesses)
    database.executemany("insert into criterion values(?,?,?,?,?,?,?)", criteria)
    count += len(cves)
database.execute("create index by_cpe on criterion(cpe)")
database.commit()
print(count)
