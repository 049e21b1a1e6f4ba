import { el, setText } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { preferences } from "../core/preferences.js";
import { IconButton } from "../components/icon-button.js";
import { Segmented } from "../components/segmented.js";
import { DetailSheet } from "./detail-sheet.js";
import { gridGeometry, layoutNames } from "./grid-layout.js";
import { listenForSwipes } from "./swipe.js";
import { Tile } from "./tile.js";

/** @typedef {import("../core/types.js").RuntimeOutput} RuntimeOutput */
/** @typedef {import("../core/types.js").Transmission} Transmission */
/** @typedef {import("./grid-layout.js").LayoutName} LayoutName */

/** @type {Record<LayoutName, import("../core/icons.js").IconName>} */
const layoutIcons = { one: "gridOne", four: "gridFour", auto: "gridAuto" };
const hashKey = "stream=";

/** All streams in a grid with pages, or one of them alone. */
export class StreamsView {
    #api;
    #clock;
    /** @type {Tile[]} in the order of the server */
    #tiles = [];
    /** @type {LayoutName} */
    #layout;
    #page = 0;

    /**
     * @param {import("../core/api.js").ApiClient} api
     * @param {import("../core/server-clock.js").ServerClock} clock
     */
    constructor(api, clock) {
        this.#api = api;
        this.#clock = clock;
        this.#layout = layoutNames.find((name) => name === preferences.get("layout")) ?? "auto";
        this.grid = el("div", { class: "grid", data: { testid: "grid" } });
        this.stage = el("section", {
            class: "stage", "aria-label": t("streams.label"), data: { testid: "stage" },
        }, this.grid);
        this.layoutChoice = new Segmented(t("layout.label"),
            layoutNames.map((value) => ({ value, label: t(`layout.${value}`), icon: layoutIcons[value] })),
            this.#layout, (value) => this.#setLayout(/** @type {LayoutName} */ (value)), "layout");
        this.back = el("button", {
            class: "button quiet", type: "button", hidden: true, data: { testid: "back-to-grid" },
            onclick: () => this.#showAll(),
        }, t("streams.back"));
        this.previous = new IconButton("chevronLeft", "page-previous", () => this.#turn(-1), t("pager.previous"));
        this.next = new IconButton("chevronRight", "page-next", () => this.#turn(1), t("pager.next"));
        this.position = el("span", { class: "pager-position", data: { testid: "page-position" } });
        this.pager = el("div", { class: "pager", role: "group", "aria-label": t("pager.label") },
            this.previous.element, this.position, this.next.element);
        this.tools = [this.back, this.pager, this.layoutChoice.element];
        new ResizeObserver(() => this.#arrange()).observe(this.stage);
        window.addEventListener("hashchange", () => this.#arrange());
        document.addEventListener("keydown", (event) => this.#handleKey(event));
        listenForSwipes(this.stage, (direction) => this.#turn(direction));
    }

    /**
     * @param {Transmission[]} transmissions those to show
     * @param {RuntimeOutput[]} outputs
     */
    update(transmissions, outputs) {
        const kept = new Map(this.#tiles.map((tile) => [tile.transmission.id, tile]));
        this.#tiles = transmissions.map((transmission) => {
            const tile = kept.get(transmission.id) ?? this.#createTile(transmission);
            kept.delete(transmission.id);
            const own = outputs.filter((output) => output.transmission_id === transmission.id);
            tile.update(transmission, own.find((output) => output.protocol === "hls") ?? own[0] ?? null);
            return tile;
        });
        for (const tile of kept.values()) tile.remove();
        this.#placeTiles();
        this.#arrange();
    }

    /** Lets every player that waits for something try again at once. */
    retryNow() {
        for (const tile of this.#tiles) tile.player.retryNow();
    }

    /** @param {Transmission} transmission */
    #createTile(transmission) {
        const tile = new Tile(this.#api, this.#clock, transmission);
        tile.addEventListener("open", () => {
            if (this.#focused) tile.toggleOverlay();
            else this.#showOne(tile);
        });
        tile.addEventListener("detail", () => new DetailSheet(tile));
        return tile;
    }

    /** Puts the tiles in order. A tile that is in its place is not touched: moving a video restarts it. */
    #placeTiles() {
        this.#tiles.forEach((tile, index) => {
            const there = this.grid.children[index];
            if (there !== tile.element) this.grid.insertBefore(tile.element, there ?? null);
        });
    }

    /** The tile that is shown alone because the user picked it. */
    get #focused() {
        const hash = window.location.hash.slice(1);
        if (!hash.startsWith(hashKey)) return null;
        const id = decodeURIComponent(hash.slice(hashKey.length));
        return this.#tiles.find((tile) => tile.transmission.id === id) ?? null;
    }

    /** Sizes the grid and shows the tiles of this page. */
    #arrange() {
        const focused = this.#focused;
        const { clientWidth: width, clientHeight: height } = this.stage;
        if (width === 0) return;
        const gap = parseFloat(getComputedStyle(this.grid).columnGap) || 0;
        const layout = focused ? "one" : this.#layout;
        const { columns, capacity, tileWidth } = gridGeometry(layout, this.#tiles.length, { width, height }, gap);
        const pages = Math.max(1, Math.ceil(this.#tiles.length / capacity));
        this.#page = Math.min(focused ? Math.floor(this.#tiles.indexOf(focused) / capacity) : this.#page, pages - 1);
        this.grid.style.setProperty("--columns", String(Math.min(columns, Math.max(1, this.#tiles.length))));
        this.grid.style.setProperty("--tile-width", `${tileWidth}px`);
        this.grid.dataset.layout = layout;
        this.#tiles.forEach((tile, index) => {
            tile.element.hidden = Math.floor(index / capacity) !== this.#page;
        });
        this.#drawTools(pages, Boolean(focused));
    }

    /**
     * @param {number} pages
     * @param {boolean} alone
     */
    #drawTools(pages, alone) {
        this.pager.hidden = pages < 2;
        setText(this.position, t("pager.position", { page: this.#page + 1, pages }));
        this.previous.element.disabled = this.#page === 0;
        this.next.element.disabled = this.#page >= pages - 1;
        this.back.hidden = !alone;
        this.layoutChoice.element.hidden = alone || this.#tiles.length < 2;
    }

    /** @param {LayoutName} layout */
    #setLayout(layout) {
        const first = this.#tiles.findIndex((tile) => !tile.element.hidden);
        this.#layout = layout;
        preferences.set("layout", layout);
        this.#page = 0;
        this.#arrange();
        // Stay where the user was looking.
        const capacity = this.#tiles.filter((tile) => !tile.element.hidden).length || 1;
        this.#page = Math.floor(Math.max(0, first) / capacity);
        this.#arrange();
    }

    /** @param {Tile} tile */
    #showOne(tile) {
        window.location.hash = hashKey + encodeURIComponent(tile.transmission.id);
        tile.showOverlay();
    }

    #showAll() {
        const tile = this.#focused;
        history.replaceState(null, "", window.location.pathname + window.location.search);
        this.#page = 0;
        this.#arrange();
        const capacity = this.#tiles.filter((candidate) => !candidate.element.hidden).length || 1;
        this.#page = Math.floor(Math.max(0, tile ? this.#tiles.indexOf(tile) : 0) / capacity);
        this.#arrange();
        tile?.openButton.focus({ preventScroll: true });
    }

    /** @param {1 | -1} direction */
    #turn(direction) {
        const focused = this.#focused;
        if (focused) {
            const next = this.#tiles[this.#tiles.indexOf(focused) + direction];
            if (!next) return;
            history.replaceState(null, "", `#${hashKey}${encodeURIComponent(next.transmission.id)}`);
            next.showOverlay();
        } else {
            this.#page = Math.max(0, this.#page + direction);
        }
        this.#arrange();
    }

    /** @param {KeyboardEvent} event */
    #handleKey(event) {
        const target = /** @type {HTMLElement} */ (event.target);
        if (event.altKey || event.ctrlKey || event.metaKey || target.closest("input, select, textarea, dialog")) return;
        const tile = this.#focused
            ?? this.#tiles.find((candidate) => candidate.element.contains(target))
            ?? (this.#tiles.filter((candidate) => !candidate.element.hidden).length === 1
                ? this.#tiles.find((candidate) => !candidate.element.hidden)
                : undefined);
        switch (event.key) {
            case "ArrowRight":
            case "PageDown":
                this.#turn(1);
                break;
            case "ArrowLeft":
            case "PageUp":
                this.#turn(-1);
                break;
            case "Escape":
                if (!this.#focused || document.fullscreenElement) return;
                this.#showAll();
                break;
            case "m":
                tile?.controls.toggleSound();
                break;
            case "f":
                void tile?.controls.toggleFullscreen();
                break;
            case "p":
                void tile?.controls.togglePictureInPicture();
                break;
            case "s":
                void tile?.snapshot();
                break;
            default:
                return;
        }
        event.preventDefault();
        tile?.showOverlay();
    }
}
