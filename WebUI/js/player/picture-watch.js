/** A live picture that stands still for so long is a broken one: the server itself shows a placeholder after two. */
const stillMilliseconds = 3000;
const checkMilliseconds = 250;
/** A page that slept, or whose timers are slowed down, has not watched for all of the time that passed. */
const longestCheckMilliseconds = 500;

/**
 * Watches which pictures a video really shows. Events and the element's clock do not tell: sound alone moves both.
 */
export class PictureWatch {
    #video;
    #onfirst;
    #scope = new AbortController();
    #count = 0;
    #stillFor = 0;
    #decoded;
    /** @type {number | undefined} */
    #request;
    /** @type {ReturnType<typeof setInterval> | undefined} */
    #timer;

    /**
     * @param {HTMLVideoElement} video
     * @param {() => void} [onfirst] is called when the first picture is on the screen, rather than when it could be
     */
    constructor(video, onfirst = () => {}) {
        this.#video = video;
        this.#onfirst = onfirst;
        this.#decoded = decodedPictures(video);
        const tells = "requestVideoFrameCallback" in video;
        if (tells) this.#await();
        /** @type {HTMLVideoElement} */ (video).addEventListener("timeupdate", () => {
            if (!tells) this.#shown(1);
            else if (document.hidden && this.#count === 0) this.#compareDecoded();
        }, { signal: this.#scope.signal });
    }

    /** How many pictures were shown since this began. */
    get count() {
        return this.#count;
    }

    /**
     * Answers once the picture has stood still for too long.
     * @returns {Promise<void>}
     */
    stoodStill() {
        return new Promise((resolve) => {
            let checked = performance.now();
            this.#stillFor = 0;
            this.#timer = setInterval(() => {
                const now = performance.now();
                this.#stillFor += Math.min(now - checked, longestCheckMilliseconds);
                checked = now;
                // A page that nobody sees is told of no picture, though the video may float above others.
                if (document.hidden) this.#compareDecoded();
                if (this.#stillFor >= stillMilliseconds) resolve();
            }, checkMilliseconds);
        });
    }

    close() {
        clearInterval(this.#timer);
        this.#scope.abort();
        if (this.#request !== undefined) this.#video.cancelVideoFrameCallback(this.#request);
    }

    #await() {
        this.#request = this.#video.requestVideoFrameCallback(() => {
            this.#shown(1);
            this.#await();
        });
    }

    /** Counters may begin anew, so any other number is news. */
    #compareDecoded() {
        const decoded = decodedPictures(this.#video);
        if (decoded === this.#decoded) return;
        this.#shown(Math.max(1, decoded - this.#decoded));
        this.#decoded = decoded;
    }

    /** @param {number} count */
    #shown(count) {
        const isFirst = this.#count === 0;
        this.#count += count;
        this.#stillFor = 0;
        if (isFirst) this.#onfirst();
    }
}

/** @param {HTMLVideoElement} video */
function decodedPictures(video) {
    return video.getVideoPlaybackQuality?.().totalVideoFrames ?? 0;
}
