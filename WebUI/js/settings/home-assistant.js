import { whileBusy } from "../components/busy.js";
import { codedText } from "../core/coded-text.js";
import { el, fill } from "../core/dom.js";
import { errorText } from "../core/error-text.js";
import { icon } from "../core/icons.js";
import { t } from "../core/i18n.js";

/** @typedef {import("../core/api.js").ApiClient} ApiClient */
/** @typedef {import("../types/runtime.js").OutputURL} OutputURL */

/**
 * The button that makes a camera in Home Assistant of an output, and what came of it. Where it can't, why; nothing where
 * there is no Home Assistant.
 * @param {ApiClient} api
 * @param {string} transmissionId
 * @param {OutputURL} output
 */
export function addToHomeAssistant(api, transmissionId, output) {
    const place = el("div", { class: "home-assistant", hidden: true });
    // Home Assistant may take its time; the addresses don't wait for it.
    api.homeAssistant().then((home) => {
        place.hidden = !home.is_add_on;
        if (home.available) fill(place, ...controls(api, transmissionId, output));
        else fill(place, unavailable(codedText(home.reason_code, home.reason_parameters, home.reason)));
    }, (error) => {
        // The page says itself when the server is gone.
        console.info(error);
    });
    return place;
}

/** @param {string} reason */
function unavailable(reason) {
    const text = t("homeAssistant.unavailable", { reason });
    return el("p", { class: "field-hint", data: { testid: "home-assistant-reason" } }, text);
}

/**
 * @param {ApiClient} api
 * @param {string} transmissionId
 * @param {OutputURL} output
 */
function controls(api, transmissionId, output) {
    const result = el("div", { role: "status", data: { testid: "home-assistant-result" } });
    const add = async () => {
        fill(result, el("p", { class: "field-hint" }, t("homeAssistant.adding")));
        try {
            const camera = await whileBusy(button, () => api.addToHomeAssistant(transmissionId, output.output_id));
            button.remove();
            fill(result, el("p", { class: "alert good" }, icon("check"), el("span", {}, camera.entity_id
                ? t("homeAssistant.added", { name: camera.name, entity: camera.entity_id })
                : t("homeAssistant.addedUnknown", { name: camera.name }))));
        } catch (error) {
            fill(result, el("div", { class: "alert bad" }, icon("alert"), el("span", {}, errorText(error))));
        }
    };
    const button = el("button", {
        class: "button small", type: "button", data: { testid: "home-assistant-add" }, onclick: () => void add(),
    }, icon("add"), el("span", {}, t("homeAssistant.add")));
    return [button, result];
}
