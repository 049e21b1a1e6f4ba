import { el, setText } from "../core/dom.js";
import { formatDuration, formatMoment, formatTime, hasText, t } from "../core/i18n.js";
import { EventStill } from "./event-still.js";

/** @typedef {import("../types/runtime.js").SeenEvent} SeenEvent */

/**
 * A line of the list of events.
 * @param {SeenEvent} event
 * @param {() => void} leave closes the list, because the stream is to be seen
 */
export function eventRow(event, leave) {
    const picture = new EventStill();
    const state = el("span", { class: "badge warn", hidden: true }, t("events.goesOn"));
    const time = el("span", { class: "event-text" });
    const name = eventName(event);
    const title = event.transmission_id
        ? el("a", { href: `#stream=${encodeURIComponent(event.transmission_id)}`, onclick: leave }, name)
        : name;
    const element = el("li", { class: "event", data: { testid: "event", event: event.id, kind: event.kind } },
        picture.element,
        el("div", { class: "event-main" },
            el("span", { class: "event-name" }, title, state),
            el("span", { class: "event-text" }, event.camera_name),
            time));
    return {
        element,
        update: (/** @type {SeenEvent} */ changed) => {
            state.hidden = changed.ended_at_unix !== null;
            setText(time, [
                moment(new Date(changed.started_at_unix * 1000), new Date()), duration(changed),
            ].filter(Boolean).join(" · "));
            // A better picture comes with a better score.
            const address = changed.has_still ? `api/events/log/${changed.id}/still.jpg?${changed.score}` : "";
            picture.show(address, t("events.still", { name, camera: changed.camera_name }));
        },
        remove: () => picture.remove(),
    };
}

/** @param {SeenEvent} event */
export function eventName(event) {
    if (event.kind === "motion") return t("events.motion");
    const label = event.label ?? "";
    const key = `label.${label}`;
    return hasText(key) ? t(key) : label.charAt(0).toUpperCase() + label.slice(1);
}

/** @param {SeenEvent} event */
function duration({ started_at_unix: started, ended_at_unix: ended }) {
    return ended === null ? "" : formatDuration(Math.max(1, Math.round(ended - started)));
}

/**
 * The time of day, with the day when that is not today.
 * @param {Date} date
 * @param {Date} now
 */
function moment(date, now) {
    return date.toDateString() === now.toDateString() ? formatTime(date, true) : formatMoment(date);
}
