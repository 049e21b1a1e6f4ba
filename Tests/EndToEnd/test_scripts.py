"""`Scripts/test.sh` believes no test that it should not: each failure here was once, or could be, a green run."""

import os
import shutil
import subprocess

import pytest

from rig.server import ROOT

pytestmark = pytest.mark.rig

PASSED = "echo 'Test run with 2 tests in 1 suite passed after 0.1 seconds.'"
STAGES = ("patient", "not patient and not alone", "not patient and alone")


@pytest.fixture
def checkout(tmp_path):
    """A tree with two test targets, whose `swift`, `node` and `pytest` are stand-ins; runs the script in it."""
    folders = ("Scripts", "Tests/ATests", "Tests/BTests", "Tests/WebUITests", "bin", ".venv/bin", ".build/debug")
    for folder in folders:
        (tmp_path / folder).mkdir(parents=True)
    shutil.copy(ROOT / "Scripts" / "test.sh", tmp_path / "Scripts")
    for target in ("ATests", "BTests"):
        (tmp_path / "Tests" / target / "Some.swift").touch()
    calls = tmp_path / "calls"
    calls.touch()

    def run(stages: str, swift_test: str = PASSED, pytest_run: str = "exit 0"):
        stand_ins = {
            "bin/swift": f'[ "$1" = test ] || exit 0\n{swift_test}',
            "bin/node": "exit 0",
            ".venv/bin/pytest": f'echo "engine $TOPOSYNC_STREAMING_ENGINE_PATH"\n{pytest_run}',
            ".build/debug/toposync-streaming": "echo /installed/mediamtx",
        }
        for name, body in stand_ins.items():
            program = tmp_path / name
            program.write_text(f'#!/usr/bin/env bash\necho "{name} $*" >> {calls}\n{body}\n')
            program.chmod(0o755)
        environment = os.environ | {"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"}
        environment.pop("TOPOSYNC_STREAMING_ENGINE_PATH", None)
        result = subprocess.run(
            ["bash", tmp_path / "Scripts" / "test.sh", stages],
            env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        called = [line for line in calls.read_text().splitlines() if " build" not in line]
        return result.returncode, called, result.stdout + result.stderr

    return run


def chosen(calls) -> list[str]:
    """Which tests each call of pytest runs."""
    return [call.split(" -m ")[1].split(" -n")[0] for call in calls if call.startswith(".venv/bin/pytest")]


def test_everything_that_passes_runs_once(checkout):
    status, calls, text = checkout("all")
    assert status == 0, text
    assert len(calls) == len(set(calls)), "something was run twice"
    programs = list(dict.fromkeys(call.split()[0] for call in calls))
    assert programs == ["bin/swift", "bin/node", ".venv/bin/pytest"]
    assert [target for target in ("ATests", "BTests", "FuzzTests") if not any(f"^{target}" in call for call in calls)] == []
    assert "All stages passed" in text


def test_every_end_to_end_test_is_in_one_stage(checkout):
    _, calls, text = checkout("e2e")
    assert chosen(calls) == [f"(rig or not rig) and {stage}" for stage in STAGES]
    assert text.count("==> passed: End-to-end") == len(STAGES)


def test_mediamtx_is_installed_and_tested_with(checkout):
    status, calls, text = checkout("mediamtx")
    assert status == 0, text
    assert chosen(calls) == [f"not rig and {stage}" for stage in STAGES]
    assert "engine /installed/mediamtx" in text


@pytest.mark.parametrize(
    ("ending", "words"),
    [
        ("exit 1", "exit status 1"),
        (f"{PASSED}; kill -PIPE $$", "died of SIGPIPE"),
        ("exit 0", "No test of ATests was run to its end"),
        ("echo 'Test run with 0 tests in 0 suites passed after 0.001 seconds.'", "No test of ATests"),
        ("exit 124", "time limit"),
    ],
    ids=["fails", "dies of a signal", "ends early", "runs nothing", "takes too long"],
)
def test_unit_tests_that_did_not_pass_fail_the_run_at_once(checkout, ending, words):
    status, calls, text = checkout("all", swift_test=ending)
    assert status == 1
    assert len(calls) == 1, "it was run again, or the run went on"
    assert words in text and "All stages passed" not in text


@pytest.mark.parametrize("ending", ["exit 1", "kill -SEGV $$", "exit 5"])
def test_end_to_end_tests_that_did_not_pass_fail_the_run_at_once(checkout, ending):
    # What would have passed the second time.
    status, calls, text = checkout("e2e", pytest_run=f"[ -e again ] && exit 0; touch again; {ending}")
    assert status == 1
    assert len(calls) == 1
    assert "FAILED: End-to-end" in text


def test_time_limit_of_a_test_fails_it_and_leaves_a_report(tmp_path):
    (tmp_path / "test_two.py").write_text(
        "import threading, time\n"
        "def test_that_hangs():\n    threading.Event().wait()\n"
        "def test_after_it():\n    time.sleep(0)\n"
    )
    result = subprocess.run(
        [ROOT / ".venv/bin/pytest", "-c", ROOT / "Tests/EndToEnd/pytest.ini", "--rootdir", tmp_path,
         "--timeout", "1", "-p", "no:cacheprovider", tmp_path],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert result.returncode == 1
    assert "FAILED" in result.stdout and "Timeout (>1.0s)" in result.stdout
    assert "1 failed, 1 passed" in result.stdout
