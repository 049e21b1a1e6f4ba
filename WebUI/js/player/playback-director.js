import { RetrySchedule } from "./retry-schedule.js";

/** @typedef {import("./playback-failure.js").BlockReason} BlockReason */
/** @typedef {import("./transport.js").TransportKind} TransportKind */

/** @typedef {import("./playback-events.js").Failure} Failure */
/** @typedef {import("./playback-events.js").PlayerAction} PlayerAction */
/** @typedef {import("./playback-events.js").PlayerEvent} PlayerEvent */
/** @typedef {import("./playback-events.js").PlayerState} PlayerState */

/** The ways to play, the best one first. @type {readonly TransportKind[]} */
const ranks = ["whep", "mse", "hls", "native"];
/**
 * How long those before it have alone. HLS takes longer to begin, and is the way out; the browser's own HLS would do the same
 * once more.
 * @type {Record<TransportKind, number>}
 */
const leadMilliseconds = { whep: 1000, mse: 1000, hls: 3000, native: Infinity };
/** The first picture of a cold stream waits for the camera, the encoder and the first segments. */
const firstPictureMilliseconds = 25_000;
/** The stream has started when the server answers these, so that what is missing then is the network's fault. */
const answeredMilliseconds = 4000;
/** @type {ReadonlySet<TransportKind>} */
const promptKinds = new Set(["whep", "mse"]);
/** After so long without trouble, the next trouble is a new one. */
const healthyMilliseconds = 10_000;
/** What blocks playing may be put right elsewhere, in the settings for one. */
const blockedRetryMilliseconds = 10_000;
/** A better way than the one that plays is tried again after so long. */
const upgradeMilliseconds = 60_000;
/** A new network is there before it carries anything. */
const newNetworkMilliseconds = 1000;
/**
 * What only the user, here, can put right.
 * @type {ReadonlySet<BlockReason>}
 */
const needsUser = new Set(["password", "autoplay", "unsupported"]);

/**
 * Decides how one stream is played: which ways are tried when, which picture is shown, and what follows a failure. It knows no
 * clock, no network and no page: events go in, and what is to be done comes out.
 */
export class PlaybackDirector {
    #memory;
    /** @type {"idle" | "finding" | "racing" | "live" | "waiting"} */
    #phase = "idle";
    /** @type {BlockReason | null} */
    #reason = null;
    #hadPicture = false;
    #round = 0;
    #lastAttempt = 0;
    /** Those that are open. @type {Map<number, TransportKind>} */
    #attempts = new Map();
    /** Those of this round that are not open yet. @type {TransportKind[]} */
    #queue = [];
    /** All that there are. @type {TransportKind[]} */
    #kinds = [];
    #isSolo = false;
    /** Those of this round that failed. @type {{kind: TransportKind, failure: Failure}[]} */
    #failed = [];
    /** @type {number | null} */
    #shown = null;
    #isHealthy = false;
    /** The last one that lost its picture soon. @type {TransportKind | null} */
    #broken = null;
    #retries = new RetrySchedule();
    /** @type {PlayerAction[]} */
    #actions = [];

    /** @param {Pick<import("./transport-memory.js").TransportMemory, "order" | "worked" | "broke" | "takesTurn" | "forgive">} memory */
    constructor(memory) {
        this.#memory = memory;
    }

    /** @returns {PlayerState} */
    get state() {
        if (this.#phase === "idle" || this.#phase === "live") return this.#phase;
        if (this.#reason) return "blocked";
        return this.#hadPicture ? "reconnecting" : "starting";
    }

    /** Why it is blocked. */
    get reason() {
        return this.#reason;
    }

    /** How many rounds in a row gave no picture, or lost it soon. */
    get failures() {
        return this.#retries.failures;
    }

    /**
     * @param {PlayerEvent} event
     * @returns {PlayerAction[]} what is to be done, in this order
     */
    handle(event) {
        const { state, reason } = this;
        this.#actions = [];
        this.#take(event);
        const shows = this.#actions.filter(({ type }) => type === "show");
        const others = this.#actions.filter(({ type }) => type !== "show");
        const changed = state !== this.state || reason !== this.reason;
        // Whoever is told of the change finds the picture that it is about: the new one, or the last one that there was.
        return [...shows, ...(changed ? [/** @type {PlayerAction} */ ({ type: "change" })] : []), ...others];
    }

    /** @param {PlayerEvent} event */
    #take(event) {
        switch (event.type) {
            case "start":
                if (this.#phase !== "idle") return;
                this.#retries.reset();
                this.#hadPicture = false;
                return this.#find();
            case "stop":
                return this.#stop();
            case "retryNow":
                return this.#retryNow();
            case "networkChanged":
                return this.#changeNetwork();
            case "floats":
                return this.#float(event.isSolo);
            case "found":
                if (this.#phase === "finding" && event.round === this.#round) this.#race(event.kinds, event.isSolo);
                return;
            case "notFound":
                if (this.#phase === "finding" && event.round === this.#round) this.#lose(event.failure);
                return;
            case "answered":
                return this.#wait(event.attempt);
            case "picture":
                if (this.#attempts.has(event.attempt) && event.attempt !== this.#shown) this.#show(event.attempt);
                return;
            case "failed":
                return this.#fail(event.attempt, event.failure);
            case "timer":
                return this.#ring(event.name);
        }
    }

    /** @param {string} name of the timer that is over */
    #ring(name) {
        switch (name) {
            case "next":
                if (this.#phase === "racing") this.#openNext();
                return;
            case "retry":
                if (this.#phase === "waiting") this.#find();
                return;
            case "healthy":
                this.#isHealthy = true;
                this.#broken = null;
                this.#retries.reset();
                return;
            case "upgrade":
                return this.#tryBetter();
            default:
                return this.#fail(Number(name.slice("late ".length)), { code: "noPicture", parameters: {} });
        }
    }

    #find() {
        this.#phase = "finding";
        this.#round += 1;
        this.#failed = [];
        this.#actions.push({ type: "find", round: this.#round });
    }

    /**
     * @param {TransportKind[]} kinds
     * @param {boolean} isSolo whether all have to share one video, so that only one at a time can be tried
     */
    #race(kinds, isSolo) {
        this.#kinds = ranks.filter((kind) => kinds.includes(kind));
        this.#isSolo = isSolo;
        if (this.#kinds.length === 0) {
            return this.#lose({ code: "blocked.unsupported", parameters: {}, reason: "unsupported" });
        }
        this.#phase = "racing";
        this.#queue = [...this.#memory.order(this.#kinds)];
        this.#openNext();
    }

    #openNext() {
        const kind = this.#queue.shift();
        if (!kind) return;
        this.#open(kind);
        const lead = this.#queue.length > 0 ? leadMilliseconds[this.#queue[0]] : Infinity;
        if (Number.isFinite(lead) && !this.#isSolo) this.#actions.push({ type: "timer", name: "next", milliseconds: lead });
    }

    /** @param {TransportKind} kind */
    #open(kind) {
        const attempt = (this.#lastAttempt += 1);
        this.#attempts.set(attempt, kind);
        this.#actions.push(
            { type: "open", attempt, kind },
            { type: "timer", name: `late ${attempt}`, milliseconds: firstPictureMilliseconds });
    }

    /** @param {number} attempt that was answered */
    #wait(attempt) {
        const kind = this.#attempts.get(attempt);
        if (!kind || attempt === this.#shown || !promptKinds.has(kind)) return;
        this.#actions.push({ type: "timer", name: `late ${attempt}`, milliseconds: answeredMilliseconds });
    }

    /** @param {number} attempt that has a picture */
    #show(attempt) {
        const kind = /** @type {TransportKind} */ (this.#attempts.get(attempt));
        const isBetter = this.#phase === "live";
        this.#phase = "live";
        this.#reason = null;
        this.#hadPicture = true;
        this.#shown = attempt;
        this.#memory.worked(kind, this.#failed.map((entry) => ({
            kind: entry.kind, isRefusal: entry.failure.isRefusal ?? false,
        })));
        this.#failed = [];
        this.#queue = [];
        this.#actions.push(
            { type: "show", attempt }, { type: "cancel", name: "next" }, { type: "cancel", name: `late ${attempt}` });
        for (const other of [...this.#attempts.keys()]) {
            if (other !== attempt) this.#close(other);
        }
        if (!isBetter) {
            this.#isHealthy = false;
            this.#actions.push({ type: "timer", name: "healthy", milliseconds: healthyMilliseconds });
        }
        this.#planBetter(upgradeMilliseconds);
    }

    /** The best way that is better than the one that plays. */
    get #better() {
        const shown = this.#shown === null ? undefined : this.#attempts.get(this.#shown);
        // All ways of HLS are as good as each other.
        return this.#kinds.find((kind) => promptKinds.has(kind) && shown && ranks.indexOf(kind) < ranks.indexOf(shown));
    }

    /** @param {number} milliseconds */
    #planBetter(milliseconds) {
        this.#actions.push(this.#better
            ? { type: "timer", name: "upgrade", milliseconds } : { type: "cancel", name: "upgrade" });
    }

    #tryBetter() {
        const kind = this.#better;
        if (this.#phase !== "live" || !kind) return;
        const isFree = this.#attempts.size === 1 && !this.#isSolo;
        if (isFree && this.#memory.takesTurn(kind)) this.#open(kind);
        else this.#planBetter(upgradeMilliseconds);
    }

    /**
     * @param {number} attempt
     * @param {Failure} failure
     */
    #fail(attempt, failure) {
        const kind = this.#attempts.get(attempt);
        if (!kind) return;
        if (this.#phase === "live" && attempt !== this.#shown) {
            this.#log("info", failure);
            this.#close(attempt);
            return this.#planBetter(upgradeMilliseconds);
        }
        if (this.#phase === "live") {
            if (!this.#isHealthy) this.#breakOff(kind);
            return this.#lose(failure);
        }
        this.#failed.push({ kind, failure });
        // No other way would be allowed to play.
        if (failure.reason === "autoplay") return this.#lose(failure);
        this.#close(attempt);
        if (this.#queue.length === 0 && this.#attempts.size === 0) {
            // What somebody can put right is worth more than what may pass.
            return this.#lose(this.#failed.find((entry) => entry.failure.reason)?.failure ?? failure);
        }
        this.#log("bad", failure);
        // There is another way, which need not wait.
        this.#openNext();
    }

    /**
     * Lost soon once, it may be the stream; twice, it is the way that it came.
     * @param {TransportKind} kind
     */
    #breakOff(kind) {
        if (this.#broken === kind) this.#memory.broke(kind);
        this.#broken = kind;
    }

    /**
     * No picture in this round, or none any more.
     * @param {Failure} failure
     */
    #lose(failure) {
        this.#phase = "waiting";
        const { reason = null } = failure;
        if (reason) {
            if (reason !== this.#reason) this.#log("bad", failure);
            this.#reason = reason;
            this.#hadPicture = false;
            this.#closeAll();
            this.#actions.push({ type: "release" });
            if (!needsUser.has(reason)) this.#retryIn(blockedRetryMilliseconds);
            return;
        }
        this.#reason = null;
        const seconds = this.#retries.next();
        this.#log("bad", failure, seconds);
        this.#closeAll();
        this.#retryIn(seconds * 1000);
    }

    /** @param {number} milliseconds */
    #retryIn(milliseconds) {
        this.#actions.push({ type: "timer", name: "retry", milliseconds });
    }

    #retryNow() {
        if (this.#phase !== "waiting") return;
        this.#reason = null;
        this.#actions.push({ type: "cancel", name: "retry" });
        this.#find();
    }

    #changeNetwork() {
        if (this.#phase === "idle") return;
        this.#memory.forgive();
        // What waits for the user waits on.
        if (this.#phase === "waiting" && !this.#reason) this.#retryNow();
        else if (this.#phase === "live") this.#planBetter(newNetworkMilliseconds);
    }

    /** @param {boolean} isSolo whether the video that is seen is the only one that can be */
    #float(isSolo) {
        this.#isSolo = isSolo;
        if (!isSolo || this.#phase !== "live" || this.#attempts.size === 1) return;
        for (const attempt of [...this.#attempts.keys()]) {
            if (attempt !== this.#shown) this.#close(attempt);
        }
        this.#planBetter(upgradeMilliseconds);
    }

    #stop() {
        if (this.#phase === "idle") return;
        this.#phase = "idle";
        this.#reason = null;
        this.#actions.push({ type: "cancel", name: "retry" });
        this.#closeAll();
        this.#actions.push({ type: "release" });
        this.#log("info", { code: "stopped", parameters: {} });
    }

    #closeAll() {
        this.#queue = [];
        this.#shown = null;
        this.#actions.push(...["next", "healthy", "upgrade"].map(
            (name) => /** @type {PlayerAction} */ ({ type: "cancel", name })));
        for (const attempt of [...this.#attempts.keys()]) this.#close(attempt);
    }

    /** @param {number} attempt */
    #close(attempt) {
        this.#attempts.delete(attempt);
        this.#actions.push({ type: "cancel", name: `late ${attempt}` }, { type: "close", attempt });
    }

    /**
     * @param {"info" | "good" | "bad"} kind
     * @param {Failure} failure
     * @param {number | null} [retrySeconds]
     */
    #log(kind, { code, parameters }, retrySeconds = null) {
        this.#actions.push({ type: "log", kind, code, parameters, retrySeconds });
    }
}
