import { PictureMetadata } from "./picture-metadata.js";
import { PictureWatch } from "./picture-watch.js";
import { PlaybackAccess } from "./playback-access.js";
import { PlaybackBlocked, PlaybackFailure } from "./playback-failure.js";
import { makeTransport } from "./transport.js";
import { VideoSound } from "./video-sound.js";

/** @typedef {import("./playback-events.js").PlayerEvent} PlayerEvent */
/** @typedef {import("./stream-source.js").StreamSource} StreamSource */
/** @typedef {import("./transport.js").Transport} Transport */
/** @typedef {import("./transport.js").TransportKind} TransportKind */

/**
 * @typedef {object} AttemptOptions
 * @property {number} id
 * @property {TransportKind} kind
 * @property {StreamSource} source
 * @property {HTMLVideoElement} video its own until it is closed
 * @property {VideoSound | null} sound of that video, where it is the one that is seen already
 * @property {(event: PlayerEvent) => void} tell
 * @property {(attempt: Attempt) => void} opened it is known what is opened
 * @property {(hasSound: boolean) => void} soundKnown
 * @property {(value: any) => void} metadata what the picture carries that is seen now
 */

/** One try to play a stream in one way, in a video of its own. It tells of its first picture, and of what goes wrong. */
export class Attempt {
    #options;
    #scope = new AbortController();
    /** @type {Transport | null} */
    #transport = null;
    /** @type {PlaybackAccess | null} */
    #access = null;
    /** @type {boolean | null} */
    hasSound = null;

    /** @param {AttemptOptions} options */
    constructor(options) {
        this.#options = options;
        this.id = options.id;
        this.kind = options.kind;
        this.video = options.video;
        this.begun = performance.now();
        this.watch = new PictureWatch(this.video, () => this.#begin());
        this.metadata = new PictureMetadata(this.video, options.metadata);
        this.#playWhenLoaded();
        void this.#run();
    }

    get transport() {
        return this.#transport;
    }

    /** Lets go of it, and tells the server that its viewer is gone: it would count for half a minute. */
    close() {
        this.#scope.abort(new DOMException("closed", "AbortError"));
        this.watch.close();
        this.metadata.close();
        this.#transport?.close();
        this.#transport = null;
        this.#access?.end();
        this.#access = null;
    }

    async #run() {
        const { signal } = this.#scope;
        try {
            const place = await this.#options.source.take(signal);
            signal.throwIfAborted();
            this.#access = place.playback
                && new PlaybackAccess(place.server, place.playback, (failure) => this.#fail(failure));
            const transport = makeTransport(this.kind, place.urls, {
                video: this.video, metadata: this.metadata, soundKnown: (hasSound) => {
                    this.hasSound = hasSound;
                    this.#options.soundKnown(hasSound);
                },
            });
            this.#transport = transport;
            this.#options.opened(this);
            transport.failed.catch((error) => this.#fail(error));
            await transport.open(signal);
            if (!signal.aborted) this.#options.tell({ type: "answered", attempt: this.id });
        } catch (error) {
            this.#fail(error);
        }
    }

    /** It shows something; from now on, a picture that stands still is a broken one. */
    #begin() {
        this.#options.tell({ type: "picture", attempt: this.id });
        void this.watch.stoodStill().then(() => this.#fail(new PlaybackFailure("stalled")));
    }

    /** The element plays as soon as it has something to play, without sound where the browser insists. */
    #playWhenLoaded() {
        const sound = this.#options.sound ?? new VideoSound(this.video, () => {});
        this.video.addEventListener("loadeddata", async () => {
            if (!await sound.play()) this.#fail(new PlaybackBlocked("autoplay"));
        }, { signal: this.#scope.signal });
    }

    /** @param {unknown} error */
    #fail(error) {
        if (this.#scope.signal.aborted) return;
        // The next round plays the same in a codec that every browser decodes.
        const turns = error instanceof PlaybackBlocked && error.reason === "codec" && this.#options.source.turnToH264();
        const failure = failureOf(turns ? new PlaybackFailure("turnsToH264") : error);
        this.#options.tell({ type: "failed", attempt: this.id, failure });
    }
}

/**
 * @param {unknown} error
 * @returns {import("./playback-events.js").Failure}
 */
export function failureOf(error) {
    if (!(error instanceof PlaybackFailure)) {
        console.error(error);
        return { code: "failure", parameters: { what: error instanceof Error ? error.message : String(error) } };
    }
    const { code, parameters, isRefusal } = error;
    return { code, parameters, isRefusal, reason: error instanceof PlaybackBlocked ? error.reason : undefined };
}
