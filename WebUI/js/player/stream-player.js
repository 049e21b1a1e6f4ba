import { aborted, pause, withAnySignal } from "../core/abort.js";
import { errorText } from "../core/error-text.js";
import { formatSeconds, t } from "../core/i18n.js";
import { AttemptLog } from "./attempt-log.js";
import { PlaybackAccess } from "./playback-access.js";
import { PlaybackLease } from "./playback-lease.js";
import { PictureWatch } from "./picture-watch.js";
import { playableOutput } from "./playable-output.js";
import { PlaybackBlocked, PlaybackFailure } from "./playback-failure.js";
import { RetrySchedule } from "./retry-schedule.js";
import { streamCredentials } from "./stream-credentials.js";
import { TransportChoice } from "./transport-choice.js";
import { transports } from "./transport.js";
import { VideoSound } from "./video-sound.js";

/** @typedef {import("../core/api.js").ApiClient} ApiClient */
/** @typedef {import("./address-book.js").AddressBook} AddressBook */
/** @typedef {import("../core/server-clock.js").ServerClock} ServerClock */
/** @typedef {import("./playback-failure.js").BlockReason} BlockReason */
/** @typedef {import("../core/types.js").OutputURL} OutputURL */
/** @typedef {import("../core/types.js").Playback} Playback */
/** @typedef {import("./transport.js").Transport} Transport */

/**
 * `idle`: nobody looks. `starting`: no picture yet. `live`. `reconnecting`: had a picture, will have one again.
 * `blocked`: needs somebody to do something.
 * @typedef {"idle" | "starting" | "live" | "reconnecting" | "blocked"} PlayerState
 */

/** The first picture of a cold stream waits for the camera, the encoder and the first segments. */
const firstPictureMilliseconds = 25_000;
/** After so long without trouble, the next trouble is a new one. */
const healthyMilliseconds = 10_000;
/** What blocks playing may be put right elsewhere, in the settings for one. */
const blockedRetryMilliseconds = 10_000;
/**
 * What only the user, here, can put right.
 * @type {Set<BlockReason>}
 */
const needsUser = new Set(["password", "autoplay", "unsupported"]);

/**
 * Plays one transmission into one video element for as long as somebody looks, through every failure.
 * Event: `change`, when any of its properties changed.
 */
export class StreamPlayer extends EventTarget {
    #api;
    #addresses;
    #transmissionId;
    #lease;
    #video;
    #clock;
    #retries = new RetrySchedule();
    #choice;
    /** @type {AbortController | null} */
    #session = null;
    /** @type {(() => void) | null} */
    #hurry = null;
    /** @type {Transport | null} */
    #transport = null;
    /** @type {PlaybackAccess | null} */
    #access = null;
    /** @type {PictureWatch | null} */
    #watch = null;

    /**
     * @param {ApiClient} api
     * @param {AddressBook} addresses
     * @param {string} transmissionId
     * @param {HTMLVideoElement} video
     * @param {ServerClock} clock
     */
    constructor(api, addresses, transmissionId, video, clock) {
        super();
        this.#api = api;
        this.#addresses = addresses;
        this.#transmissionId = transmissionId;
        this.#lease = new PlaybackLease(api, transmissionId);
        this.#choice = new TransportChoice(transmissionId);
        this.#video = video;
        this.#clock = clock;
        this.log = new AttemptLog();
        /** @type {PlayerState} */
        this.state = "idle";
        /** @type {BlockReason | null} */
        this.reason = null;
        /** @type {string | null} */
        this.username = null;
        /** @type {string | null} */
        this.url = null;
        /** Which output is played. */
        /** @type {string | null} */
        this.outputId = null;
        /** Whether the stream has sound; null until somebody knows. */
        /** @type {boolean | null} */
        this.hasSound = null;
        this.sound = new VideoSound(video, () => this.#changed());
        // Some browsers pause a video that leaves its picture-in-picture window; a live picture never stands still.
        video.addEventListener("pause", () => {
            if (this.state === "live") void this.sound.play();
        });
    }

    /** The transport in use, once there is a picture. */
    get transport() {
        return this.state === "live" ? this.#transport : null;
    }

    /** How old the picture is, in seconds. */
    get delaySeconds() {
        return this.transport?.delaySeconds(() => this.#clock.now()) ?? null;
    }

    /** How many pictures were shown since the transport in use began. */
    get picturesShown() {
        return this.#watch?.count ?? 0;
    }

    /** Starts playing, unless it is playing already. */
    start() {
        if (this.#session) return;
        const session = new AbortController();
        this.#session = session;
        this.#retries.reset();
        void this.#run(session.signal);
    }

    /** Stops playing and lets go of the stream. */
    stop() {
        if (!this.#session) return;
        this.#session.abort(new DOMException("stopped", "AbortError"));
        this.#session = null;
        this.#closeTransport();
        this.#lease.end();
        this.log.add("info", t("player.log.stopped"));
        this.#change("idle");
    }

    /** Tries again now instead of when it is time; a player that is not waiting goes on as it is. */
    retryNow() {
        this.#hurry?.();
    }

    /** @param {AbortSignal} signal */
    async #run(signal) {
        this.#change("starting");
        while (!signal.aborted) {
            let wait = 0;
            try {
                await this.#playOnce(signal);
            } catch (error) {
                if (signal.aborted) return;
                wait = this.#handle(error);
            }
            this.#closeTransport();
            await this.#pause(wait, signal);
        }
    }

    /**
     * Notes a failure.
     * @param {unknown} error
     * @returns {number} milliseconds until the next try
     */
    #handle(error) {
        if (error instanceof PlaybackBlocked) {
            if (error.reason !== this.reason) this.log.add("bad", t(`player.blocked.${error.reason}`));
            if (error.reason === "password") streamCredentials.set(this.#transmissionId, null);
            this.reason = error.reason;
            this.#lease.end();
            this.#change("blocked");
            return needsUser.has(error.reason) ? Infinity : blockedRetryMilliseconds;
        }
        const seconds = this.#retries.next();
        const text = error instanceof PlaybackFailure ? error.message : errorText(error);
        this.log.add("bad", t("player.log.retry", { text, seconds }));
        this.#change(this.state === "live" || this.state === "reconnecting" ? "reconnecting" : "starting");
        return seconds * 1000;
    }

    /**
     * Plays until something goes wrong; returns when there is something else to try at once.
     * @param {AbortSignal} signal
     */
    async #playOnce(signal) {
        const { output, playback } = await this.#resolve(signal);
        this.#access = new PlaybackAccess(this.#api, playback);
        const offer = this.#choice.next(transports(new URL(playback.playback_url, document.baseURI)));
        const scope = new AbortController();
        const leave = () => scope.abort(signal.reason);
        signal.addEventListener("abort", leave);
        const healthy = () => this.#retries.reset();
        let healthyTimer;
        let hasPicture = false;
        try {
            const transport = new offer.Transport({
                video: this.#video, url: offer.url, soundKnown: (hasSound) => this.#noteSound(hasSound),
            });
            this.#transport = transport;
            // Not the address itself, which is worth a look at the stream.
            this.log.add("info", t("player.log.opening", {
                transport: transport.label, detail: transport.detail, url: output.resolved_engine_path,
            }));
            const watch = new PictureWatch(this.#video);
            this.#watch = watch;
            const opened = performance.now();
            await Promise.race([withDeadline(transport, scope.signal), this.#play(scope.signal)]);
            hasPicture = true;
            this.#choice.succeeded(offer);
            const seconds = (performance.now() - opened) / 1000;
            this.log.add("good", t("player.log.playing", { time: formatSeconds(seconds) }));
            this.#change("live");
            healthyTimer = setTimeout(healthy, healthyMilliseconds);
            await Promise.race([transport.failed, watch.stoodStill(), aborted(scope.signal)]);
            throw new PlaybackFailure(t("player.log.stalled"));
        } catch (error) {
            if (hasPicture || !(error instanceof PlaybackFailure)) throw error;
            this.#choice.failed(offer);
            if (offer.kind !== "whep") throw error;
            // There is another way, which need not wait.
            this.log.add("bad", error.message);
        } finally {
            clearTimeout(healthyTimer);
            signal.removeEventListener("abort", leave);
            scope.abort(new DOMException("left", "AbortError"));
        }
    }

    /**
     * Makes the stream start, and finds where it is: at the same time, for neither needs the other.
     * @param {AbortSignal} signal
     */
    async #resolve(signal) {
        void this.#beginLease(signal);
        const urls = await this.#addresses.of(this.#transmissionId, signal);
        if (!urls) throw new PlaybackFailure(t("player.log.gone"));
        const output = playableOutput(urls);
        this.username = output.auth_username;
        this.url = output.url;
        this.outputId = output.output_id;
        return { output, playback: await this.#playback(output, signal) };
    }

    /**
     * @param {OutputURL} output
     * @param {AbortSignal} signal
     * @returns {Promise<Playback>}
     */
    async #playback({ output_id: id, playback_url: url, playback_expires_in_seconds: seconds }, signal) {
        if (url && seconds) return { playback_url: url, playback_expires_in_seconds: seconds };
        const credentials = streamCredentials.get(this.#transmissionId);
        const playback = credentials && await this.#api.playback(this.#transmissionId, id, credentials, signal);
        if (!playback) throw new PlaybackBlocked("password");
        return playback;
    }

    /** @param {AbortSignal} signal */
    async #beginLease(signal) {
        try {
            const count = await this.#lease.begin(signal);
            this.log.add("info", t("player.log.primed", { count }));
        } catch (error) {
            if (signal.aborted) return;
            // Opening the stream starts it as well; only its failure counts.
            this.log.add("info", t("player.log.notPrimed", { text: errorText(error) }));
        }
    }

    /**
     * Makes the element play as soon as it has something to play, without sound where the browser insists.
     * @param {AbortSignal} signal
     * @returns {Promise<never>} rejects when the browser wants the user's touch first
     */
    #play(signal) {
        const video = this.#video;
        return new Promise((_, reject) => {
            video.addEventListener("loadeddata", async () => {
                if (!await this.sound.play()) reject(new PlaybackBlocked("autoplay"));
            }, { signal });
        });
    }

    /**
     * @param {number} milliseconds infinite until somebody says so
     * @param {AbortSignal} signal
     */
    async #pause(milliseconds, signal) {
        const hurry = new AbortController();
        this.#hurry = () => {
            if (this.state === "blocked") this.#change("starting");
            hurry.abort();
        };
        await withAnySignal([signal, hurry.signal], (scope) => pause(milliseconds, scope));
        this.#hurry = null;
    }

    /** Lets go of the transport, and tells the server that its viewer is gone: it would count for half a minute. */
    #closeTransport() {
        this.#watch?.close();
        this.#watch = null;
        this.#transport?.close();
        this.#transport = null;
        this.#access?.end();
        this.#access = null;
    }

    /** @param {boolean} hasSound */
    #noteSound(hasSound) {
        if (this.hasSound === hasSound) return;
        this.hasSound = hasSound;
        this.#changed();
    }

    /** @param {PlayerState} state */
    #change(state) {
        this.state = state;
        if (state !== "blocked") this.reason = null;
        this.#changed();
    }

    #changed() {
        this.dispatchEvent(new Event("change"));
    }
}

/**
 * @param {Transport} transport
 * @param {AbortSignal} signal
 */
async function withDeadline(transport, signal) {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(new PlaybackFailure(t("player.log.noPicture"))), firstPictureMilliseconds);
    try {
        await withAnySignal([signal, late.signal], (scope) => transport.open(scope));
    } finally {
        clearTimeout(timer);
    }
}
