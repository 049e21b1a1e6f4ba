/** @typedef {"one" | "four" | "auto"} LayoutName */

/** @type {readonly LayoutName[]} */
export const layoutNames = ["one", "four", "auto"];

/**
 * @typedef {object} GridGeometry
 * @property {number} columns
 * @property {number} rows
 * @property {number} capacity how many tiles a page holds
 * @property {number} tileWidth
 */

const aspectRatio = 16 / 9;
/** Below this a picture is too small to recognise anybody. */
const minimumTileWidth = 260;
/** Fewer columns leave the sides of the window empty, so they have to make the pictures clearly larger. */
const worthwhileGain = 1.05;

/**
 * How to lay tiles out in the space there is.
 * @param {LayoutName} layout
 * @param {number} count how many streams there are
 * @param {{width: number, height: number}} space
 * @param {number} gap between two tiles
 * @returns {GridGeometry}
 */
export function gridGeometry(layout, count, space, gap) {
    if (layout === "one") return geometry(1, 1, space, gap);
    if (layout === "four") return geometry(2, 2, space, gap);
    const mostColumns = fitting(space.width, minimumTileWidth, gap);
    const narrowest = (space.width - gap * (mostColumns - 1)) / mostColumns;
    const mostRows = fitting(space.height, narrowest / aspectRatio, gap);
    const shown = Math.max(1, Math.min(count, mostColumns * mostRows));
    let best = geometry(mostColumns, mostRows, space, gap);
    for (let columns = Math.min(mostColumns, shown); columns >= 1; columns -= 1) {
        const rows = Math.ceil(shown / columns);
        const candidate = geometry(columns, rows, space, gap);
        if (candidate.tileWidth > best.tileWidth * worthwhileGain) best = candidate;
    }
    return best;
}

/**
 * @param {number} length
 * @param {number} size
 * @param {number} gap
 */
function fitting(length, size, gap) {
    return Math.max(1, Math.floor((length + gap) / (size + gap)));
}

/**
 * @param {number} columns
 * @param {number} rows
 * @param {{width: number, height: number}} space
 * @param {number} gap
 * @returns {GridGeometry}
 */
function geometry(columns, rows, space, gap) {
    const width = (space.width - gap * (columns - 1)) / columns;
    const height = (space.height - gap * (rows - 1)) / rows;
    const tileWidth = Math.max(0, Math.floor(Math.min(width, height * aspectRatio)));
    return { columns, rows, capacity: columns * rows, tileWidth };
}
