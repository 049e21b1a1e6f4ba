"""JSON that travels with a picture: with that very picture, in all outputs that show it, and in no other."""

import base64
import contextlib
import io
import json
import subprocess
from urllib.parse import urljoin

import av
import numpy as np
import pytest
import requests

from rig import counter, processes
from rig.metadata import Reader, Recording, metadata_of
from rig.server import binary

AS_CAMERA = {"protocol": "rtsp", "resolution": {"width": 640, "height": 360}, "fps_limit": 25, "bitrate_kbps": 1000}
# Of a higher rate than the camera's, so that none of its pictures is left out to keep a rate.
SMALL = AS_CAMERA | {"resolution": {"width": 320, "height": 180}, "fps_limit": 50, "bitrate_kbps": 400}
SHOWN = {
    "copied": AS_CAMERA,
    "encoded": SMALL,
    "h265": SMALL | {"codec": "h265"},
}
COUNT = 8

# Shows a stream with the player, and keeps the picture that is seen with each event, and when the one before is shown. Both are by the
# browser's own word, which it gives to whoever asks first.
SHOW = """
async src => {
    window.seen = [];
    const presented = [];
    const request = HTMLVideoElement.prototype.requestVideoFrameCallback;
    HTMLVideoElement.prototype.requestVideoFrameCallback = function (callback) {
        return request.call(this, (now, frame) => {
            if (presented.at(-1) !== frame.mediaTime) presented.push(frame.mediaTime);
            callback(now, frame);
        });
    };
    await import(new URL("/js/player/toposync-player.js", location.href));
    const player = document.createElement("toposync-player");
    for (const [name, value] of Object.entries({ src, metadata: "", muted: "" })) player.setAttribute(name, value);
    player.style.cssText = "display: block; width: 640px; height: 360px";
    player.addEventListener("videochange", () => {
        const { video } = player;
        const follow = () => { if (video === player.video) video.requestVideoFrameCallback(follow); };
        if (video) follow();
    });
    player.addEventListener("metadata", ({ detail }) => {
        // That the stream is seen. What takes time would have the browser leave pictures out.
        if (detail.n === 0) return seen.push({ n: 0 });
        const context = new OffscreenCanvas(640, 360).getContext("2d", { willReadFrequently: true });
        context.drawImage(player.video, 0, 0, 640, 360);
        const { data } = context.getImageData(0, 0, 640, 360);
        const green = Uint8Array.from({ length: 640 * 360 }, (_, index) => data[4 * index + 1]);
        let text = "";
        for (let i = 0; i < green.length; i += 0x8000) text += String.fromCharCode(...green.subarray(i, i + 0x8000));
        const [before, now] = presented.slice(-2);
        seen.push({ n: detail.n, way: player.transport?.label, step: now - before, pixels: btoa(text) });
    });
    document.body.append(player);
}
"""


def test_json_is_in_the_same_picture_of_every_output_that_shows_it(streaming, camera, tmp_path):
    outputs = [output | {"id": name, "path": name, "metadata": True} for name, output in SHOWN.items()]
    outputs.append(AS_CAMERA | {"id": "hidden", "path": "hidden"})
    stream = streaming.api.add_stream(camera.url, outputs=outputs)
    base = stream.rtsp_url.rsplit("/", 1)[0]

    def post(number: int) -> bool:
        place = f"api/streams/transmissions/{stream.transmission_id}/metadata"
        return streaming.api.post(place, {"n": number})["watched"]

    with contextlib.ExitStack() as stack:
        recordings = {
            name: stack.enter_context(Recording(f"{base}/{name}", tmp_path / f"{name}.ts"))
            for name in [*SHOWN, "hidden"]
        }
        readers = [stack.enter_context(Reader(f"{base}/{name}")) for name in SHOWN]
        for recording in recordings.values():
            recording.wait_until_it_records()
        # Pictures come, and are read, where the first line is; before that, what is posted may be forgotten.
        processes.wait_until(lambda: post(0) and all(reader.items for reader in readers), 40, "metadata of each output")
        for number in range(1, COUNT + 1):
            assert post(number)
            for reader in readers:
                reader.wait_for_picture_with({"n": number})
        for name in SHOWN:
            recordings[name].wait_for({"n": COUNT})
        for recording in recordings.values():
            recording.stop()
        read = {name: reader.items for name, reader in zip(SHOWN, readers, strict=True)}

    pictures = {name: recording.pictures() for name, recording in recordings.items()}
    seen = {
        name: {picture.metadata["n"]: picture.counter for picture in pictures[name] if picture.metadata}
        for name in SHOWN
    }
    numbers = range(1, COUNT + 1)
    # Whatever is copied has every picture of the camera.
    which = [seen["copied"].get(number) for number in numbers]
    assert all(camera.drew(counter) for counter in which), seen["copied"]
    for name in SHOWN:
        # That very picture; where the computer was too slow to encode it, the next that there is.
        shown = [picture.counter for picture in pictures[name] if camera.drew(picture.counter)]
        expected = [min(counter for counter in shown if counter >= wanted) for wanted in which]
        assert [seen[name].get(number) for number in numbers] == expected, name
        assert len([number for number in range(COUNT) if expected[number] == which[number]]) > COUNT // 2, name
        times = [line["time"] for line in read[name]]
        assert times == sorted(times)
        # Each once.
        assert [line["metadata"]["n"] for line in read[name] if line["metadata"]["n"]] == list(numbers), name
    assert len(pictures["hidden"]) > 20
    assert not any(picture.has_uuid for picture in pictures["hidden"])


def test_what_is_on_changes_for_who_watches(streaming, camera):
    stream = streaming.api.add_stream(camera.url, outputs=[AS_CAMERA])
    place = f"api/streams/transmissions/{stream.transmission_id}"
    transmission = streaming.api.get(place)
    off = streaming.api.request("POST", f"{place}/metadata", {"n": 0})
    assert off.status_code == 409 and off.json()["code"] == "metadata_off"
    with Reader(stream.rtsp_url) as reader:
        processes.wait_until(stream.publishing, 20, "a viewer")
        output = transmission["outputs"][0] | {"metadata": True}
        streaming.api.put(place, transmission | {"outputs": [output]})
        # The same connection shows it.
        processes.wait_until(
            lambda: streaming.api.post(f"{place}/metadata", {"n": 1})["watched"] and reader.items, 20, "metadata"
        )


@pytest.mark.builtin_engine
def test_hls_has_a_tag_at_the_time_of_its_picture(streaming, camera):
    hls = AS_CAMERA | {"protocol": "hls", "metadata": True}
    stream = streaming.api.add_stream(camera.url, outputs=[hls])
    place = f"api/streams/transmissions/{stream.transmission_id}/metadata"

    def entries(url: str) -> list[str]:
        lines = requests.get(url, timeout=20).text.splitlines()
        return [urljoin(url, line) for line in lines if line and not line.startswith("#")]

    def segment_with_a_tag():
        streaming.api.post(place, {"n": 1})
        segments = [requests.get(url, timeout=20).content for url in entries(entries(stream.hls_url)[0])]
        return next((segment for segment in segments if b"toposync.metadata" in segment), None)

    segment = processes.wait_until(segment_with_a_tag, 30, "a tag in a segment", interval=0.2)
    tags, pictures = {}, {}
    with av.open(io.BytesIO(segment), format="mpegts") as container:
        for packet in container.demux():
            if packet.pts is None:
                continue
            if packet.stream.type == "data":
                tags[packet.pts] = json.loads(bytes(packet).partition(b"toposync.metadata\0")[2])
            elif metadata := metadata_of(bytes(packet), is_h265=False):
                pictures[packet.pts] = metadata
    assert tags
    assert tags == pictures


@pytest.mark.builtin_engine
@pytest.mark.parametrize(("way", "latency"), [("MSE", "normal"), ("HLS", "normal"), ("HLS", "low")])
def test_a_page_is_told_with_the_picture_that_is_seen(streaming, camera, page, tmp_path, way, latency):
    output = AS_CAMERA | {"metadata": True, "latency_profile": latency}
    stream = streaming.api.add_stream(camera.url, outputs=[output, output | {"protocol": "hls"}])
    place = f"api/streams/transmissions/{stream.transmission_id}/metadata"
    if way == "HLS":
        page.add_init_script("delete globalThis.WebSocket")
    page.goto(f"{streaming.url}/manifest.webmanifest")

    def sees(number: int):
        return lambda: page.wait_for_timeout(50) or page.evaluate("n => seen.some(entry => entry.n === n)", number)

    with Recording(stream.rtsp_url, tmp_path / "front.ts") as recording:
        recording.wait_until_it_records()
        page.evaluate(SHOW, stream.path)
        processes.wait_until(lambda: streaming.api.post(place, {"n": 0}) and sees(0)(), 40, "an event", interval=0)
        for number in range(1, COUNT + 1):
            assert streaming.api.post(place, {"n": number})["watched"]
            processes.wait_until(sees(number), 20, f"the event of {number}", interval=0)
        recording.wait_for({"n": COUNT})
        recording.stop()
    carried = {
        picture.metadata["n"]: picture.counter for picture in recording.pictures() if picture.metadata
    }
    entries = [entry for entry in page.evaluate("seen") if entry["n"]]
    assert [entry["n"] for entry in entries] == list(range(1, COUNT + 1))
    exact = 0
    for entry in entries:
        assert entry["way"] == way
        luma = np.frombuffer(base64.b64decode(entry["pixels"]), np.uint8).reshape(360, 640)
        late = counter.read(luma) - carried[entry["n"]]
        # More than one where the browser left pictures out: it is the first that was seen from the one on that carries it.
        step = round(entry["step"] * AS_CAMERA["fps_limit"])
        # A browser that is busy may have drawn the next one when it is asked for the picture.
        assert 0 <= late <= step, (late, step)
        exact += late < step
    assert exact >= COUNT // 2


def test_an_address_that_gives_nothing_is_a_sentence():
    ended = subprocess.run(
        [str(binary()), "metadata", "rtsp://127.0.0.1:1/nothing"], capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 1
    assert ended.stdout == "" and "127.0.0.1" in ended.stderr
