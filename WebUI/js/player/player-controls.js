import { playerTexts } from "./player-texts.js";

/** @typedef {import("./toposync-player.js").TopoSyncPlayer} TopoSyncPlayer */

const icons = {
    sound: "M4 9.5v5h3.5L12 18.5v-13L7.5 9.5H4ZM15.5 9a4.2 4.2 0 0 1 0 6M18 6.5a7.8 7.8 0 0 1 0 11",
    soundOff: "M4 9.5v5h3.5L12 18.5v-13L7.5 9.5H4ZM16 9.5l5 5M21 9.5l-5 5",
    float: "M4 5h16v14H4V5ZM12.5 12H17v4h-4.5v-4Z",
    cast: "M5 17H4V5h16v12h-1M12 14l5 6H7l5-6Z",
    fullscreen: "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5",
};

const rules = `
.controls { position: absolute; inset: auto 0 0 0; display: flex; gap: 2px; align-items: center; justify-content: flex-end; padding: 4px;
    background: linear-gradient(transparent, rgb(0 0 0 / 70%)); opacity: 0; transition: opacity 200ms ease-out; }
:host(:hover) .controls, .controls:focus-within { opacity: 1; }
@media (hover: none) { .controls { opacity: 1; } }
.facts { margin: 0 auto 0 8px; color: #fff; font: 12px system-ui, sans-serif; font-variant-numeric: tabular-nums; }
button { display: grid; place-items: center; width: 40px; height: 40px; padding: 0; border: 0; border-radius: 6px; background: none;
    color: #fff; cursor: pointer; }
button[hidden] { display: none; }
button:hover { background: rgb(255 255 255 / 20%); }
button:focus-visible { outline: 3px solid #7cb7ff; outline-offset: -3px; }
svg { width: 22px; height: 22px; fill: none; stroke: currentColor; stroke-linecap: round; stroke-linejoin: round; stroke-width: 1.8; }
.notice { position: absolute; inset: 0; display: grid; place-items: center; margin: 0; padding: 16px; color: #fff;
    font: 14px system-ui, sans-serif; text-align: center; text-shadow: 0 0 4px #000; pointer-events: none; }
@media (prefers-reduced-motion: reduce) { .controls { transition: none; } }
`;

/** @type {CSSStyleSheet | null} */
let sheet = null;

/** The players of a page that have buttons: one of them is heard. @type {Set<TopoSyncPlayer>} */
const players = new Set();

/** What lies over the picture of a player that stands alone: what is the matter, and the buttons. */
export class PlayerControls {
    #player;
    #sound;
    #float;
    #cast;
    #fullscreen;
    #facts = document.createElement("span");
    #notice = document.createElement("p");
    #bar = document.createElement("div");
    #timer;

    /**
     * @param {TopoSyncPlayer} player
     * @param {ShadowRoot} root
     */
    constructor(player, root) {
        this.#player = player;
        // A sheet that a script makes is no inline style, which policies forbid.
        if (!sheet) {
            sheet = new CSSStyleSheet();
            sheet.replaceSync(rules);
        }
        root.adoptedStyleSheets = [sheet];
        const words = playerTexts(player);
        this.#sound = button("soundOff", words.unmute, () => this.#toggleSound());
        this.#float = button("float", words.float, () => void player.toggleFloating());
        this.#cast = button("cast", words.cast, () => player.chooseScreen());
        this.#fullscreen = button("fullscreen", words.fullscreen, () => void player.toggleFullscreen());
        this.#bar.className = "controls";
        this.#facts.className = "facts";
        this.#notice.className = "notice";
        this.#notice.setAttribute("role", "status");
        this.#bar.append(this.#facts, this.#sound, this.#float, this.#cast, this.#fullscreen);
        root.append(this.#notice, this.#bar);
        players.add(player);
        this.#timer = setInterval(() => this.#drawFacts(), 1000);
        this.draw();
    }

    draw() {
        const { state, reason, hasSound, muted } = this.#player;
        const words = playerTexts(this.#player);
        const isUsersTurn = reason === "autoplay" || reason === "password" || reason === "sign-in";
        const said = state === "blocked" ? words[isUsersTurn ? reason : "offline"]
            : state === "starting" || state === "reconnecting" ? words[state] : "";
        if (this.#notice.textContent !== said) this.#notice.textContent = said;
        this.#sound.hidden = hasSound === false;
        name(this.#sound, muted ? "soundOff" : "sound", muted ? words.unmute : words.mute);
        this.#float.hidden = !this.#player.canFloat;
        this.#cast.hidden = !this.#player.canChooseScreen;
        this.#drawFacts();
    }

    remove() {
        clearInterval(this.#timer);
        players.delete(this.#player);
        this.#notice.remove();
        this.#bar.remove();
    }

    #drawFacts() {
        const { transport, delaySeconds } = this.#player;
        const delay = delaySeconds === null ? "" : ` ${delaySeconds.toFixed(1)} s`;
        this.#facts.textContent = transport ? transport.label + delay : "";
    }

    #toggleSound() {
        const player = this.#player;
        player.muted = !player.muted;
        if (player.muted) return;
        for (const other of players) {
            if (other !== player) other.muted = true;
        }
    }
}

/**
 * @param {keyof typeof icons} icon
 * @param {string} label
 * @param {() => void} onclick
 */
function button(icon, label, onclick) {
    const element = document.createElement("button");
    element.type = "button";
    element.addEventListener("click", (event) => {
        event.stopPropagation();
        onclick();
    });
    name(element, icon, label);
    return element;
}

/**
 * @param {HTMLButtonElement} element
 * @param {keyof typeof icons} icon
 * @param {string} label
 */
function name(element, icon, label) {
    if (element.title === label) return;
    element.title = label;
    element.setAttribute("aria-label", label);
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", icons[icon]);
    svg.append(path);
    element.replaceChildren(svg);
}
