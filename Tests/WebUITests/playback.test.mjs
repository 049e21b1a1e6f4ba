// How the player gets and keeps its leave to watch, and which way of playing it takes.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { iceServers } from "../../WebUI/js/player/ice-servers.js";
import { PlaybackAccess } from "../../WebUI/js/player/playback-access.js";
import { TransportChoice } from "../../WebUI/js/player/transport-choice.js";

/** Lets what was awaited go on. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

class Server {
    calls = [];
    answer = 180;

    async renewPlayback(url) {
        this.calls.push(["renew", url]);
        if (this.answer === null) throw new Error("away");
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
    server.answer = 30;
    await pass(context, 60);
    assert.equal(server.calls.length, 3);
    await pass(context, 10);
    assert.equal(server.calls.length, 4, "the server says how long it is good");
    access.end();
    await pass(context, 300);
    assert.deepEqual(server.calls.slice(4), [["end", "api/media/x/index.m3u8"]]);
});

const whep = { kind: "whep", url: "w" };
const hls = { kind: "hls", url: "h" };
const native = { kind: "hls", url: "n" };
const offers = [whep, hls, native];

beforeEach(() => {
    const items = new Map();
    globalThis.localStorage = {
        getItem: (name) => items.get(name) ?? null,
        setItem: (name, value) => items.set(name, value),
        removeItem: (name) => items.delete(name),
    };
});

test("HLS follows WebRTC that shows nothing, and is remembered for a day once it shows something", (context) => {
    context.mock.timers.enable({ apis: ["Date"], now: 1_000_000_000_000 });
    const first = new TransportChoice("t");
    assert.equal(first.next(offers), whep);
    first.failed(whep);
    assert.equal(first.next(offers), hls);
    assert.equal(new TransportChoice("t").next(offers), whep, "nothing is known yet");
    first.succeeded(hls);
    assert.equal(first.next(offers), hls);
    assert.equal(new TransportChoice("t").next(offers), hls);
    assert.equal(new TransportChoice("other").next(offers), whep);
    assert.equal(new TransportChoice("t").next([whep]), whep, "there is nothing else");
    context.mock.timers.setTime(1_000_000_000_000 + 25 * 3600 * 1000);
    assert.equal(new TransportChoice("t").next(offers), whep);
});

test("WebRTC is not blamed for a stream that nothing plays", () => {
    const choice = new TransportChoice("t");
    choice.failed(whep);
    choice.failed(hls);
    assert.equal(choice.next(offers), whep);
    choice.succeeded(whep);
    assert.equal(new TransportChoice("t").next(offers), whep);
});

test("each way of playing HLS has its turn", () => {
    const choice = new TransportChoice("t");
    const tried = [0, 1, 2, 3, 4].map(() => {
        const offer = choice.next([hls, native]);
        choice.failed(offer);
        return offer.url;
    });
    assert.deepEqual(tried, ["h", "h", "h", "n", "h"]);
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
