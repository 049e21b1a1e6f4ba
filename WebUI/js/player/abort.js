/**
 * Waits, and leaves no listener at the signal, which may live as long as the page.
 * @param {number} milliseconds infinite: until the signal aborts
 * @param {AbortSignal} signal ends the wait early
 * @returns {Promise<void>}
 */
export function pause(milliseconds, signal) {
    return new Promise((resolve) => {
        if (signal.aborted) return resolve();
        const finish = () => {
            clearTimeout(timer);
            signal.removeEventListener("abort", finish);
            resolve();
        };
        const timer = Number.isFinite(milliseconds) ? setTimeout(finish, milliseconds) : undefined;
        signal.addEventListener("abort", finish);
    });
}

/**
 * For a race against something that has no signal. The listener stays, so the signal has to be one that ends soon.
 * @param {AbortSignal} signal
 * @returns {Promise<never>} rejects with the signal's reason
 */
export function aborted(signal) {
    return new Promise((_, reject) => {
        if (signal.aborted) reject(signal.reason);
        else signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
}

/**
 * Runs a task with a signal that aborts when any of those given does: `AbortSignal.any`, which browsers older than 2024
 * lack, without a listener that stays.
 * @template Result
 * @param {AbortSignal[]} signals
 * @param {(signal: AbortSignal) => Promise<Result>} task
 * @returns {Promise<Result>}
 */
export async function withAnySignal(signals, task) {
    const controller = new AbortController();
    const scope = new AbortController();
    for (const signal of signals) {
        if (signal.aborted) controller.abort(signal.reason);
        else signal.addEventListener("abort", () => controller.abort(signal.reason), { signal: scope.signal });
    }
    try {
        return await task(controller.signal);
    } finally {
        scope.abort();
    }
}
