"""Sentences of the server in the language of a page: each comes with a code and what it names."""

import json
import re

import pytest

from rig import ports, processes
from rig.server import ROOT

PASSWORD = "correct horse"


@pytest.fixture
def portuguese(browser):
    """A page of somebody who reads Portuguese."""
    context = browser.new_context(locale="pt-BR")
    yield context.new_page()
    context.close()


def test_what_is_wrong_with_a_camera_is_told_in_the_language_of_the_page(streaming, browser):
    stream = streaming.api.add_stream(f"rtsp://127.0.0.1:{ports.free_port()}/nothing", path="front")
    streaming.api.post(f"api/streams/transmissions/{stream.transmission_id}/demand/prime")

    def lost():
        outputs = streaming.api.get("api/streams/runtime/outputs")["outputs"]
        return next((output for output in outputs if output["message_code"] == "camera_lost"), None)

    output = processes.wait_until(lost, 20, "a lost camera")
    reason = output["message_parameters"]["reason"]
    assert reason["code"] == "camera_refused" and reason["text"] in output["message"]
    context = browser.new_context(locale="pt-BR")
    page = context.new_page()
    page.goto(f"{streaming.url}/settings#transmissions")
    page.get_by_text("recusou a conexão").locator("visible=true").first.wait_for()
    context.close()


def test_warnings_of_the_engine_are_told_in_the_language_of_the_page(server, browser):
    status = server.api.get("api/streams/engine/status")
    assert [message["text"] for message in status["warning_messages"]] == status["warnings"]
    assert "engine_disabled" in [message["code"] for message in status["warning_messages"]]
    context = browser.new_context(locale="pt-BR")
    page = context.new_page()
    page.goto(f"{server.url}/settings#engine")
    page.get_by_text("O motor está desligado. Inicie-o para assistir.").wait_for()
    context.close()


def test_why_the_engine_does_not_run_is_told_in_the_language_of_the_page(make_server, portuguese, tmp_path):
    server = make_server(environment={"TOPOSYNC_STREAMING_ENGINE_PATH": str(tmp_path / "nothing")}).start()
    server.api.add_stream("demo:", path="demo")
    server.api.patch("api/streams/settings", {"engine": {"enabled": True, "kind": "mediamtx"}})
    status = server.api.get("api/streams/engine/status")
    assert status["last_error_code"] == "mediamtx_not_at_path"
    assert status["last_error_parameters"]["path"] in status["last_error"]
    portuguese.goto(server.url)
    portuguese.get_by_text("Não há programa MediaMTX em").locator("visible=true").first.wait_for()
    portuguese.goto(f"{server.url}/settings#engine")
    portuguese.get_by_text("Não há programa MediaMTX em").locator("visible=true").first.wait_for()


def test_what_a_test_of_a_camera_finds_is_told_in_the_language_of_the_page(server, portuguese):
    nobody = f"rtsp://127.0.0.1:{ports.free_port()}/nothing"
    result = server.api.post("api/cameras/test", {"name": "Gate", "url": nobody}, timeout=60)
    assert not result["ok"] and result["message_code"] == "camera_refused"
    assert result["message_parameters"]["target"] in result["message"]
    demo = server.api.post("api/cameras/test", {"name": "Demo", "url": "demo:"}, timeout=60)
    assert demo["ok"] and demo["message_code"] == "camera_works"
    server.api.add_stream(nobody, path="gate")
    portuguese.goto(f"{server.url}/settings#cameras")
    portuguese.get_by_test_id("camera-row-test").click()
    message = portuguese.get_by_test_id("camera-test-message").get_by_text("recusou a conexão; verifique a porta")
    message.wait_for(timeout=40_000)


def test_why_a_picture_is_encoded_is_told_in_the_language_of_the_page(streaming, portuguese):
    streaming.api.add_stream("demo:", path="demo", encoding={"encoder": "nvenc"})
    portuguese.goto(streaming.url)

    def encoded():
        outputs = streaming.api.get("api/streams/runtime/outputs")["outputs"]
        return next((output for output in outputs if output["mode_reason_code"] == "mode_and_encoder"), None)

    output = processes.wait_until(encoded, 20, "an output that is encoded on the CPU instead")
    mode = output["mode_reason_parameters"]["mode"]
    assert mode["code"] == "encoded" and mode["parameters"]["reason"]["code"] == "copy_demo"
    assert output["mode_reason"].startswith(mode["text"])
    portuguese.get_by_test_id("tile").first.hover()
    portuguese.get_by_test_id("tile-detail").click()
    facts = portuguese.get_by_test_id("detail-facts")
    facts.get_by_text("codificada: a demonstração desenha as próprias imagens; na CPU").wait_for()
    portuguese.get_by_test_id("detail-log").get_by_text(re.compile(r"^\w+: primeira imagem depois de \d+,\d s\.$")).wait_for()


def test_why_a_sign_in_is_refused_is_told_in_the_language_of_the_page(make_server, portuguese):
    server = make_server("--access", "account", environment={"TOPOSYNC_STREAMING_ADMIN_PASSWORD": PASSWORD}).start()
    portuguese.goto(f"{server.url}/sign-in.html")
    portuguese.get_by_test_id("sign-in-name").fill("admin")
    portuguese.get_by_test_id("sign-in-password").fill("wrong password")
    with portuguese.expect_response("**/api/session") as refusal:
        portuguese.get_by_test_id("sign-in-submit").click()
    assert refusal.value.status == 401 and refusal.value.json()["code"] == "sign_in_wrong"
    portuguese.get_by_text("O nome ou a senha está errado.", exact=True).wait_for()
    # Who goes on trying is slowed down, and told for how long.
    for _ in range(20):
        with portuguese.expect_response("**/api/session") as refusal:
            portuguese.get_by_test_id("sign-in-submit").click()
        if refusal.value.status == 429:
            break
    body = refusal.value.json()
    assert body["code"] == "sign_in_too_many_tries" and str(body["parameters"]["seconds"]) in body["detail"]
    portuguese.get_by_text("Senhas erradas demais.").wait_for()


def test_what_is_wrong_with_a_new_password_is_told_in_the_language_of_the_page(make_server, portuguese):
    server = make_server("--host", "0.0.0.0").start()
    portuguese.goto(next(record["setup_url"] for record in server.records if "setup_url" in record))
    portuguese.get_by_test_id("sign-in-password").fill("short")
    portuguese.get_by_test_id("sign-in-submit").click()
    portuguese.get_by_text("Escolha uma senha de pelo menos 8 caracteres.").wait_for()


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("api/cameras", {"name": "A", "url": "cam.example"}, "address_no_scheme"),
        ("api/cameras", {"name": "A", "url": "gopher://cam"}, "address_scheme"),
        ("api/cameras", {"name": "A", "url": "rtsp:///x"}, "address_no_host"),
        ("api/cameras", {"name": "A", "url": "file:///etc/passwd"}, "files_elsewhere"),
        ("api/cameras", {"name": " ", "url": "demo:"}, "camera_unnamed"),
        ("api/cameras", {"url": "demo:"}, "field_missing"),
        ("api/streams/transmissions", {"name": "A", "path": "all"}, "path_reserved"),
        ("api/streams/transmissions", {"name": "A", "path": "front"}, "path_taken"),
        (
            "api/streams/transmissions",
            {"name": "A", "path": "a", "outputs": [{"protocol": "hls", "fps_limit": 0}]}, "field_too_small",
        ),
        (
            "api/streams/transmissions",
            {"name": "A", "path": "a", "outputs": [{"protocol": "hls", "audio": "opus"}]}, "audio_not_carried",
        ),
        (
            "api/streams/transmissions",
            {"name": "A", "path": "a", "outputs": [{"protocol": "rtsp", "audio": "opus", "audio_sample_rate": 44100}]}, "audio_sample_rate",
        ),
        (
            "api/streams/transmissions",
            {"name": "A", "path": "a", "outputs": [{"protocol": "rtsp", "audio": "pcma", "audio_channels": 2}]}, "audio_g711_fixed",
        ),
        (
            "api/streams/transmissions",
            {"name": "A", "path": "a", "outputs": [{"protocol": "hls", "audio": "mp3", "audio_bitrate_kbps": 8}]}, "audio_bitrate",
        ),
        (
            "api/streams/transmissions",
            {"name": "A", "path": "a", "outputs": [{"protocol": "hls", "audio": "off", "audio_channels": 1}]}, "audio_nothing_to_choose",
        ),
        *(
            ("api/streams/transmissions", {"name": "A", "path": "a", "outputs": [{"protocol": "hls"} | settings]}, code)
            for settings, code in (
                ({"protocol": "rtsp", "intra_refresh_period": 9, "keyframe_interval": 9}, "intra_refresh_or_keyframes"),
                ({"intra_refresh_period": 9}, "intra_refresh_by_rtsp_alone"),
                ({"slices": 2, "encoder": "auto"}, "encoder_setting_of_cpu"),
                ({"bitrate_mode": "cbr"}, "bitrate_missing"),
                ({"protocol": "webrtc", "codec": "h265"}, "codec_not_by_webrtc"),
                ({"codec": "h265", "encoder": "auto"}, "codec_of_cpu"),
                ({"codec": "h265", "profile": "main"}, "profile_of_h264"),
                ({"protocol": "rtsp", "codec": "h265", "intra_refresh_period": 9}, "intra_refresh_of_h264"),
                ({"protocol": "webrtc", "max_b_frames": 1}, "b_frames_not_by_webrtc"),
                ({"profile": "baseline", "max_b_frames": 1}, "b_frames_not_in_baseline"),
                ({"bitrate_kbps": 900, "max_bitrate_kbps": 800}, "bitrate_maximum"),
            )
        ),
        ("api/users", {"name": "", "password": PASSWORD, "role": "viewer"}, "account_name"),
        ("api/users", {"name": "eve", "password": "short", "role": "viewer"}, "password_too_short"),
        ("api/home-assistant/cameras", {"transmission_id": "x", "output_id": "y"}, "transmission_gone"),
        ("api/streams/transmissions/x/demand/prime", None, "transmission_gone"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_request_has_a_code(server, path, body, code):
    server.api.add_stream("demo:", path="front")
    answer = server.api.request("POST", path, body)
    assert 400 <= answer.status_code < 500
    told = answer.json()
    told = told["detail"][0] if isinstance(told["detail"], list) else told
    assert told["code"] == code
    # Both languages have a text, and it names what the answer names.
    for language in ("en", "pt"):
        text = json.loads((ROOT / "WebUI" / "i18n" / f"{language}.json").read_text())[f"condition.{code}"]
        assert set(re.findall(r"{(\w+)}", text)) <= set(told["parameters"])


def test_what_can_not_be_done_now_has_a_code(server):
    stream = server.api.add_stream("demo:", path="front")
    place = f"api/streams/transmissions/{stream.transmission_id}"
    transmission = server.api.get(place)
    keyframe = f"{place}/outputs/{transmission['outputs'][0]['id']}/force-idr"

    def refusal(method, path, body=None):
        answer = server.api.request(method, path, body)
        assert answer.status_code >= 400
        told = answer.json()
        return (told["detail"][0] if isinstance(told["detail"], list) else told)["code"]

    assert refusal("POST", keyframe) == "keyframe_of_idle"
    assert refusal("POST", f"{place}/metadata", {"n": 1}) == "metadata_off"
    assert refusal("POST", f"{place}/metadata", {"n": "1" * 17000}) == "metadata_too_long"
    assert refusal("PUT", place, transmission | {"id": "another"}) == "id_mismatch"
    assert refusal("PUT", place, transmission | {"host_server_id": "attic"}) == "unknown_host"
    assert refusal("POST", "api/restore", {"backup": {"format": "x"}}) == "backup_of_others"
    backup = server.api.get("api/backup")
    assert refusal("POST", "api/restore", {"backup": backup | {"format_version": 99}}) == "backup_newer"
    assert refusal("POST", "api/restore", {"backup": backup | {"cameras": backup["cameras"] * 2}}) == "backup_same_id"
    server.api.put(place, transmission | {"enabled": False})
    assert refusal("POST", keyframe) == "transmission_off"
    assert refusal("GET", f"{place}/still.jpg") == "transmission_off"
    urls = server.api.get(f"{place}/urls")
    assert [message["text"] for message in urls["warning_messages"]] == urls["warnings"]
    assert [message["code"] for message in urls["warning_messages"]] == ["addresses_without_engine", "transmission_off"]


def test_what_a_change_brought_about_is_told_in_the_language_of_the_page(server, portuguese):
    server.api.add_stream("demo:", path="front")
    portuguese.goto(f"{server.url}/settings#transmissions")
    portuguese.get_by_test_id("transmission-delete").click()
    portuguese.get_by_test_id("confirm-yes").click()
    portuguese.get_by_text("Desligado, porque a transmissão em que mostrava uma câmera não existe mais").wait_for()


def test_a_taken_path_is_told_in_the_language_of_the_page(server, portuguese):
    server.api.add_stream("demo:", path="front")
    portuguese.goto(f"{server.url}/settings#transmissions")
    portuguese.get_by_test_id("transmission-add").click()
    portuguese.get_by_test_id("transmission-name").fill("Porta")
    portuguese.get_by_test_id("transmission-path").fill("front")
    portuguese.get_by_test_id("transmission-save").click()
    portuguese.get_by_text("O caminho “front” já é usado por outra transmissão. Escolha outro.").wait_for()


def test_a_taken_name_is_told_in_the_language_of_the_page(server, portuguese):
    server.api.post("api/users", {"name": "eva", "password": PASSWORD, "role": "viewer"})
    portuguese.goto(f"{server.url}/settings#access")
    portuguese.get_by_test_id("user-add").click()
    portuguese.get_by_test_id("account-name").fill("Eva")
    portuguese.get_by_test_id("account-password").fill(PASSWORD)
    portuguese.get_by_test_id("account-save").click()
    portuguese.get_by_text("Já há um usuário “Eva”. Escolha outro nome.").wait_for()


def test_long_names_of_sections_stay_beside_what_is_in_them(server, portuguese):
    portuguese.set_viewport_size({"width": 1440, "height": 900})
    portuguese.goto(f"{server.url}/settings")
    link = portuguese.get_by_role("link", name="Cópia de segurança e diagnóstico")
    link.wait_for()
    text = link.evaluate(
        "link => { const range = document.createRange(); range.selectNodeContents(link);"
        " return range.getBoundingClientRect().right }"
    )
    content = portuguese.locator(".settings-content").bounding_box()
    assert text < content["x"] - 16
    # On a phone they are a line that scrolls.
    portuguese.set_viewport_size({"width": 360, "height": 780})
    assert link.bounding_box()["height"] < 48
