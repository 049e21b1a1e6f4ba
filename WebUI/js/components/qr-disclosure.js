import { el, fill } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { qrCode } from "../core/qr-code.js";

/**
 * An address as a QR code for a phone, drawn when somebody unfolds it.
 * @param {string} address
 */
export function qrDisclosure(address) {
    const place = el("div", { class: "qr-place" });
    let isDrawn = false;
    const element = el("details", {
        class: "disclosure", data: { testid: "qr" },
        ontoggle: async () => {
            if (!element.open || isDrawn) return;
            try {
                fill(place, await qrCode(address, t("qr.label", { address })));
                isDrawn = true;
            } catch (error) {
                console.error(error);
                fill(place, el("p", { class: "field-hint" }, t("qr.missing")));
            }
        },
    }, el("summary", {}, t("qr.title")), place);
    return element;
}
