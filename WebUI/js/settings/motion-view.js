import { IconButton } from "../components/icon-button.js";
import { toasts } from "../components/toasts.js";
import { codedText } from "../core/coded-text.js";
import { el, setText } from "../core/dom.js";
import { errorText } from "../core/error-text.js";
import { formatNumber, t } from "../core/i18n.js";
import { pause } from "../player/abort.js";
import { PictureBoxes, boxesOf } from "../player/picture-boxes.js";
import { PlaybackFailure } from "../player/playback-failure.js";
import { PlaybackLease } from "../player/playback-lease.js";
import { StreamServer } from "../player/stream-server.js";
import { attemptText } from "../streams/attempt-text.js";
import { cameraOf, transmissionOf } from "./pipeline-facts.js";

/** @typedef {import("../types/cameras.js").Pipeline} Pipeline */
/** @typedef {import("../types/runtime.js").MotionFinding} MotionFinding */

/** How long the highest score stays marked. */
const peakMilliseconds = 10_000;
/** How often the picture is renewed while the pipeline shows it. */
const pictureMilliseconds = 2000;
const pictureWidth = 960;
/** A step that looks at pictures says each 10 s what it finds, also when that is the same. */
const silenceMilliseconds = 25_000;

/** What a step that looks for motion sees: the camera's picture, what moves in it, and how much against its threshold. */
export class MotionView extends EventTarget {
    #api;
    #store;
    #pipelineId;
    #nodeId;
    #threshold = 0;
    /** @type {{score: number, at: number}[]} */
    #scores = [];
    /** The server's time of what was heard last of the step, 0 before the first and below while none can be; and since when. */
    #heard = { atUnix: -1, at: 0 };
    #scope = new AbortController();
    /** @type {PlaybackLease | null} */
    #lease = null;
    #url = "";

    /**
     * Event: `shape`, when the size of the picture is known.
     * @param {import("../core/api.js").ApiClient} api
     * @param {import("./settings-store.js").SettingsStore} store
     * @param {Pipeline} pipeline
     * @param {string} nodeId of the step
     * @param {HTMLElement} over lies over the picture
     */
    constructor(api, store, pipeline, nodeId, over) {
        super();
        this.#api = api;
        this.#store = store;
        this.#pipelineId = pipeline.id;
        this.#nodeId = nodeId;
        this.picture = el("img", {
            class: "motion-picture", alt: t("motion.picture"), hidden: true, data: { testid: "motion-picture" },
            onload: () => this.#takeShape(),
        });
        this.boxes = new PictureBoxes(() => ({ element: this.picture, ...this.shape }));
        this.boxes.element.setAttribute("class", "motion-boxes");
        this.note = el("p", { class: "motion-note", role: "status" }, t("motion.picture.coming"));
        const renew = new IconButton("restart", "motion-renew", () => void this.#renew(), t("motion.picture.renew"));
        renew.element.classList.add("motion-renew");
        this.stage = el("div", { class: "motion-stage", data: { testid: "motion-stage" } },
            this.picture, this.note, over, this.boxes.element, renew.element);
        this.state = el("span", { role: "status", class: "motion-state", data: { testid: "motion-state" } });
        this.number = el("span", { class: "motion-number", data: { testid: "motion-score" } });
        this.run = el("button", {
            class: "button small", type: "button", hidden: true, data: { testid: "motion-run" },
            onclick: () => void this.#run(),
        }, t("motion.run"));
        [this.level, this.peak, this.line] = ["level", "peak", "line"].map((part) => el("span", { class: `motion-${part}` }));
        this.bar = el("div", {
            class: "motion-bar", role: "meter", "aria-label": t("motion.score"), "aria-valuemin": 0, "aria-valuemax": 100,
            data: { testid: "motion-bar" },
        }, this.level, this.peak, this.line);
        this.element = el("div", { class: "stack motion-view" },
            el("div", { class: "motion-line-of-state" }, this.state, this.number, this.run), this.bar);
        store.addEventListener("change", () => this.#draw(), { signal: this.#scope.signal });
        this.#draw();
        void this.#renew();
        void this.#follow();
    }

    /** The size of the camera's picture, in any unit. */
    get shape() {
        const { naturalWidth: width, naturalHeight: height } = this.picture;
        return width > 0 && height > 0 ? { width, height } : { width: 16, height: 9 };
    }

    /** @param {number} part of the picture that has to move, 0…1 */
    set threshold(part) {
        this.#threshold = part;
        this.line.style.left = percent(part);
        this.#draw();
    }

    close() {
        this.#scope.abort();
        this.#lease?.end();
        this.boxes.clear();
        if (this.#url.startsWith("blob:")) URL.revokeObjectURL(this.#url);
    }

    get #pipeline() {
        return this.#store.pipelines.find(({ id }) => id === this.#pipelineId) ?? null;
    }

    get #isTransmissionOff() {
        const transmission = this.#pipeline && transmissionOf(this.#pipeline);
        return transmission !== null && this.#store.transmission(transmission)?.enabled === false;
    }

    /** Whether the camera's pictures are being looked at. */
    get #isRunning() {
        const pipeline = this.#pipeline;
        if (!pipeline?.enabled || this.#isTransmissionOff) return false;
        const transmission = transmissionOf(pipeline);
        return pipeline.run === "always" || this.#store.outputs.some(
            (output) => output.transmission_id === transmission && output.publisher_running,
        );
    }

    get #report() {
        return this.#store.findings.find((one) => one.pipeline_id === this.#pipelineId && one.node_id === this.#nodeId);
    }

    /** @returns {MotionFinding | null} what was found last, of a step that runs and has pictures */
    get #finding() {
        return this.#isRunning && !this.#isSilent ? this.#report?.findings?.motion ?? null : null;
    }

    /** Whether nothing is heard of a step that runs, although the server tells of what is found. */
    get #isSilent() {
        const { atUnix, at } = this.#heard;
        if (atUnix < 0) return false;
        const age = atUnix > 0 ? ((this.#store.toldAtUnix ?? 0) - atUnix) * 1000 : 0;
        return Math.max(age, performance.now() - at) > silenceMilliseconds;
    }

    #listen() {
        const atUnix = this.#isRunning && this.#store.toldAtUnix !== null ? this.#report?.at_unix ?? 0 : -1;
        if (atUnix !== this.#heard.atUnix) this.#heard = { atUnix, at: performance.now() };
    }

    #draw() {
        this.#listen();
        const finding = this.#finding;
        const state = !this.#pipeline?.enabled ? "off" : this.#isTransmissionOff ? "transmissionOff"
            : !this.#isRunning ? "idle" : this.#isSilent ? "noPicture" : !finding ? "learning"
            : !finding.active ? "still" : finding.hold_active ? "holds" : "moves";
        setText(this.state, t(`motion.state.${state}`));
        this.element.dataset.state = state;
        this.run.hidden = state !== "idle";
        const score = finding?.score ?? 0;
        this.#note(score);
        const peak = Math.max(...this.#scores.map((one) => one.score));
        setText(this.number, finding ? `${formatNumber(score * 100, 2)} %` : "");
        this.level.style.width = percent(score);
        this.peak.style.left = percent(peak);
        this.bar.classList.toggle("over", score > 0 && score >= this.#threshold);
        this.bar.setAttribute("aria-valuenow", (score * 100).toFixed(1));
        this.boxes.draw(boxesOf({ motion: finding }));
    }

    /** @param {number} score */
    #note(score) {
        const now = performance.now();
        this.#scores = [...this.#scores.filter(({ at }) => now - at < peakMilliseconds), { score, at: now }];
    }

    /** Makes the pipeline run for as long as this is open, as somebody who watches does. */
    async #run() {
        const transmission = this.#pipeline && transmissionOf(this.#pipeline);
        if (!transmission) return;
        this.#lease ??= new PlaybackLease(StreamServer.at(), transmission);
        this.run.disabled = true;
        try {
            const count = await this.#lease.begin(this.#scope.signal);
            if (count === 0) toasts.show(t("motion.run.nothing"), "bad");
        } catch (error) {
            if (this.#scope.signal.aborted) return;
            if (error instanceof PlaybackFailure) toasts.show(failureText(error), "bad");
            else toasts.showError(error);
        }
        this.run.disabled = false;
    }

    // MARK: The picture

    /** Asks the camera itself: what the transmission shows is a placeholder while nothing moves. */
    async #renew() {
        const camera = this.#pipeline && cameraOf(this.#pipeline);
        if (!camera) return setText(this.note, t("pipeline.cameraGone"));
        if (this.picture.hidden) setText(this.note, t("motion.picture.coming"));
        try {
            const result = await this.#api.testCamera({ camera_id: camera }, this.#scope.signal);
            if (result.still) this.#show(result.still);
            else if (this.picture.hidden) {
                setText(this.note, codedText(result.message_code, result.message_parameters, result.message));
            }
        } catch (error) {
            if (!this.#scope.signal.aborted && this.picture.hidden) setText(this.note, errorText(error));
        }
    }

    /** While the pipeline lets the picture through, there is a newer one in the transmission. */
    async #follow() {
        const { signal } = this.#scope;
        while (!signal.aborted) {
            await pause(pictureMilliseconds, signal);
            if (signal.aborted) return;
            // Nothing tells that nothing is told.
            this.#draw();
            const transmission = this.#pipeline && transmissionOf(this.#pipeline);
            if (!transmission || !this.#finding?.active) continue;
            try {
                const still = await StreamServer.at().still(transmission, { maxAge: 1, width: pictureWidth, waits: true }, signal);
                if (still?.state === "live" && !signal.aborted) this.#show(URL.createObjectURL(still.blob));
            } catch {
                // The one that is shown is good enough.
            }
        }
    }

    /** @param {string} url */
    #show(url) {
        this.picture.src = url;
        this.picture.hidden = false;
        this.note.hidden = true;
        if (this.#url.startsWith("blob:")) URL.revokeObjectURL(this.#url);
        this.#url = url;
    }

    #takeShape() {
        const { width, height } = this.shape;
        this.stage.style.setProperty("--shape", String(width / height));
        this.dispatchEvent(new Event("shape"));
        this.#draw();
    }
}

/** @param {PlaybackFailure} failure */
function failureText({ code, parameters }) {
    return attemptText({ code, parameters, retrySeconds: null });
}

/**
 * Where a part of the picture is on the bar, which has more room for small ones: a person far away is a hundredth.
 * @param {number} part
 */
function percent(part) {
    return `${Math.sqrt(Math.min(Math.max(part, 0), 1)) * 100}%`;
}
