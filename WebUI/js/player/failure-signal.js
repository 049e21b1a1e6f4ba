/**
 * A promise that only ever fails, for what stops working while somebody may be waiting for something else.
 * @returns {{failed: Promise<never>, fail: (failure: Error) => void}}
 */
export function failureSignal() {
    /** @type {(failure: Error) => void} */
    let fail = () => {};
    /** @type {Promise<never>} */
    const failed = new Promise((_, reject) => {
        fail = reject;
    });
    // Not an unhandled rejection when nobody waits.
    failed.catch(() => {});
    return { failed, fail };
}
