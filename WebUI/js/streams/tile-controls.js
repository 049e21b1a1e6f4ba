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
        this.snapshot = new IconButton("camera", "tile-snapshot", () => void tile.snapshot());
        this.pictureInPicture = new IconButton(
            "pictureInPicture", "tile-pip", () => void this.togglePictureInPicture(),
        );
        this.detail = new IconButton("info", "tile-detail", () => tile.dispatchEvent(new Event("detail")));
        this.fullscreen = new IconButton("fullscreen", "tile-fullscreen", () => this.toggleFullscreen());
        this.pictureInPicture.element.hidden = !tile.player.canFloat;
        this.screens = new IconButton("screens", "tile-screens", () => tile.player.chooseScreen());
        this.element = el("div", { class: "tile-controls" },
            [this.snapshot, this.pictureInPicture, this.screens, this.detail, this.fullscreen].map((button) => button.element));
        tile.player.addEventListener("enterpictureinpicture", () => this.draw());
        tile.player.addEventListener("leavepictureinpicture", () => this.draw());
    }

    togglePictureInPicture() {
        return this.#tile.player.toggleFloating();
    }

    /** It is the view that fills the screen, so that the next stream can be shown there as well. */
    toggleFullscreen() {
        this.#tile.dispatchEvent(new Event("fullscreen"));
    }

    draw() {
        const { player, element } = this.#tile;
        const live = player.state === "live";
        this.snapshot.draw("camera", t("tile.snapshot"), !live);
        this.pictureInPicture.draw("pictureInPicture", t(player.isFloating ? "tile.pip.leave" : "tile.pip"), !live);
        this.screens.draw("screens", t("tile.screens"), !live);
        this.screens.element.hidden = !player.canChooseScreen;
        this.detail.draw("info", t("tile.detail"), false);
        const full = document.fullscreenElement?.contains(element) ?? false;
        this.fullscreen.draw(
            full ? "exitFullscreen" : "fullscreen", t(full ? "tile.fullscreen.leave" : "tile.fullscreen"), false,
        );
    }
}
