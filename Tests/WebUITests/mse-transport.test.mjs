// What a page and the server say to each other to play by Media Source Extensions, with a browser of the test's own.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

class Socket extends EventTarget {
    static CONNECTING = 0;
    static OPEN = 1;
    static last = null;
    readyState = 0;
    said = [];

    constructor(url) {
        super();
        this.url = String(url);
        Socket.last = this;
    }

    open() {
        this.readyState = 1;
        this.dispatchEvent(new Event("open"));
    }

    send(text) {
        this.said.push(JSON.parse(text));
    }

    tell(message) {
        const data = message instanceof ArrayBuffer ? message : JSON.stringify(message);
        this.dispatchEvent(Object.assign(new Event("message"), { data }));
    }

    close() {
        this.readyState = 3;
    }
}

class Buffer extends EventTarget {
    updating = false;
    buffered = { length: 0 };
    taken = [];

    appendBuffer(fragment) {
        this.updating = true;
        this.taken.push(new Uint8Array(fragment)[0]);
        queueMicrotask(() => {
            this.updating = false;
            this.dispatchEvent(new Event("updateend"));
        });
    }
}

class Source extends EventTarget {
    static all = [];
    static isTypeSupported = (type) => !type.includes("hvc1");
    buffers = [];

    constructor() {
        super();
        Source.all.push(this);
        setImmediate(() => this.dispatchEvent(new Event("sourceopen")));
    }

    addSourceBuffer(type) {
        const buffer = Object.assign(new Buffer(), { type });
        this.buffers.push(buffer);
        return buffer;
    }
}

Object.assign(globalThis, { WebSocket: Socket, ManagedMediaSource: Source });
URL.createObjectURL = () => "blob:x";
URL.revokeObjectURL = () => {};
const { MSETransport } = await import("../../WebUI/js/player/mse-transport.js");
const { makeTransport } = await import("../../WebUI/js/player/transport.js");

const settle = () => new Promise((resolve) => setTimeout(resolve, 5));
const mime = 'video/mp4; codecs="avc1.4D401F,mp4a.40.2"';
const fragment = (number) => Uint8Array.of(number).buffer;

beforeEach(() => {
    Source.all = [];
});

function begin() {
    const video = Object.assign(new EventTarget(), {
        buffered: { length: 0 }, currentTime: 0, playbackRate: 1, removeAttribute() {}, load() {},
    });
    const sounds = [];
    const carried = [];
    const metadata = { add: (...entry) => carried.push(entry), clear: () => carried.push("anew") };
    const transport = new MSETransport({
        video, url: "https://a/api/streams/playback/t/mse", soundKnown: (has) => sounds.push(has), metadata,
    });
    const scope = new AbortController();
    const opened = transport.open(scope.signal);
    opened.catch(() => {});
    const socket = Socket.last;
    socket.open();
    return { transport, socket, video, sounds, scope, opened, carried };
}

test("it offers what the browser takes, and hands on what comes, also what comes at once", async () => {
    const { transport, socket, sounds, opened } = begin();
    assert.equal(socket.url, "wss://a/api/streams/playback/t/mse");
    const [offer] = socket.said;
    assert.equal(offer.type, "mse");
    assert.match(offer.value, /avc1.*,mp4a\.40\.2.*,opus/);
    assert.doesNotMatch(offer.value, /hvc1/);
    socket.tell({ type: "mse", value: mime });
    for (const number of [1, 2]) socket.tell(fragment(number));
    await opened;
    socket.tell(fragment(3));
    await settle();
    const [buffer] = Source.all[0].buffers;
    assert.deepEqual([buffer.type, buffer.taken, sounds], [mime, [1, 2, 3], [true]]);
    transport.close();
    assert.equal(socket.readyState, 3);
});

test("what travels with a picture waits for its time, which begins anew with the stream", async () => {
    const { transport, socket, opened, carried } = begin();
    socket.tell({ type: "mse", value: mime });
    socket.tell({ type: "metadata", value: { n: 1 }, time: 12.48 });
    socket.tell(fragment(1));
    await opened;
    socket.tell({ type: "mse", value: mime });
    assert.deepEqual(carried, ["anew", [12.48, { n: 1 }], "anew"]);
    transport.close();
});

test("a player that shows another way closes its connection only when that is there, and says nothing on it", () => {
    const transport = new MSETransport({
        video: Object.assign(new EventTarget(), { playbackRate: 1 }), url: "https://a/mse", soundKnown: () => {},
    });
    transport.open(new AbortController().signal).catch(() => {});
    const socket = Socket.last;
    transport.close();
    assert.equal(socket.readyState, Socket.CONNECTING);
    socket.open();
    assert.deepEqual([socket.readyState, socket.said], [3, []]);
});

test("the address of a page's stream leads to its WebSocket, behind every prefix", () => {
    for (const file of ["whep", "index.m3u8"]) {
        const transport = makeTransport("mse", [new URL(`http://a:1/b/api/media/t.k-n/${file}`)], {
            video: Object.assign(new EventTarget(), { playbackRate: 1 }), soundKnown: () => {},
        });
        transport.open(new AbortController().signal).catch(() => {});
        assert.equal(Socket.last.url, "ws://a:1/b/api/streams/playback/t.k-n/mse");
        transport.close();
    }
});

test("a browser that wants nothing lets the server pause, and begins anew with what comes then", async () => {
    const { transport, socket, opened } = begin();
    socket.tell({ type: "mse", value: mime });
    await opened;
    Source.all[0].dispatchEvent(new Event("endstreaming"));
    Source.all[0].dispatchEvent(new Event("startstreaming"));
    assert.deepEqual(socket.said.slice(1), [{ type: "pause" }, { type: "resume" }]);
    socket.tell({ type: "mse", value: mime });
    socket.tell(fragment(7));
    await settle();
    assert.deepEqual(Source.all.map(({ buffers }) => buffers[0].taken), [[], [7]]);
    transport.close();
});

for (const [what, message, code, isRefusal] of [
    ["has no such stream", { type: "error", value: "mse: none", code: "no_mp4_stream" }, "server", true],
    ["has no codec for it", { type: "error", value: "mse: none", code: "no_codec_for_browser" }, "server", true],
    ["has lost the camera", { type: "error", value: "mse: over", code: "stream_over" }, "server", false],
    ["is go2rtc, which has no codes", { type: "error", value: "mse: streams: codecs not matched" }, "server", false],
    ["sends what the browser does not take", { type: "mse", value: 'video/mp4; codecs="hvc1.1"' }, "blocked.codec", true],
]) {
    test(`a server that ${what} sends the player on at once`, async () => {
        const { transport, socket, opened } = begin();
        socket.tell(message);
        await assert.rejects(opened, { code, isRefusal });
        transport.close();
    });
}

test("a connection that ends is a failure, and one that the player has closed is none", async () => {
    const { transport, socket, opened } = begin();
    socket.dispatchEvent(Object.assign(new Event("close"), { reason: "over" }));
    await assert.rejects(opened, { code: "mseClosed" });
    const other = begin();
    let failed = false;
    other.transport.failed.catch(() => {
        failed = true;
    });
    other.transport.close();
    other.socket.dispatchEvent(Object.assign(new Event("close"), { reason: "" }));
    await settle();
    assert.equal(failed, false);
    transport.close();
});
