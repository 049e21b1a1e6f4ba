import { el } from "../core/dom.js";
import { t } from "../core/i18n.js";

/** @typedef {import("./tile-sound.js").TileSound} TileSound */

/** How loud a stream is; at its left end it is not heard. */
export class VolumeSlider {
    #sound;

    /**
     * @param {TileSound} sound
     * @param {string} testId
     */
    constructor(sound, testId) {
        this.#sound = sound;
        this.element = el("input", {
            class: "volume", type: "range", min: 0, max: 1, step: 0.05, "aria-label": t("tile.volume"),
            hidden: !volumeCanBeSet(), data: { testid: testId },
            oninput: () => sound.setVolume(Number(this.element.value)),
        });
        this.draw();
    }

    draw() {
        this.element.value = String(this.#sound.isHeard ? this.#sound.volume : 0);
        this.element.disabled = !this.#sound.isUsable;
    }
}

/** @type {boolean | undefined} */
let canBeSet;

/** On an iPhone only its keys do. */
function volumeCanBeSet() {
    if (canBeSet === undefined) {
        const video = document.createElement("video");
        video.volume = 0.5;
        canBeSet = video.volume === 0.5;
    }
    return canBeSet;
}
