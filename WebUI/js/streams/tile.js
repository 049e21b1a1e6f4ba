import { announcer } from "../core/announcer.js";
import { el, fill, setText } from "../core/dom.js";
import { formatSeconds, t } from "../core/i18n.js";
import { saveSnapshot } from "../player/snapshot.js";
import { handedPicture } from "../player/handed-picture.js";
import { StillPicture } from "../player/still-picture.js";
import { StreamPlayer } from "../player/stream-player.js";
import { toasts } from "../components/toasts.js";
import { OverlayTimer } from "./overlay-timer.js";
import { streamStatus } from "./stream-status.js";
import { TileControls } from "./tile-controls.js";
import { TileNotice } from "./tile-notice.js";
import { TileSound } from "./tile-sound.js";
import { Zoom } from "./zoom.js";

/** @typedef {import("../core/types.js").RuntimeOutput} RuntimeOutput */
/** @typedef {import("../core/types.js").Transmission} Transmission */

const delayMilliseconds = 1000;
/** Turning pages quickly does not start every stream on the way. */
const settleMilliseconds = 120;
/** A glance at another tab does not end the stream. */
const hiddenGraceMilliseconds = 3000;
/** Enough for a picture that is shown blurred. */
const rememberedWidth = 480;
const stillWidth = 960;
/**
 * What lies in the place of the first picture: the last one known, at once or not at all, for the stream comes soon.
 * @type {import("../player/still-picture.js").StillWish}
 */
const poster = { maxAge: 3600, every: 60, waits: false };
/**
 * What is shown of a stream that this browser can't play.
 * @type {import("../player/still-picture.js").StillWish}
 */
const fallback = { maxAge: 5, every: 5, waits: true };
/**
 * The server's pictures come another way than the stream.
 * @type {Set<string | null>}
 */
const stillReasons = new Set(["no-hls", "unsupported"]);

/**
 * One stream's picture, with what is said and done about it. It plays only while it can be seen.
 * Events: `open` when the user picks it, `detail` when the user wants to know more, `fullscreen` when it is to fill the
 * screen, or no longer.
 */
export class Tile extends EventTarget {
    /** @type {RuntimeOutput | null} */
    #runtime = null;
    #onScreen = false;
    #showsProtected = false;
    /** @type {number | undefined} */
    #timer;
    #announced = "";
    #overlay;
    #observer;
    #delayTimer;
    #leaving = new AbortController();

    /**
     * @param {import("../core/api.js").ApiClient} api
     * @param {import("../player/address-book.js").AddressBook} addresses
     * @param {import("../core/server-clock.js").ServerClock} clock
     * @param {import("./sound-choice.js").SoundChoice} soundChoice
     * @param {Transmission} transmission
     */
    constructor(api, addresses, clock, soundChoice, transmission) {
        super();
        this.transmission = transmission;
        this.video = el("video", {
            class: "tile-video", muted: true, autoplay: true, playsInline: true, tabIndex: -1, "aria-hidden": "true",
            disableremoteplayback: true, data: { testid: "tile-video" },
        });
        this.player = new StreamPlayer(api, addresses, transmission.id, this.video, clock);
        this.lastPicture = el("canvas", { class: "tile-last", "aria-hidden": "true" });
        this.still = new StillPicture(api, transmission.id, {
            width: stillWidth, class: "tile-still", testId: "tile-still",
        });
        const handed = handedPicture.take(transmission.id);
        if (handed) this.still.begin(handed);
        this.name = el("span", { class: "tile-name", data: { testid: "tile-name" } });
        this.state = el("span", { class: "tile-state", data: { testid: "tile-state" } });
        this.facts = el("span", { class: "tile-facts", data: { testid: "tile-facts" } });
        this.openButton = el("button", {
            class: "tile-open", type: "button", data: { testid: "tile-open" },
            onclick: () => this.dispatchEvent(new Event("open")),
        });
        this.notice = new TileNotice(this);
        this.controls = new TileControls(this);
        this.sound = new TileSound(this, soundChoice);
        const bottom = el("div", { class: "tile-bottom" }, this.sound.element, this.facts, this.controls.element);
        this.element = el("article", { class: "tile", data: { testid: "tile", transmission: transmission.id } },
            this.still.element,
            this.lastPicture,
            this.video,
            el("div", { class: "tile-shimmer" }),
            this.openButton,
            this.notice.element,
            el("div", { class: "tile-top" }, this.name, this.state),
            bottom);
        this.zoom = new Zoom(this.element, () => this.element.closest(".grid")?.getAttribute("data-layout") === "one");
        this.#overlay = new OverlayTimer(this.element, bottom);
        this.#observer = new IntersectionObserver((entries) => {
            // Turning pages quickly queues several; only the last one is still true.
            this.#onScreen = entries.at(-1)?.isIntersecting ?? false;
            this.#reconsider();
        }, { threshold: 0.05 });
        this.#observer.observe(this.element);
        const { signal } = this.#leaving;
        document.addEventListener("visibilitychange", () => this.#reconsider(), { signal });
        window.addEventListener("pagehide", () => {
            this.sound.isShown = false;
            this.player.stop();
        }, { signal });
        window.addEventListener("pageshow", () => this.#reconsider(), { signal });
        this.player.addEventListener("change", () => {
            if (this.player.state === "reconnecting" || this.player.state === "blocked") this.#rememberPicture();
            this.#draw();
        });
        // The window may be closed while nobody sees the page.
        this.video.addEventListener("leavepictureinpicture", () => this.#reconsider());
        this.#delayTimer = setInterval(() => this.#drawFacts(), delayMilliseconds);
        this.update(transmission, null);
    }

    get status() {
        return streamStatus(this.player, this.#runtime);
    }

    get runtime() {
        return this.#runtime;
    }

    /**
     * @param {Transmission} transmission
     * @param {RuntimeOutput | null} runtime
     */
    update(transmission, runtime) {
        this.transmission = transmission;
        this.#runtime = runtime;
        this.#draw();
    }

    /** Shows the overlay for a moment, or hides it. */
    toggleOverlay() {
        this.#overlay.toggle();
    }

    showOverlay() {
        this.#overlay.show();
    }

    async snapshot() {
        if (this.player.state !== "live") return;
        try {
            toasts.show(t("tile.snapshot.saved", { file: await saveSnapshot(this.video, this.displayName) }));
        } catch {
            toasts.show(t("tile.snapshot.failed"), "bad");
        }
    }

    /** The name, or the path of a stream without one. */
    get displayName() {
        return this.transmission.name || this.transmission.path;
    }

    /** Stops playing and forgets the tile. */
    remove() {
        this.#leaving.abort();
        this.#observer.disconnect();
        clearInterval(this.#delayTimer);
        clearTimeout(this.#timer);
        this.sound.remove();
        this.player.stop();
        this.still.remove();
        this.element.remove();
    }

    /** Plays or stops, depending on whether anybody can see it. */
    #reconsider() {
        clearTimeout(this.#timer);
        const floating = document.pictureInPictureElement === this.video;
        const isShown = floating || (this.#onScreen && !document.hidden);
        this.sound.isShown = isShown;
        if (isShown) {
            this.#timer = setTimeout(() => this.player.start(), settleMilliseconds);
        } else if (document.hidden) {
            this.#timer = setTimeout(() => this.#stop(), hiddenGraceMilliseconds);
        } else {
            this.#stop();
        }
    }

    #stop() {
        if (this.player.state === "live") this.#rememberPicture();
        this.player.stop();
    }

    /** Keeps the picture of now, to lie dimmed in its place until there is a moving one again. */
    #rememberPicture() {
        const { videoWidth, videoHeight, readyState } = this.video;
        if (videoWidth === 0 || readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return;
        const width = Math.min(videoWidth, rememberedWidth);
        const height = Math.round((width * videoHeight) / videoWidth);
        Object.assign(this.lastPicture, { width, height });
        this.lastPicture.getContext("2d")?.drawImage(this.video, 0, 0, width, height);
        this.element.dataset.remembers = "yes";
    }

    #draw() {
        const status = this.status;
        this.element.dataset.state = status.kind;
        this.element.dataset.playing = this.player.state === "live" ? "yes" : "no";
        setText(this.name, this.displayName);
        this.name.title = this.displayName;
        setText(this.state, status.label);
        const label = t("tile.label", { name: this.displayName, state: status.label });
        this.element.setAttribute("aria-label", label);
        this.openButton.setAttribute("aria-label", t("tile.open", { name: this.displayName, state: status.label }));
        this.#drawStill();
        this.notice.draw(status);
        this.controls.draw();
        this.sound.draw();
        this.#drawFacts();
        this.#announce(status.kind);
    }

    /**
     * Where nobody signs in, only who knows the password of a stream sees a picture of it.
     * @param {boolean} value whether whoever sees this page may see all pictures
     */
    set showsProtected(value) {
        if (this.#showsProtected === value) return;
        this.#showsProtected = value;
        this.#drawStill();
    }

    #drawStill() {
        const { state, reason } = this.player;
        const isProtected = !this.#showsProtected
            && this.transmission.outputs.some((output) => output.authentication?.enabled);
        const remembers = this.element.dataset.remembers === "yes";
        if (isProtected) this.still.hide();
        else if (state === "blocked" && stillReasons.has(reason)) this.still.show(fallback);
        else if ((state === "idle" || state === "starting") && !remembers) this.still.show(poster);
        else this.still.keep();
    }

    #drawFacts() {
        const { transport, delaySeconds } = this.player;
        fill(this.facts,
            transport && el("span", { title: t("tile.transport") }, transport.label),
            delaySeconds !== null && el("span", { title: t("tile.delay") }, formatSeconds(delaySeconds)));
    }

    /** @param {string} kind */
    #announce(kind) {
        if (kind === this.#announced || !["live", "no-signal", "offline"].includes(kind)) return;
        if (this.#announced || kind !== "live") {
            announcer.say(t("tile.label", { name: this.displayName, state: this.status.label }));
        }
        this.#announced = kind;
    }
}
