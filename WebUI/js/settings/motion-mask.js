/**
 * What is painted over a camera's picture, as the server has it (`MotionMask`).
 * @module
 */

/** @typedef {[number, number]} Point a place in the picture: the upper left corner is (0, 0), the lower right one (1, 1) */
/** @typedef {{op: "paint" | "erase", points01: Point[]}} Stroke */
/** @typedef {{width: number, height: number}} Shape of the picture, in any unit */

/** As fine as the server keeps what is painted, whatever the size of the picture. */
export const grid = { columns: 80, rows: 45 };
export const limits = { strokes: 1024, points: 50_000, diameter: { min: 0.002, max: 0.25 } };

/**
 * Which cells of the grid are painted, row by row: 1 or 0.
 * @param {Stroke[]} strokes
 * @param {number} diameter of the brush, as a part of the picture's shorter side
 * @param {Shape} shape
 */
export function paintedCells(strokes, diameter, shape) {
    const cells = new Uint8Array(grid.columns * grid.rows);
    for (const stroke of strokes) {
        let last = stroke.points01[0];
        for (const point of stroke.points01) {
            paintWay(cells, last, point, diameter, shape, stroke.op);
            last = point;
        }
    }
    return cells;
}

/**
 * Paints what the brush covers on its way from one place to another.
 * @param {Uint8Array} cells
 * @param {Point} from
 * @param {Point} to
 * @param {number} diameter
 * @param {Shape} shape
 * @param {Stroke["op"]} op
 */
export function paintWay(cells, from, to, diameter, { width, height }, op) {
    const [cellWidth, cellHeight] = [width / grid.columns, height / grid.rows];
    const radius = diameter / 2 * Math.min(width, height);
    // A brush finer than a cell paints the cell that it is in.
    const [reachX, reachY] = [Math.max(radius, cellWidth * 0.75), Math.max(radius, cellHeight * 0.75)];
    const [startX, startY, endX, endY] = [from[0] * width, from[1] * height, to[0] * width, to[1] * height];
    const columns = range(Math.min(startX, endX) - reachX, Math.max(startX, endX) + reachX, cellWidth, grid.columns);
    const rows = range(Math.min(startY, endY) - reachY, Math.max(startY, endY) + reachY, cellHeight, grid.rows);
    const [wayX, wayY] = [endX - startX, endY - startY];
    const length = wayX * wayX + wayY * wayY;
    for (let row = rows.first; row <= rows.last; row += 1) {
        for (let column = columns.first; column <= columns.last; column += 1) {
            const [x, y] = [(column + 0.5) * cellWidth, (row + 0.5) * cellHeight];
            const along = (x - startX) * wayX + (y - startY) * wayY;
            const part = length > 0 ? Math.min(Math.max(along / length, 0), 1) : 0;
            const [awayX, awayY] = [(x - startX - part * wayX) / reachX, (y - startY - part * wayY) / reachY];
            if (awayX * awayX + awayY * awayY <= 1) cells[row * grid.columns + column] = op === "paint" ? 1 : 0;
        }
    }
}

/**
 * @param {number} from
 * @param {number} to
 * @param {number} cell
 * @param {number} count
 */
function range(from, to, cell, count) {
    const first = Math.min(Math.max(Math.trunc(from / cell), 0), count - 1);
    return { first, last: Math.min(Math.max(Math.trunc(to / cell), first), count - 1) };
}

/**
 * A stroke without the points that hardly change what it paints.
 * @param {Point[]} points
 * @param {number} diameter
 * @param {Shape} shape
 * @returns {Point[]}
 */
export function simplified(points, diameter, { width, height }) {
    const shorter = Math.min(width, height);
    const tolerance = Math.max(diameter / 16, 1 / 400) * shorter;
    const keeps = new Uint8Array(points.length);
    keeps[0] = keeps[points.length - 1] = 1;
    // Douglas and Peucker: the point that is furthest from a straight way stays, until none is far. Without recursion: a stroke
    // may be long.
    const open = [[0, points.length - 1]];
    for (let part = open.pop(); part; part = open.pop()) {
        const [first, last] = part;
        let [furthest, distance] = [0, tolerance];
        for (let index = first + 1; index < last; index += 1) {
            const away = distanceFromWay(points[index], points[first], points[last], width, height);
            if (away > distance) [furthest, distance] = [index, away];
        }
        if (furthest === 0) continue;
        keeps[furthest] = 1;
        open.push([first, furthest], [furthest, last]);
    }
    return points.filter((_, index) => keeps[index]).map(([x, y]) => [rounded(x), rounded(y)]);
}

/**
 * @param {Point} point
 * @param {Point} from
 * @param {Point} to
 * @param {number} width
 * @param {number} height
 */
function distanceFromWay(point, from, to, width, height) {
    const [wayX, wayY] = [(to[0] - from[0]) * width, (to[1] - from[1]) * height];
    const [x, y] = [(point[0] - from[0]) * width, (point[1] - from[1]) * height];
    const length = wayX * wayX + wayY * wayY;
    const part = length > 0 ? Math.min(Math.max((x * wayX + y * wayY) / length, 0), 1) : 0;
    return Math.hypot(x - part * wayX, y - part * wayY);
}

/** @param {number} part */
function rounded(part) {
    return Number(Math.min(Math.max(part, 0), 1).toFixed(4));
}

/** @param {Stroke[]} strokes */
export function fits(strokes) {
    const points = strokes.reduce((sum, { points01 }) => sum + points01.length, 0);
    return strokes.length <= limits.strokes && points <= limits.points;
}

/**
 * The strokes of a step's settings, in the form of this page.
 * @param {unknown} value
 * @returns {Stroke[]}
 */
export function strokesOf(value) {
    if (!Array.isArray(value)) return [];
    return value.map(({ op, points01 }) => ({
        op: op === "erase" ? "erase" : "paint",
        points01: (Array.isArray(points01) ? points01 : []).map((point) => (Array.isArray(point) ? point : [point.x, point.y])),
    }));
}
