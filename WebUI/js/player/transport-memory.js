import { playerStorage } from "./player-storage.js";

/** @typedef {import("./transport.js").TransportKind} TransportKind */

/** Networks change: what gave no picture is tried again after so long. */
const networkMilliseconds = 60_000;
/** What was refused for what the stream carries is refused again until the stream is another one. */
const refusalMilliseconds = 600_000;

/**
 * What this browser knows of the ways to play: which one worked last with this server, which ones gave no picture lately,
 * and which ones can't carry this stream. All players of a page share it.
 */
export class TransportMemory {
    #server;
    #stream;

    /**
     * @param {string} server its address
     * @param {string} stream names what is played
     */
    constructor(server, stream) {
        this.#server = `server ${server}`;
        this.#stream = `stream ${server} ${stream}`;
    }

    /**
     * @param {TransportKind[]} kinds the best one first
     * @returns {TransportKind[]} those to try now, in this order
     */
    order(kinds) {
        const open = kinds.filter((kind) => !this.#isDemoted(kind));
        // Where nothing works, nothing is better than another.
        if (open.length === 0) return kinds;
        const { preferred } = this.#read(this.#server);
        const first = open.filter((kind) => kind === preferred);
        return [...first, ...open.filter((kind) => kind !== preferred)];
    }

    /**
     * One shows a picture: what failed meanwhile failed by itself, and not because the stream or the server was away.
     * @param {TransportKind} kind
     * @param {{kind: TransportKind, isRefusal: boolean}[]} failed
     */
    worked(kind, failed) {
        this.#change(this.#server, (memory) => {
            memory.preferred = kind;
            delete memory.until[kind];
            for (const { kind: other, isRefusal } of failed) {
                if (!isRefusal) memory.until[other] = Date.now() + networkMilliseconds;
            }
        });
        const refused = failed.filter(({ isRefusal }) => isRefusal);
        if (refused.length === 0 && this.#read(this.#stream).until[kind] === undefined) return;
        this.#change(this.#stream, (memory) => {
            delete memory.until[kind];
            for (const { kind: other } of refused) memory.until[other] = Date.now() + refusalMilliseconds;
        });
    }

    /**
     * One showed a picture and lost it soon.
     * @param {TransportKind} kind
     */
    broke(kind) {
        this.#change(this.#server, (memory) => {
            memory.until[kind] = Date.now() + networkMilliseconds;
        });
    }

    /**
     * Whether a way may be tried beside one that plays. Of all players of a page, one tries it, once in a while.
     * @param {TransportKind} kind
     */
    takesTurn(kind) {
        if (this.#isDemoted(kind)) return false;
        this.broke(kind);
        return true;
    }

    /** The network is another one: what failed may work there. */
    forgive() {
        this.#change(this.#server, (memory) => {
            memory.until = {};
        });
    }

    /** @param {TransportKind} kind */
    #isDemoted(kind) {
        const now = Date.now();
        return [[this.#server, networkMilliseconds], [this.#stream, refusalMilliseconds]].some(([name, longest]) => {
            const left = (this.#read(String(name)).until[kind] ?? 0) - now;
            // A clock that was put back does not demote anything for years.
            return left > 0 && left <= longest;
        });
    }

    /**
     * @param {string} name
     * @returns {{preferred: TransportKind | null, until: Partial<Record<TransportKind, number>>}}
     */
    #read(name) {
        const { preferred = null, until = {} } = playerStorage.get(name) ?? {};
        return { preferred, until };
    }

    /**
     * @param {string} name
     * @param {(memory: ReturnType<TransportMemory["#read"]>) => void} change
     */
    #change(name, change) {
        const memory = this.#read(name);
        change(memory);
        playerStorage.set(name, memory);
    }
}
