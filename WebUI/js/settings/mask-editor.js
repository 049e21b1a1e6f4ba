import { Segmented } from "../components/segmented.js";
import { Switch } from "../components/switch.js";
import { el, setText, uniqueId } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { fits, grid, limits, paintedCells, paintWay, simplified, strokesOf } from "./motion-mask.js";

/** @typedef {import("./motion-mask.js").Point} Point */
/** @typedef {import("./motion-mask.js").Stroke} Stroke */

/** The brush in percent of the picture's shorter side: as wide as a finger on a phone. */
const brush = { min: 2, max: limits.diameter.max * 100, first: 10 };
/** What is not looked at lies under these in turn, which differ from each other and so from any picture. */
const shades = [[14, 22, 52, 190], [38, 56, 110, 190]];

/**
 * Paints where motion counts, with a finger, a pen or the mouse. Its `canvas` lies over the picture.
 * Event: `change`, when it would be stored otherwise than before.
 */
export class MaskEditor extends EventTarget {
    #stored;
    /** @type {Stroke[]} */
    #strokes;
    /** What was there before each change, the newest last. @type {Stroke[][]} */
    #before = [];
    /** The stroke that is being painted. @type {{id: number, points: Point[]} | null} */
    #running = null;
    #shape = { width: 16, height: 9 };
    #cells = new Uint8Array(grid.columns * grid.rows);

    /** @param {Record<string, unknown>} config of the step */
    constructor(config) {
        super();
        this.#strokes = strokesOf(config.mask_strokes);
        const isNew = this.#strokes.length === 0;
        this.canvas = el("canvas", {
            class: "mask-canvas", width: grid.columns, height: grid.rows, "aria-hidden": "true",
            data: { testid: "mask-canvas" },
            onpointerdown: (/** @type {PointerEvent} */ event) => this.#begin(event),
            onpointermove: (/** @type {PointerEvent} */ event) => this.#goOn(event),
            onpointerup: (/** @type {PointerEvent} */ event) => this.#end(event),
            onpointercancel: (/** @type {PointerEvent} */ event) => this.#cancel(event),
        });
        this.enabled = new Switch({
            label: t("mask.enabled"), hint: t("mask.enabled.hint"), checked: config.mask_enabled === true,
            testId: "mask-enabled",
        }, () => this.#changed());
        // Who has painted nothing yet most likely wants to leave out a tree, a street or a clock.
        this.mode = new Segmented(t("mask.mode"), ["exclude", "include"].map((value) => ({
            value, label: t(`mask.mode.${value}`),
        })), config.mask_mode === "exclude" || (isNew && config.mask_mode === undefined) ? "exclude" : "include",
            () => this.#changed(), "mask-mode");
        this.tool = new Segmented(t("mask.tool"), ["paint", "erase"].map((value) => ({
            value, label: t(`mask.tool.${value}`),
        })), "paint", () => {}, "mask-tool");
        const diameter = Number(config.mask_brush_diameter01) * 100 || brush.first;
        const sizeId = uniqueId("brush");
        this.size = el("input", {
            type: "range", id: sizeId, min: Math.min(brush.min, diameter), max: brush.max, step: 0.5, value: diameter,
            data: { testid: "mask-size" }, oninput: () => this.#changed(),
        });
        this.undo = el("button", {
            class: "button small", type: "button", data: { testid: "mask-undo" }, onclick: () => this.#undo(),
        }, t("action.undo"));
        this.clear = el("button", {
            class: "button small", type: "button", data: { testid: "mask-clear" }, onclick: () => this.#replace([]),
        }, t("mask.clear"));
        this.word = el("p", { class: "field-hint", role: "status", data: { testid: "mask-word" } });
        this.tools = el("div", { class: "stack" },
            this.mode.element,
            el("div", { class: "mask-tools" }, this.tool.element,
                el("label", { class: "mask-size", for: sizeId }, el("span", { class: "field-label" }, t("mask.size")), this.size),
                this.undo, this.clear),
            this.word);
        this.element = el("div", { class: "stack", data: { testid: "mask" } }, this.enabled.element, this.tools);
        this.#stored = JSON.stringify(this.settings);
        this.#draw();
    }

    /** What the step is to have. */
    get settings() {
        return {
            mask_enabled: this.enabled.checked, mask_mode: this.mode.value,
            mask_brush_diameter01: Number((this.size.valueAsNumber / 100).toFixed(4)), mask_strokes: this.#strokes,
        };
    }

    get isDirty() {
        return JSON.stringify(this.settings) !== this.#stored;
    }

    /** @param {{width: number, height: number}} shape of the picture, once it is known */
    set shape(shape) {
        // Newer pictures come while somebody paints, most of them of the same shape.
        if (shape.width * this.#shape.height === shape.height * this.#shape.width) return;
        this.#shape = shape;
        this.#draw();
    }

    get #diameter() {
        return this.size.valueAsNumber / 100;
    }

    #changed() {
        this.#draw();
        this.dispatchEvent(new Event("change"));
    }

    /** @param {Stroke[]} strokes */
    #replace(strokes) {
        this.#before.push(this.#strokes);
        this.#strokes = strokes;
        this.#changed();
    }

    #undo() {
        this.#strokes = this.#before.pop() ?? this.#strokes;
        this.#changed();
    }

    /** @param {PointerEvent} event */
    #begin(event) {
        if (!this.enabled.checked || this.#running || event.button !== 0) return;
        event.preventDefault();
        this.canvas.setPointerCapture(event.pointerId);
        this.#running = { id: event.pointerId, points: [] };
        this.#add(event);
    }

    /** @param {PointerEvent} event */
    #goOn(event) {
        if (event.pointerId !== this.#running?.id) return;
        // A browser tells of several places of a quick finger at once.
        const events = event.getCoalescedEvents?.() ?? [];
        for (const one of events.length > 0 ? events : [event]) this.#add(one);
    }

    /** @param {PointerEvent} event */
    #end(event) {
        if (event.pointerId !== this.#running?.id) return;
        const points01 = simplified(this.#running.points, this.#diameter, this.#shape);
        this.#running = null;
        const strokes = [...this.#strokes, { op: this.#op, points01 }];
        if (fits(strokes)) {
            this.#replace(strokes);
        } else {
            this.#draw();
            setText(this.word, t("mask.full"));
        }
    }

    /** The finger scrolls or zooms after all. @param {PointerEvent} event */
    #cancel(event) {
        if (event.pointerId !== this.#running?.id) return;
        this.#running = null;
        this.#draw();
    }

    get #op() {
        return this.tool.value === "erase" ? /** @type {const} */ ("erase") : /** @type {const} */ ("paint");
    }

    /** @param {PointerEvent} event */
    #add({ clientX, clientY }) {
        const points = this.#running?.points ?? [];
        const { left, top, width, height } = this.canvas.getBoundingClientRect();
        const part = (/** @type {number} */ offset, /** @type {number} */ size) => Math.min(Math.max(offset / size, 0), 1);
        /** @type {Point} */
        const point = [part(clientX - left, width), part(clientY - top, height)];
        paintWay(this.#cells, points.at(-1) ?? point, point, this.#diameter, this.#shape, this.#op);
        points.push(point);
        this.#shadeCells();
    }

    #draw() {
        const isOn = this.enabled.checked;
        this.tools.hidden = !isOn;
        this.canvas.hidden = !isOn;
        this.undo.disabled = this.#before.length === 0;
        this.clear.disabled = this.#strokes.length === 0;
        const running = this.#running ? [{ op: this.#op, points01: this.#running.points }] : [];
        this.#cells = paintedCells([...this.#strokes, ...running], this.#diameter, this.#shape);
        this.#shadeCells();
        const isAny = this.#cells.includes(1);
        setText(this.word, t(isAny ? "mask.hint" : `mask.nothing.${this.mode.value}`));
    }

    /** Shades what the server will not look at, cell by cell as it has them. */
    #shadeCells() {
        const context = this.canvas.getContext("2d");
        if (!context) return;
        const image = context.createImageData(grid.columns, grid.rows);
        const looksAtPainted = this.mode.value === "include";
        this.#cells.forEach((isPainted, index) => {
            const isOdd = (index + Math.floor(index / grid.columns)) % 2;
            if (Boolean(isPainted) !== looksAtPainted) image.data.set(shades[isOdd], index * 4);
        });
        context.putImageData(image, 0, 0);
    }
}
