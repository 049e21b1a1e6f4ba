import { ApiError, ServerUnreachable } from "./server-requests.js";

/**
 * Saves what the server answers as a file, under the name that it gives.
 * @param {string} path relative to the page
 * @throws {ApiError | ServerUnreachable}
 */
export async function downloadFile(path) {
    let response;
    let blob;
    try {
        response = await fetch(new URL(path, document.baseURI), { cache: "no-store" });
        blob = await response.blob();
    } catch (error) {
        throw new ServerUnreachable(`GET ${path}: ${error instanceof Error ? error.message : error}`);
    }
    if (!response.ok) {
        const detail = await blob.text().then(JSON.parse).then((value) => value.detail).catch(() => null);
        throw new ApiError(response.status, typeof detail === "string" ? detail : `HTTP ${response.status}`);
    }
    saveBlob(blob, fileName(response.headers.get("content-disposition")));
}

/**
 * @param {Blob} blob
 * @param {string} name
 */
export function saveBlob(blob, name) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    // The browser reads it when it gets to it.
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/**
 * The name in a header field `Content-Disposition` (RFC 6266).
 * @param {string | null} field
 */
export function fileName(field) {
    return /filename="([^"/\\]+)"/.exec(field ?? "")?.[1] ?? "download";
}
