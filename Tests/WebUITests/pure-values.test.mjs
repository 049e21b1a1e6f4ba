// The parts of the web interface that need no browser. Run with `node --test Tests/WebUITests/`.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fieldProblems } from "../../WebUI/js/core/server-requests.js";
import { builtinWouldHelp, cannotRun } from "../../WebUI/js/core/engine-condition.js";
import { chooseLanguage } from "../../WebUI/js/core/i18n.js";
import { ServerClock } from "../../WebUI/js/core/server-clock.js";
import { freeSlug, slug } from "../../WebUI/js/core/slug.js";
import { RetrySchedule } from "../../WebUI/js/player/retry-schedule.js";
import { lacksDecoder } from "../../WebUI/js/player/playback-failure.js";
import { isLoopback, playableOutput } from "../../WebUI/js/player/playable-output.js";
import {
    audioChoices, carriesAudio, encodesAudio, encodingFor, newOutput, sharesOneEncoder,
} from "../../WebUI/js/settings/encoding.js";
import { tellingOutput, viewerCount } from "../../WebUI/js/settings/runtime-facts.js";
import { snippets } from "../../WebUI/js/settings/snippets.js";
import { gridGeometry } from "../../WebUI/js/streams/grid-layout.js";

// Expected: the reference's conformance vectors, folded to ASCII.
for (const [name, expected] of [
    ["Front Door", "front-door"], ["a/b.c", "a-b-c"], ["---", "fallback"], ["..//", "fallback"],
    ["Garagé 1", "garage-1"],
]) {
    test(`"${name}" becomes the path "${expected}"`, () => assert.equal(slug(name, "fallback"), expected));
}

test("a taken path gets the smallest free number", () => {
    assert.equal(freeSlug("Front Door", ["front-door", "front-door-2", "garage"]), "front-door-3");
});

test("the problems of a 422 answer name their fields as the form does", () => {
    // Expected: the shape of FastAPI's validation errors.
    const detail = [
        { type: "less_than_equal", loc: ["body", "outputs", 0, "fps_limit"], msg: "Input should be at most 120" },
        { type: "value_error", loc: ["body"], msg: "Value error, two outputs have one id" },
    ];
    assert.deepEqual(fieldProblems(detail), [
        { path: "outputs.0.fps_limit", message: "Input should be at most 120" },
        { path: "", message: "two outputs have one id" },
    ]);
    assert.deepEqual(fieldProblems("text"), []);
});

test("the language is the chosen one, else the first accepted that there is", () => {
    assert.equal(chooseLanguage("en", ["pt-BR"]), "en");
    assert.equal(chooseLanguage(null, ["de-DE", "pt-BR", "en"]), "pt");
    assert.equal(chooseLanguage("xx", ["de"]), "en");
});

test("retries come after 1, 2, 4, 8 and 8 seconds, and anew after health", () => {
    const retries = new RetrySchedule();
    assert.deepEqual(Array.from({ length: 5 }, () => retries.next()), [1, 2, 4, 8, 8]);
    retries.reset();
    assert.equal(retries.next(), 1);
});

test("the server's clock is taken from the quickest answer", () => {
    const clock = new ServerClock();
    clock.observe(1000, 1020, 61.01);
    clock.observe(2000, 8000, 999);
    assert.ok(Math.abs(clock.now() - Date.now() - 60_000) < 50);
});

test("the built-in engine is offered when MediaMTX is wanted and can't run", () => {
    const down = {
        enabled: true, running: false, state: "backing_off", kind: "mediamtx", last_error: "The engine stopped.",
    };
    assert.ok(builtinWouldHelp(down) && cannotRun(down));
    assert.ok(builtinWouldHelp({ ...down, state: "stopped" }));
    for (const other of [
        { enabled: false }, { running: true }, { state: "downloading" }, { state: "starting" }, { kind: "builtin" },
        { last_error: null },
    ]) assert.ok(!builtinWouldHelp({ ...down, ...other }), JSON.stringify(other));
    assert.ok(cannotRun({ ...down, kind: "builtin" }));
});

const urls = (...outputs) => ({ transmission_id: "t", engine_running: true, warnings: [], outputs });
const output = (protocol, problem = null) => ({
    output_id: protocol, protocol, resolved_engine_path: "t", url: "", requires_auth: false, auth_username: null,
    problem: problem && "A sentence.", problem_code: problem,
    playback_url: `api/media/x/${protocol}`, playback_expires_in_seconds: 180,
});


test("WebRTC is played where there is an output for it, else HLS", () => {
    const [hls, rtsp, webrtc] = ["hls", "rtsp", "webrtc"].map((protocol) => output(protocol));
    assert.equal(playableOutput(urls(rtsp, hls, webrtc)), webrtc);
    assert.equal(playableOutput(urls(webrtc)), webrtc);
    assert.equal(playableOutput(urls(rtsp, hls)), hls);
    // Other machines do not reach it; the page does, by the server that it comes from.
    const unmapped = output("hls", "port_not_mapped");
    assert.equal(playableOutput(urls(rtsp, unmapped)), unmapped);
});

for (const [reason, answer] of [
    ["engine-stopped", { ...urls(output("hls")), engine_running: false }],
    ["no-hls", urls(output("rtsp"))],
]) {
    test(`a stream that cannot be played says why: ${reason}`, () => {
        assert.throws(() => playableOutput(answer), { reason });
    });
}

test("loopback is told from the network", () => {
    assert.ok(["localhost", "127.0.0.1", "[::1]"].every(isLoopback));
    assert.ok(!["10.0.0.1", "camera.local"].some(isLoopback));
});

test("what a protocol carries can be chosen for its sound", () => {
    const chosen = (protocol) => audioChoices.filter((audio) => carriesAudio(protocol, audio));
    assert.deepEqual(chosen("rtsp"), audioChoices);
    assert.deepEqual(chosen("hls"), ["auto", "off", "copy", "aac", "mp3", "silence"]);
    assert.deepEqual(chosen("webrtc"), ["auto", "off", "copy", "opus", "pcmu", "pcma", "silence"]);
    assert.deepEqual(audioChoices.filter(encodesAudio), ["auto", "aac", "opus", "mp3"]);
});

test("outputs share an encoder when everything that is encoded, and who may watch, is equal", () => {
    const one = newOutput("a", "hls");
    assert.ok(sharesOneEncoder([one, newOutput("b", "rtsp")]));
    assert.ok(sharesOneEncoder([one, { ...newOutput("b", "rtsp"), resolution: null, fps_limit: null }]));
    assert.ok(!sharesOneEncoder([one, { ...newOutput("b", "rtsp"), fps_limit: 25 }]));
    assert.ok(sharesOneEncoder([one, { ...newOutput("b", "rtsp"), encoder: "cpu", placeholder_text: true }]));
    assert.ok(!sharesOneEncoder([one, { ...newOutput("b", "rtsp"), encoder: "auto" }]));
    assert.ok(!sharesOneEncoder([one, { ...newOutput("b", "rtsp"), placeholder_text: false }]));
    assert.ok(sharesOneEncoder([one, { ...newOutput("b", "rtsp"), audio: "auto" }]));
    assert.ok(!sharesOneEncoder([one, { ...newOutput("b", "rtsp"), audio: "off" }]));
    assert.ok(sharesOneEncoder([one, { ...newOutput("b", "rtsp"), metadata: false }]));
    assert.ok(!sharesOneEncoder([one, { ...newOutput("b", "rtsp"), metadata: true }]));
    for (const difference of [{ audio_bitrate_kbps: 64 }, { audio_sample_rate: 16_000 }, { audio_channels: 2 }]) {
        assert.ok(!sharesOneEncoder([one, { ...newOutput("b", "rtsp"), ...difference }]));
    }
    assert.ok(sharesOneEncoder([one, { ...newOutput("b", "rtsp"), fps_limit: 25, enabled: false }]));
    assert.ok(!sharesOneEncoder([one, { ...newOutput("b", "rtsp"), authentication: { enabled: true, username: "x" } }]));
});

test("outputs that share a path and a protocol share their viewers", () => {
    const output = (protocol, path, count) => ({ protocol, resolved_engine_path: path, viewer_count: count });
    assert.equal(viewerCount([output("hls", "a", 2), output("rtsp", "a", 1), output("hls", "b", 4)]), 7);
    assert.equal(viewerCount([output("hls", "a", 2), output("hls", "a", 2)]), 2);
});

test("a transmission is told by its output in trouble, else by one that is watched, else by one that runs", () => {
    const output = (name, state, count, running) => ({
        output_id: name, state, viewer_count: count, publisher_running: running,
    });
    const cold = output("cold", "working", 0, false);
    const running = output("running", "working", 0, true);
    const watched = output("watched", "working", 2, true);
    const trouble = output("trouble", "action_required", 0, false);
    assert.equal(tellingOutput([]), null);
    assert.equal(tellingOutput([cold, running]), running);
    assert.equal(tellingOutput([cold, running, watched]), watched);
    assert.equal(tellingOutput([watched, output("warming", "warming", 0, true), trouble]), trouble);
});

test("nothing is asked of a camera that can be passed on, or that was not tested", () => {
    const open = { resolution: null, fps_limit: null };
    const camera = { ok: true, codec: "h264", width: 1920, height: 1080, fps: 30, has_b_frames: false };
    assert.deepEqual(encodingFor({ ...camera, keyframe_interval_seconds: 2 }), open);
    assert.deepEqual(encodingFor({ ...camera, keyframe_interval_seconds: null, has_b_frames: null }), open);
    assert.deepEqual(encodingFor(null), open);
    const { id, protocol, ...asked } = newOutput("a", "hls");
    assert.deepEqual([asked.resolution, asked.fps_limit, asked.bitrate_kbps], [null, null, null]);
    for (const reason of [{ codec: "hevc" }, { has_b_frames: true }, { keyframe_interval_seconds: 10 }]) {
        assert.notDeepEqual(encodingFor({ ...camera, ...reason }), open, JSON.stringify(reason));
    }
});

test("a stream that has to be encoded keeps its shape, with even sides, at most 720 lines and 25 fps", () => {
    const facts = (width, height, fps) => encodingFor({ ok: true, codec: "mjpeg", width, height, fps });
    assert.deepEqual(facts(1920, 1080, 30), { resolution: { width: 1280, height: 720 }, fps_limit: 25 });
    assert.deepEqual(facts(640, 480, 15), { resolution: { width: 640, height: 480 }, fps_limit: 15 });
    assert.deepEqual(facts(2592, 1944, 12.5), { resolution: { width: 960, height: 720 }, fps_limit: 13 });
});

test("a command for a protected output has the name, and a place for the password", () => {
    const output = { url: "rtsp://host:8554/t", resolved_engine_path: "t", protocol: "rtsp", requires_auth: true, auth_username: "guest" };
    const expected = 'ffplay -fflags nobuffer -rtsp_transport tcp "rtsp://guest:PASSWORD@host:8554/t"';
    assert.equal(snippets(output).find(({ name }) => name === "ffplay").text, expected);
});

test("tiles fill a phone's width and a desktop's, and never leave the space", () => {
    const phone = gridGeometry("auto", 5, { width: 390, height: 700 }, 2);
    assert.deepEqual(phone, { columns: 1, rows: 3, capacity: 3, tileWidth: 390 });
    const desktop = { width: 1264, height: 732 };
    assert.equal(gridGeometry("auto", 6, desktop, 8).columns, 3);
    assert.equal(gridGeometry("four", 9, desktop, 8).capacity, 4);
    for (const count of [1, 2, 3, 5, 8, 13, 40]) {
        const { columns, rows, capacity, tileWidth } = gridGeometry("auto", count, desktop, 8);
        assert.ok(columns * tileWidth + (columns - 1) * 8 <= desktop.width);
        assert.ok((rows * tileWidth * 9) / 16 + (rows - 1) * 8 <= desktop.height);
        assert.ok(capacity >= Math.min(count, 16));
    }
});

test("a stream that the browser has no decoder for is told from one that is broken", () => {
    // Expected: ErrorDetails of hls.js 1.5.13, and what its demultiplexer says of HEVC in a transport stream.
    assert.ok(lacksDecoder({ details: "manifestIncompatibleCodecsError" }));
    assert.ok(lacksDecoder({ details: "bufferAddCodecError" }));
    assert.ok(lacksDecoder({
        details: "fragParsingError", error: new Error("Unsupported HEVC in M2TS found"),
    }));
    assert.ok(!lacksDecoder({ details: "fragParsingError", error: new Error("no audio or video samples found") }));
    assert.ok(!lacksDecoder({ details: "levelLoadError" }));
});
