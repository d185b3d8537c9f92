"""Feeds fetched over HTTPS from a server on this machine: what is new comes, what is not stays, what fails leaves the old file and snapshot."""
import datetime
import fcntl
import gzip
import http.server
import json
import select
import shutil
import socket
import socketserver
import ssl
import subprocess
import sys
import threading
import time
from pathlib import Path

from program import Run, Scenario, scratch

program = sys.argv[1]
scenario = Scenario()
KEY = "sesame-0123456789"


def kev(*ids):
    return json.dumps({"title": "CISA", "catalogVersion": "1", "dateReleased": "2026-06-01T00:00:00Z", "count": len(ids),
                       "vulnerabilities": [{"cveID": each, "dateAdded": "2026-05-20"} for each in ids]}).encode()


def nvd_record(number, end="2.0"):
    match = {"vulnerable": True, "criteria": "cpe:2.3:a:v:p:*:*:*:*:*:*:*:*", "versionEndExcluding": end}
    return {"cve": {"id": f"CVE-2026-{number}", "lastModified": "2026-06-01T00:00:00", "configurations": [{"nodes": [{"operator": "OR", "cpeMatch": [match]}]}]}}


class Served:
    """What the server answers, and what it was asked."""

    def __init__(self):
        self.asked = []    # (path, headers)
        self.answers = {}  # path -> function(handler, number of the request to it)
        self.files = {}    # path -> (bytes, ETag)

    def headers_of(self, path):
        return [headers for asked, headers in self.asked if asked.split("?")[0] == path]


served = Served()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def reply(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in {"Content-Length": len(body), **headers}.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        path = self.path.split("?")[0]
        served.asked.append((self.path, dict(self.headers)))
        if path in served.answers:
            served.answers[path](self, len(served.headers_of(path)))
        elif path in served.files:
            self.file(*served.files[path])
        else:
            self.reply(404, b"no such file")

    def file(self, body, etag):
        if self.headers.get("If-None-Match") == etag:
            return self.reply(304, ETag=etag)
        begin = self.headers.get("Range", "")
        if begin and self.headers.get("If-Range") == etag:
            first = int(begin.removeprefix("bytes=").removesuffix("-"))
            return self.reply(206, body[first:], ETag=etag, Content_Range=f"bytes {first}-{len(body) - 1}/{len(body)}")
        return self.reply(200, body, ETag=etag)


class Quiet(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):  # a client that goes away
        pass


class Proxy(socketserver.StreamRequestHandler):
    asked = []

    def handle(self):
        line = self.rfile.readline().decode()
        while self.rfile.readline().strip():
            pass
        Proxy.asked.append(line.split()[1])
        host, port = line.split()[1].split(":")
        with socket.create_connection((host, int(port)), timeout=10) as there:
            self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            while True:
                ready = select.select([self.connection, there], [], [], 10)[0]
                for one in ready:
                    data = one.recv(65536)
                    if not data:
                        return
                    (there if one is self.connection else self.connection).sendall(data)
                if not ready:
                    return


class ProxyServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


def certificate(folder, name, names):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", f"/CN={name}", "-addext",
                    f"subjectAltName={names}", "-keyout", folder / f"{name}.key", "-out", folder / f"{name}.pem"], check=True, capture_output=True, timeout=60)
    return folder / f"{name}.pem", folder / f"{name}.key"


def https_server(pem, key):
    server = Quiet(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def cut(body, etag):
    """The first time half of it, then the connection goes."""
    def answer(handler, number):
        if number > 1:
            return handler.file(body, etag)
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        handler.send_header("ETag", etag)
        handler.end_headers()
        handler.wfile.write(body[:len(body) // 2])
        handler.close_connection = True
    return answer


def nvd_answer(pages):
    """`pages`: startIndex -> list of (total, records) to be answered one after the other; the last one stays."""
    def answer(handler, _):
        query = dict(each.split("=") for each in handler.path.split("?")[1].split("&"))
        start = int(query["startIndex"])
        total, records = pages[start].pop(0) if len(pages[start]) > 1 else pages[start][0]
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000")
        handler.reply(200, json.dumps({"resultsPerPage": len(records), "startIndex": start, "totalResults": total, "format": "NVD_CVE", "version": "2.0", "timestamp": now,
                                       "vulnerabilities": records}).encode())
    return answer


with scratch() as name:
    work = Path(name)
    pem, key = certificate(work, "localhost", "IP:127.0.0.1,DNS:localhost")
    other_pem, other_key = certificate(work, "other.example", "DNS:other.example")
    server, stranger = https_server(pem, key), https_server(other_pem, other_key)
    port = server.server_address[1]
    base = f"https://127.0.0.1:{port}"
    snapshot, cache, feeds = work / "made.snapshot", work / "cache", work / "feeds.toml"
    outputs = []

    def listed(*entries):
        feeds.write_text("".join("[[feed]]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in entry.items()) for entry in entries))

    def feed(path, **more):
        return {"name": path, "url": f"{base}/{path}", "file": f"{path}.json", **more}

    def update(*words, trusted=pem, environment=None, folder=cache, target=snapshot):
        trust = ["--certificates", trusted] if trusted else []
        bare = {each: "" for each in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY", "NVD_API_KEY")}
        run = Run(program, "--quiet", "--lang", "en", "feed", "update", "--feeds", feeds, "--cache", folder, "--snapshot", target, "--today", "2026-06-02", *trust, *words,
                  cwd=work, environment={**bare, **(environment or {})})
        outputs.append(run.out + run.err)
        return run

    # 200, then 304, then something new.
    served.files["/kev"] = (kev("CVE-2026-0001"), '"a"')
    listed(feed("kev", kind="kev"))
    first = update()
    scenario.check(first.code == 0 and "kev: fetched" in first.out and snapshot.exists(), f"fetches and imports: {first.code} {first.out} {first.err}")
    state = json.loads((cache / "state.json").read_text())["files"][0]
    scenario.check(state["etag"] == '"a"' and state["size"] == len(served.files["/kev"][0]) and state["fetched"].endswith("Z"), f"the state: {state}")
    before = snapshot.read_bytes()
    again = update()
    scenario.check(again.code == 0 and "kev: nothing new" in again.out and "already holds all of it" in again.out, f"304: {again.out} {again.err}")
    scenario.equal(served.headers_of("/kev")[-1].get("If-None-Match"), '"a"', "asks whether there is anything new")
    scenario.check(snapshot.read_bytes() == before, "nothing new changes nothing")
    served.files["/kev"] = (kev("CVE-2026-0001", "CVE-2026-0002"), '"b"')
    scenario.check(update().code == 0 and snapshot.read_bytes() != before, "what is new is imported")
    (cache / "kev.json").write_text("changed by hand")
    scenario.check(update().code == 0 and "If-None-Match" not in served.headers_of("/kev")[-1], "a file that is not what it was is fetched again")
    before = snapshot.read_bytes()

    # A download that breaks off goes on where it was.
    body = kev(*[f"CVE-2026-{number}" for number in range(1000, 3000)])
    served.answers["/broken-off"] = cut(body, '"c"')
    served.files["/broken-off"] = (body, '"c"')
    listed(feed("kev"), feed("broken-off"))
    resumed = update("broken-off")
    headers = served.headers_of("/broken-off")
    scenario.check(resumed.code == 0 and (cache / "broken-off.json").read_bytes() == body, f"a resumed file is whole: {resumed.code} {resumed.err}")
    scenario.check(len(headers) == 2 and headers[1].get("Range", "").startswith("bytes=") and headers[1].get("If-Range") == '"c"', f"resumes: {headers[1:]}")
    served.asked.clear()
    served.answers["/moved-on"] = cut(body, '"d"')
    listed(feed("moved-on"))
    broken = update("--attempts", "1", "--fetch-only")
    scenario.check(broken.code == 3 and (cache / "moved-on.json.part").exists(), f"one attempt, and half of it stays: {broken.code} {broken.err}")
    served.answers.pop("/moved-on")
    served.files["/moved-on"] = (kev("CVE-2026-4000"), '"e"')
    scenario.check(update("--fetch-only").code == 0 and (cache / "moved-on.json").read_bytes() == kev("CVE-2026-4000"), "a file that changed meanwhile comes whole")
    scenario.check("Range" in served.headers_of("/moved-on")[-1], "and was asked to go on")

    # Servers that are busy or broken.
    listed(feed("busy"))
    served.files["/busy"] = (kev("CVE-2026-0005"), '"f"')
    served.answers["/busy"] = lambda handler, number: handler.reply(429, Retry_After=2) if number == 1 else handler.file(*served.files["/busy"])
    begun = time.monotonic()
    busy = update("--fetch-only")
    scenario.check(busy.code == 0 and time.monotonic() - begun >= 2, f"Retry-After is kept to: {busy.code} {busy.err}")
    served.answers["/busy"] = lambda handler, number: handler.reply(429, Retry_After=100000)
    later = update("--fetch-only")
    scenario.check(later.code == 2 and "asks to wait 86400 s" in later.err, f"an hour is not waited for: {later.err}")
    served.answers["/kev"] = lambda handler, number: handler.reply(503)
    listed(feed("kev"), feed("busy"))
    served.answers.pop("/busy")
    kept = update("--attempts", "2", "--fetch-only")
    scenario.check(kept.code == 2 and "kev: could not be fetched, the file of last time stays: the server answers HTTP 503 (2 attempts)" in kept.err and "busy:" in kept.out,
                   f"5xx: the old file stays, the others come: {kept.code} {kept.out} {kept.err}")
    scenario.check((cache / "kev.json").read_bytes() == served.files["/kev"][0], "the old file is there")
    scenario.check(snapshot.read_bytes() != b"" and "no feed could be fetched" in update("--attempts", "1", "kev", folder=work / "empty").err, "nothing at all")
    served.answers.pop("/kev")

    # Whom to trust.
    listed(feed("kev"))
    for what, options in [("nobody vouches", {"trusted": None}), ("somebody else vouches", {"trusted": other_pem})]:
        refused = update("--attempts", "1", folder=work / what, **options)
        scenario.check(refused.code == 3 and "certificate" in refused.err, f"{what}: {refused.code} {refused.err}")
    listed({**feed("kev"), "url": f"https://127.0.0.1:{stranger.server_address[1]}/kev"})
    refused = update(trusted=other_pem, folder=work / "wrong name")
    scenario.check(refused.code == 3 and "--certificates" in refused.err, f"a certificate of another name: {refused.code} {refused.err}")

    # Sizes.
    listed(feed("large", most_mib=1), feed("endless", most_mib=1))
    served.files["/large"] = (b"x" * (2 << 20), '"g"')

    def endless(handler, _):
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        for _ in range(64):
            handler.wfile.write(b"10000\r\n" + b"x" * 65536 + b"\r\n")
        handler.wfile.write(b"0\r\n\r\n")
    served.answers["/endless"] = endless
    large = update(folder=work / "sizes")
    scenario.check(large.code == 3 and large.err.count("where at most 1 MiB are taken") == 2, f"too large: {large.code} {large.err}")
    scenario.check(not list((work / "sizes").glob("*.part")), "nothing of it stays")

    # A proxy.
    with ProxyServer(("127.0.0.1", 0), Proxy) as proxy:
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{proxy.server_address[1]}"
        listed(feed("kev"))
        scenario.check(update("--proxy", address, "--fetch-only", folder=work / "proxied").code == 0 and Proxy.asked == [f"127.0.0.1:{port}"], f"--proxy: {Proxy.asked}")
        update("--fetch-only", environment={"https_proxy": address})
        scenario.equal(len(Proxy.asked), 2, "https_proxy's is used")
        update("--fetch-only", environment={"https_proxy": address, "no_proxy": "127.0.0.1"})
        scenario.equal(len(Proxy.asked), 2, "no_proxy is kept to")
        proxy.shutdown()

    # Redirects.
    def redirect(to):
        return lambda handler, number: handler.reply(302, Location=to)
    served.answers["/near"] = redirect(f"{base}/kev")
    served.answers["/far"] = redirect(f"https://localhost:{port}/kev")
    served.answers["/plain"] = redirect(f"http://127.0.0.1:{port}/kev")
    served.answers["/round"] = redirect(f"{base}/round")
    with_key = {"key_header": "apiKey", "key_variable": "FAR_KEY"}
    listed(feed("near"), feed("far"), feed("plain"), feed("round"), {**feed("far", **with_key, redirect_hosts=["localhost"]), "name": "allowed", "file": "allowed.json"})
    turned = update("--fetch-only", "--attempts", "1", environment={"FAR_KEY": KEY})
    scenario.check("near: fetched" in turned.out and "allowed: fetched" in turned.out and turned.code == 2, f"redirects that are right: {turned.out} {turned.err}")
    for problem in (f"far: could not be fetched: it redirects to another host, localhost:{port}", "plain: could not be fetched: it redirects, but ",
                    "is not HTTPS", "round: could not be fetched: it redirects more than 5 times"):
        scenario.contains(turned.err, problem, "redirects that are not")
    scenario.equal(served.headers_of("/far")[-1].get("apiKey"), KEY, "the key goes to the address's host")
    scenario.check("apiKey" not in served.headers_of("/kev")[-1], "and to no other")

    # NVD's API: pages, a total that changes, changes only, windows, a key.
    shutil.rmtree(cache)
    snapshot.unlink()
    served.asked.clear()
    records = [nvd_record(number) for number in range(5001, 5005)]
    served.answers["/nvd"] = nvd_answer({0: [(3, records[:2])], 2: [(4, records[2:4])]})
    listed({"name": "nvd", "url": f"{base}/nvd", "file": "nvd.tar.gz", "kind": "nvd-2.0", "protocol": "nvd-api", "page": 2, "requests": 3, "seconds": 2,
            "key_header": "apiKey", "key_variable": "NVD_API_KEY"})
    moving = update("--attempts", "1")
    scenario.check(moving.code == 3 and "changed during each of 4 attempts" in moving.err, f"a total that never rests: {moving.code} {moving.err}")
    served.asked.clear()
    served.answers["/nvd"] = nvd_answer({0: [(3, records[:2]), (4, records[:2])], 2: [(4, records[2:4])]})
    begun = time.monotonic()
    whole = update(environment={"NVD_API_KEY": KEY})
    scenario.check(whole.code == 0 and "nvd: fetched" in whole.out and "nvd-2.0, 4 records" in whole.out, f"all pages: {whole.code} {whole.out} {whole.err}")
    starts = [path.split("startIndex=")[1].split("&")[0] for path, _ in served.asked]
    scenario.equal(starts, ["0", "2", "0", "2"], "begins anew when the total changes")
    scenario.check(time.monotonic() - begun >= 2, "three requests in two seconds, not four")
    scenario.check(all(headers.get("apiKey") == KEY for _, headers in served.asked), "the key is sent")
    served.asked.clear()
    served.answers["/nvd"] = nvd_answer({0: [(1, [nvd_record(5001, "3.0")])]})
    time.sleep(1.1)  # a window of no seconds asks nothing
    changed = update(environment={"NVD_API_KEY": KEY})
    scenario.check(changed.code == 0 and "nvd-modified.tar.gz: nvd-2.0, 1 records" in changed.out and "4 advisories" in changed.out, f"changes only: {changed.out} {changed.err}")
    scenario.check(len(served.asked) == 1 and "lastModStartDate=" in served.asked[0][0] and "lastModEndDate=" in served.asked[0][0], f"asks for changes: {served.asked}")
    state = json.loads((cache / "state.json").read_text())
    for each in state["files"]:
        each["until"] = (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=200)).strftime("%Y-%m-%dT%H:%M:%SZ")
    (cache / "state.json").write_text(json.dumps(state))
    served.asked.clear()
    served.answers["/nvd"] = nvd_answer({0: [(0, []), (1, [nvd_record(5009)])]})
    key_file = work / "key"
    key_file.write_text(KEY + "\n")
    windows = update("--key-file", f"nvd={key_file}")
    scenario.check(windows.code == 0 and len(served.asked) == 2 and "5 advisories" in windows.out, f"two windows for 200 days: {windows.out} {windows.err} {served.asked}")
    scenario.check(all(headers.get("apiKey") == KEY for _, headers in served.asked), "the key of a file is sent")
    fresh = work / "other.snapshot"
    update(target=fresh)
    scenario.contains(Run(program, "--lang", "en", "feed", "status", "--snapshot", fresh, "--today", "2026-06-03").out, "5 advisories", "another snapshot gets all of it")
    (cache / "state.json").write_text(json.dumps(state))  # else nothing is asked where less than a second has passed
    served.answers["/nvd"] = lambda handler, number: handler.reply(404, KEY.encode(), message=f"Invalid apiKey {KEY}")
    scenario.contains(update(environment={"NVD_API_KEY": KEY}).err, "is the API key right?", "a wrong key")
    wrong = update(environment={"NVD_API_KEY": "two words"})
    scenario.check(wrong.code == 3 and "one word" in wrong.err and "two words" not in wrong.err, f"no key: {wrong.err}")
    scenario.check(not any(KEY in each for each in outputs), "no key is ever printed")
    scenario.check(not any(KEY.encode() in path.read_bytes() for path in cache.iterdir()), "nor stored")

    # What is broken leaves the snapshot as it was, and is fetched again.
    served.answers.clear()
    served.files["/feed"] = (gzip.compress(kev("CVE-2026-0001"))[:-20], '"h"')
    listed({**feed("feed"), "file": "kev.json.gz"})
    before = snapshot.read_bytes()
    broken = update()
    scenario.check(broken.code == 3 and snapshot.read_bytes() == before, f"a broken feed: {broken.code} {broken.err}")
    served.files["/feed"] = (gzip.compress(kev("CVE-2026-0001")), '"h"')
    scenario.check(update().code == 0 and snapshot.read_bytes() != before, "comes whole the next time, though its ETag is the same")
    with open(cache / "lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        scenario.contains(update().err, "another update works in", "one at a time")
    scenario.contains(update("nothing").err, 'there is no feed "nothing" in the list; there are feed', "an unknown feed")
    listed({**feed("kev"), "url": "http://127.0.0.1/kev"})
    scenario.contains(update().err, "is not HTTPS", "a list with a plain address")
    listed({**feed("kev"), "file": "../kev"})
    scenario.contains(update().err, "must be a file's name", "a list with a path")
    server.shutdown()
    stranger.shutdown()
scenario.finish()
