"""axe-core finds nothing on any page, in dark and light, on a phone and at a desk."""

import pytest
from axe_playwright_python.sync_playwright import Axe

SIZES = {"phone": (360, 780), "desk": (1440, 900)}
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}


def violations(page) -> list[str]:
    # What fades in is seen when it is there.
    page.wait_for_timeout(600)
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{entry['id']}: {node['html'][:160]}" for entry in found for node in entry["nodes"]]


@pytest.fixture(params=[(scheme, size) for scheme in ("dark", "light") for size in SIZES], ids="-".join)
def view(request, browser):
    scheme, size = request.param
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, locale="en-GB", bypass_csp=True
    )
    page = context.new_page()
    page.label = f"{scheme}-{size}"
    yield page
    context.close()


def test_streams_and_settings(streaming, view):
    streaming.api.add_stream("demo:", path="demo")
    view.goto(streaming.url)
    view.get_by_test_id("tile").wait_for()
    assert violations(view) == []
    view.goto(f"{streaming.url}/settings")
    view.get_by_test_id("transmission").wait_for()
    assert violations(view) == []
    for summary in view.locator("summary:visible").all():
        summary.click()
    view.get_by_test_id("output-address").first.wait_for()
    assert violations(view) == []


def test_first_run_and_sign_in(make_server, view):
    first = make_server().start()
    view.goto(f"{first.url}/settings")
    view.get_by_test_id("first-run").wait_for()
    assert violations(view) == []
    guarded = make_server("--access", "account", environment={"TOPOSYNC_STREAMING_ADMIN_PASSWORD": "correct horse"})
    guarded.start()
    view.goto(f"{guarded.url}/sign-in")
    view.get_by_test_id("sign-in-name").wait_for()
    assert violations(view) == []
