/** Keeps the page from being left while something typed was not saved. */
class UnsavedChanges {
    /** @type {Set<object>} */
    #owners = new Set();
    #ask = (/** @type {BeforeUnloadEvent} */ event) => event.preventDefault();

    /**
     * @param {object} owner whatever holds the changes
     * @param {boolean} hasChanges
     */
    mark(owner, hasChanges) {
        if (hasChanges) this.#owners.add(owner);
        else this.#owners.delete(owner);
        // Only while needed: a page with this listener cannot be kept for the browser's back button.
        if (this.#owners.size > 0) window.addEventListener("beforeunload", this.#ask);
        else window.removeEventListener("beforeunload", this.#ask);
    }
}

export const unsavedChanges = new UnsavedChanges();
