/** @typedef {import("./tile.js").Tile} Tile */

/**
 * @typedef {object} FullscreenView What has to be known of the view, and done to it.
 * @property {() => boolean} isAlone whether one stream is shown alone
 * @property {(tile: Tile) => void} showAlone
 * @property {() => void} showAll
 * @property {() => void} changed the screen was filled or given back
 */

/** One stream over the whole screen. It is the stage that fills the screen, so that one can go on to the next stream. */
export class StageFullscreen {
    #stage;
    #view;
    /** Whether all were shown before. */
    #returnsToAll = false;

    /**
     * @param {HTMLElement} stage
     * @param {FullscreenView} view
     */
    constructor(stage, view) {
        this.#stage = stage;
        this.#view = view;
        document.addEventListener("fullscreenchange", () => {
            if (!document.fullscreenElement) this.#giveBack();
            view.changed();
        });
    }

    /** @param {Tile} tile */
    async toggle(tile) {
        try {
            if (document.fullscreenElement) await document.exitFullscreen();
            else if (this.#stage.requestFullscreen) await this.#fill(tile);
            // An iPhone gives the whole screen to a video only.
            else /** @type {any} */ (tile.video).webkitEnterFullscreen?.();
        } catch {
            // The browser or its user forbids it; the picture stays where it is.
            this.#giveBack();
        }
    }

    /** @param {Tile} tile */
    async #fill(tile) {
        this.#returnsToAll = !this.#view.isAlone();
        const filled = this.#stage.requestFullscreen();
        this.#view.showAlone(tile);
        await filled;
    }

    #giveBack() {
        if (this.#returnsToAll) this.#view.showAll();
        this.#returnsToAll = false;
    }
}
