/** Each icon is one stroked path in a square of 24 units. */
const paths = {
    add: "M12 5v14M5 12h14",
    alert: "M12 4 2.8 19.5h18.4L12 4ZM12 10v4.2M12 17v.1",
    bell: "M6 17h12l-1.5-2.2V10.5a4.5 4.5 0 0 0-9 0v4.3L6 17ZM10 20h4M12 6V4",
    back: "M19 12H5M11 6l-6 6 6 6",
    camera: "M4 8h3l1.6-2.5h6.8L17 8h3v11H4V8ZM12 16.4a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4Z",
    check: "M5 12.5 10 17.5 19.5 7",
    chevronLeft: "M15 5l-7 7 7 7",
    chevronRight: "M9 5l7 7-7 7",
    close: "M6 6l12 12M18 6 6 18",
    copy: "M9 9h10v11H9V9ZM15 9V4H5v11h4",
    cctv: "M3 8.5 16 5l1.6 5.8L4.6 14.3 3 8.5ZM17.2 9.2l3-.8-.8-3-3 .8M9 13.2V19H4M4 17v4",
    display: "M3.5 5h17v11h-17V5ZM9 20h6M12 16v4",
    down: "M12 5v14M6 13l6 6 6-6",
    edit: "M4 20l1-4.2L16.2 4.6l3.2 3.2L8.2 19 4 20ZM13.6 7.2l3.2 3.2",
    eye: "M2.5 12c2.4-4 5.6-6 9.5-6s7.1 2 9.5 6c-2.4 4-5.6 6-9.5 6s-7.1-2-9.5-6ZM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6Z",
    exitFullscreen: "M9 4v5H4M15 4v5h5M9 20v-5H4M15 20v-5h5",
    flow:
        "M5 8.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM19 20.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z"
        + "M7.5 6H14a3 3 0 0 1 0 6h-4a3 3 0 0 0 0 6h6.5",
    fullscreen: "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5",
    gridAuto:
        "M4 5h4.2v4.2H4V5ZM10 5h4.2v4.2H10V5ZM16 5h4v4.2h-4V5ZM4 14.6h4.2v4.2H4v-4.2Z"
        + "M10 14.6h4.2v4.2H10v-4.2ZM16 14.6h4v4.2h-4v-4.2Z",
    gridFour: "M4 5h7v6H4V5ZM13.5 5h6.5v6h-6.5V5ZM4 13.5h7v6H4v-6ZM13.5 13.5h6.5v6h-6.5v-6Z",
    gridOne: "M4 5.5h16v13H4v-13Z",
    info: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 11v5.5M12 7.6v.1",
    key: "M8.5 12.5a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM11.3 11.3 20 20M16.5 16.5l2.5-2.5",
    link: "M10 14a4 4 0 0 0 5.7 0l3-3A4 4 0 0 0 13 5.3l-1.2 1.2M14 10a4 4 0 0 0-5.7 0l-3 3A4 4 0 0 0 11 18.7l1.2-1.2",
    lock: "M6 11h12v9H6v-9ZM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
    offline: "M4 4l16 16M9.5 6H20v11M15 18H4V6h1.5",
    pictureInPicture: "M4 5h16v14H4V5ZM12.5 12H17v4h-4.5v-4Z",
    play: "M7.5 5v14l11-7-11-7Z",
    restart: "M19.5 12a7.5 7.5 0 1 1-2.4-5.5M17.5 2.8v4h-4",
    server: "M4 5h16v6H4V5ZM4 13h16v6H4v-6ZM7.5 8v.1M7.5 16v.1",
    settings:
        "M4 7h9M17 7h3M4 17h3M11 17h9M15 9.2a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4Z"
        + "M9 19.2a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4Z",
    screens: "M5 17H4V5h16v12h-1M12 14l5 6H7l5-6Z",
    sound: "M4 9.5v5h3.5L12 18.5v-13L7.5 9.5H4ZM15.5 9a4.2 4.2 0 0 1 0 6M18 6.5a7.8 7.8 0 0 1 0 11",
    soundOff: "M4 9.5v5h3.5L12 18.5v-13L7.5 9.5H4ZM16 9.5l5 5M21 9.5l-5 5",
    stop: "M6.5 6.5h11v11h-11v-11Z",
    streams: "M3.5 6.5h12v11h-12v-11ZM15.5 11l5-3v8l-5-3",
    test: "M4 12h3.5l2.5-6 4 12 2.5-6H20",
    trash: "M5 7h14M10 4h4M7 7l.8 13h8.4L17 7M10.5 11v5.5M13.5 11v5.5",
    up: "M12 19V5M6 11l6-6 6 6",
    user: "M12 11.5a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4.5 20.5c.6-4 3.6-6 7.5-6s6.9 2 7.5 6",
};

/** @typedef {keyof typeof paths} IconName */

const namespace = "http://www.w3.org/2000/svg";

/**
 * A decorative icon in the colour of the text around it.
 * @param {IconName} name
 * @returns {SVGSVGElement}
 */
export function icon(name) {
    const svg = document.createElementNS(namespace, "svg");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("class", "icon");
    svg.setAttribute("aria-hidden", "true");
    svg.setAttribute("focusable", "false");
    const path = document.createElementNS(namespace, "path");
    path.setAttribute("d", paths[name]);
    svg.append(path);
    return svg;
}
