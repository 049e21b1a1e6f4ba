"""What the documents say is so: links lead somewhere, tables are complete, files stay of a size that one can read."""

import re
import subprocess
import warnings
from pathlib import Path

import pytest

from rig.server import ROOT

pytestmark = pytest.mark.rig

# A file above the first is worth a look; one above the second is to be divided.
WORTH_A_LOOK, TOO_LONG = 400, 800


def tracked(*patterns: str) -> list[Path]:
    """The repository's files; what is ignored or downloaded is none of them."""
    listed = subprocess.run(
        ["git", "-c", f"safe.directory={ROOT}", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if listed.returncode != 0:
        pytest.skip(f"this is no git checkout: {listed.stderr.strip()}")
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def anchors(document: Path) -> set[str]:
    """The anchors that GitHub makes of a document's headings."""
    headings = re.findall(r"^#+ +(.+)$", document.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_links_of_documents_lead_to_something():
    broken = []
    for document in tracked("*.md"):
        for target in re.findall(r"\]\(([^)\s]+)\)", document.read_text()):
            if re.match(r"[a-z]+:", target):
                continue
            name, _, anchor = target.partition("#")
            file = document.parent / name if name else document
            if not file.exists() or (anchor and file.suffix == ".md" and anchor not in anchors(file)):
                broken.append(f"{document.relative_to(ROOT)}: {target}")
    assert not broken


def test_environment_of_the_readme_is_that_of_the_program():
    read = set()
    for source in tracked("Sources/*.swift"):
        read |= set(re.findall(r'(?:Environment\[|variable\()"(TOPOSYNC_[A-Z_]+)"', source.read_text()))
    rows = [line for line in (ROOT / "README.md").read_text().splitlines() if line.startswith("|")]
    told = {name for row in rows for name in re.findall(r"`(TOPOSYNC_[A-Z_]+)`", row)}
    assert told == read


def test_options_of_the_readme_are_those_of_serve():
    source = (ROOT / "Sources" / "toposync-streaming" / "ServeCommandLine.swift").read_text()
    # Those that every process has are a group of their own.
    source += (ROOT / "Sources" / "ProcessLog" / "LogOptions.swift").read_text()
    declared = re.findall(r"@(?:Option|Flag)\([^\n]*\n\s+(?:public )?var (\w+)", source)
    options = {"--" + re.sub(r"([A-Z])", r"-\1", name).lower() for name in declared}
    rows = [line for line in (ROOT / "README.md").read_text().splitlines() if line.startswith("| `--")]
    assert {re.match(r"\| `(--[a-z-]+)`", row).group(1) for row in rows} == options


def test_commands_of_the_documents_exist():
    targets = set(re.findall(r"^([a-z][a-z0-9-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for document in tracked("*.md", ".ci/*", ".github/workflows/*"):
        told = set(re.findall(r"(?:`|run: |^)make ([a-z][a-z0-9-]*)", document.read_text(), re.MULTILINE))
        assert told <= targets, document.name


def test_every_benchmark_is_described():
    described = (ROOT / "Benchmarks" / "README.md").read_text()
    programs = [file.name for file in tracked("Benchmarks/*.py") if re.match(r"[pr]\d+_", file.name)]
    assert programs
    assert [name for name in programs if name not in described] == []


def test_no_source_is_too_long_to_be_read():
    sizes = {
        file.relative_to(ROOT): len(file.read_text().splitlines())
        for file in tracked("*.swift", "*.py", "*.js", "*.css", "*.sh")
    }
    if long := {str(name): size for name, size in sizes.items() if size > WORTH_A_LOOK}:
        warnings.warn(f"above {WORTH_A_LOOK} lines, worth a look: {long}", stacklevel=1)
    assert [f"{name}: {size} lines" for name, size in sizes.items() if size > TOO_LONG] == []
