"""Fixtures of the end-to-end tests."""

import os

import pytest

from rig import server as rig_server
from rig.browser import chromium
from rig.camera import Camera
from rig.server import Server


def pytest_ignore_collect(collection_path, config):
    """Each of the processes for the tests that wait loads the files with such tests, and none of the many others."""
    waits_alone = config.option.markexpr.endswith(" and patient")
    if waits_alone and collection_path.name.startswith("test_") and "mark.patient" not in collection_path.read_text():
        return True
    return None


def pytest_collection_modifyitems(items):
    """Without a binary, everything but the rig's own tests fails at once, with a sentence instead of a traceback."""
    if not rig_server.binary().exists():
        for item in items:
            if not item.get_closest_marker("rig"):
                item.add_marker(pytest.mark.usefixtures("_no_binary"))
    other = "builtin_engine" if rig_server.uses_mediamtx() else "mediamtx"
    for item in items:
        if marker := item.get_closest_marker(other):
            item.add_marker(pytest.mark.skip(reason=f"is about the other engine ({marker.name})"))


def pytest_terminal_summary(terminalreporter):
    engine = os.environ.get("TOPOSYNC_STREAMING_ENGINE_PATH")
    terminalreporter.write_line(
        f"engine: MediaMTX at {engine}"
        if engine
        else "engine: built-in; MediaMTX was skipped, because TOPOSYNC_STREAMING_ENGINE_PATH names none"
    )


@pytest.fixture
def _no_binary():
    pytest.fail(
        f"no server at {rig_server.binary()}: run `swift build`, or set TOPOSYNC_STREAMING_BINARY", pytrace=False
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """A failed test shows what the server said. A browser test that ran out of time ends the run, with its report."""
    report = yield
    if report.failed:
        if "from pytest-timeout" in report.longreprtext and "browser" in item.fixturenames:
            # The time limit went through Playwright's loop, which does not survive it: no later browser test could pass.
            item.session.shouldfail = f"{item.nodeid} ran out of time, and the browser's connection with it"
        for server in getattr(item, "servers", []):
            report.sections.append(("server log", server.log))
    return report


@pytest.fixture
def make_server(request, tmp_path):
    """Makes servers, each to be started by the test; ends those that still run, and asserts a clean end."""
    made: list[Server] = []
    request.node.servers = made

    def make(*arguments: str, data_dir=None, **options) -> Server:
        server = Server(data_dir or tmp_path / f"data-{len(made)}", *arguments, **options)
        made.append(server)
        return server

    yield make
    problems = []
    for server in made:
        if not hasattr(server, "process"):
            continue
        if server.process.poll() is not None:
            server.kill_everything()
            continue
        try:
            if (status := server.stop()) != 0:
                problems.append(f"serve ended with status {status} on SIGTERM\n{server.log}")
        except AssertionError as error:
            problems.append(str(error))
    assert not problems, "\n".join(problems)


@pytest.fixture
def server(make_server):
    """A server on an empty data directory."""
    return make_server().start()


@pytest.fixture
def streaming(server):
    """A server whose engine runs on free ports."""
    server.start_engine()
    return server


@pytest.fixture
def camera():
    """A 640x360 camera at 25 fps with a keyframe each second, and a frame counter that no demo picture shows."""
    with Camera() as running:
        yield running


@pytest.fixture
def stream(streaming, camera):
    """The camera on the server: RTSP and HLS outputs of one encoding, at the path `front`."""
    return streaming.api.add_stream(camera.url)


@pytest.fixture(scope="session")
def browser():
    with chromium() as running:
        yield running


@pytest.fixture
def page(browser):
    """A fresh page: no cookies, no storage, English, light."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB", color_scheme="light")
    fresh = context.new_page()
    fresh.console = []
    fresh.on("console", lambda message: fresh.console.append(f"{message.type}: {message.text}"))
    fresh.on("pageerror", lambda error: fresh.console.append(f"uncaught: {error}"))
    yield fresh
    context.close()
