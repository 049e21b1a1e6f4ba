// What the pages make of what the server and the browser say.
import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { pause, withAnySignal } from "../../WebUI/js/player/abort.js";
import { ApiError, ServerUnreachable } from "../../WebUI/js/core/server-requests.js";
import { t } from "../../WebUI/js/core/i18n.js";
import { readHash } from "../../WebUI/js/core/page-hash.js";
import { Poller } from "../../WebUI/js/core/poller.js";
import { AddressBook } from "../../WebUI/js/player/address-book.js";
import { cameraAddressProblem } from "../../WebUI/js/settings/camera-address.js";
import { usesOfCamera } from "../../WebUI/js/settings/pipeline-facts.js";
import { SettingsStore } from "../../WebUI/js/settings/settings-store.js";
import { streamStatus } from "../../WebUI/js/streams/stream-status.js";
import { listenForSwipes } from "../../WebUI/js/streams/swipe.js";

test("an address with a part that nobody could have encoded is read all the same", () => {
    assert.deepEqual(readHash("#stream=front%20door"), { name: "stream", value: "front door" });
    assert.deepEqual(readHash("#stream=%E0"), { name: "stream", value: "%E0" });
    assert.deepEqual(readHash("#stream=a=b"), { name: "stream", value: "a=b" });
    assert.deepEqual(readHash(""), { name: "", value: "" });
});

for (const error of [new ServerUnreachable("away"), new ApiError(500, "The database is closed."), new TypeError("ours")]) {
    test(`a poller tells what failed: ${error.name}`, async (context) => {
        context.mock.timers.enable({ apis: ["setTimeout"] });
        globalThis.document = Object.assign(new EventTarget(), { hidden: false });
        const poller = new Poller(async () => {
            throw error;
        });
        const failures = [];
        poller.addEventListener("failed", ({ detail }) => failures.push(detail));
        await poller.start();
        assert.deepEqual(failures, [{ error, seconds: 1 }]);
    });
}

test("a stream is live only when the server says so as well", () => {
    const live = { state: "live", reason: null };
    const runtime = (state, running) => ({ state, publisher_running: running, message: "", message_code: "text", message_parameters: {}, no_signal_since_unix: null });
    assert.equal(streamStatus(live, runtime("working", true)).kind, "live");
    assert.equal(streamStatus(live, null).kind, "live");
    assert.equal(streamStatus(live, runtime("warming", true)).kind, "starting");
    assert.equal(streamStatus(live, runtime("working", false)).kind, "starting");
    assert.equal(streamStatus(live, runtime("action_required", true)).kind, "no-signal");
    const still = streamStatus(live, { ...runtime("working", true), message_code: "nothing_moves" });
    assert.equal(still.label, t("tile.state.nothingMoves"));
});

/** An element that events can be given to, in the order in which a browser gives them. */
class Surface extends EventTarget {
    give(type, values) {
        const event = Object.assign(new Event(type), { isPrimary: true, pointerType: "touch", pointerId: 1, ...values });
        let reached = true;
        event.stopPropagation = () => {
            reached = false;
        };
        this.dispatchEvent(event);
        return reached;
    }

    swipe(by) {
        this.give("pointerdown", { clientX: 200, clientY: 50 });
        this.give("pointerup", { clientX: 200 + by, clientY: 52 });
    }

    tap() {
        this.give("pointerdown", { clientX: 100, clientY: 50 });
        this.give("pointerup", { clientX: 100, clientY: 50 });
        return this.give("click", { detail: 1 });
    }
}

test("a tap after a swipe is a tap; the click that a swipe causes is none", async () => {
    const surface = new Surface();
    const directions = [];
    listenForSwipes(surface, (direction) => directions.push(direction));
    surface.swipe(-120);
    assert.equal(surface.tap(), true);
    surface.swipe(120);
    assert.equal(surface.give("click", { detail: 1 }), false);
    surface.swipe(-120);
    // A key presses a button: no pointer, no detail.
    assert.equal(surface.give("click", { detail: 0 }), true);
    await new Promise((resolve) => setTimeout(resolve));
    assert.deepEqual(directions, [1, -1, 1]);
});

test("players that ask for addresses at the same time share one request", async () => {
    let requests = 0;
    const book = new AddressBook({
        allURLs: async () => {
            requests += 1;
            const output = (id, path) => ({ output_id: id, resolved_engine_path: path });
            return [
                { transmission_id: "a", outputs: [output("1", "front")] },
                { transmission_id: "b", outputs: [output("2", "back"), output("3", "back/small")] },
            ];
        },
    });
    const signal = new AbortController().signal;
    const found = await Promise.all(["a", "b", "c"].map((id) => book.of(id, signal)));
    assert.deepEqual(found.map((urls) => urls?.transmission_id), ["a", "b", undefined]);
    assert.equal(requests, 1);
    await book.of("a", signal);
    assert.equal(requests, 2);
    for (const [name, id] of [["front", "1"], ["2", "2"], ["back/small", "3"]]) {
        assert.deepEqual((await book.of(name, signal)).outputs.map(({ output_id: found }) => found), [id], name);
    }
});

test("an answer to an older question does not replace a newer one", async () => {
    const waiting = [];
    const slow = () => new Promise((resolve) => waiting.push(resolve));
    const store = new SettingsStore({
        engineStatus: slow, settings: async () => ({}), cameras: async () => [], transmissions: async () => [],
        pipelines: async () => [], runtimeOutputs: async () => ({ outputs: [] }),
        runtimeDestinations: async () => ({ destinations: [] }),
    }, Object.assign(new EventTarget(), { isLive: false, state: null, newerThan: () => null }));
    const older = store.refresh();
    const newer = store.refresh();
    waiting[1]({ kind: "newer" });
    await newer;
    waiting[0]({ kind: "older" });
    await older;
    assert.equal(store.engine.kind, "newer");
});

test("waiting leaves no listener behind", async (context) => {
    context.mock.timers.enable({ apis: ["setTimeout"] });
    const { signal } = new AbortController();
    const waited = pause(1000, signal);
    assert.equal(getEventListeners(signal, "abort").length, 1);
    context.mock.timers.tick(1000);
    await waited;
    await withAnySignal([signal], async () => {
        assert.equal(getEventListeners(signal, "abort").length, 1);
    });
    assert.equal(getEventListeners(signal, "abort").length, 0);
});

// Expected: the rules of the server (`CameraAddress`).
for (const [address, key] of [
    ["", "missing"], ["192.168.1.20:554/stream1", "scheme"], ["rtmp://host/x", "unsupported"], ["rtsp:///x", "host"],
    ["rtsp://user:pass@:554/x", "host"], ["rtsp://host/a b", "space"], ["file://clip.mp4", "file"],
    ["homeassistant:door", "homeAssistant"], ["homeassistant:camera.a/../b", "homeAssistant"],
]) {
    test(`the camera address "${address}" is refused in the page`, () => {
        assert.equal(cameraAddressProblem(address)?.key, `camera.url.${key}`);
    });
}

test("camera addresses that the server takes are taken", () => {
    for (const address of [
        "rtsp://192.168.1.20:554/stream1", "RTSP://cam/", "https://user:p@ss@cam/a?b=c#d", "file:///media/a.mp4", "demo:",
        "/dev/video0", "homeassistant:camera.front_door_2",
    ]) assert.equal(cameraAddressProblem(address), null, address);
});

test("what a camera alone feeds goes with it, what others feed as well stays", () => {
    const pipeline = (id, camera, transmission) => ({
        id, nodes: [
            { operator: "camera.source", config: { camera_id: camera } },
            { operator: "stream.publish_video", config: { transmission_id: transmission } },
        ],
    });
    const settings = {
        pipelines: [pipeline("1", "front", "a"), pipeline("2", "front", "b"), pipeline("3", "back", "b")],
        transmissions: [{ id: "a" }, { id: "b" }, { id: "c" }],
    };
    const uses = usesOfCamera("front", settings);
    assert.deepEqual(uses.pipelines.map(({ id }) => id), ["1", "2"]);
    assert.deepEqual(uses.transmissions.map(({ id }) => id), ["a"]);
});
