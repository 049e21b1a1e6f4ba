const visibleMilliseconds = 3000;

/** Shows what lies over a picture while somebody moves, touches or types there, and for three seconds after. */
export class OverlayTimer {
    #element;
    #controls;
    /** @type {number | undefined} */
    #timer;
    /** Whether it was shown before the press that shows it. */
    #wasShown = false;

    /**
     * @param {HTMLElement} element gets `data-overlay="shown"` meanwhile
     * @param {HTMLElement} controls what is in it to be used: it does not vanish under a keyboard's focus
     */
    constructor(element, controls) {
        this.#element = element;
        this.#controls = controls;
        for (const type of ["pointerdown", "keydown"]) {
            element.addEventListener(type, () => {
                this.#wasShown = this.isShown;
            }, { passive: true });
        }
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

    /** What a press on the picture does. */
    toggle() {
        if (this.#wasShown) this.hide();
        else this.show();
    }

    hide() {
        clearTimeout(this.#timer);
        delete this.#element.dataset.overlay;
    }

    #isUsedByKeyboard() {
        const focused = document.activeElement;
        return Boolean(focused && this.#controls.contains(focused) && focused.matches(":focus-visible"));
    }
}
