/** What the browser's own windows and buttons do to a video, for whoever knows only the element around it. */
const forwarded = [
    "volumechange", "enterpictureinpicture", "leavepictureinpicture", "webkitbeginfullscreen", "webkitendfullscreen",
];

/**
 * The videos of a player, one over the other: the one that is seen, and those that have no picture yet.
 * @implements {import("./stream-player.js").VideoStage}
 */
export class VideoPlace {
    #host;
    #onpause;

    /**
     * @param {HTMLElement} host is told of what happens to the video that is seen
     * @param {() => void} onpause
     */
    constructor(host, onpause) {
        this.#host = host;
        this.#onpause = onpause;
        this.element = document.createElement("div");
        this.element.setAttribute("part", "picture");
        fillPlace(this.element);
        this.video = this.add();
        this.show(this.video);
    }

    get isFloating() {
        const video = /** @type {any} */ (this.video);
        const root = /** @type {ShadowRoot | Document} */ (video.getRootNode());
        return root.pictureInPictureElement === video || Boolean(video.webkitDisplayingFullscreen)
            || video.webkitPresentationMode === "picture-in-picture";
    }

    add() {
        const video = document.createElement("video");
        Object.assign(video, { muted: true, autoplay: true, playsInline: true, tabIndex: -1 });
        video.setAttribute("aria-hidden", "true");
        fillPlace(video);
        // Its pictures are rendered, which tells that they are there, and are not seen yet.
        Object.assign(video.style, { objectFit: "inherit", opacity: "0" });
        for (const type of forwarded) {
            video.addEventListener(type, () => {
                if (video === this.video) this.#host.dispatchEvent(new Event(type));
            });
        }
        video.addEventListener("pause", () => {
            if (video === this.video) this.#onpause();
        });
        this.element.append(video);
        return video;
    }

    /** @param {HTMLVideoElement} video */
    show(video) {
        const before = this.video;
        this.video = video;
        video.style.opacity = "";
        video.setAttribute("part", "video");
        if (before === video) return;
        this.remove(before);
        this.#host.dispatchEvent(new Event("videochange"));
    }

    /** @param {HTMLVideoElement} video */
    remove(video) {
        video.remove();
    }
}

/** @param {HTMLElement} element */
export function fillPlace(element) {
    Object.assign(element.style, { position: "absolute", inset: "0", width: "100%", height: "100%" });
}
