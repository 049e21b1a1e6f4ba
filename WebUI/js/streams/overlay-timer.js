const visibleMilliseconds = 3000;

/** Shows what lies over a picture while somebody moves, touches or types there, and for three seconds after. */
export class OverlayTimer {
    #element;
    /** @type {number | undefined} */
    #timer;

    /** @param {HTMLElement} element gets `data-overlay="shown"` meanwhile */
    constructor(element) {
        this.#element = element;
        for (const type of ["pointermove", "pointerdown", "focusin", "keydown"]) {
            element.addEventListener(type, () => this.show(), { passive: true });
        }
        element.addEventListener("pointerleave", (event) => {
            if (event.pointerType === "mouse" && !this.#isUsedByKeyboard()) this.hide();
        });
        element.addEventListener("focusout", () => this.show());
    }

    get isShown() {
        return this.#element.dataset.overlay === "shown";
    }

    show() {
        this.#element.dataset.overlay = "shown";
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => {
            if (this.#isUsedByKeyboard()) this.show();
            else this.hide();
        }, visibleMilliseconds);
    }

    hide() {
        clearTimeout(this.#timer);
        delete this.#element.dataset.overlay;
    }

    #isUsedByKeyboard() {
        const focused = document.activeElement;
        return Boolean(focused && this.#element.contains(focused) && focused.matches(":focus-visible"));
    }
}
