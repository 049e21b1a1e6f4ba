import { el } from "../core/dom.js";
import { formatNumber } from "../core/i18n.js";

/** @typedef {import("../types/engine.js").InstallProgress} InstallProgress */

const activeStates = new Set(["preparing", "downloading", "waiting", "verifying", "unpacking"]);

/**
 * Whether an installation is under way.
 * @param {string | undefined} state
 */
export function isInstalling(state) {
    return activeStates.has(state ?? "");
}

/**
 * How much of a download is there, in words.
 * @param {InstallProgress} progress
 */
export function amounts(progress) {
    return {
        done: megabytes(progress.bytes),
        total: progress.total_bytes ? megabytes(progress.total_bytes) : "?",
        rate: megabytes(progress.bytes_per_second ?? 0),
    };
}

/** @param {number} bytes */
export function megabytes(bytes) {
    return formatNumber(bytes / 1e6, 1);
}

/**
 * Shows how far an installation is, while it is under way.
 * @param {string} label
 */
export function progressBar(label) {
    const element = el("progress", { max: "1", hidden: true, "aria-label": label });
    return {
        element,
        /** @param {InstallProgress} progress */
        update(progress) {
            element.hidden = !isInstalling(progress.state);
            if (progress.total_bytes && progress.state === "downloading") {
                element.value = progress.bytes / progress.total_bytes;
            } else {
                // Without a value the bar says that it can't tell.
                element.removeAttribute("value");
            }
        },
    };
}
