import { Attempt, failureOf } from "./attempt.js";
import { AttemptLog } from "./attempt-log.js";
import { PlaybackDirector } from "./playback-director.js";
import { PlaybackLease } from "./playback-lease.js";
import { streamCredentials } from "./stream-credentials.js";
import { carriesMetadata } from "./transport.js";
import { TransportMemory } from "./transport-memory.js";
import { VideoSound } from "./video-sound.js";

/** @typedef {import("./playback-events.js").PlayerAction} PlayerAction */
/** @typedef {import("./playback-events.js").PlayerEvent} PlayerEvent */
/** @typedef {import("./stream-source.js").StreamSource} StreamSource */

/**
 * The place of the videos.
 * @typedef {object} VideoStage
 * @property {HTMLVideoElement} video the one that is seen
 * @property {boolean} isFloating whether that one is in a window of the browser's own, which no other could take over
 * @property {() => HTMLVideoElement} add another one, under it
 * @property {(video: HTMLVideoElement) => void} show puts it into the place of the one that is seen
 * @property {(video: HTMLVideoElement) => void} remove
 */

/**
 * Plays one stream for as long as somebody looks, through every failure: does what a `PlaybackDirector` decides.
 * Events: `change`, when any of its properties changed; `metadata`, with what the picture carries that is seen now (`detail`).
 */
export class StreamPlayer extends EventTarget {
    #source;
    #stage;
    #now;
    #director;
    /** @type {PlaybackLease | null} */
    #lease = null;
    /** What is asked of the server, while somebody looks. */
    #asking = new AbortController();
    /** @type {Map<number, Attempt>} */
    #attempts = new Map();
    /** @type {Attempt | null} */
    #shown = null;
    /** @type {Map<string, ReturnType<typeof setTimeout>>} */
    #timers = new Map();
    /** What happens while something is being done waits for its end. @type {PlayerEvent[]} */
    #waiting = [];
    #isBusy = false;
    log = new AttemptLog();
    /** Whether the stream has sound; null until somebody knows. @type {boolean | null} */
    hasSound = null;
    /** Whether only ways of playing count that have what travels with the pictures. */
    wantsMetadata = false;

    /**
     * @param {StreamSource} source
     * @param {VideoStage} stage
     * @param {() => number} now the server's time, milliseconds
     */
    constructor(source, stage, now) {
        super();
        this.#source = source;
        this.#stage = stage;
        this.#now = now;
        this.#director = new PlaybackDirector(new TransportMemory(source.server.base, source.name));
        this.sound = new VideoSound(stage.video, () => this.#changed());
    }

    get state() {
        return this.#director.state;
    }

    get reason() {
        return this.#director.reason;
    }

    get failures() {
        return this.#director.failures;
    }

    /** The transport in use, once there is a picture. */
    get transport() {
        return this.state === "live" ? this.#shown?.transport ?? null : null;
    }

    /** How old the picture is, in seconds. */
    get delaySeconds() {
        return this.transport?.delaySeconds(this.#now) ?? null;
    }

    /** How many pictures were shown since the transport in use began. */
    get picturesShown() {
        return this.#shown?.watch.count ?? 0;
    }

    /** Starts playing, unless it is playing already. */
    start() {
        this.#handle({ type: "start" });
    }

    /** Stops playing and lets go of the stream. */
    stop() {
        this.#handle({ type: "stop" });
    }

    /** Tries again now instead of when it is time; a player that is not waiting goes on as it is. */
    retryNow() {
        this.#handle({ type: "retryNow" });
    }

    /** The device has another network, or has one again. */
    changeNetwork() {
        this.#handle({ type: "networkChanged" });
    }

    /** The video that is seen has come into a window of the browser's own, or out of it. */
    noteFloating() {
        this.#handle({ type: "floats", isSolo: this.#stage.isFloating });
    }

    /** The browser has paused the video, as some do that leaves its floating window; a live picture never stands still. */
    goOn() {
        if (this.state === "live") void this.sound.play();
    }

    /** @param {PlayerEvent} event */
    #handle(event) {
        this.#waiting.push(event);
        if (this.#isBusy) return;
        this.#isBusy = true;
        try {
            for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
                for (const action of this.#director.handle(next)) this.#perform(action);
            }
        } finally {
            this.#isBusy = false;
        }
    }

    /** @param {PlayerAction} action */
    #perform(action) {
        switch (action.type) {
            case "find":
                return void this.#find(action.round);
            case "open":
                return this.#open(action.attempt, action.kind);
            case "show":
                return this.#show(action.attempt);
            case "close":
                return this.#close(action.attempt);
            case "release":
                return this.#release();
            case "change":
                return this.#changed();
            case "timer":
                clearTimeout(this.#timers.get(action.name));
                this.#timers.set(action.name, setTimeout(() => {
                    this.#timers.delete(action.name);
                    this.#handle({ type: "timer", name: action.name });
                }, action.milliseconds));
                return;
            case "cancel":
                clearTimeout(this.#timers.get(action.name));
                this.#timers.delete(action.name);
                return;
            case "log":
                return this.log.add(action.kind, action.code, action.parameters, action.retrySeconds);
        }
    }

    /**
     * Makes the stream start, and finds where it is: at the same time, for neither needs the other.
     * @param {number} round
     */
    async #find(round) {
        const { signal } = this.#asking;
        const isKnown = this.#source.transmissionId !== null;
        if (isKnown) void this.#beginLease(signal);
        try {
            const found = await this.#source.find(signal);
            const kinds = this.wantsMetadata ? found.filter(carriesMetadata) : found;
            if (!isKnown) void this.#beginLease(signal);
            this.#handle({ type: "found", round, kinds, isSolo: this.#stage.isFloating });
        } catch (error) {
            if (signal.aborted) return;
            const failure = failureOf(error);
            if (failure.reason === "password") streamCredentials.set(this.#source.name, null);
            this.#handle({ type: "notFound", round, failure });
        }
    }

    /** @param {AbortSignal} signal */
    async #beginLease(signal) {
        const { server, transmissionId } = this.#source;
        if (transmissionId === null) return;
        this.#lease ??= new PlaybackLease(server, transmissionId);
        try {
            const count = await this.#lease.begin(signal);
            this.log.add("info", "primed", { count });
        } catch (error) {
            if (signal.aborted) return;
            // Opening the stream starts it as well; only its failure counts.
            const { code, parameters } = failureOf(error);
            this.log.add("info", "notPrimed", { code, parameters });
        }
    }

    /**
     * @param {number} id
     * @param {import("./transport.js").TransportKind} kind
     */
    #open(id, kind) {
        const { video: seen } = this.#stage;
        const isFree = ![...this.#attempts.values()].some(({ video }) => video === seen);
        this.#attempts.set(id, new Attempt({
            id, kind, source: this.#source, video: isFree ? seen : this.#stage.add(), sound: isFree ? this.sound : null,
            tell: (event) => this.#handle(event),
            opened: ({ transport }) => this.log.add("info", "opening", {
                // Not the address itself, which is worth a look at the stream.
                transport: transport?.label, detail: transport?.detail, url: this.#source.path,
            }),
            soundKnown: (hasSound) => {
                if (this.#shown?.id === id) this.#noteSound(hasSound);
            },
            metadata: (value) => {
                if (this.#shown?.id === id) this.dispatchEvent(new CustomEvent("metadata", { detail: value }));
            },
        }));
    }

    /** @param {number} id */
    #show(id) {
        const attempt = this.#attempts.get(id);
        if (!attempt) return;
        this.#shown = attempt;
        this.#stage.show(attempt.video);
        this.sound.attach(attempt.video);
        this.log.add("good", "playing", {
            transport: attempt.transport?.label, seconds: (performance.now() - attempt.begun) / 1000,
        });
        if (attempt.hasSound !== null) this.hasSound = attempt.hasSound;
        this.#changed();
    }

    /** @param {number} id */
    #close(id) {
        const attempt = this.#attempts.get(id);
        if (!attempt) return;
        this.#attempts.delete(id);
        if (this.#shown === attempt) this.#shown = null;
        attempt.close();
        if (attempt.video !== this.#stage.video) this.#stage.remove(attempt.video);
    }

    #release() {
        this.#asking.abort(new DOMException("stopped", "AbortError"));
        this.#asking = new AbortController();
        this.#source.forget();
        this.#lease?.end();
    }

    /** @param {boolean} hasSound */
    #noteSound(hasSound) {
        if (this.hasSound === hasSound) return;
        this.hasSound = hasSound;
        this.#changed();
    }

    #changed() {
        this.dispatchEvent(new Event("change"));
    }
}
