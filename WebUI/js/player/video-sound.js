/**
 * Makes one video heard when its user wants it, as far as the browser lets it, and never at the cost of the picture.
 */
export class VideoSound {
    #video;
    #onrefused;
    #isWanted = false;
    #isRefused = false;
    #volume = 1;

    /**
     * @param {HTMLVideoElement} video muted
     * @param {() => void} onrefused is called when the browser wants the user's touch first
     */
    constructor(video, onrefused) {
        this.#video = video;
        this.#onrefused = onrefused;
    }

    /** Whether the sound that is wanted has to wait for the user's touch. */
    get isRefused() {
        return this.#isWanted && this.#isRefused;
    }

    /** @param {number} volume above 0, up to 1 */
    hear(volume) {
        this.#isWanted = true;
        this.#volume = volume;
        this.#video.volume = volume;
        if (this.#isRefused || !this.#video.muted) return;
        const wasPlaying = !this.#video.paused;
        // A browser that wants the user's touch first pauses the picture.
        this.#video.muted = false;
        if (wasPlaying) void this.play();
    }

    /**
     * Another video takes its place, and is heard as the last one was.
     * @param {HTMLVideoElement} video
     */
    attach(video) {
        if (video === this.#video) return;
        this.#video.muted = true;
        this.#video = video;
        if (this.#isWanted) this.hear(this.#volume);
        else video.muted = true;
    }

    silence() {
        this.#isWanted = false;
        this.#isRefused = false;
        this.#video.muted = true;
    }

    /** The user has touched the page for it, so that the browser may have changed its mind. */
    insist() {
        this.#isRefused = false;
    }

    /**
     * Plays; without sound where the browser insists.
     * @returns {Promise<boolean>} whether the browser lets it play
     */
    async play() {
        if (await this.#tryPlaying()) return true;
        if (this.#video.muted) return false;
        this.#video.muted = true;
        this.#isRefused = true;
        this.#onrefused();
        return this.#tryPlaying();
    }

    async #tryPlaying() {
        try {
            await this.#video.play();
            return true;
        } catch (error) {
            // Whatever else it is, the video or its transport says so.
            return !(error instanceof DOMException && error.name === "NotAllowedError");
        }
    }
}
