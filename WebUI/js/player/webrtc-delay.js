/** NTP counts from 1900; browsers give that time as they get it. */
const ntpMilliseconds = 2_208_988_800_000;
/** Longer is no delay, but two clocks that don't agree. */
const mostSeconds = 60;

/** How old the picture is that a WebRTC connection shows. */
export class WebRTCDelay {
    /** @type {number | null} */
    seconds = null;
    #isMeasuring = false;
    /** Seconds and pictures, when it was looked at last. */
    #before = { delay: 0, count: 0 };

    /**
     * Looks once more. One look at a time.
     * @param {Pick<RTCPeerConnection, "getStats">} connection
     * @param {() => number} now the server's time, milliseconds
     */
    async measure(connection, now) {
        if (this.#isMeasuring) return;
        this.#isMeasuring = true;
        try {
            this.#read([...(await connection.getStats()).values()], now());
        } finally {
            this.#isMeasuring = false;
        }
    }

    /**
     * @param {any[]} reports
     * @param {number} now
     */
    #read(reports, now) {
        const video = reports.find(({ type, kind }) => type === "inbound-rtp" && kind === "video");
        if (!video) return;
        this.seconds = sinceSent(video.estimatedPlayoutTimestamp, now) ?? this.#onTheWay(video, reports);
    }

    /**
     * Where the sender's clock is not known: how long pictures take from their first packet on, and half of the way there and back.
     * @param {any} video
     * @param {any[]} reports
     */
    #onTheWay({ totalProcessingDelay, framesDecoded, jitterBufferDelay, jitterBufferEmittedCount }, reports) {
        const [delay, count] = totalProcessingDelay === undefined
            ? [jitterBufferDelay, jitterBufferEmittedCount] : [totalProcessingDelay, framesDecoded];
        if (!(count > this.#before.count)) return this.seconds;
        const waiting = (delay - this.#before.delay) / (count - this.#before.count);
        this.#before = { delay, count };
        const pair = reports.find(({ type, state, nominated }) => type === "candidate-pair" && state === "succeeded" && nominated);
        return waiting + (pair?.currentRoundTripTime ?? 0) / 2;
    }
}

/**
 * @param {number | undefined} shown when the sender had the picture that is shown, by the reports that it sends
 * @param {number} now
 * @returns {number | null} null when the sender tells no time that could be
 */
function sinceSent(shown, now) {
    if (!shown) return null;
    const seconds = (now - (shown > ntpMilliseconds ? shown - ntpMilliseconds : shown)) / 1000;
    return seconds >= 0 && seconds < mostSeconds ? seconds : null;
}
