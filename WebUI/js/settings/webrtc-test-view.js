import { whileBusy } from "../components/busy.js";
import { selectField } from "../components/field.js";
import { el, fill } from "../core/dom.js";
import { errorText } from "../core/error-text.js";
import { icon } from "../core/icons.js";
import { t } from "../core/i18n.js";
import { StreamServer } from "../player/stream-server.js";
import { probeWebRTC } from "./webrtc-probe.js";
import { WebRTCTest } from "./webrtc-test.js";

/** @typedef {import("../types/outputs.js").Transmission} Transmission */
/** @typedef {import("./webrtc-test.js").Sentence} Sentence */
/** @typedef {import("./webrtc-test.js").Step} Step */

/** @type {Record<import("./webrtc-test.js").StepState, import("../core/icons.js").IconName>} */
const icons = { waiting: "info", running: "test", good: "check", bad: "alert" };

/** Tries from this browser whether WebRTC finds a way, and says which, or why none. */
export class WebRTCTestView {
    #api;
    #steps = el("ol", { class: "webrtc-steps", role: "status", data: { testid: "webrtc-test-steps" } });
    #advice = el("div", { class: "stack", data: { testid: "webrtc-test-advice" } });
    #shown = "";

    /** @param {import("../core/api.js").ApiClient} api */
    constructor(api) {
        this.#api = api;
        this.none = el("p", { class: "field-hint" }, t("webrtcTest.noOutput"));
        this.output = selectField({ path: "webrtc-test", label: t("webrtcTest.output"), testId: "webrtc-test-output" }, [], "");
        this.button = el("button", {
            class: "button small primary", type: "button", data: { testid: "webrtc-test-start" },
            onclick: () => void whileBusy(this.button, () => this.#run()),
        }, icon("play"), t("webrtcTest.start"));
        this.element = el("details", { class: "disclosure", data: { testid: "webrtc-test" } },
            el("summary", {}, t("webrtcTest.title")),
            el("div", { class: "stack" },
                el("p", { class: "field-hint" }, t("webrtcTest.hint")),
                this.none, this.output.element,
                el("div", { class: "actions" }, this.button),
                this.#steps, this.#advice));
        this.update([]);
    }

    /** @param {Transmission[]} transmissions */
    update(transmissions) {
        const choices = transmissions.flatMap(({ id, name, outputs }) => outputs
            .filter(({ protocol, enabled }) => protocol === "webrtc" && enabled !== false)
            .map((output) => ({ value: `${id}/${output.id}`, label: name })));
        this.none.hidden = choices.length > 0;
        this.output.element.hidden = choices.length === 0;
        this.button.hidden = choices.length === 0;
        const text = JSON.stringify(choices);
        if (text === this.#shown) return;
        this.#shown = text;
        const chosen = this.output.value;
        fill(this.output.control, choices.map(({ value, label }) => el("option", { value }, label)));
        if (choices.some(({ value }) => value === chosen)) this.output.control.value = chosen;
    }

    async #run() {
        const [transmissionId, outputId] = this.output.value.split("/");
        fill(this.#steps);
        fill(this.#advice);
        let playback = null;
        try {
            const { outputs } = await this.#api.urls(transmissionId);
            playback = outputs.find(({ output_id: id }) => id === outputId)?.playback_url ?? null;
            if (playback) await this.#probe(playback);
            else this.#say(t("webrtcTest.password"));
        } catch (error) {
            this.#say(errorText(error));
        } finally {
            // It would count as a viewer until its session runs out.
            if (playback) StreamServer.at().endPlayback(playback).catch(() => {});
        }
    }

    /** @param {string} playback */
    async #probe(playback) {
        const test = new WebRTCTest(window.location.hostname);
        const draw = () => this.#draw(test);
        test.addEventListener("change", draw);
        draw();
        await probeWebRTC(new URL(playback, document.baseURI).href, test, new AbortController().signal);
    }

    /** @param {WebRTCTest} test */
    #draw(test) {
        this.element.dataset.state = test.state;
        fill(this.#steps, test.steps.map((step) => el("li", { class: step.state, data: { step: step.name } },
            icon(icons[step.state]),
            el("span", {}, t(`webrtcTest.step.${step.name}`)),
            el("span", { class: "soft" }, step.sentence && text(step.sentence)))));
        fill(this.#advice, test.advice.map((advice) => el("p", { class: "alert warn" },
            icon("alert"), el("span", {}, text(advice)))));
    }

    /** @param {string} what */
    #say(what) {
        fill(this.#advice, el("p", { class: "alert bad", role: "alert" }, icon("alert"), el("span", {}, what)));
    }
}

/** @param {Sentence} sentence */
function text({ key, parameters }) {
    return t(key, parameters);
}
