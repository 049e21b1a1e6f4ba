const checkMilliseconds = 500;
const fastRate = 1.1;
/** What part of the seconds at which catching up begins are left when it ends. */
const endsAtPart = 0.2;

/**
 * Plays slightly faster while the picture is further behind than it should be. (hls.js does so only in its low-latency
 * mode.)
 */
export class LiveCatchUp {
    #video;
    /** @type {number | undefined} */
    #timer;

    /** @param {HTMLVideoElement} video */
    constructor(video) {
        this.#video = video;
    }

    /**
     * @param {() => number} lag how many seconds behind the target the picture is
     * @param {() => number} beginsAt how many of them are too many
     */
    start(lag, beginsAt) {
        this.stop();
        this.#timer = setInterval(() => {
            const seconds = lag();
            const catchingUp = this.#video.playbackRate > 1;
            const limit = catchingUp ? beginsAt() * endsAtPart : beginsAt();
            if (seconds < limit) this.#setRate(1);
            else this.#setRate(fastRate);
        }, checkMilliseconds);
    }

    stop() {
        clearInterval(this.#timer);
        this.#setRate(1);
    }

    /** @param {number} rate */
    #setRate(rate) {
        if (this.#video.playbackRate !== rate) this.#video.playbackRate = rate;
    }
}
