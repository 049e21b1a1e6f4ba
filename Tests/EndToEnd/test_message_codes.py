"""Sentences of the server in the language of a page: each comes with a code and what it names."""

from rig import ports, processes


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
    page.get_by_text("O motor está desligado nos ajustes.").wait_for()
    context.close()
