import { el } from "../core/dom.js";
import { saveBlob } from "../core/file-download.js";

const quality = 0.92;

/**
 * Saves the picture that a video shows now as a JPEG file.
 * @param {HTMLVideoElement} video
 * @param {string} name of the stream
 * @returns {Promise<string>} the file's name
 * @throws when the browser does not let the picture be read
 */
export async function saveSnapshot(video, name) {
    const canvas = el("canvas", { width: video.videoWidth, height: video.videoHeight });
    canvas.getContext("2d")?.drawImage(video, 0, 0);
    /** @type {Blob | null} */
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", quality));
    if (!blob) throw new Error("The canvas gave no picture.");
    const file = `${fileName(name)} ${timestamp(new Date())}.jpg`;
    saveBlob(blob, file);
    return file;
}

/** @param {string} name */
function fileName(name) {
    return name.replace(/[\\/:*?"<>|\p{Cc}]/gu, "-").trim() || "snapshot";
}

/** @param {Date} date */
function timestamp(date) {
    const two = (/** @type {number} */ value) => String(value).padStart(2, "0");
    const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("-");
    return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join("-")}`;
}
