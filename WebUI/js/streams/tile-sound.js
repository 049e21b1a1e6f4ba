import { el, fill, setText } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { t } from "../core/i18n.js";
import { VolumeSlider } from "./volume-slider.js";

/** @typedef {import("./tile.js").Tile} Tile */
/** @typedef {import("./sound-choice.js").SoundChoice} SoundChoice */

/**
 * A stream's sound: whether it is heard, with the button and the slider for that.
 * Event: `change`, when any of its properties may have changed.
 */
export class TileSound extends EventTarget {
    #tile;
    #choice;
    #icon = el("span", {});
    #text = el("span", { class: "tile-sound-text" });
    #button;
    #slider;

    /**
     * @param {Tile} tile
     * @param {SoundChoice} choice
     */
    constructor(tile, choice) {
        super();
        this.#tile = tile;
        this.#choice = choice;
        this.#button = el("button", {
            class: "icon-button", type: "button", data: { testid: "tile-sound" }, onclick: () => this.toggle(),
        }, this.#icon, this.#text);
        this.#slider = new VolumeSlider(this, "tile-volume");
        this.element = el("div", { class: "tile-sound" }, this.#button, this.#slider.element);
        const draw = () => this.draw();
        choice.addEventListener("change", draw);
        // A window of the browser's own, such as an iPhone's full screen, has its own button.
        tile.player.addEventListener("volumechange", () => this.#follow());
        this.remove = () => {
            choice.removeEventListener("change", draw);
            this.isShown = false;
        };
    }

    get #id() {
        return this.#tile.transmission.id;
    }

    /** @param {boolean} value whether the picture can be seen */
    set isShown(value) {
        if (value) this.#choice.show(this.#id);
        else this.#choice.leave(this.#id);
    }

    get isHeard() {
        return this.#isWanted && !this.#tile.player.sound?.isRefused;
    }

    get #isWanted() {
        return this.#choice.heard === this.#id && this.#tile.player.hasSound !== false;
    }

    /** Whether it could be heard now. */
    get isUsable() {
        return this.#tile.player.state === "live" && this.#tile.player.hasSound !== false;
    }

    get volume() {
        return this.#choice.volume;
    }

    toggle() {
        if (!this.isUsable) return;
        if (this.isHeard) this.#choice.turnOff();
        else this.setVolume(this.volume);
    }

    /** @param {number} volume from 0, which turns it off, to 1 */
    setVolume(volume) {
        this.#tile.player.sound?.insist();
        this.#choice.setVolume(this.#id, volume);
    }

    draw() {
        const { player, element: tile } = this.#tile;
        if (this.#isWanted) player.sound?.hear(this.volume);
        else player.sound?.silence();
        const { isHeard } = this;
        const isRefused = Boolean(player.sound?.isRefused);
        this.element.hidden = player.hasSound === false || (player.hasSound === null && player.state !== "live");
        this.#button.disabled = !this.isUsable;
        this.#button.setAttribute("aria-pressed", String(isHeard));
        this.#button.setAttribute("aria-label", t(isRefused ? "tile.sound.tap" : "tile.sound"));
        this.#button.title = t(isHeard ? "tile.sound.off" : "tile.sound.on");
        setText(this.#text, isRefused ? t("tile.sound.tap") : "");
        const name = isHeard ? "sound" : "soundOff";
        if (this.#icon.dataset.icon !== name) {
            this.#icon.dataset.icon = name;
            fill(this.#icon, icon(name));
        }
        tile.dataset.sound = isHeard ? "on" : isRefused ? "refused" : "off";
        this.#slider.draw();
        this.dispatchEvent(new Event("change"));
    }

    #follow() {
        const { muted } = this.#tile.video;
        if (muted !== this.isHeard) return;
        if (muted) this.#choice.turnOff();
        else this.#choice.turnOn(this.#id);
    }
}
