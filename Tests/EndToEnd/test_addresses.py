"""What the Settings page offers for other programs: QR codes that a reader reads, and snippets."""

import io
import subprocess

from PIL import Image


def decoded(page, code) -> str:
    """What zbar reads in a QR code on the screen."""
    code.scroll_into_view_if_needed()
    picture = io.BytesIO()
    Image.open(io.BytesIO(code.screenshot())).resize((660, 660)).save(picture, "PNG")
    run = subprocess.run(
        ["zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", "-"],
        input=picture.getvalue(), stdout=subprocess.PIPE, check=True, timeout=20,
    )  # fmt: skip
    return run.stdout.decode().removesuffix("\n")


def test_qr_codes_say_the_addresses(streaming, page):
    streaming.api.add_stream("demo:", path="front-door-of-the-house-with-a-long-name-" + "x" * 60)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.goto(f"{streaming.url}/settings?{scheme}#addresses")
        page.get_by_test_id("address").locator("summary").first.click()
        output = page.get_by_test_id("output-address").first
        output.get_by_test_id("qr").locator("summary").click()
        code = output.locator("svg.qr")
        code.wait_for()
        assert decoded(page, code) == output.get_by_test_id("url").inner_text()
    assert page.console == []


def test_snippets_name_the_address(streaming, page):
    streaming.api.add_stream("demo:", path="front")
    page.goto(f"{streaming.url}/settings#addresses")
    page.get_by_test_id("address").locator("summary").first.click()
    output = page.locator("[data-testid=output-address][data-protocol=rtsp]")
    output.locator("summary").first.click()
    url = output.get_by_test_id("url").inner_text()
    texts = output.get_by_test_id("snippet").all_inner_texts()
    assert len(texts) == 5 and all(url in text for text in texts)


def test_other_machines_addresses_are_told(make_server, page):
    server = make_server("--host", "0.0.0.0", "--access", "open").start()
    network = server.api.get("api/network")
    assert network["is_open"] is True
    page.goto(f"{server.url}/settings#network")
    page.get_by_test_id("network").wait_for()
