/** A picture is shown at its own time, but for what the browser rounds. */
const roundingSeconds = 0.002;
/** What is later than its picture by more than this belongs to a place that was jumped over; less are pictures that a busy browser left out. */
const lateSeconds = 1;
/** Pictures whose metadata waits: twenty seconds of the highest rate. */
const mostWaiting = 1200;

/** Gives out what travels with pictures when they are seen, as exactly as the browser tells which one is. */
export class PictureMetadata {
    #video;
    #onshown;
    /** In the order of their pictures. @type {{time: number, value: any}[]} */
    #waiting = [];
    #scope = new AbortController();
    /** @type {number | undefined} */
    #request;
    #listens = false;

    /**
     * @param {HTMLVideoElement} video
     * @param {(value: any) => void} onshown is called with what the picture carries that is seen now
     */
    constructor(video, onshown) {
        this.#video = video;
        this.#onshown = onshown;
    }

    /**
     * @param {number} time of the picture that carries it, on the video's own clock, in seconds
     * @param {any} value
     */
    add(time, value) {
        let place = this.#waiting.length;
        while (place > 0 && this.#waiting[place - 1].time > time) place -= 1;
        if (this.#waiting[place - 1]?.time === time) return;
        this.#waiting.splice(place, 0, { time, value });
        if (this.#waiting.length > mostWaiting) this.#waiting.shift();
        this.#watch();
    }

    /** Times begin anew. */
    clear() {
        this.#waiting = [];
    }

    close() {
        this.clear();
        this.#scope.abort();
        if (this.#request !== undefined) this.#video.cancelVideoFrameCallback(this.#request);
        this.#request = undefined;
    }

    /** Pictures are looked at only while something waits for one of them. */
    #watch() {
        if (this.#request !== undefined || this.#listens || this.#scope.signal.aborted) return;
        if ("requestVideoFrameCallback" in this.#video) {
            this.#request = this.#video.requestVideoFrameCallback((_, { mediaTime }) => {
                this.#request = undefined;
                this.#shown(mediaTime);
                if (this.#waiting.length > 0) this.#watch();
            });
            return;
        }
        this.#listens = true;
        const video = /** @type {HTMLVideoElement} */ (this.#video);
        video.addEventListener("timeupdate", () => this.#shown(video.currentTime), { signal: this.#scope.signal });
    }

    /** @param {number} time of the picture that is seen */
    #shown(time) {
        while (this.#waiting.length > 0 && this.#waiting[0].time <= time + roundingSeconds) {
            const [{ time: due, value }] = this.#waiting.splice(0, 1);
            if (time - due <= lateSeconds) this.#onshown(value);
        }
    }
}
