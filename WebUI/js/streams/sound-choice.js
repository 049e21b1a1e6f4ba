import { preferences } from "../core/preferences.js";

/**
 * Which of the page's streams is heard, one at most, and how loud. This browser remembers both. While the one that it was turned on at
 * is out of sight and a single other one is shown, that is heard.
 * Event: `change`.
 */
export class SoundChoice extends EventTarget {
    /** @type {string | null} the transmission that it was turned on at */
    #owner = preferences.get("sound.stream");
    #volume = volumeOf(preferences.get("sound.volume"));
    /** @type {Set<string>} the transmissions whose pictures can be seen */
    #shown = new Set();

    /** Above 0, up to 1. */
    get volume() {
        return this.#volume;
    }

    /** @returns {string | null} the transmission that is to be heard now */
    get heard() {
        if (this.#owner === null || this.#shown.has(this.#owner)) return this.#owner;
        return this.#shown.size === 1 ? [...this.#shown][0] : null;
    }

    /** @param {string} transmissionId */
    turnOn(transmissionId) {
        this.#own(transmissionId);
    }

    turnOff() {
        this.#own(null);
    }

    /**
     * @param {string} transmissionId
     * @param {number} volume from 0, which turns it off, to 1
     */
    setVolume(transmissionId, volume) {
        if (volume <= 0) return this.turnOff();
        this.#volume = Math.min(volume, 1);
        preferences.set("sound.volume", String(this.#volume));
        this.#own(transmissionId);
    }

    /**
     * A stream can be seen.
     * @param {string} transmissionId
     */
    show(transmissionId) {
        if (this.#shown.has(transmissionId)) return;
        this.#shown.add(transmissionId);
        this.#changed();
    }

    /**
     * A stream can't be seen any more.
     * @param {string} transmissionId
     */
    leave(transmissionId) {
        if (this.#shown.delete(transmissionId)) this.#changed();
    }

    /** @param {string | null} transmissionId */
    #own(transmissionId) {
        this.#owner = transmissionId;
        preferences.set("sound.stream", transmissionId);
        this.#changed();
    }

    #changed() {
        this.dispatchEvent(new Event("change"));
    }
}

/** @param {string | null} text */
function volumeOf(text) {
    const volume = Number(text ?? 1);
    return volume > 0 && volume <= 1 ? volume : 1;
}
