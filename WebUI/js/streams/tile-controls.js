import { el } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { IconButton } from "../components/icon-button.js";

/** @typedef {import("./tile.js").Tile} Tile */

/** The buttons over a stream's picture. */
export class TileControls {
    #tile;

    /** @param {Tile} tile */
    constructor(tile) {
        this.#tile = tile;
        const { video } = tile;
        this.snapshot = new IconButton("camera", "tile-snapshot", () => void tile.snapshot());
        this.pictureInPicture = new IconButton(
            "pictureInPicture", "tile-pip", () => void this.togglePictureInPicture(),
        );
        this.detail = new IconButton("info", "tile-detail", () => tile.dispatchEvent(new Event("detail")));
        this.fullscreen = new IconButton("fullscreen", "tile-fullscreen", () => this.toggleFullscreen());
        this.pictureInPicture.element.hidden = !pictureInPictureIsPossible(video);
        this.element = el("div", { class: "tile-controls" },
            [this.snapshot, this.pictureInPicture, this.detail, this.fullscreen].map((button) => button.element));
        tile.video.addEventListener("enterpictureinpicture", () => this.draw());
        tile.video.addEventListener("leavepictureinpicture", () => this.draw());
    }

    async togglePictureInPicture() {
        const { video } = this.#tile;
        try {
            if (document.pictureInPictureElement === video) await document.exitPictureInPicture();
            else if (video.readyState > 0) await video.requestPictureInPicture();
        } catch {
            // The browser or its user forbids it; the picture stays where it is.
        }
    }

    /** It is the view that fills the screen, so that the next stream can be shown there as well. */
    toggleFullscreen() {
        this.#tile.dispatchEvent(new Event("fullscreen"));
    }

    draw() {
        const { video, player, element } = this.#tile;
        const live = player.state === "live";
        this.snapshot.draw("camera", t("tile.snapshot"), !live);
        const floating = document.pictureInPictureElement === video;
        this.pictureInPicture.draw("pictureInPicture", t(floating ? "tile.pip.leave" : "tile.pip"), !live);
        this.detail.draw("info", t("tile.detail"), false);
        const full = document.fullscreenElement?.contains(element) ?? false;
        this.fullscreen.draw(
            full ? "exitFullscreen" : "fullscreen", t(full ? "tile.fullscreen.leave" : "tile.fullscreen"), false,
        );
    }
}

/** @param {HTMLVideoElement} video */
function pictureInPictureIsPossible(video) {
    return document.pictureInPictureEnabled === true && typeof video.requestPictureInPicture === "function";
}
