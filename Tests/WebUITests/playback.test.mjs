// How the player gets and keeps its leave to watch, and which way of playing it takes.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { iceServers } from "../../WebUI/js/player/ice-servers.js";
import { PlaybackAccess } from "../../WebUI/js/player/playback-access.js";
import { PlaybackBlocked, PlaybackFailure } from "../../WebUI/js/player/playback-failure.js";
import { StartSchedule } from "../../WebUI/js/player/start-schedule.js";
import { TransportMemory } from "../../WebUI/js/player/transport-memory.js";
import { transportKinds } from "../../WebUI/js/player/transport.js";
import { WebRTCDelay } from "../../WebUI/js/player/webrtc-delay.js";

/** Lets what was awaited go on. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

class Server {
    calls = [];
    answer = 180;
    failure = new Error("away");

    async renewPlayback(url) {
        this.calls.push(["renew", url]);
        if (this.answer === null || this.failure instanceof PlaybackFailure) throw this.failure;
        return this.answer;
    }

    async endPlayback(url) {
        this.calls.push(["end", url]);
    }
}

async function pass(context, seconds) {
    for (let second = 0; second < seconds; second += 1) {
        context.mock.timers.tick(1000);
        await settle();
    }
}

test("an address is renewed long before it is over, also after a renewal was lost, until it is ended", async (context) => {
    context.mock.timers.enable({ apis: ["setTimeout"] });
    const server = new Server();
    const access = new PlaybackAccess(server, { playback_url: "api/media/x/index.m3u8", playback_expires_in_seconds: 180 });
    await pass(context, 60);
    assert.deepEqual(server.calls, [["renew", "api/media/x/index.m3u8"]]);
    server.answer = null;
    await pass(context, 60);
    assert.equal(server.calls.length, 2);
    await pass(context, 5);
    assert.equal(server.calls.length, 3, "it is asked for again soon");
    server.answer = 30;
    await pass(context, 5);
    assert.equal(server.calls.length, 4);
    await pass(context, 10);
    assert.equal(server.calls.length, 5, "the server says how long it is good");
    access.end();
    await pass(context, 300);
    assert.deepEqual(server.calls.slice(5), [["end", "api/media/x/index.m3u8"]]);
});

test("a server that gives no more time is asked no more, and says why", async (context) => {
    context.mock.timers.enable({ apis: ["setTimeout"] });
    for (const refusal of [
        new PlaybackBlocked("sign-in"), new PlaybackFailure("server", { code: "media_address_over", detail: "" }),
    ]) {
        const server = new Server();
        server.failure = refusal;
        const told = [];
        const playback = { playback_url: "api/media/x/whep", playback_expires_in_seconds: 180 };
        const access = new PlaybackAccess(server, playback, (failure) => told.push(failure));
        await pass(context, 240);
        assert.deepEqual(told, [refusal]);
        assert.equal(server.calls.length, 1);
        access.end();
    }
});

beforeEach(() => {
    const items = new Map();
    globalThis.localStorage = {
        getItem: (name) => items.get(name) ?? null,
        setItem: (name, value) => items.set(name, value),
        removeItem: (name) => items.delete(name),
    };
});

const all = ["whep", "mse", "hls", "native"];
const start = 1_000_000_000_000;
const network = (kind) => ({ kind, isRefusal: false });

test("what worked comes first with that server, and what failed meanwhile is left out for a minute", (context) => {
    context.mock.timers.enable({ apis: ["Date"], now: start });
    const memory = new TransportMemory("https://one/", "a");
    assert.deepEqual(memory.order(all), all);
    memory.worked("mse", [network("whep")]);
    assert.deepEqual(new TransportMemory("https://one/", "b").order(all), ["mse", "hls", "native"]);
    assert.deepEqual(new TransportMemory("https://two/", "a").order(all), all, "another server is on another network");
    assert.deepEqual(memory.order(["whep"]), ["whep"], "there is nothing else");
    context.mock.timers.setTime(start + 61_000);
    assert.deepEqual(memory.order(all), ["mse", "whep", "hls", "native"]);
    memory.worked("whep", []);
    assert.deepEqual(memory.order(all), all);
});

test("what can't carry a stream is left out for that stream alone", (context) => {
    context.mock.timers.enable({ apis: ["Date"], now: start });
    const memory = new TransportMemory("s", "a");
    memory.worked("hls", [{ kind: "whep", isRefusal: true }]);
    assert.deepEqual(memory.order(all), ["hls", "mse", "native"]);
    assert.equal(memory.takesTurn("whep"), false);
    assert.deepEqual(new TransportMemory("s", "b").order(all), ["hls", "whep", "mse", "native"]);
    context.mock.timers.setTime(start + 601_000);
    assert.ok(memory.order(all).includes("whep"));
    context.mock.timers.setTime(start - 3_600_000);
    assert.ok(memory.order(all).includes("whep"), "a clock that was put back");
});

test("of all players, one tries WebRTC again each minute, and all do on another network", (context) => {
    context.mock.timers.enable({ apis: ["Date"], now: start });
    const [first, second] = ["a", "b"].map((stream) => new TransportMemory("s", stream));
    assert.deepEqual([first.takesTurn("whep"), second.takesTurn("whep")], [true, false]);
    first.forgive();
    assert.equal(second.takesTurn("whep"), true);
    context.mock.timers.setTime(start + 61_000);
    assert.equal(first.takesTurn("whep"), true);
});

test("a browser that stores nothing, or something else, plays as if nothing were known", () => {
    for (const text of ["null", "{", "7", '{"until":{}}']) {
        localStorage.getItem = () => text;
        assert.deepEqual(new TransportMemory("s", "a").order(all), all, text);
    }
    delete globalThis.localStorage;
    const memory = new TransportMemory("s", "a");
    memory.worked("hls", [network("whep")]);
    assert.deepEqual(memory.order(all), all);
});

test("players start one after the other, and a lone one at once", () => {
    const schedule = new StartSchedule();
    assert.deepEqual([0, 0, 0, 30].map((now) => schedule.next(now)), [0, 60, 120, 150]);
    assert.equal(schedule.next(5000), 0);
});

const statistics = (...reports) => ({ getStats: async () => new Map(reports.map((report, index) => [index, report])) });
const inbound = (members) => ({ type: "inbound-rtp", kind: "video", ...members });

test("the age of a WebRTC picture is told by the sender's clock, from 1900 or 1970", async () => {
    // Source: RFC 868, seconds from 1900 to 1970.
    for (const epoch of [2_208_988_800_000, 0]) {
        const delay = new WebRTCDelay();
        await delay.measure(statistics(inbound({ estimatedPlayoutTimestamp: epoch + start - 250 })), () => start);
        assert.equal(delay.seconds, 0.25);
    }
});

test("without the sender's clock, it is what pictures wait for, and half of the way there and back", async () => {
    const pair = { type: "candidate-pair", state: "succeeded", nominated: true, currentRoundTripTime: 0.1 };
    const far = start + 3_600_000;
    const buffered = (jitterBufferDelay, jitterBufferEmittedCount) => ({ jitterBufferDelay, jitterBufferEmittedCount });
    const decoded = (totalProcessingDelay, framesDecoded) => ({ totalProcessingDelay, framesDecoded, ...buffered(1, 1) });
    for (const members of [buffered, decoded]) {
        const delay = new WebRTCDelay();
        for (const [seconds, count, expected] of [[2, 20, 0.15], [2, 20, 0.15], [8, 40, 0.35]]) {
            const report = inbound({ estimatedPlayoutTimestamp: far, ...members(seconds, count) });
            await delay.measure(statistics(report, pair), () => start);
            assert.ok(Math.abs(delay.seconds - expected) < 1e-9, String(delay.seconds));
        }
    }
    const nothing = new WebRTCDelay();
    await nothing.measure(statistics(), () => start);
    assert.equal(nothing.seconds, null);
});

test("ICE servers are read from Link fields", () => {
    // Source: the form that MediaMTX writes, and RFC 9725 §4.6.
    const link = '<stun:stun.example:3478>; rel="ice-server", <turn:t.example?transport=udp>; rel="ice-server"; '
        + 'username="a, \\"b\\""; credential="c;d\\\\"; credential-type="password", <https://x.example>; rel="next"';
    assert.deepEqual(iceServers(link), [
        { urls: "stun:stun.example:3478" },
        { urls: "turn:t.example?transport=udp", username: 'a, "b"', credential: "c;d\\" },
    ]);
    assert.deepEqual(iceServers(null), []);
    assert.deepEqual(iceServers("nonsense"), []);
});

test("a stream is played by the ways that its addresses lead to", () => {
    Object.defineProperty(globalThis, "navigator", { value: { vendor: "Google Inc." }, configurable: true });
    Object.assign(globalThis, { RTCPeerConnection: class {}, MediaSource: { isTypeSupported: () => true }, document: {} });
    const kinds = (...urls) => transportKinds(urls.map((url) => new URL(url))).filter((kind) => kind !== "mse");
    assert.deepEqual(kinds("https://a/b/api/media/t/whep"), ["whep", "hls"]);
    assert.deepEqual(kinds("https://a/b/api/media/t/index.m3u8"), ["hls"]);
    assert.deepEqual(kinds("http://a:8889/front/whep"), ["whep"], "the engine's HLS has another port");
    assert.deepEqual(kinds("http://a:8888/front/index.m3u8"), ["hls"]);
    assert.deepEqual(kinds("http://a:8889/front/whep", "http://a:8888/front/index.m3u8"), ["whep", "hls"]);
    assert.deepEqual(kinds("http://a/"), []);
    delete globalThis.RTCPeerConnection;
    assert.deepEqual(kinds("https://a/api/media/t/whep"), ["hls"]);
});
