const namespace = "http://www.w3.org/2000/svg";
/** What a picture carries is true of it and of the few that follow. */
const staleMilliseconds = 1500;

/** @typedef {[number, number, number, number]} Corners left, top, right, bottom, as parts of the picture 0…1 */
/** @typedef {{corners: Corners, kind: "motion" | "detection" | "track", label: string, trail?: [number, number][]}} PictureBox */

/**
 * The boxes that metadata of a picture tells of: where something moves, and what was recognised, or what of that is followed.
 * @param {any} metadata made by whoever sends the stream: nothing of it is taken for granted
 * @returns {PictureBox[]}
 */
export function boxesOf(metadata) {
    const moving = listOf(metadata?.motion?.bboxes01).map((corners) => ({ corners, kind: "motion", label: "" }));
    const vision = metadata?.vision;
    const seen = Array.isArray(vision?.tracks)
        ? listOf(vision.tracks).filter((track) => track?.metadata?.state !== "lost").map(trackBox)
        : listOf(vision?.detections).map((detection) => ({
            corners: detection?.bbox01, kind: "detection", label: labelOf(detection),
        }));
    return /** @type {PictureBox[]} */ ([...moving, ...seen].filter(({ corners }) => areCorners(corners)));
}

/** @param {any} track */
function trackBox(track) {
    const number = track?.source_tracking_id;
    const label = [typeof number === "string" ? `#${number.slice(0, 12)}` : "", labelOf(track)].filter(Boolean).join(" ");
    return { corners: track?.bbox01, kind: "track", label, trail: listOf(track?.trail01).filter(isPlace) };
}

/** @param {any} thing */
function labelOf(thing) {
    const { label, score } = thing ?? {};
    const text = [
        typeof label === "string" ? label.slice(0, 40) : "", typeof score === "number" ? `${Math.round(score * 100)} %` : "",
    ];
    return text.filter(Boolean).join(" ");
}

/** @param {unknown} value */
function isPlace(value) {
    return Array.isArray(value) && value.length === 2 && value.every(Number.isFinite);
}

/** @param {unknown} value */
function listOf(value) {
    return Array.isArray(value) ? value.slice(0, 200) : [];
}

/** @param {unknown} value */
function areCorners(value) {
    if (!Array.isArray(value) || value.length !== 4 || !value.every(Number.isFinite)) return false;
    const [left, top, right, bottom] = value;
    return left < right && top < bottom;
}

/** How a drawing is laid over a picture that is laid out so. */
const fits = new Map([["fill", "none"], ["cover", "xMidYMid slice"]]);

/** Boxes over a picture, at the places that they have in it however it is fitted into its element. */
export class PictureBoxes {
    #picture;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    #timer;

    /** @param {() => {element: Element, width: number, height: number}} picture that is seen, with the size of its own */
    constructor(picture) {
        this.#picture = picture;
        this.element = make("svg", { "aria-hidden": "true", part: "boxes" });
        this.element.style.pointerEvents = "none";
    }

    /**
     * Shows what a picture carries until the next comes.
     * @param {any} metadata
     */
    show(metadata) {
        clearTimeout(this.#timer);
        this.draw(boxesOf(metadata));
        this.#timer = setTimeout(() => this.clear(), staleMilliseconds);
    }

    clear() {
        clearTimeout(this.#timer);
        this.element.replaceChildren();
    }

    /** @param {PictureBox[]} boxes */
    draw(boxes) {
        const { element, width, height } = this.#picture();
        if (!(width > 0 && height > 0)) return this.clear();
        this.element.setAttribute("viewBox", `0 0 ${width} ${height}`);
        this.element.setAttribute("preserveAspectRatio", fits.get(getComputedStyle(element).objectFit) ?? "xMidYMid meet");
        this.element.replaceChildren(...boxes.flatMap((box) => drawn(box, width, height)));
    }
}

/**
 * @param {PictureBox} box
 * @param {number} width
 * @param {number} height
 */
function drawn({ corners: [left, top, right, bottom], kind, label, trail }, width, height) {
    const colour = kind === "motion" ? "#f5b74f" : "#3ecfae";
    const rectangle = make("rect", {
        x: left * width, y: top * height, width: (right - left) * width, height: (bottom - top) * height,
        fill: "none", stroke: colour, "stroke-width": 2, "vector-effect": "non-scaling-stroke", "data-kind": kind,
    });
    const shapes = [rectangle];
    if (trail && trail.length > 1) {
        shapes.push(make("polyline", {
            points: trail.map(([x, y]) => `${x * width},${y * height}`).join(" "), fill: "none", stroke: colour, "stroke-width": 2,
            "stroke-linejoin": "round", "vector-effect": "non-scaling-stroke", opacity: 0.7, "data-kind": "trail",
        }));
    }
    if (!label) return shapes;
    const size = height / 26;
    // Above the box, or in it where there is no room.
    const baseline = top * height > size * 1.3 ? top * height - size * 0.3 : top * height + size;
    const text = make("text", {
        x: left * width, y: baseline, fill: colour, stroke: "#000", "stroke-width": size / 6, "paint-order": "stroke",
        "font-size": size, "font-family": "system-ui, sans-serif", "font-weight": 600,
    });
    text.textContent = label;
    return [...shapes, text];
}

/**
 * @param {string} name
 * @param {Record<string, string | number>} attributes
 */
function make(name, attributes) {
    const element = /** @type {SVGElement} */ (document.createElementNS(namespace, name));
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
    return element;
}
