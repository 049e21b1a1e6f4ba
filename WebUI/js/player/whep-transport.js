import { pause } from "./abort.js";
import { failureSignal } from "./failure-signal.js";
import { gathered } from "./gathering.js";
import { iceServers } from "./ice-servers.js";
import { PlaybackFailure } from "./playback-failure.js";
import { refusal } from "./stream-server.js";
import { WebRTCDelay } from "./webrtc-delay.js";

/** @typedef {import("./transport.js").Transport} Transport */
/** @typedef {import("./transport.js").TransportRequest} TransportRequest */

/** Candidates that take longer are rarely needed: the server is usually on the same network. */
const gatheringMilliseconds = 1000;

/**
 * Whether this browser has WebRTC, with a decoder of what cameras send. Some leave it out on purpose, and a new Firefox gets its
 * decoder some minutes after it was first started: asking the server would only cost the time that its camera needs.
 */
export function webRTCIsSupported() {
    if (typeof RTCPeerConnection !== "function") return false;
    const codecs = globalThis.RTCRtpReceiver?.getCapabilities?.("video")?.codecs;
    return !codecs || codecs.some(({ mimeType }) => /^video\/h26[45]$/i.test(mimeType));
}

/**
 * WebRTC, set up by WHEP (draft-ietf-wish-whep): half a second behind, where the network lets it through.
 * @implements {Transport}
 */
export class WHEPTransport {
    #request;
    /** @type {RTCPeerConnection | null} */
    #connection = null;
    /** @type {string | null} */
    #session = null;
    #delay = new WebRTCDelay();
    #fail;

    /** @param {TransportRequest} request */
    constructor(request) {
        this.#request = request;
        this.label = "WebRTC";
        this.detail = "WHEP";
        ({ failed: this.failed, fail: this.#fail } = failureSignal());
    }

    /** @param {AbortSignal} signal */
    async open(signal) {
        const { video, url } = this.#request;
        const options = await this.#send(url, { method: "OPTIONS", signal });
        const connection = new RTCPeerConnection({ iceServers: iceServers(options.headers.get("link")) });
        this.#connection = connection;
        connection.addEventListener("connectionstatechange", () => {
            if (connection.connectionState === "failed") this.#fail(new PlaybackFailure("noConnection"));
        });
        const stream = new MediaStream();
        connection.addEventListener("track", ({ track }) => stream.addTrack(track));
        connection.addTransceiver("video", { direction: "recvonly" });
        connection.addTransceiver("audio", { direction: "recvonly" });
        await connection.setLocalDescription();
        await Promise.race([gathered(connection), pause(gatheringMilliseconds, signal)]);
        const answer = await this.#send(url, {
            method: "POST", headers: { "Content-Type": "application/sdp" }, body: connection.localDescription?.sdp, signal,
        });
        const location = answer.headers.get("location");
        this.#session = location && new URL(location, answer.url).href;
        await connection.setRemoteDescription({ type: "answer", sdp: await answer.text() });
        this.#request.soundKnown(stream.getAudioTracks().length > 0);
        signal.throwIfAborted();
        video.srcObject = stream;
    }

    /** @param {() => number} now the server's time, milliseconds */
    delaySeconds(now) {
        const connection = this.#connection;
        if (connection) void this.#delay.measure(connection, now).catch(() => {});
        return this.#delay.seconds;
    }

    close() {
        this.#connection?.close();
        this.#connection = null;
        const { video } = this.#request;
        if (video.srcObject) video.srcObject = null;
        if (!this.#session) return;
        // The server would notice by itself, after some seconds.
        fetch(this.#session, { method: "DELETE", keepalive: true }).catch(() => {});
        this.#session = null;
    }

    /**
     * @param {string} url
     * @param {RequestInit} init
     */
    async #send(url, init) {
        let response;
        try {
            response = await fetch(url, { ...init, cache: "no-store" });
        } catch (error) {
            if (init.signal?.aborted) throw init.signal.reason;
            throw new PlaybackFailure("failure", { what: error instanceof Error ? error.message : "" });
        }
        if (response.ok) return response;
        throw await refusal(response, "WHEP");
    }
}
