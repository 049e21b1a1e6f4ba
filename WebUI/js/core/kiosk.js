/**
 * Whether the page is a picture on a wall: `?kiosk` shows the streams and nothing to press. The address is made by whoever
 * hangs it up.
 */
export function isKiosk() {
    return new URLSearchParams(window.location.search).has("kiosk");
}
