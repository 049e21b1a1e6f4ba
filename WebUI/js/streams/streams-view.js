import { el, setText } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { readHash } from "../core/page-hash.js";
import { preferences } from "../core/preferences.js";
import { WakeLock } from "../core/wake-lock.js";
import { IconButton } from "../components/icon-button.js";
import { Segmented } from "../components/segmented.js";
import { DetailSheet } from "./detail-sheet.js";
import { gridGeometry, layoutNames } from "./grid-layout.js";
import { StageFullscreen } from "./stage-fullscreen.js";
import { SoundChoice } from "./sound-choice.js";
import { listenForSwipes } from "./swipe.js";
import { Tile } from "./tile.js";

/** @typedef {import("../types/runtime.js").RuntimeOutput} RuntimeOutput */
/** @typedef {import("../types/outputs.js").Transmission} Transmission */
/** @typedef {import("./grid-layout.js").LayoutName} LayoutName */

/** @type {Record<LayoutName, import("../core/icons.js").IconName>} */
const layoutIcons = { one: "gridOne", four: "gridFour", auto: "gridAuto" };
const hashName = "stream";

/** All streams in a grid with pages, or one of them alone. */
export class StreamsView {
    #clock;
    #wantsNews;
    /** @type {Tile[]} in the order of the server */
    #tiles = [];
    /** @type {LayoutName} */
    #layout;
    /** The stream that stays on the page, whatever fits there; its place counts when it is gone. */
    #anchor = { id: "", index: 0 };
    #page = 0;
    #capacity = 1;
    #showsProtected = false;
    #wakeLock = new WakeLock();
    #sound = new SoundChoice();

    /**
     * @param {import("../core/server-clock.js").ServerClock} clock
     * @param {() => void} wantsNews is called when what the server said last is out of date
     */
    constructor(clock, wantsNews) {
        this.#wantsNews = wantsNews;
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
        this.fullscreen = new StageFullscreen(this.stage, {
            isAlone: () => this.#focused !== null,
            showAlone: (tile) => this.#replaceHash(tile),
            showAll: () => this.#showAll(),
            changed: () => this.#tiles.forEach((tile) => tile.controls.draw()),
        });
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
            tile.update(transmission, own.find((output) => output.output_id === tile.player.outputId)
                ?? own.find((output) => output.protocol === "hls") ?? own[0] ?? null);
            return tile;
        });
        for (const tile of kept.values()) tile.remove();
        this.#keepAwake();
        this.#placeTiles();
        this.#arrange();
    }

    /** Lets every player that waits for something try again at once. */
    retryNow() {
        for (const tile of this.#tiles) tile.player.retryNow();
    }

    /** Whether something that is looked at is on its way to be live: then the next news is worth asking for soon. */
    get isSettling() {
        return this.#tiles.some((tile) => tile.player.state !== "idle" && tile.status.kind !== "live");
    }

    /** The screen stays on while something plays. */
    #keepAwake() {
        this.#wakeLock.want(this.#tiles.some((tile) => tile.player.state === "live"));
    }

    /** @param {boolean} value whether whoever sees this page may see all pictures */
    set showsProtected(value) {
        this.#showsProtected = value;
        for (const tile of this.#tiles) tile.showsProtected = value;
    }

    /** @param {Transmission} transmission */
    #createTile(transmission) {
        const tile = new Tile(this.#clock, this.#sound, transmission);
        tile.showsProtected = this.#showsProtected;
        tile.addEventListener("open", () => {
            if (this.#focused) tile.toggleOverlay();
            else this.#showOne(tile);
        });
        tile.player.addEventListener("change", () => {
            if (tile.player.state === "live") this.#wantsNews();
            this.#keepAwake();
        });
        tile.addEventListener("detail", () => new DetailSheet(tile));
        tile.addEventListener("fullscreen", () => void this.fullscreen.toggle(tile));
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
        const { name, value } = readHash(window.location.hash);
        return (name === hashName && this.#tiles.find((tile) => tile.transmission.id === value)) || null;
    }

    /** Sizes the grid and shows the tiles of this page. */
    #arrange() {
        const focused = this.#focused;
        const { clientWidth: width, clientHeight: height } = this.stage;
        if (width === 0 || this.#tiles.length === 0) return;
        const gap = parseFloat(getComputedStyle(this.grid).columnGap) || 0;
        const layout = focused ? "one" : this.#layout;
        const { columns, capacity, tileWidth } = gridGeometry(layout, this.#tiles.length, { width, height }, gap);
        this.#capacity = capacity;
        this.#page = Math.floor((focused ? this.#tiles.indexOf(focused) : this.#anchorIndex()) / capacity);
        this.grid.style.setProperty("--columns", String(Math.min(columns, this.#tiles.length)));
        this.grid.style.setProperty("--tile-width", `${tileWidth}px`);
        this.grid.dataset.layout = layout;
        this.#tiles.forEach((tile, index) => {
            tile.element.hidden = Math.floor(index / capacity) !== this.#page;
            if (tile.element.hidden || layout !== "one") tile.zoom.reset();
        });
        this.#drawTools(Boolean(focused));
    }

    #anchorIndex() {
        const index = this.#tiles.findIndex((tile) => tile.transmission.id === this.#anchor.id);
        if (index < 0) this.#setAnchor(this.#anchor.index);
        else this.#anchor.index = index;
        return this.#anchor.index;
    }

    /** @param {number} wanted index of a tile, or beyond the first or the last */
    #setAnchor(wanted) {
        const index = Math.max(0, Math.min(wanted, this.#tiles.length - 1));
        this.#anchor = { id: this.#tiles[index]?.transmission.id ?? "", index };
    }

    /** @param {boolean} alone */
    #drawTools(alone) {
        const pages = Math.ceil(this.#tiles.length / this.#capacity);
        this.pager.hidden = pages < 2;
        setText(this.position, t("pager.position", { page: this.#page + 1, pages }));
        const used = document.activeElement;
        const [previous, next] = [this.previous.element, this.next.element];
        previous.disabled = this.#page === 0;
        next.disabled = this.#page >= pages - 1;
        // A button that is switched off loses the focus.
        if (used === previous && previous.disabled) next.focus();
        if (used === next && next.disabled) previous.focus();
        this.back.hidden = !alone;
        this.layoutChoice.element.hidden = alone || this.#tiles.length < 2;
    }

    /** @param {LayoutName} layout */
    #setLayout(layout) {
        this.#layout = layout;
        preferences.set("layout", layout);
        this.#arrange();
    }

    /** @param {Tile} tile */
    #showOne(tile) {
        window.location.hash = hashFor(tile);
        tile.showOverlay();
    }

    /**
     * Shows one alone in place of what is shown now, as far as the browser's back button is concerned.
     * @param {Tile} tile
     */
    #replaceHash(tile) {
        history.replaceState(null, "", `#${hashFor(tile)}`);
        this.#arrange();
        tile.showOverlay();
    }

    #showAll() {
        const tile = this.#focused;
        history.replaceState(null, "", window.location.pathname + window.location.search);
        if (tile) this.#setAnchor(this.#tiles.indexOf(tile));
        this.#arrange();
        tile?.openButton.focus({ preventScroll: true });
    }

    /** @param {1 | -1} direction */
    #turn(direction) {
        const holder = this.#tiles.find((tile) => tile.element.contains(document.activeElement));
        const focused = this.#focused;
        if (focused) {
            const next = this.#tiles[this.#tiles.indexOf(focused) + direction];
            if (next) this.#replaceHash(next);
        } else {
            const first = (this.#page + direction) * this.#capacity;
            if (first >= 0 && first < this.#tiles.length) this.#setAnchor(first);
            this.#arrange();
            // One that fills the page has its name over it for a moment only.
            if (this.#capacity === 1) this.#visible[0]?.showOverlay();
        }
        // The keys go on where they were used.
        if (holder?.element.hidden) this.#visible[0]?.openButton.focus({ preventScroll: true });
    }

    get #visible() {
        return this.#tiles.filter((tile) => !tile.element.hidden);
    }

    /**
     * The tile that a key is meant for.
     * @param {HTMLElement} target
     */
    #tileFor(target) {
        const visible = this.#visible;
        return this.#focused ?? visible.find((tile) => tile.element.contains(target))
            ?? (visible.length === 1 ? visible[0] : undefined);
    }

    /** @param {KeyboardEvent} event */
    #handleKey(event) {
        const target = /** @type {HTMLElement} */ (event.target);
        if (event.altKey || event.ctrlKey || event.metaKey || keepsKey(target, event.key)) return;
        const tile = this.#tileFor(target);
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
            case "+":
                tile?.zoom.zoomBy(1.5);
                break;
            case "-":
                tile?.zoom.zoomBy(1 / 1.5);
                break;
            case "0":
                tile?.zoom.reset();
                break;
            case "m":
                (tile ?? this.#tiles.find(({ sound }) => sound.isHeard))?.sound.toggle();
                break;
            case "f":
                tile?.controls.toggleFullscreen();
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
        this.#tileFor(target)?.showOverlay();
    }
}

/**
 * Whether a key is for what has the focus. A slider takes few, and may still have it when nobody thinks of it any more.
 * @param {HTMLElement} target
 * @param {string} key
 */
function keepsKey(target, key) {
    if (target.closest("input:not([type=range]), select, textarea, dialog")) return true;
    return target.matches("input") && !/^([a-z]|Escape)$/.test(key);
}

/** @param {Tile} tile */
function hashFor(tile) {
    return `${hashName}=${encodeURIComponent(tile.transmission.id)}`;
}
