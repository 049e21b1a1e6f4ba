import { Sheet } from "../components/sheet.js";
import { Switch } from "../components/switch.js";
import { codedText } from "../core/coded-text.js";
import { el, fill } from "../core/dom.js";
import { outputMessage } from "../core/output-message.js";
import { formatNumber, formatSeconds, formatTime, t } from "../core/i18n.js";
import { attemptText, detailText } from "./attempt-text.js";
import { VolumeSlider } from "./volume-slider.js";

/** @typedef {import("./tile.js").Tile} Tile */

const refreshMilliseconds = 1000;

/** What a stream is doing right now, and the log of what was tried to get its picture. */
export class DetailSheet {
    #tile;
    #facts = el("dl", { class: "facts", data: { testid: "detail-facts" } });
    #log = el("ol", { class: "attempts", data: { testid: "detail-log" } });
    #slider;
    #volume;

    /** @param {Tile} tile */
    constructor(tile) {
        this.#tile = tile;
        const sheet = new Sheet(t("detail.title", { name: tile.displayName }), { testId: "detail" });
        // Nothing in it takes the focus, and it may be longer than a phone: the arrow keys scroll it.
        sheet.body.tabIndex = 0;
        this.#slider = new VolumeSlider(tile.sound, "detail-volume");
        this.#volume = el("label", { class: "detail-volume" }, el("span", {}, t("tile.volume")), this.#slider.element);
        const boxes = new Switch({
            label: t("detail.boxes"), hint: t("detail.boxes.hint"), checked: tile.showsBoxes, testId: "detail-boxes",
        }, (checked) => {
            tile.showsBoxes = checked;
        });
        fill(sheet.body, this.#volume, tile.mayShowBoxes && boxes.element, this.#facts, el("h3", {}, t("detail.log")), this.#log);
        const drawLog = () => this.#drawLog();
        const { log } = tile.player;
        log?.addEventListener("change", drawLog);
        const drawVolume = () => this.#drawVolume();
        tile.sound.addEventListener("change", drawVolume);
        const timer = setInterval(() => this.#drawFacts(), refreshMilliseconds);
        sheet.addEventListener("close", () => {
            clearInterval(timer);
            log?.removeEventListener("change", drawLog);
            tile.sound.removeEventListener("change", drawVolume);
        });
        this.#drawVolume();
        this.#drawFacts();
        this.#drawLog();
        sheet.open();
    }

    #drawVolume() {
        this.#volume.hidden = this.#slider.element.hidden || !this.#tile.sound.isUsable;
        this.#slider.draw();
    }

    #drawFacts() {
        const { player, video, status, runtime } = this.#tile;
        const dropped = video.getVideoPlaybackQuality?.().droppedVideoFrames ?? 0;
        const { transport, delaySeconds } = player;
        /** @type {[string, string | null][]} */
        const rows = [
            ["detail.state", status.sentence ? `${status.label} — ${status.sentence}` : status.label],
            ["detail.server", runtime && outputMessage(runtime)],
            ["detail.transport", transport && `${transport.label} (${detailText(transport.detail)})`],
            ["detail.delay", delaySeconds === null ? null : formatSeconds(delaySeconds)],
            ["detail.size", transport && `${video.videoWidth} × ${video.videoHeight}`],
            ["detail.frames", transport && t("detail.frames.value", {
                shown: formatNumber(player.picturesShown), dropped: formatNumber(dropped),
            })],
            ["detail.sound", soundFact(runtime, player.hasSound)],
            ["detail.viewers", runtime && formatNumber(runtime.viewer_count)],
            ["detail.codec", runtime?.publisher_active_codec ?? null],
            ["detail.mode", runtime && (codedText(runtime.mode_reason_code, runtime.mode_reason_parameters, runtime.mode_reason) || null)],
            ["detail.rate", runtime && runtime.fps !== null && runtime.bitrate_kbps !== null ? t("detail.rate.value", {
                fps: formatNumber(runtime.fps, 1), kbps: formatNumber(runtime.bitrate_kbps),
            }) : null],
            ["detail.counters", runtime?.publisher_running ? t("detail.counters.value", {
                received: formatNumber(runtime.frames_in), sent: formatNumber(runtime.frames_out),
                dropped: formatNumber(runtime.frames_dropped), repeated: formatNumber(runtime.frames_repeated),
            }) : null],
            ["detail.losses", runtime && runtime.camera_packets_lost + runtime.camera_pictures_broken > 0
                ? t("detail.losses.value", {
                    packets: formatNumber(runtime.camera_packets_lost),
                    pictures: formatNumber(runtime.camera_pictures_broken),
                }) : null],
            ["detail.serverDelay", runtime && runtime.delay_ms !== null ? t("detail.serverDelay.value", {
                milliseconds: formatNumber(runtime.delay_ms),
            }) : null],
            ["detail.restarts", runtime && formatNumber(runtime.publisher_restart_count)],
            ["detail.address", player.url],
        ];
        fill(this.#facts, rows.filter(([, value]) => value !== null).flatMap(([key, value]) =>
            [el("dt", {}, t(key)), el("dd", { class: key === "detail.address" ? "mono" : null }, value)]));
    }

    #drawLog() {
        fill(this.#log, [...this.#tile.player.log?.entries ?? []].reverse().map((entry) =>
            el("li", { class: entry.kind },
                el("time", { datetime: entry.time.toISOString() }, formatTime(entry.time, true)),
                el("span", {}, attemptText(entry)))));
    }
}

/**
 * @param {import("../types/runtime.js").RuntimeOutput | null} runtime
 * @param {boolean | null} hasSound what the player found
 */
function soundFact(runtime, hasSound) {
    const sentence = runtime && codedText(runtime.sound_code, runtime.sound_parameters, runtime.sound);
    if (!sentence) return null;
    return runtime.audio && hasSound === false ? t("detail.sound.notPlayed", { sentence }) : sentence;
}
