import { whileBusy } from "../components/busy.js";
import { confirmAction } from "../components/confirm-dialog.js";
import { copyButton } from "../components/copy-button.js";
import { toasts } from "../components/toasts.js";
import { el, fill } from "../core/dom.js";
import { errorText } from "../core/error-text.js";
import { icon } from "../core/icons.js";
import { t } from "../core/i18n.js";
import { Poller } from "../core/poller.js";

/** @typedef {import("../types/cameras.js").CameraInput} CameraInput */

const pollMilliseconds = 3000;

/** Where a program sends the picture of an input, as its settings ask for it. */
export class InputView {
    #api;
    #cameraId;
    #poller;
    #shown = "";

    /**
     * @param {import("../core/api.js").ApiClient} api
     * @param {string} cameraId
     */
    constructor(api, cameraId) {
        this.#api = api;
        this.#cameraId = cameraId;
        this.state = el("p", { class: "field-hint", role: "status", data: { testid: "input-state" } });
        this.content = el("div", { class: "stack" });
        const renew = el("button", {
            class: "button small", type: "button", data: { testid: "input-renew" },
            onclick: () => void this.#renew(renew),
        }, t("input.renew"));
        this.element = el("div", { class: "stack", data: { testid: "input-addresses" } }, this.state, this.content,
            el("div", { class: "actions" }, renew));
        this.#poller = new Poller(() => this.load(), () => pollMilliseconds);
    }

    /** Shows them, and whether anything comes, until it is closed. */
    open() {
        void this.#poller.start();
    }

    close() {
        this.#poller.stop();
    }

    async load() {
        try {
            this.#draw(await this.#api.cameraInput(this.#cameraId));
        } catch (error) {
            this.#shown = "";
            fill(this.content, el("div", { class: "alert bad" }, icon("alert"), el("span", {}, errorText(error))));
        }
    }

    /** @param {HTMLButtonElement} button */
    async #renew(button) {
        if (!(await confirmAction({
            title: t("input.renew.title"), text: t("input.renew.text"), action: t("input.renew"),
        }))) return;
        try {
            await whileBusy(button, async () => {
                const camera = await this.#api.camera(this.#cameraId);
                await this.#api.replaceCamera(camera, { ...camera, password: "" });
                await this.load();
            });
        } catch (error) {
            toasts.showError(error);
        }
    }

    /** @param {CameraInput} input */
    #draw(input) {
        const state = input.engine_running ? input.receiving ? "receiving" : "silent" : "engine";
        this.state.textContent = t(`input.state.${state}`);
        const now = JSON.stringify([
            input.rtsp_url, input.rtmp_server, input.rtmp_stream_key, input.whip_url, input.whip_token,
            input.srt_url, input.srt_passphrase_set,
        ]);
        if (now === this.#shown) return;
        this.#shown = now;
        fill(this.content,
            line(t("input.rtmp.server"), input.rtmp_server, "input-rtmp-server"),
            line(t("input.rtmp.key"), input.rtmp_stream_key, "input-rtmp-key"),
            line(t("input.whip.url"), input.whip_url, "input-whip-url"),
            input.whip_token && line(t("input.whip.token"), input.whip_token, "input-whip-token"),
            line(t("input.srt"), input.srt_url, "input-srt"),
            line(t("input.srt.streamId"), input.srt_stream_id, "input-srt-stream-id"),
            input.srt_passphrase_set && el("p", {
                class: "field-hint", data: { testid: "input-srt-passphrase" },
            }, t("input.srt.passphrase")),
            line(t("input.rtsp"), input.rtsp_url, "input-rtsp"));
    }
}

/**
 * @param {string} label
 * @param {string} value
 * @param {string} testId
 */
function line(label, value, testId) {
    return el("div", { class: "output-address" },
        el("span", { class: "field-label" }, label),
        el("div", { class: "address-line" },
            el("code", { class: "address-url mono", data: { testid: testId } }, value),
            copyButton(() => value, `${testId}-copy`)));
}
