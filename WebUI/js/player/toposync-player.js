import { PictureBoxes } from "./picture-boxes.js";
import { PlayerControls } from "./player-controls.js";
import { playerTexts } from "./player-texts.js";
import { Sight } from "./sight.js";
import { StillPicture } from "./still-picture.js";
import { streamCredentials } from "./stream-credentials.js";
import { StreamPlayer } from "./stream-player.js";
import { StreamServer } from "./stream-server.js";
import { StreamSource } from "./stream-source.js";
import { fillPlace, VideoPlace } from "./video-place.js";

/** @typedef {import("./playback-events.js").PlayerState} PlayerState */
/** @typedef {import("./still-picture.js").StillWish} StillWish */

const stillWidth = 960;
/**
 * What lies in the place of the first picture: the last one known, at once or not at all, for the stream comes soon.
 * @type {StillWish}
 */
const poster = { maxAge: 3600, every: 60, waits: false };
/**
 * What is shown of a stream that this browser can't play.
 * @type {StillWish}
 */
const fallback = { maxAge: 5, every: 5, waits: true };
/**
 * What is shown of a stream that has failed more than once.
 * @type {StillWish}
 */
const meanwhile = { maxAge: 5, every: 5, waits: false };
/** The server's pictures come another way than the stream. @type {Set<string | null>} */
const stillReasons = new Set(["no-hls", "unsupported"]);

/**
 * `<toposync-player src="…">`: shows one stream live for as long as somebody can see it, by whatever way there is.
 *
 * Attributes: `src` (the id of a transmission, the id or the path of one of its outputs, or addresses of WHEP and HLS), `server`
 * (where the server's pages are; the page's own folder without it), `muted`, `controls`, `poster` (a picture until there is one),
 * `metadata` (only ways of playing count that have what travels with the pictures), `boxes` (the same, and the boxes in it are drawn
 * over the picture).
 * Events: `change`, when a property may have another value; `videochange`, when another `<video>` is the one that is seen;
 * `metadata`, with what the picture carries that is seen now (`detail`); and `volumechange`, `enterpictureinpicture` and `leavepictureinpicture` of that one.
 */
export class TopoSyncPlayer extends HTMLElement {
    static observedAttributes = ["src", "server", "muted", "controls", "poster", "metadata", "boxes"];

    #root = this.attachShadow({ mode: "open" });
    #place = new VideoPlace(this, () => this.#player?.goOn());
    /** @type {StreamPlayer | null} */
    #player = null;
    /** @type {StillPicture | null} */
    #still = null;
    /** @type {Sight | null} */
    #sight = null;
    /** @type {PlayerControls | null} */
    #controls = null;
    #boxes = new PictureBoxes(() => {
        const { video } = this;
        return { element: video, width: video.videoWidth, height: video.videoHeight };
    });
    #leaving = new AbortController();
    #showsStills = true;
    #canChooseScreen = false;
    /** The server's clock; another one is to be set by whoever knows better than this device's. */
    clock = { now: () => Date.now() };

    constructor() {
        super();
        fillPlace(this.#boxes.element);
        this.#root.append(this.#place.element, this.#boxes.element);
        for (const type of ["enterpictureinpicture", "leavepictureinpicture", "webkitbeginfullscreen", "webkitendfullscreen"]) {
            this.addEventListener(type, () => {
                this.#player?.noteFloating();
                // The window may be closed while nobody sees the page.
                this.#sight?.reconsider();
            });
        }
        this.addEventListener("videochange", () => {
            this.#boxes.clear();
            this.#listenForScreens();
        });
        this.addEventListener("click", () => {
            if (this.reason === "autoplay") this.playNow();
        });
    }

    connectedCallback() {
        if (getComputedStyle(this).display === "inline") this.style.display = "block";
        if (getComputedStyle(this).position === "static") this.style.position = "relative";
        if (!this.hasAttribute("aria-label") && this.hasAttribute("controls")) {
            this.setAttribute("role", "group");
            this.setAttribute("aria-label", playerTexts(this).player);
        }
        if (!this.#player) this.#begin();
    }

    disconnectedCallback() {
        // An element that is moved is back at once.
        queueMicrotask(() => {
            if (!this.isConnected) this.#end();
        });
    }

    /**
     * @param {string} name
     * @param {string | null} before
     * @param {string | null} value
     */
    attributeChangedCallback(name, before, value) {
        if (!this.isConnected || before === value) return;
        if (name === "src" || name === "server" || name === "metadata" || name === "boxes") {
            this.#end();
            this.#begin();
        } else if (name === "controls") {
            this.#drawControls();
        } else if (name === "muted") {
            this.#drawSound();
        } else if (name === "poster" && value) {
            this.#still?.begin(value);
        }
    }

    /** @returns {PlayerState} */
    get state() {
        return this.#player?.state ?? "idle";
    }

    /** Why nothing plays until somebody does something about it. */
    get reason() {
        return this.#player?.reason ?? null;
    }

    /** How often in a row there was no picture, or only for a moment. */
    get failures() {
        return this.#player?.failures ?? 0;
    }

    /** The video that is seen. */
    get video() {
        return this.#place.video;
    }

    /** The picture that is seen where nothing plays. @returns {HTMLImageElement | null} */
    get still() {
        return this.#still?.element ?? null;
    }

    /** Whether somebody can see it. */
    get isShown() {
        return this.#sight?.isShown ?? false;
    }

    /** The transport in use, once there is a picture: its `label` and `detail`. */
    get transport() {
        return this.#player?.transport ?? null;
    }

    /** How old the picture is, in seconds; null when nobody knows. */
    get delaySeconds() {
        return this.#player?.delaySeconds ?? null;
    }

    get picturesShown() {
        return this.#player?.picturesShown ?? 0;
    }

    /** Whether the stream has sound; null until somebody knows. */
    get hasSound() {
        return this.#player?.hasSound ?? null;
    }

    /** Which output is played. @type {string | null} */
    outputId = null;
    /** Its address for other players. @type {string | null} */
    url = null;
    /** Whom its password belongs to. @type {string | null} */
    username = null;

    /** What was tried to get a picture. */
    get log() {
        return this.#player?.log ?? null;
    }

    /** How it is heard, for a page that decides which one of several is. */
    get sound() {
        return this.#player?.sound ?? null;
    }

    get muted() {
        return this.hasAttribute("muted") || Boolean(this.sound?.isRefused);
    }

    set muted(value) {
        if (!value) this.sound?.insist();
        this.toggleAttribute("muted", value);
        this.#drawSound();
    }

    get volume() {
        return this.#volume;
    }

    set volume(value) {
        this.#volume = Math.min(1, Math.max(0, value));
        this.#drawSound();
    }

    #volume = 1;

    /** The name and the password that the stream asks for; kept while the page is open, never stored. */
    set credentials(/** @type {{username: string, password: string} | null} */ value) {
        streamCredentials.set(this.getAttribute("src") ?? "", value);
        this.retryNow();
    }

    /** Whether pictures are shown where nothing plays. */
    set showsStills(/** @type {boolean} */ value) {
        if (this.#showsStills === value) return;
        this.#showsStills = value;
        this.#drawStill();
    }

    /** Tries again now instead of when it is time. */
    retryNow() {
        this.#player?.retryNow();
    }

    /** Stops, until it is seen anew. */
    stop() {
        this.#player?.stop();
    }

    /** To be called while the user touches the page: some browsers play nothing before. */
    playNow() {
        void this.video.play().catch(() => {});
        this.retryNow();
    }

    get isFloating() {
        return this.#place.isFloating;
    }

    get canFloat() {
        return document.pictureInPictureEnabled === true && typeof this.video.requestPictureInPicture === "function";
    }

    async toggleFloating() {
        try {
            if (this.isFloating) await document.exitPictureInPicture();
            else if (this.video.readyState > 0) await this.video.requestPictureInPicture();
        } catch {
            // The browser or its user forbids it; the picture stays where it is.
        }
    }

    /** Whether there is another screen that can show it (AirPlay). */
    get canChooseScreen() {
        return this.#canChooseScreen && !this.video.disableRemotePlayback;
    }

    chooseScreen() {
        /** @type {any} */ (this.video).webkitShowPlaybackTargetPicker?.();
    }

    async toggleFullscreen() {
        try {
            if (document.fullscreenElement) await document.exitFullscreen();
            else if (this.requestFullscreen) await this.requestFullscreen();
            // An iPhone gives the whole screen to a video only.
            else /** @type {any} */ (this.video).webkitEnterFullscreen?.();
        } catch {
            // The browser or its user forbids it; the picture stays where it is.
        }
    }

    #begin() {
        const name = this.getAttribute("src");
        if (!name) return;
        const server = StreamServer.at(this.getAttribute("server") ?? undefined);
        const source = new StreamSource(server, name);
        const player = new StreamPlayer(source, this.#place, () => this.clock.now());
        this.#player = player;
        player.wantsMetadata = this.hasAttribute("metadata") || this.hasAttribute("boxes");
        player.addEventListener("metadata", (event) => {
            const { detail } = /** @type {CustomEvent} */ (event);
            if (this.hasAttribute("boxes")) this.#boxes.show(detail);
            this.dispatchEvent(new CustomEvent("metadata", { detail }));
        });
        player.addEventListener("change", () => {
            this.outputId = source.outputId;
            this.url = source.url;
            this.username = source.username;
            this.#addStill(source);
            this.#changed();
        });
        this.#addStill(source);
        this.#sight = new Sight(this, {
            isFloating: () => this.isFloating, onseen: () => player.start(), onlost: () => player.stop(), onchange: () => this.#changed(),
        });
        this.#leaving = new AbortController();
        window.addEventListener("online", () => player.changeNetwork(), { signal: this.#leaving.signal });
        this.#listenForScreens();
        this.#drawControls();
        this.#drawSound();
        this.#drawStill();
    }

    #end() {
        this.#leaving.abort();
        this.#sight?.close();
        this.#sight = null;
        this.#player?.stop();
        this.#player = null;
        this.#still?.remove();
        this.#still = null;
        this.#controls?.remove();
        this.#controls = null;
        this.#boxes.clear();
    }

    #changed() {
        this.#drawStill();
        this.#controls?.draw();
        this.dispatchEvent(new Event("change"));
    }

    #drawControls() {
        this.#controls?.remove();
        this.#controls = this.hasAttribute("controls") ? new PlayerControls(this, this.#root) : null;
    }

    /** A page of ours decides by `sound`; everybody else by `muted` and `volume`. */
    #drawSound() {
        const { sound } = this;
        if (!sound) return;
        if (this.hasAttribute("muted") || this.#volume === 0) sound.silence();
        else sound.hear(this.#volume);
        this.#changed();
    }

    /**
     * Only transmissions have pictures of their own; which one it is may be known only later.
     * @param {StreamSource} source
     */
    #addStill({ server, transmissionId }) {
        if (this.#still || transmissionId === null) return;
        const still = new StillPicture(server, transmissionId, stillWidth);
        this.#still = still;
        fillPlace(still.element);
        still.element.style.objectFit = "inherit";
        still.element.setAttribute("part", "still");
        this.#place.element.prepend(still.element);
        const picture = this.getAttribute("poster");
        if (picture) still.begin(picture);
    }

    #drawStill() {
        const still = this.#still;
        if (!still) return;
        const { state, reason } = this;
        if (!this.#showsStills) still.hide();
        else if (state === "blocked" && stillReasons.has(reason)) still.show(fallback);
        else if (state !== "live" && this.failures > 1) still.show(meanwhile);
        else if (state === "idle" || state === "starting") still.show(poster);
        else still.keep();
        // A page may let the moving picture fade in over it.
        Object.assign(still.element.style, state === "live"
            ? { opacity: "0", transition: "opacity 0s 300ms" } : { opacity: "", transition: "" });
    }

    #listenForScreens() {
        this.video.addEventListener("webkitplaybacktargetavailabilitychanged", (event) => {
            this.#canChooseScreen = /** @type {any} */ (event).availability === "available";
            this.#changed();
        }, { signal: this.#leaving.signal });
    }
}

customElements.define("toposync-player", TopoSyncPlayer);
