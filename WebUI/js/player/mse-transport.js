import { failureSignal } from "./failure-signal.js";
import { FragmentQueue } from "./fragment-queue.js";
import { liveLag, livePosition, rangesOf } from "./live-buffer.js";
import { LiveCatchUp } from "./live-catch-up.js";
import { PlaybackBlocked, PlaybackFailure } from "./playback-failure.js";

/** @typedef {import("./transport.js").Transport} Transport */
/** @typedef {import("./transport.js").TransportRequest} TransportRequest */

/** What a stream may carry, as Media Source Extensions name it. */
const codecs = [
    "avc1.640029", "avc1.640032", "avc1.640033", "hvc1.1.6.L153.B0", "hvc1.1.6.L120.90", "mp4a.40.2", "mp4a.40.5", "opus",
];

/** What comes first is the current group of pictures, of which only the last ones are live. */
const settleMilliseconds = 1000;
/** So far behind the newest picture that is here, it catches up. */
const catchUpSeconds = 1;

/** @returns {any} the browser's way to take media piece by piece; Safari on phones has only the managed one */
function mediaSource() {
    const scope = /** @type {any} */ (globalThis);
    return scope.ManagedMediaSource ?? scope.MediaSource;
}

/**
 * Which codecs this browser takes, for the server to choose from.
 * @returns {string[]}
 */
export function playableCodecs() {
    const source = mediaSource();
    return codecs.filter((codec) => source?.isTypeSupported?.(`video/mp4; codecs="${codec}"`));
}

export function mseIsSupported() {
    return typeof WebSocket === "function" && playableCodecs().some((codec) => codec.startsWith("avc1"));
}

/** What the server says of a stream that it can't send so, whenever it is asked. */
const refusals = new Set(["no_mp4_stream", "no_codec_for_browser"]);

/**
 * Fragmented MP4 by a WebSocket: one fragment a picture, so that it is hardly later than WebRTC, where only HTTP passes.
 * The messages are go2rtc's.
 * @implements {Transport}
 */
export class MSETransport {
    #request;
    /** @type {WebSocket | null} */
    #socket = null;
    /** @type {any} */
    #source = null;
    /** @type {FragmentQueue | null} */
    #queue = null;
    /** What comes while the source is being opened. @type {ArrayBuffer[]} */
    #early = [];
    #catchUp;
    #scope = new AbortController();
    /** When the first picture was here. @type {number | null} */
    #begun = null;
    #fail;

    /** @param {TransportRequest} request */
    constructor(request) {
        this.#request = request;
        this.label = "MSE";
        this.detail = "WebSocket";
        this.#catchUp = new LiveCatchUp(request.video);
        ({ failed: this.failed, fail: this.#fail } = failureSignal());
    }

    /** @param {AbortSignal} signal */
    async open(signal) {
        const { video } = this.#request;
        const listening = { signal: this.#scope.signal };
        video.addEventListener("error", () => {
            if (video.error) this.#fail(new PlaybackFailure("failure", { what: video.error.message || "MediaError" }));
        }, listening);
        /** @type {Promise<void>} */
        const begun = new Promise((resolve, reject) => {
            signal.addEventListener("abort", () => reject(signal.reason), listening);
            this.#connect(resolve);
        });
        await Promise.race([begun, this.failed]);
        this.#catchUp.start(() => liveLag(rangesOf(video.buffered), video.currentTime), () => catchUpSeconds);
    }

    /** The newest picture that is here is as new as any; how old it is by itself, no fragment tells. */
    delaySeconds() {
        const { video } = this.#request;
        const last = rangesOf(video.buffered).at(-1);
        return last ? Math.max(0, last.end - video.currentTime) : null;
    }

    close() {
        this.#scope.abort();
        this.#catchUp.stop();
        this.#hangUp();
        this.#queue?.close();
        this.#queue = null;
        if (!this.#source) return;
        this.#source = null;
        const { video } = this.#request;
        URL.revokeObjectURL(video.src);
        video.removeAttribute("src");
        video.load();
    }

    /** @param {() => void} onbegun is called when it is known what comes */
    #connect(onbegun) {
        const url = new URL(this.#request.url);
        url.protocol = url.protocol.replace("http", "ws");
        const socket = new WebSocket(url);
        this.#socket = socket;
        socket.binaryType = "arraybuffer";
        const listening = { signal: this.#scope.signal };
        socket.addEventListener("open", () => this.#say({ type: "mse", value: playableCodecs().join(",") }), listening);
        socket.addEventListener("close", ({ reason }) => this.#fail(new PlaybackFailure("mseClosed", { text: reason })), listening);
        socket.addEventListener("message", ({ data }) => {
            if (typeof data !== "string") return this.#queue ? this.#queue.add(data) : this.#early.push(data);
            const { type, value, code, time } = JSON.parse(data);
            if (type === "error") return this.#fail(refusal(value, code));
            if (type === "metadata") return this.#request.metadata?.add(time, value);
            if (type !== "mse") return;
            this.#begin(value).then(onbegun, this.#fail);
        }, listening);
    }

    /**
     * Takes a stream, whose times begin anew; so the video does as well.
     * @param {string} mime of what comes
     */
    async #begin(mime) {
        if (!mediaSource().isTypeSupported(mime)) throw new PlaybackBlocked("codec");
        this.#queue?.close();
        this.#queue = null;
        this.#early = [];
        this.#request.metadata?.clear();
        this.#begun = null;
        const source = await this.#openSource();
        // Another one may have come meanwhile.
        if (source !== this.#source) return;
        const { video, soundKnown } = this.#request;
        const queue = new FragmentQueue(source.addSourceBuffer(mime), {
            time: () => video.currentTime,
            onappended: (isAll) => this.#keepLive(isAll),
            onfail: ({ message }) => this.#fail(new PlaybackFailure("failure", { what: message })),
        });
        this.#queue = queue;
        for (const fragment of this.#early.splice(0)) queue.add(fragment);
        soundKnown(/mp4a|opus/i.test(mime));
    }

    /** @returns {Promise<any>} */
    #openSource() {
        const { video } = this.#request;
        const listening = { signal: this.#scope.signal };
        const source = new (mediaSource())();
        this.#source = source;
        // One that the browser manages says when it wants nothing: then the server needs to send nothing either.
        source.addEventListener("endstreaming", () => this.#say({ type: "pause" }), listening);
        source.addEventListener("startstreaming", () => this.#say({ type: "resume" }), listening);
        // Safari plays from a ManagedMediaSource only what goes nowhere else.
        video.disableRemotePlayback = true;
        if (video.src) URL.revokeObjectURL(video.src);
        video.src = URL.createObjectURL(source);
        return new Promise((resolve) => {
            source.addEventListener("sourceopen", () => resolve(source), { ...listening, once: true });
        });
    }

    /** @param {boolean} isAll whether everything that has come is in */
    #keepLive(isAll) {
        const { video } = this.#request;
        const ranges = rangesOf(video.buffered);
        if (!isAll || ranges.length === 0) return;
        this.#begun ??= performance.now();
        const hasBegun = performance.now() - this.#begun > settleMilliseconds;
        const position = livePosition(ranges, video.currentTime, hasBegun);
        if (position !== null) video.currentTime = position;
    }

    /** A connection that is closed before it is there is an error to the browser, which the console of the page would show. */
    #hangUp() {
        const socket = this.#socket;
        this.#socket = null;
        if (socket?.readyState === WebSocket.CONNECTING) socket.addEventListener("open", () => socket.close());
        else socket?.close();
    }

    /** @param {{type: string, value?: string}} message */
    #say(message) {
        if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
    }
}

/**
 * @param {string} text of the server
 * @param {string | undefined} code
 */
function refusal(text, code = "") {
    const isRefusal = refusals.has(code);
    return new PlaybackFailure("server", { detail: text, code: isRefusal ? code : null, parameters: {} }, { isRefusal });
}
