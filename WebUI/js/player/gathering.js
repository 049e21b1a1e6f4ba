/**
 * Answers when all candidates are found.
 * @param {RTCPeerConnection} connection
 * @returns {Promise<void>}
 */
export function gathered(connection) {
    return new Promise((resolve) => {
        const look = () => {
            if (connection.iceGatheringState === "complete") resolve();
        };
        connection.addEventListener("icegatheringstatechange", look);
        look();
    });
}
