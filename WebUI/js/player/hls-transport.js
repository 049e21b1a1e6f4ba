import { failureSignal } from "./failure-signal.js";
import { LiveCatchUp } from "./live-catch-up.js";
import { lowLatencyPlace } from "./low-latency.js";
import { MetadataCues } from "./metadata-cues.js";
import { lacksDecoder, PlaybackBlocked, PlaybackFailure } from "./playback-failure.js";
import { streamStarted } from "./stream-start.js";

/** @typedef {import("./transport.js").Transport} Transport */
/** @typedef {import("./transport.js").TransportRequest} TransportRequest */

/** @type {Promise<any> | null} */
let library = null;

/** Loads hls.js, once for the page. */
function loadLibrary() {
    library ??= import("../../vendor/hls.mjs").then((module) => {
        keepTimesOfMP3();
        // As defaults, they leave it to a playlist of low latency how far behind to stay.
        Object.assign(module.default.DefaultConfig, { liveSyncDurationCount: 2, liveMaxLatencyDurationCount: 6 });
        return module.default;
    }, () => {
        library = null;
        throw new PlaybackBlocked("player-missing");
    });
    return library;
}

/**
 * Where a browser takes MP3 by itself, hls.js hands it over so, without its times: it is up to half a second away from the picture, and
 * a hole in it stops both. Told that the browser does not, hls.js puts it into MP4, or leaves it out.
 */
function keepTimesOfMP3() {
    const scope = /** @type {any} */ (globalThis);
    for (const source of [scope.ManagedMediaSource, scope.MediaSource]) {
        const isTypeSupported = source?.isTypeSupported;
        if (isTypeSupported) {
            source.isTypeSupported = (/** @type {string} */ type) =>
                type !== "audio/mpeg" && isTypeSupported.call(source, type);
        }
    }
}

/** Whether this browser has what hls.js needs. */
export function mediaSourceIsSupported() {
    const scope = /** @type {any} */ (globalThis);
    const source = scope.ManagedMediaSource ?? scope.MediaSource ?? scope.WebKitMediaSource;
    return Boolean(source?.isTypeSupported?.('video/mp4; codecs="avc1.42E01E,mp4a.40.2"'));
}

/**
 * HLS by hls.js and Media Source Extensions.
 * @implements {Transport}
 */
export class HLSTransport {
    #request;
    /** @type {any} */
    #hls = null;
    #catchUp;
    /** @type {(() => void) | null} gives up the right to play in low-latency mode */
    #place = null;
    #recovered = false;
    /** @type {boolean | null} */
    #hasSound = null;
    #fail;

    /** @param {TransportRequest} request */
    constructor(request) {
        this.#request = request;
        this.label = "HLS";
        this.detail = "hls.js";
        this.#catchUp = new LiveCatchUp(request.video);
        ({ failed: this.failed, fail: this.#fail } = failureSignal());
    }

    /** @param {AbortSignal} signal */
    async open(signal) {
        const { video, url } = this.#request;
        const [Hls] = await Promise.all([loadLibrary(), streamStarted(url, signal)]);
        signal.throwIfAborted();
        this.#place = lowLatencyPlace();
        const hls = new Hls({
            enableWorker: true,
            lowLatencyMode: this.#place !== null,
            backBufferLength: 30,
            liveDurationInfinity: true,
            startLevel: -1,
            manifestLoadPolicy: { default: loadPolicy(15_000) },
            playlistLoadPolicy: { default: loadPolicy(10_000) },
            fragLoadPolicy: { default: loadPolicy(20_000) },
        });
        this.#hls = hls;
        // Safari plays from a ManagedMediaSource only what goes nowhere else.
        video.disableRemotePlayback = true;
        hls.on(Hls.Events.BUFFER_CODECS, (/** @type {string} */ _, /** @type {any} */ data) => {
            this.#noteSound(Boolean(data.audio || data.audiovideo?.codec?.includes(",")));
        });
        if (this.#request.metadata) {
            const cues = new MetadataCues(video, this.#request.metadata);
            hls.on(Hls.Events.FRAG_PARSING_METADATA, () => cues.look());
        }
        hls.on(Hls.Events.ERROR, (/** @type {string} */ _, /** @type {any} */ data) => this.#handle(Hls, data));
        hls.attachMedia(video);
        hls.loadSource(url);
        this.#catchUp.start(() => this.#lag(), () => this.#hasParts ? 0.25 : 1);
    }

    /** @param {() => number} now the server's time, milliseconds */
    delaySeconds(now) {
        const shown = this.#hls?.playingDate;
        if (shown) return Math.max(0, (now() - shown.getTime()) / 1000);
        const latency = this.#hls?.latency;
        return latency > 0 ? latency : null;
    }

    close() {
        this.#catchUp.stop();
        this.#hls?.destroy();
        this.#hls = null;
        this.#place?.();
        this.#place = null;
    }

    /**
     * A player that began with sound waits for it when there is none any more, and one that began without can't take any.
     * @param {boolean} hasSound of what is played next
     */
    #noteSound(hasSound) {
        if (this.#hasSound !== null && this.#hasSound !== hasSound) {
            this.#fail(new PlaybackFailure(hasSound ? "soundBegan" : "soundEnded"));
        }
        this.#hasSound = hasSound;
        this.#request.soundKnown(hasSound);
    }

    /** Whether it plays parts of segments, which is low-latency HLS. */
    get #hasParts() {
        return Boolean(this.#place && this.#hls?.levels[this.#hls.currentLevel]?.details?.partTarget);
    }

    /** How many seconds the picture is behind where it should be. */
    #lag() {
        const { latency, targetLatency } = this.#hls ?? {};
        return latency > 0 && targetLatency > 0 ? latency - targetLatency : 0;
    }

    /**
     * @param {any} Hls
     * @param {any} data an error of hls.js
     */
    #handle(Hls, data) {
        if (!data.fatal) return;
        if (lacksDecoder(data)) {
            this.#fail(new PlaybackBlocked("codec"));
        } else if (data.type === Hls.ErrorTypes.MEDIA_ERROR && !this.#recovered) {
            this.#recovered = true;
            this.#hls?.recoverMediaError();
        } else {
            this.#fail(failureOf(data));
        }
    }
}

/** @param {number} maximumMilliseconds the longest that one request may take */
function loadPolicy(maximumMilliseconds) {
    return {
        maxTimeToFirstByteMs: maximumMilliseconds,
        maxLoadTimeMs: maximumMilliseconds,
        timeoutRetry: { maxNumRetry: 1, retryDelayMs: 0, maxRetryDelayMs: 0 },
        errorRetry: { maxNumRetry: 1, retryDelayMs: 500, maxRetryDelayMs: 1000 },
    };
}

/**
 * @param {any} data an error of hls.js
 * @returns {PlaybackFailure}
 */
function failureOf(data) {
    const status = data.response?.code;
    if (status === 404) return new PlaybackFailure("notReady");
    if (status) return new PlaybackFailure("httpStatus", { status: String(status), what: data.details });
    return new PlaybackFailure("failure", { what: data.details });
}
