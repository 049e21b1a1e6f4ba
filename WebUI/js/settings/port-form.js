import { t } from "../core/i18n.js";
import { numbersForm } from "./numbers-form.js";

/** @type {readonly import("../types/engine.js").PortName[]} */
const names = ["rtsp", "hls", "webrtc", "rtmp", "srt", "api"];
const range = { min: 1, max: 65535 };

/**
 * The ports that the engine takes when they are free.
 * @param {import("../core/api.js").ApiClient} api
 * @param {import("./settings-store.js").SettingsStore} store
 */
export function portForm(api, store) {
    return numbersForm(api, store, {
        names,
        field: (name) => ({
            path: `engine.preferred_ports.${name}`, label: t(`port.${name}`), testId: `preferred-port-${name}`, range,
        }),
        of: ({ engine }) => engine.preferred_ports,
        change: (ports) => ({ engine: { preferred_ports: ports } }),
        saved: () => store.engine?.running ? `${t("engine.ports.saved")} ${t("engine.restarted")}` : t("engine.ports.saved"),
    }, { title: t("engine.ports"), hint: t("engine.ports.hint"), testId: "ports" });
}
