"""sign and verify-report: reports that nobody can change unseen, and whose verdicts follow from their facts."""
import base64
import json
import shutil
import subprocess
import sys
from pathlib import Path

from program import ROOT, Run, Scenario, scratch, verify

program = sys.argv[1]
scenario = Scenario()
example = ROOT / "examples/router.bin"


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


def checked(folder, key, *more):
    return Run(program, "--lang", "en", "verify-report", folder, "--key", key, *more)


with scratch() as name:
    work = Path(name)
    key, public, other, rsa = (work / each for each in ("key.pem", "public.pem", "other.pem", "rsa.pem"))
    openssl("genpkey", "-algorithm", "ed25519", "-out", key)
    openssl("pkey", "-in", key, "-pubout", "-out", public)
    openssl("genpkey", "-algorithm", "ed25519", "-out", work / "o.pem")
    openssl("pkey", "-in", work / "o.pem", "-pubout", "-out", other)
    openssl("genpkey", "-algorithm", "rsa", "-out", rsa)
    _, judged = verify(program, example, work / "a")

    made = Run(program, "--lang", "en", "sign", work / "a", "--key", key)
    scenario.equal((made.code, made.err), (0, ""), "signed")
    scenario.contains(made.out, "Signed 8 documents", "how many")
    envelope = json.loads((work / "a/attestation.dsse.json").read_text(encoding="utf-8"))
    statement = json.loads(base64.b64decode(envelope["payload"]))
    scenario.equal((envelope["payloadType"], statement["_type"]), ("application/vnd.in-toto+json", "https://in-toto.io/Statement/v1"), "an in-toto statement")
    scenario.equal(statement["subject"], [{"name": "router.bin", "digest": {"sha256": judged["image"]["sha256"]}}], "about the image")
    scenario.equal(statement["predicate"]["verdicts"]["fail"], sum(v["verdict"] == "fail" for v in judged["verdicts"]), "with the counts of verdicts")

    # The signature is what OpenSSL says it is, over what DSSE says is signed.
    payload = base64.b64decode(envelope["payload"])
    kind = envelope["payloadType"].encode()
    (work / "message").write_bytes(b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload))
    (work / "signature").write_bytes(base64.b64decode(envelope["signatures"][0]["sig"]))
    peer = subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", public, "-rawin", "-in", work / "message", "-sigfile", work / "signature"], capture_output=True, check=False)
    scenario.equal(peer.returncode, 0, f"openssl verifies it: {peer.stderr[-200:]}")

    first = (work / "a/attestation.dsse.json").read_bytes()
    Run(program, "sign", work / "a", "--key", key)
    scenario.equal((work / "a/attestation.dsse.json").read_bytes() == first, True, "signed again, the same bytes")

    good = checked(work / "a", public, "--image", example)
    scenario.equal((good.code, good.err), (0, ""), f"all holds: {good.out}")
    for piece in ("signed by the key", "what assessment.json says", "report.html: as it was signed", "the image that was judged", "the same 27 verdicts"):
        scenario.contains(good.out, piece, "what holds")
    unasked = checked(work / "a", public)
    scenario.equal(unasked.code, 0, "without the image the rest still holds")
    scenario.contains(unasked.out, "  about router.bin", "and nothing is claimed of the image")
    scenario.contains(Run(program, "--lang", "ja", "verify-report", work / "a", "--key", public).out, "再判定し", "in Japanese")

    def spoilt(what, piece, code, spoil, key=public, more=()):
        folder = work / "spoilt"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(work / "a", folder)
        spoil(folder)
        run = checked(folder, key, *more)
        scenario.equal(run.code, code, f"{what}: exit code\n{run.out}{run.err}")
        scenario.contains(run.out + run.err, piece, what)

    def better(folder):
        path = folder / "assessment.json"
        path.write_text(path.read_text(encoding="utf-8").replace('"verdict": "fail"', '"verdict": "pass"'), encoding="utf-8")

    def better_and_signed(folder):
        better(folder)
        Run(program, "sign", folder, "--key", key)

    def other_facts(folder):
        path = folder / "facts.json"
        path.write_text(path.read_text(encoding="utf-8").replace("telnet", "teller"), encoding="utf-8")

    def forged(folder):
        """A statement that the key did sign, but that promises better verdicts than the assessment it names."""
        better_one = json.loads(payload)
        better_one["predicate"]["verdicts"]["fail"] = 0
        text = json.dumps(better_one, separators=(",", ":")).encode()
        (work / "forged").write_bytes(b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(text), text))
        openssl("pkeyutl", "-sign", "-inkey", key, "-rawin", "-in", work / "forged", "-out", work / "forged.sig")
        made = {**envelope, "payload": base64.b64encode(text).decode(), "signatures": [{"keyid": "", "sig": base64.b64encode((work / "forged.sig").read_bytes()).decode()}]}
        (folder / "attestation.dsse.json").write_text(json.dumps(made), encoding="utf-8")

    spoilt("a statement that promises more than the assessment", "x the statement says something else", 1, forged)
    spoilt("no assessment", "x assessment.json as it was signed is not here", 1, lambda folder: (folder / "assessment.json").unlink())
    spoilt("another key", "no signature fits the key", 1, lambda folder: None, other)
    spoilt("verdicts that were changed", "x assessment.json: not what was signed", 1, better)
    spoilt("verdicts that were changed before they were signed", "x judged again", 1, better_and_signed)
    spoilt("a page that was changed", "x report.html: not what was signed", 1, lambda folder: (folder / "report.html").write_text("all is well", encoding="utf-8"))
    spoilt("a document that is missing", "x sbom.cdx.json: signed, but not here", 1, lambda folder: (folder / "sbom.cdx.json").unlink())
    spoilt("a document that was added", "? more.txt: lies here, but nobody signed it", 2, lambda folder: (folder / "more.txt").write_text("x", encoding="utf-8"))
    spoilt("facts that were changed", "x facts.json: not what was signed", 1, other_facts)
    spoilt("another image", "not the image that was judged", 1, lambda folder: None, more=("--image", ROOT / "examples/router-clean.bin"))
    spoilt("an envelope that is none", "envelope", 1, lambda folder: (folder / "attestation.dsse.json").write_text("{}", encoding="utf-8"))
    spoilt("no envelope", "attestation.dsse.json", 3, lambda folder: (folder / "attestation.dsse.json").unlink())
    spoilt("a key of another kind", "not an Ed25519 public key", 3, lambda folder: None, rsa)

    refused = Run(program, "sign", work / "a", "--key", rsa)
    scenario.equal(refused.code, 3, "signs with Ed25519 only")
    scenario.contains(refused.err, "openssl genpkey -algorithm ed25519", "and says how to make a key")
    other_facts(work / "a")
    scenario.contains(Run(program, "sign", work / "a", "--key", key).err, "not the one that assessment.json was made from", "facts that do not belong to the assessment are not signed")
scenario.finish()
