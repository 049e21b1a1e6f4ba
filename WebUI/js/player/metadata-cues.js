/** Of the text in the ID3 tags of our streams. */
const description = "toposync.metadata";

/**
 * Finds what travels with the pictures of HLS: texts of ID3 tags, which hls.js and the players of browsers put into a track of the
 * video, at the time of their picture.
 */
export class MetadataCues {
    #video;
    #metadata;

    /**
     * @param {HTMLVideoElement} video
     * @param {import("./picture-metadata.js").PictureMetadata} metadata takes it
     */
    constructor(video, metadata) {
        this.#video = video;
        this.#metadata = metadata;
    }

    /** Takes what has come since the last time. */
    look() {
        for (const track of this.#video.textTracks) {
            if (track.kind !== "metadata") continue;
            // One that is disabled has no cues.
            if (track.mode === "disabled") track.mode = "hidden";
            for (const cue of [...track.cues ?? []]) {
                // Players keep them, however long they play.
                if (this.#take(cue)) track.removeCue(cue);
            }
        }
    }

    /** Whether it is one of ours. @param {TextTrackCue} cue */
    #take(cue) {
        const { value } = /** @type {any} */ (cue);
        if (value?.key !== "TXXX" || value.info !== description) return false;
        let carried;
        try {
            carried = JSON.parse(value.data);
        } catch {
            // Others may write such tags too, with what they like.
            return true;
        }
        this.#metadata.add(cue.startTime, carried);
        return true;
    }
}
