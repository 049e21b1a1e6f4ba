import { ApiError } from "../core/server-requests.js";
import { codedText, messageText } from "../core/coded-text.js";
import { el, fill, setText } from "../core/dom.js";
import { errorText } from "../core/error-text.js";
import { icon } from "../core/icons.js";
import { formatNumber, formatSeconds, t } from "../core/i18n.js";

/** @typedef {import("../types/cameras.js").CameraTest} CameraTest */

/** What opening a camera takes, at most, seconds: only for the progress bar, which slows down towards it. */
const typicalSeconds = 4;

/** The test of a camera: that it is under way, its picture and facts, or what is wrong. Event: `finish`. */
export class CameraTestView extends EventTarget {
    #api;
    /** @type {AbortController | null} */
    #running = null;
    #subject = "";

    /** @param {import("../core/api.js").ApiClient} api */
    constructor(api) {
        super();
        this.#api = api;
        /** @type {CameraTest | null} */
        this.result = null;
        this.element = el("div", {
            class: "camera-test", "aria-live": "polite", data: { testid: "camera-test-result" },
        });
        this.clear();
    }

    /**
     * Whether what was tested is still what is typed; the name does not matter.
     * @param {import("../types/cameras.js").CameraDraft} subject
     */
    isAbout(subject) {
        return this.#subject === withoutName(subject);
    }

    /** Forgets the last test. */
    clear() {
        this.#running?.abort();
        this.#running = null;
        this.result = null;
        this.element.dataset.state = "empty";
        fill(this.element, el("div", {
            class: "camera-still empty-still",
        }, icon("cctv"), el("span", {}, t("camera.test.none"))));
    }

    /**
     * @param {import("../types/cameras.js").CameraDraft | {camera_id: string}} subject
     * @returns {Promise<CameraTest | null>} null when it was cancelled
     * @throws {ApiError} when fields of the subject are wrong
     */
    async run(subject) {
        this.clear();
        this.#subject = withoutName(subject);
        const running = new AbortController();
        this.#running = running;
        const stop = this.#drawProgress(() => running.abort());
        /** @type {CameraTest} */
        let result;
        try {
            result = await this.#api.testCamera(subject, running.signal);
        } catch (error) {
            if (running.signal.aborted) {
                if (this.#running === running) this.clear();
                return null;
            }
            if (error instanceof ApiError && error.problems.length > 0) {
                this.clear();
                throw error;
            }
            result = failure(error instanceof ApiError ? error.message : `${t("camera.test.noAnswer")} ${errorText(error)}`);
        } finally {
            stop();
        }
        this.#running = null;
        this.result = result;
        this.#drawResult(result);
        this.#comeIntoSight();
        this.dispatchEvent(new Event("finish"));
        return result;
    }

    /** What was pressed may be far above it, on a phone. */
    #comeIntoSight() {
        this.element.scrollIntoView({ block: "nearest" });
    }

    /** @param {() => void} cancel */
    #drawProgress(cancel) {
        this.element.dataset.state = "running";
        const bar = el("progress", { max: 1, value: 0, "aria-label": t("camera.test.running") });
        const text = el("span", {}, t("camera.test.connecting"));
        fill(this.element, el("div", { class: "camera-still testing" },
            el("span", { class: "spinner", "aria-hidden": "true" }), text, bar,
            el("button", { class: "button small quiet", type: "button", onclick: cancel }, t("action.cancel"))));
        this.#comeIntoSight();
        const started = performance.now();
        const timer = setInterval(() => {
            const seconds = (performance.now() - started) / 1000;
            bar.value = 1 - Math.exp(-seconds / typicalSeconds);
            setText(
                text,
                t(seconds < 3 ? "camera.test.connecting" : seconds < 8 ? "camera.test.waiting" : "camera.test.slow"),
            );
        }, 200);
        return () => clearInterval(timer);
    }

    /** @param {CameraTest} result */
    #drawResult(result) {
        this.element.dataset.state = result.ok ? "ok" : "failed";
        const message = codedText(result.message_code, result.message_parameters, result.message);
        if (!result.ok) {
            fill(this.element, el("div", { class: "camera-still failed" },
                icon("alert"), el("p", { data: { testid: "camera-test-message" } }, message)));
            return;
        }
        fill(this.element,
            result.still
                ? el("img", {
                    class: "camera-still", src: result.still, alt: t("camera.test.still"),
                    data: { testid: "camera-still" },
                })
                : el("div", { class: "camera-still empty-still" }, icon("check"), el("span", {}, message)),
            el("ul", { class: "chips", data: { testid: "camera-facts" } },
                facts(result).map((text) => el("li", { class: "badge" }, text))),
            result.has_b_frames && el("p", { class: "field-hint" }, t("camera.bFrames.hint")));
    }
}

const codecNames = new Map([["h264", "H.264"], ["hevc", "H.265"], ["mjpeg", "MJPEG"]]);

/** @param {Partial<import("../types/cameras.js").CameraDraft>} subject */
function withoutName({ name: _, ...subject }) {
    return JSON.stringify(subject);
}

/** @param {CameraTest} result */
function facts(result) {
    return [
        result.codec && (codecNames.get(result.codec) ?? result.codec),
        result.width && result.height ? `${result.width} × ${result.height}` : null,
        result.fps ? t("fact.fps", { fps: formatNumber(result.fps, 1) }) : null,
        result.keyframe_interval_seconds ? t("fact.keyframe", {
            time: formatSeconds(result.keyframe_interval_seconds),
        }) : null,
        typeof result.has_b_frames !== "boolean" ? null : t(result.has_b_frames ? "fact.bFrames" : "fact.noBFrames"),
        result.sound && messageText(result.sound),
        ...soundTracks(result),
    ].filter((text) => text !== null);
}

/**
 * Of a camera with several, to choose from by their number.
 * @param {CameraTest} result
 */
function soundTracks({ sound_tracks: tracks }) {
    if (!tracks || tracks.length < 2) return [];
    return tracks.map((track, index) => t("camera.soundTrack.number", { number: index + 1, sound: messageText(track) }));
}

/**
 * @param {string} message
 * @returns {CameraTest}
 */
function failure(message) {
    return {
        ok: false, message, message_code: null, message_parameters: {}, codec: null, width: null, height: null, fps: null, keyframe_interval_seconds: null,
        has_b_frames: null, audio: null, sound: null, sound_tracks: null, still: null,
    };
}
