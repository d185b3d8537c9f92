"""What the scenario tests share: running the program and looking at what it wrote."""
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
DOCUMENTS = ["assessment.json", "checklist.en.csv", "checklist.ja.csv", "facts.json", "findings.sarif", "oscal-ar.json", "report.html", "sbom.cdx.json"]


class Run:
    def __init__(self, program, *arguments, **options):
        environment = {**os.environ, "LC_ALL": "C.UTF-8", **options.pop("environment", {})}
        result = subprocess.run([str(program), *map(str, arguments)], capture_output=True, env=environment, timeout=300, **options)
        self.code, self.out, self.err = result.returncode, result.stdout.decode(), result.stderr.decode()


def verify(program, image, folder, *more):
    """Runs verify; returns the run and, when it wrote reports, the assessment."""
    run = Run(program, "--quiet", "--lang", "en", "verify", image, "-o", folder, *more)
    path = Path(folder) / "assessment.json"
    return run, json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


class Scenario:
    """Collects what does not hold, so that one run shows all of it."""

    def __init__(self):
        self.failed = 0
        self.passed = 0

    def check(self, holds, what):
        if holds:
            self.passed += 1
        else:
            self.failed += 1
            print(f"does not hold: {what}")

    def equal(self, actual, expected, what):
        self.check(actual == expected, f"{what}: expected {expected!r}, got {actual!r}")

    def contains(self, text, piece, what):
        self.check(piece in text, f"{what}: {piece!r} is not in {text[-600:]!r}")

    def finish(self):
        print(f"{self.passed} passed, {self.failed} failed")
        sys.exit(1 if self.failed or not self.passed else 0)


def scratch():
    return tempfile.TemporaryDirectory(prefix="shirushi-")
