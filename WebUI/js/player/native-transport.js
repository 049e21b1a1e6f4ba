import { failureSignal } from "./failure-signal.js";
import { MetadataCues } from "./metadata-cues.js";
import { PlaybackFailure } from "./playback-failure.js";
import { streamStarted } from "./stream-start.js";

/** @typedef {import("./transport.js").Transport} Transport */
/** @typedef {import("./transport.js").TransportRequest} TransportRequest */

/**
 * Whether this browser plays HLS by itself. Chromium says since 147 that it may; Apple's, which do, have a ManagedMediaSource, or none
 * at all.
 */
export function nativeIsSupported() {
    const scope = /** @type {any} */ (globalThis);
    const isApple = Boolean(scope.ManagedMediaSource) || navigator.vendor.startsWith("Apple");
    if (scope.MediaSource && !isApple) return false;
    return document.createElement("video").canPlayType("application/vnd.apple.mpegurl") !== "";
}

/**
 * HLS by the browser's own player.
 * @implements {Transport}
 */
export class NativeTransport {
    #request;
    #fail;
    #listening = new AbortController();

    /** @param {TransportRequest} request */
    constructor(request) {
        this.#request = request;
        this.label = "HLS";
        this.detail = "native";
        ({ failed: this.failed, fail: this.#fail } = failureSignal());
    }

    /** @param {AbortSignal} signal */
    async open(signal) {
        const { video, url } = this.#request;
        // The element reports no HTTP status either.
        await streamStarted(url, signal);
        video.addEventListener("error", () => {
            this.#fail(new PlaybackFailure("failure", { what: video.error?.message || "MediaError" }));
        }, { signal: this.#listening.signal });
        this.#lookForSound();
        this.#lookForMetadata();
        // It can also be shown elsewhere: AirPlay takes the address.
        video.disableRemotePlayback = false;
        video.src = url;
        video.load();
    }

    /** Tracks of sound, where the browser lists them, may come later than the picture. */
    #lookForSound() {
        const { video, soundKnown } = this.#request;
        const tracks = /** @type {any} */ (video).audioTracks;
        if (!tracks) return;
        const { signal } = this.#listening;
        const look = () => soundKnown(tracks.length > 0);
        for (const type of ["addtrack", "removetrack"]) tracks.addEventListener(type, look, { signal });
        video.addEventListener("loadeddata", look, { signal });
    }

    /** It comes with the segments, well before its picture, and nothing tells of it. */
    #lookForMetadata() {
        const { video, metadata } = this.#request;
        if (!metadata) return;
        const cues = new MetadataCues(video, metadata);
        for (const type of ["loadeddata", "timeupdate"]) {
            video.addEventListener(type, () => cues.look(), { signal: this.#listening.signal });
        }
    }

    /** @param {() => number} now the server's time, milliseconds */
    delaySeconds(now) {
        const { video } = this.#request;
        const start = /** @type {any} */ (video).getStartDate?.()?.getTime();
        if (Number.isFinite(start)) return Math.max(0, (now() - start) / 1000 - video.currentTime);
        const { seekable } = video;
        return seekable.length > 0 ? Math.max(0, seekable.end(seekable.length - 1) - video.currentTime) : null;
    }

    close() {
        this.#listening.abort();
        const { video } = this.#request;
        video.removeAttribute("src");
        video.load();
    }
}
