import { announcer } from "../core/announcer.js";
import { el, fill, setText } from "../core/dom.js";
import { formatSeconds, t } from "../core/i18n.js";
import { preferredOutput } from "../player/playable-output.js";
import { TopoSyncPlayer } from "../player/toposync-player.js";
import { preferences } from "../core/preferences.js";
import { toasts } from "../components/toasts.js";
import { handedPicture } from "./handed-picture.js";
import { OverlayTimer } from "./overlay-timer.js";
import { saveSnapshot } from "./snapshot.js";
import { streamStatus } from "./stream-status.js";
import { TileControls } from "./tile-controls.js";
import { TileNotice } from "./tile-notice.js";
import { TileSound } from "./tile-sound.js";
import { Zoom } from "./zoom.js";

/** @typedef {import("../types/runtime.js").RuntimeOutput} RuntimeOutput */
/** @typedef {import("../types/outputs.js").Transmission} Transmission */

const delayMilliseconds = 1000;
/** Enough for a picture that is shown blurred. */
const rememberedWidth = 480;

/**
 * One stream's picture, with what is said and done about it. It plays only while it can be seen.
 * Events: `open` when the user picks it, `detail` when the user wants to know more, `fullscreen` when it is to fill the
 * screen, or no longer.
 */
export class Tile extends EventTarget {
    /** @type {RuntimeOutput | null} */
    #runtime = null;
    #showsProtected = false;
    #announced = "";
    #overlay;
    #delayTimer;

    /**
     * @param {import("../core/server-clock.js").ServerClock} clock
     * @param {import("./sound-choice.js").SoundChoice} soundChoice
     * @param {Transmission} transmission
     */
    constructor(clock, soundChoice, transmission) {
        super();
        this.transmission = transmission;
        this.player = new TopoSyncPlayer();
        this.player.clock = clock;
        this.player.className = "tile-player";
        this.player.setAttribute("src", transmission.id);
        this.player.toggleAttribute("muted", true);
        const handed = handedPicture.take(transmission.id);
        if (handed) this.player.setAttribute("poster", handed);
        this.lastPicture = el("canvas", { class: "tile-last", "aria-hidden": "true" });
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
            this.player,
            this.lastPicture,
            el("div", { class: "tile-shimmer" }),
            this.openButton,
            this.notice.element,
            el("div", { class: "tile-top" }, this.name, this.state),
            bottom);
        this.zoom = new Zoom(this.element, () => this.element.closest(".grid")?.getAttribute("data-layout") === "one");
        this.#overlay = new OverlayTimer(this.element, bottom);
        this.player.addEventListener("change", () => {
            const { state } = this.player;
            if (state !== "live" && this.element.dataset.playing === "yes") this.#rememberPicture();
            this.sound.isShown = this.player.isShown;
            this.#draw();
        });
        this.#delayTimer = setInterval(() => this.#drawFacts(), delayMilliseconds);
        this.update(transmission, null);
    }

    /** The one that is seen. */
    get video() {
        return this.player.video;
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
        this.player.toggleAttribute("boxes", this.showsBoxes);
        this.#draw();
    }

    /** Whether the output that is played sends what is found in its pictures. */
    get mayShowBoxes() {
        return preferredOutput(this.transmission.outputs.filter((output) => output.enabled))?.metadata === true;
    }

    get showsBoxes() {
        return this.mayShowBoxes && preferences.get(this.#boxesPreference) === "on";
    }

    set showsBoxes(value) {
        preferences.set(this.#boxesPreference, value ? "on" : null);
        this.player.toggleAttribute("boxes", this.showsBoxes);
    }

    get #boxesPreference() {
        return `boxes.${this.transmission.id}`;
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
        clearInterval(this.#delayTimer);
        this.sound.remove();
        this.element.remove();
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
        this.video.dataset.testid = "tile-video";
        if (this.player.still) this.player.still.dataset.testid = "tile-still";
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
        this.player.showsStills = this.#showsProtected
            || !this.transmission.outputs.some((output) => output.authentication?.enabled);
        // What the server gives meanwhile is newer.
        if (this.player.failures > 1) delete this.element.dataset.remembers;
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
