const prefix = "toposync.streaming.picture.";

/**
 * A picture that one page gives the next, to be there before anything was asked for: what the camera's test showed lies in
 * the place of the stream's first picture.
 */
export const handedPicture = {
    /**
     * @param {string} transmissionId
     * @param {string} dataURL
     */
    put(transmissionId, dataURL) {
        try {
            sessionStorage.setItem(prefix + transmissionId, dataURL);
        } catch {
            // Too large, or storage is forbidden: then the place stays empty for a moment.
        }
    },

    /**
     * Takes it away, too: it is soon an old one.
     * @param {string} transmissionId
     * @returns {string | null}
     */
    take(transmissionId) {
        try {
            const dataURL = sessionStorage.getItem(prefix + transmissionId);
            sessionStorage.removeItem(prefix + transmissionId);
            return dataURL;
        } catch {
            return null;
        }
    },
};
