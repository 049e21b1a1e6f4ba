// What the pages make of destinations. Run with `node --test Tests/WebUITests/`.
import assert from "node:assert/strict";
import { test } from "node:test";
import { mergeState } from "../../WebUI/js/core/merged-state.js";
import {
    customPreset, destinationPresets, hasKey, lacksApplication, newDestination, withoutReadOnlyMembers,
} from "../../WebUI/js/settings/destinations.js";

test("a new destination is sent nothing, and asks no camera for another size", () => {
    for (const { id, kind, address } of destinationPresets) {
        const destination = newDestination("d", id);
        assert.equal(destination.active, false);
        assert.equal(destination.resolution ?? null, null);
        assert.equal(destination.kind, kind);
        assert.ok(address.startsWith(`${kind}://`) && hasKey(kind), address);
        // The key comes behind it: an address with one would be refused.
        assert.equal(new URL(address.replace(/^rtmps?/, "https")).pathname.split("/").filter(Boolean).length, 1, address);
    }
    assert.equal(newDestination("d", customPreset).address, "");
});

test("a host alone is no place for a key", () => {
    for (const [kind, address, lacks] of [
        ["rtmp", "rtmp://host", true], ["rtmps", "rtmps://host:443//", true], ["rtmp", "rtmp://host/?a=/b", true],
        ["rtmp", "rtmp://host/app", false], ["rtmp", "rtmp://[::1]:1935/app/instance", false],
        ["srt", "srt://host:9000", false], ["rtsp", "rtsp://host", false],
    ]) assert.equal(lacksApplication(kind, address), lacks, address);
    for (const { kind, address } of destinationPresets) assert.ok(!lacksApplication(kind, address));
});

test("services that want a constant bitrate are asked for one, with a keyframe each two seconds", () => {
    for (const { id } of destinationPresets) {
        const { fps_limit: fps, bitrate_mode: mode, bitrate_kbps: kbps, keyframe_interval: interval } = newDestination("d", id);
        if (id === "youtube" || id === "twitch") {
            assert.equal(mode, "cbr");
            assert.ok(kbps >= 3000 && kbps <= 6000, "a constant bitrate is refused without one");
            assert.equal(interval, 2 * fps);
        } else {
            // A camera may be passed on to the others.
            assert.deepEqual([mode ?? "vbr", kbps ?? null, interval ?? null, fps], ["vbr", null, null, 30]);
        }
    }
});

test("what only answers have is no part of a request, and a secret that nobody typed neither", () => {
    const answer = { ...newDestination("d", "twitch"), key_set: true, srt_passphrase_set: false, srt_stream_id_set: false };
    assert.deepEqual(withoutReadOnlyMembers(answer), newDestination("d", "twitch"));
    assert.equal(withoutReadOnlyMembers({ ...answer, key: "k" }).key, "k");
});

test("destinations come whole with each event that has some", () => {
    const [one, other] = ["a", "b"].map((destination_id) => ({ destination_id }));
    const whole = mergeState(null, { at_unix: 1, destinations: [one, other] });
    assert.deepEqual(mergeState(whole, { at_unix: 2 }).destinations, [one, other]);
    assert.deepEqual(mergeState(whole, { at_unix: 2, destinations: [] }).destinations, []);
});
