const checkMilliseconds = 500;
const fastRate = 1.1;
/** Seconds behind the target at which catching up begins, and at which it ends. */
const beginsAt = 1;
const endsAt = 0.2;

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

    /** @param {() => number} lag how many seconds behind the target the picture is */
    start(lag) {
        this.stop();
        this.#timer = setInterval(() => {
            const seconds = lag();
            const catchingUp = this.#video.playbackRate > 1;
            if (catchingUp ? seconds < endsAt : seconds < beginsAt) this.#setRate(1);
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
