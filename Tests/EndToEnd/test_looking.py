"""Order, groups, walls, zoom and languages, as a person sees them."""

import contextlib

from rig import processes


def names(page) -> list[str]:
    return page.locator("[data-testid=tile-name]:visible").all_inner_texts()


def test_order_and_groups_are_the_servers(streaming, page):
    for name, group in (("Gate", "Garden"), ("Hall", "House"), ("Pond", "Garden")):
        streaming.api.add_stream("demo:", path=name.lower(), name=name, group=group)
    page.goto(f"{streaming.url}/settings#transmissions")
    rows = page.get_by_test_id("transmission")
    rows.nth(2).get_by_test_id("transmission-up").click()
    titles = page.locator("[data-testid=transmission] .row-title")
    processes.wait_until(
        lambda: page.wait_for_timeout(100) or titles.all_inner_texts() == ["Gate", "Pond", "Hall"], 5, "the new order"
    )
    assert rows.nth(0).get_by_test_id("transmission-up").is_disabled()
    assert rows.nth(2).get_by_test_id("transmission-down").is_disabled()
    page.goto(streaming.url)
    page.get_by_test_id("tile").first.wait_for()
    assert names(page) == ["Gate", "Pond", "Hall"]
    page.get_by_test_id("group").select_option("Garden")
    assert names(page) == ["Gate", "Pond"]
    page.reload()
    page.get_by_test_id("tile").first.wait_for()
    assert names(page) == ["Gate", "Pond"], "the choice is remembered"
    page.goto(f"{streaming.url}/?group=House")
    page.get_by_test_id("tile").first.wait_for()
    assert names(page) == ["Hall"]


def test_a_wall_has_nothing_to_press(streaming, stream, page):
    page.goto(f"{streaming.url}/?kiosk")
    tile = page.get_by_test_id("tile")
    tile.wait_for()
    tile.hover()
    for thing in ("nav-settings", "tile-fullscreen", "layout-one"):
        assert not page.get_by_test_id(thing).is_visible(), thing
    page.goto(streaming.url)
    tile.wait_for()
    assert page.get_by_test_id("nav-settings").is_visible()


def test_the_wheel_and_keys_zoom_into_one_picture(streaming, stream, page):
    page.goto(f"{streaming.url}/#stream={stream.transmission_id}")
    tile = page.get_by_test_id("tile")
    tile.wait_for()
    video = page.get_by_test_id("tile-video")
    whole = video.bounding_box()
    tile.hover()
    page.mouse.wheel(0, -400)
    zoomed = video.bounding_box()
    assert zoomed["width"] > whole["width"] * 2
    page.mouse.down()
    page.mouse.move(700, 300)
    page.mouse.up()
    assert video.bounding_box()["x"] != zoomed["x"]
    assert stream.transmission_id in page.url, "moving the picture is no click"
    page.keyboard.press("0")
    assert video.bounding_box() == whole
    page.keyboard.press("+")
    assert video.bounding_box()["width"] > whole["width"]
    page.keyboard.press("Escape")
    assert video.bounding_box()["width"] <= whole["width"], "all together are shown whole"


def test_the_servers_sentences_are_in_the_pages_language(streaming, stream, browser):
    with contextlib.closing(browser.new_context(locale="pt-BR")) as context:
        page = context.new_page()
        page.goto(f"{streaming.url}/settings")
        page.get_by_text("Ninguém assiste; começa com o primeiro espectador.").wait_for()
        streaming.api.post("api/streams/engine/stop")
        page.locator(".row-note", has_text="O motor está parado. Inicie-o nos ajustes.").wait_for(timeout=5000)


def test_a_pipeline_is_drawn(streaming, stream, page):
    page.goto(f"{streaming.url}/settings#pipelines")
    page.get_by_test_id("pipeline-graph").locator("summary").click()
    drawing = page.locator("svg.pipeline-graph")
    drawing.wait_for()
    assert drawing.get_attribute("aria-label") == "Camera: Camera front → Transmission: Stream front"
    assert drawing.locator("g.graph-node").count() == 2 and drawing.locator("path.graph-edge").count() == 1


def test_the_pages_can_be_installed(streaming, page):
    page.goto(streaming.url)
    manifest = page.evaluate("fetch(document.querySelector('link[rel=manifest]').href).then(answer => answer.json())")
    assert manifest["display"] == "standalone"
    for entry in manifest["icons"]:
        answer = streaming.api.request("GET", entry["src"])
        assert answer.status_code == 200 and answer.headers["Content-Type"] == entry["type"]
    problems = page.context.new_cdp_session(page).send("Page.getInstallabilityErrors")["installabilityErrors"]
    # Every test's browser forgets all, as private windows do.
    assert [problem["errorId"] for problem in problems if problem["errorId"] != "in-incognito"] == []
