"""Compiles a file with the command that the build uses for another one: tests that must compile, or must not, need no flags
of their own."""
import json
import pathlib
import shlex
import subprocess


def command_of(build, like):
    """The build's compile command for the source file `like`, as words, without source, output and dependency files."""
    like = str(pathlib.Path(like).resolve())
    for entry in json.loads((pathlib.Path(build) / "compile_commands.json").read_text()):
        if str(pathlib.Path(entry["directory"], entry["file"]).resolve()) != like:
            continue
        words, kept = shlex.split(entry["command"]), []
        while words:
            word = words.pop(0)
            if word in ("-o", "-MT", "-MF"):
                words.pop(0)
            elif word not in ("-c", "-MD") and not (word.endswith(".cpp") and not word.startswith("-")):
                kept.append(word)
        return kept
    raise SystemExit(f"{build}/compile_commands.json knows no {like}; configure the build first")


def compile_like(build, like, source, output=None, replace=(), extra=()):
    """The finished compiler process. `replace`: pairs of texts exchanged in every word; no `output`: syntax only."""
    words = command_of(build, like)
    for old, new in replace:
        words = [word.replace(old, new) for word in words]
    source = str(pathlib.Path(source).resolve())
    words += list(extra) + (["-c", source, "-o", str(output)] if output else ["-fsyntax-only", source])
    return subprocess.run(words, cwd=build, capture_output=True, text=True)
