/** How far a finger has to move sideways, in pixels, and how much more sideways than up or down. */
const minimumDistance = 48;
const minimumSlope = 1.6;

/**
 * Calls back when a finger swipes sideways over an element.
 * @param {HTMLElement} element
 * @param {(direction: 1 | -1) => void} onSwipe 1 for the next (a swipe to the left), -1 for the one before
 */
export function listenForSwipes(element, onSwipe) {
    /** @type {{x: number, y: number, id: number} | null} */
    let start = null;
    let hasSwiped = false;
    element.addEventListener("pointerdown", (event) => {
        hasSwiped = false;
        start = event.pointerType === "mouse" || !event.isPrimary
            ? null
            : { x: event.clientX, y: event.clientY, id: event.pointerId };
    });
    element.addEventListener("pointercancel", () => {
        start = null;
    });
    // A click that follows belongs to the swipe. Often there is none; what is touched after that is meant.
    element.addEventListener("click", (event) => {
        if (hasSwiped && event.detail > 0) event.stopPropagation();
        hasSwiped = false;
    }, { capture: true });
    element.addEventListener("pointerup", (event) => {
        if (!start || event.pointerId !== start.id) return;
        const x = event.clientX - start.x;
        const y = event.clientY - start.y;
        start = null;
        if (Math.abs(x) < minimumDistance || Math.abs(x) < Math.abs(y) * minimumSlope) return;
        hasSwiped = true;
        setTimeout(() => onSwipe(x < 0 ? 1 : -1));
    });
}
