"""The page on another machine, behind networks that let through less and less."""

import shlex

import pytest

from rig import lan
from rig.browser import launch, wait_for_pictures_on_screen
from rig.whep import add_webrtc_stream

pytestmark = pytest.mark.alone

# What the machine does not send, by `ip rule`; {page} is the port of the server's pages.
NETWORKS = {
    "open": ([], "WebRTC"),
    "no UDP": (["pref 1 ipproto udp prohibit"], "WebRTC"),
    "the page alone": (["pref 1 ipproto tcp dport {page} lookup main", "pref 2 prohibit"], "MSE"),
}


@pytest.fixture
def network():
    if not lan.is_allowed():
        pytest.skip("this user may not make network namespaces and interfaces here")
    with lan.Lan(machines=1) as running:
        yield running


@pytest.fixture
def far_browser(network, browser, tmp_path):
    """Chromium on the other machine."""
    program = tmp_path / "chromium"
    program.write_text(f'#!/bin/sh\nexec {shlex.join(network.machines[0].prefix)} /usr/bin/chromium "$@"\n')
    program.chmod(0o755)
    running = launch(browser.browser_type, executable=program)
    yield running
    running.close()


@pytest.mark.builtin_engine
@pytest.mark.parametrize("name", NETWORKS)
def test_the_page_finds_a_way(make_server, network, far_browser, camera, name):
    rules, way = NETWORKS[name]
    server = make_server("--host", "0.0.0.0", "--access", "open").start()
    server.api.patch("api/streams/settings", {"engine": {"expose_to_lan": True}})
    server.start_engine()
    add_webrtc_stream(server, camera)
    port = server.url.rsplit(":", 1)[1]
    for rule in rules:
        network.machines[0].run("ip", "rule", "add", *rule.format(page=port).split())
    page = far_browser.new_page(locale="en-GB")
    page.goto(f"http://{network.address}:{port}")
    wait_for_pictures_on_screen(page, page.get_by_test_id("tile"), 40, camera.drew)
    assert page.get_by_test_id("tile-facts").inner_text().startswith(way)
