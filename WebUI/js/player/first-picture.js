/**
 * Waits until a video shows a picture, rather than until it says that it could.
 * @param {HTMLVideoElement} video
 * @param {AbortSignal} signal
 * @returns {Promise<void>} rejects with the signal's reason
 */
export function firstPicture(video, signal) {
    return new Promise((resolve, reject) => {
        signal.throwIfAborted();
        const listening = new AbortController();
        const finish = () => {
            listening.abort();
            resolve();
        };
        signal.addEventListener("abort", () => {
            listening.abort();
            reject(signal.reason);
        }, { signal: listening.signal });
        if ("requestVideoFrameCallback" in video) {
            video.requestVideoFrameCallback(finish);
        } else {
            const { signal: silence } = listening;
            /** @type {HTMLVideoElement} */ (video).addEventListener("timeupdate", finish, { signal: silence });
        }
    });
}
