/**
 * Players of low-latency HLS at once where a browser has six connections to a server: each keeps one busy all the time, and the page
 * needs some as well.
 */
const mostOfOneConnectionEach = 2;

let players = 0;

/** Whether requests to this server share a connection (HTTP/2), as far as the browser tells. */
function sharesConnections() {
    const [page] = /** @type {PerformanceNavigationTiming[]} */ (performance.getEntriesByType("navigation"));
    return /^h[23]/.test(page?.nextHopProtocol ?? "");
}

/**
 * Asks for a place among the players of low-latency HLS.
 * @param {boolean} [isShared] whether requests share a connection
 * @returns {(() => void) | null} gives the place back, once; null when there is none
 */
export function lowLatencyPlace(isShared = sharesConnections()) {
    if (!isShared && players >= mostOfOneConnectionEach) return null;
    players += 1;
    let isTaken = true;
    return () => {
        if (isTaken) players -= 1;
        isTaken = false;
    };
}
