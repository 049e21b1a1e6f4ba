/** Seconds of the past that are kept, and how much more there may be before it is worth removing. */
const keptSeconds = 10;
const slackSeconds = 10;
/** Behind the newest picture: enough for one that comes late. */
const targetSeconds = 0.3;
/** Further behind than that, playing faster would take too long. */
const jumpSeconds = 3;
/** A hole that fragments leave between them is none. */
const gapSeconds = 0.1;

/** @typedef {{start: number, end: number}} Range */

/**
 * Where a live picture should go on.
 * @param {Range[]} ranges what is buffered
 * @param {number} time where it is
 * @param {boolean} hasBegun whether a picture was shown already
 * @returns {number | null} null: where it is
 */
export function livePosition(ranges, time, hasBegun) {
    const last = ranges.at(-1);
    if (!last) return null;
    const live = Math.max(last.start, last.end - targetSeconds);
    const inside = ranges.find(({ start, end }) => time >= start - gapSeconds && time <= end);
    // It waits at the end of what there was before something was left out, or it has not begun yet.
    if (!inside || (inside !== last && time >= inside.end - gapSeconds)) return time > last.end ? null : live;
    return last.end - time > (hasBegun ? jumpSeconds : 2 * targetSeconds) ? live : null;
}

/**
 * How many seconds a live picture is behind where it should be.
 * @param {Range[]} ranges what is buffered
 * @param {number} time where it is
 */
export function liveLag(ranges, time) {
    const last = ranges.at(-1);
    return last ? last.end - time - targetSeconds : 0;
}

/**
 * Up to when what is buffered may be forgotten.
 * @param {Range[]} ranges
 * @param {number} time where the picture is
 * @returns {number | null} null: not yet
 */
export function forgettable(ranges, time) {
    const first = ranges[0];
    return first && time - first.start > keptSeconds + slackSeconds ? time - keptSeconds : null;
}

/**
 * @param {TimeRanges} ranges
 * @returns {Range[]}
 */
export function rangesOf(ranges) {
    return Array.from({ length: ranges.length }, (_, index) => ({ start: ranges.start(index), end: ranges.end(index) }));
}
