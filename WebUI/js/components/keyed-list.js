/**
 * @template Item
 * @typedef {{element: HTMLElement, update: (item: Item) => void, remove?: () => void}} Row `remove` ends what the row
 *     listens to
 */

/**
 * Keeps one row per item, so that a refresh neither moves the focus nor closes what is open.
 * @template Item
 */
export class KeyedList {
    #container;
    #key;
    #create;
    /** @type {Map<string, Row<Item>>} */
    #rows = new Map();

    /**
     * @param {HTMLElement} container
     * @param {(item: Item) => string} key
     * @param {(item: Item) => Row<Item>} create
     */
    constructor(container, key, create) {
        this.#container = container;
        this.#key = key;
        this.#create = create;
    }

    /** @param {readonly Item[]} items */
    update(items) {
        const rows = new Map(items.map((item) => {
            const key = this.#key(item);
            const row = this.#rows.get(key) ?? this.#create(item);
            row.update(item);
            return [key, row];
        }));
        for (const [key, row] of this.#rows) {
            if (rows.has(key)) continue;
            row.remove?.();
            row.element.remove();
        }
        [...rows.values()].forEach((row, index) => {
            const there = this.#container.children[index];
            if (there !== row.element) this.#container.insertBefore(row.element, there ?? null);
        });
        this.#rows = rows;
    }
}
