// Where one stream is played.
import assert from "node:assert/strict";
import { test } from "node:test";
import { StreamSource } from "../../WebUI/js/player/stream-source.js";

const { signal } = new AbortController();

/** A source whose server names these addresses of an output. */
function source(addresses) {
    const output = {
        output_id: "w", protocol: "webrtc", resolved_engine_path: "door", url: "", auth_username: null,
        playback_expires_in_seconds: 180, ...addresses,
    };
    const urls = { transmission_id: "t", engine_running: true, outputs: [output] };
    return new StreamSource({
        addresses: { of: async () => urls }, address: (path) => new URL(path, "http://server.example/"),
    }, "door");
}

const both = { playback_url: "api/media/a/whep", h264_playback_url: "api/media/b/whep" };

test("a browser that does not decode what the stream is plays the same in H.264 from then on", async () => {
    const door = source(both);
    assert.equal((await door.take(signal)).urls[0].pathname, "/api/media/a/whep");
    assert.ok(door.turnToH264());
    const place = await door.take(signal);
    assert.equal(place.urls[0].pathname, "/api/media/b/whep");
    // It is that address which is renewed and given back.
    assert.equal(place.playback.playback_url, both.h264_playback_url);
    assert.ok(!door.turnToH264(), "there is no third way");
    assert.equal((await door.take(signal)).urls[0].pathname, "/api/media/b/whep");
});

for (const [what, addresses] of [
    ["is not there apart", { ...both, h264_playback_url: null }],
    ["comes from an older server", { playback_url: both.playback_url }],
]) {
    test(`without the same in H.264 nothing changes: it ${what}`, async () => {
        const door = source(addresses);
        await door.take(signal);
        assert.ok(!door.turnToH264());
        assert.equal((await door.take(signal)).urls[0].pathname, "/api/media/a/whep");
    });
}
