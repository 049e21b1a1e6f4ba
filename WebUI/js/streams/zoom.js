const mostZoom = 8;
/** Of a notch of a mouse's wheel, of 100 pixels. */
const wheelStep = 0.0025;

/**
 * @typedef {object} ZoomView
 * @property {number} scale 1 is the whole picture
 * @property {number} x of the picture's left edge, in pixels of the place that it fills when it is whole
 * @property {number} y
 */

/** @type {ZoomView} */
export const wholePicture = { scale: 1, x: 0, y: 0 };

/**
 * The view after zooming by a factor at a point, which stays where it is. The picture always fills its place.
 * @param {ZoomView} view
 * @param {number} factor
 * @param {{x: number, y: number}} point in the place
 * @param {{width: number, height: number}} place
 * @returns {ZoomView}
 */
export function zoomed(view, factor, point, place) {
    const scale = Math.min(mostZoom, Math.max(1, view.scale * factor));
    const ratio = scale / view.scale;
    return bounded({ scale, x: point.x - (point.x - view.x) * ratio, y: point.y - (point.y - view.y) * ratio }, place);
}

/**
 * @param {ZoomView} view
 * @param {{x: number, y: number}} by
 * @param {{width: number, height: number}} place
 * @returns {ZoomView}
 */
export function moved(view, by, place) {
    return bounded({ ...view, x: view.x + by.x, y: view.y + by.y }, place);
}

/**
 * @param {ZoomView} view
 * @param {{width: number, height: number}} place
 * @returns {ZoomView}
 */
function bounded({ scale, x, y }, place) {
    return {
        scale,
        x: Math.min(0, Math.max(place.width * (1 - scale), x)),
        y: Math.min(0, Math.max(place.height * (1 - scale), y)),
    };
}

/** Zooms into a picture by two fingers or the wheel, and moves it by one finger or the mouse while it is zoomed. */
export class Zoom {
    #place;
    #isAllowed;
    #view = wholePicture;
    /** @type {Map<number, {x: number, y: number}>} */
    #pointers = new Map();
    #hasMoved = false;

    /**
     * @param {HTMLElement} place that the picture fills; gets the transform of what is zoomed as `--zoom`
     * @param {() => boolean} isAllowed
     */
    constructor(place, isAllowed) {
        this.#place = place;
        this.#isAllowed = isAllowed;
        place.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
        place.addEventListener("pointerdown", (event) => this.#begin(event), { capture: true });
        place.addEventListener("pointermove", (event) => this.#move(event), { capture: true });
        for (const type of /** @type {const} */ (["pointerup", "pointercancel"])) {
            place.addEventListener(type, (event) => this.#end(event), { capture: true });
        }
        // What ends a move is no click.
        place.addEventListener("click", (event) => {
            if (this.#hasMoved) event.stopPropagation();
            this.#hasMoved = false;
        }, { capture: true });
    }

    get isZoomed() {
        return this.#view.scale > 1;
    }

    reset() {
        this.#show(wholePicture);
    }

    /** @param {number} factor by the keyboard, at the middle */
    zoomBy(factor) {
        if (!this.#isAllowed()) return;
        const { width, height } = this.#place.getBoundingClientRect();
        this.#show(zoomed(this.#view, factor, { x: width / 2, y: height / 2 }, { width, height }));
    }

    /** @param {WheelEvent} event */
    #wheel(event) {
        if (!this.#isAllowed() || (event.deltaY > 0 && !this.isZoomed)) return;
        event.preventDefault();
        const box = this.#place.getBoundingClientRect();
        const point = { x: event.clientX - box.left, y: event.clientY - box.top };
        this.#show(zoomed(this.#view, Math.exp(-event.deltaY * wheelStep), point, box));
    }

    /** @param {PointerEvent} event */
    #begin(event) {
        if (!this.#isAllowed()) return;
        this.#pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
        this.#hasMoved = false;
        // A finger that moves the picture, or one of two, swipes nothing.
        if (this.isZoomed || this.#pointers.size > 1) event.stopPropagation();
    }

    /** @param {PointerEvent} event */
    #move(event) {
        const before = this.#pointers.get(event.pointerId);
        if (!before) return;
        const now = { x: event.clientX, y: event.clientY };
        const others = [...this.#pointers].filter(([id]) => id !== event.pointerId).map(([, point]) => point);
        this.#pointers.set(event.pointerId, now);
        const box = this.#place.getBoundingClientRect();
        if (others.length === 1) {
            const [other] = others;
            const point = { x: (now.x + other.x) / 2 - box.left, y: (now.y + other.y) / 2 - box.top };
            this.#show(zoomed(this.#view, distance(now, other) / Math.max(1, distance(before, other)), point, box));
            this.#hasMoved = true;
        } else if (others.length === 0 && this.isZoomed) {
            const by = { x: now.x - before.x, y: now.y - before.y };
            if (Math.hypot(by.x, by.y) > 0) this.#hasMoved = true;
            this.#show(moved(this.#view, by, box));
        }
    }

    /** @param {PointerEvent} event */
    #end(event) {
        if (!this.#pointers.delete(event.pointerId)) return;
        if (this.#hasMoved) event.stopPropagation();
    }

    /** @param {ZoomView} view */
    #show(view) {
        this.#view = view;
        this.#place.classList.toggle("zoomed", view.scale > 1);
        if (view.scale > 1) {
            this.#place.style.setProperty("--zoom", `translate(${view.x}px, ${view.y}px) scale(${view.scale})`);
        } else {
            this.#place.style.removeProperty("--zoom");
        }
    }
}

/**
 * @param {{x: number, y: number}} a
 * @param {{x: number, y: number}} b
 */
function distance(a, b) {
    return Math.hypot(a.x - b.x, a.y - b.y);
}
