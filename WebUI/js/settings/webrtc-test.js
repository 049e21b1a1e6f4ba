/**
 * A sentence: its key in the language files, and what it names.
 * @typedef {{key: string, parameters: Record<string, string | number>}} Sentence
 */

/** @typedef {"browser" | "answer" | "path" | "picture"} StepName */
/** @typedef {"waiting" | "running" | "good" | "bad"} StepState */

/**
 * @typedef {object} Step
 * @property {StepName} name
 * @property {StepState} state
 * @property {Sentence | null} sentence what was found
 */

/**
 * Where the engine says that its media is found.
 * @typedef {{transport: string, address: string, port: number}} Candidate
 */

/**
 * The way that worked.
 * @typedef {object} Pair
 * @property {string} transport `udp` or `tcp`
 * @property {boolean} isRelayed whether a TURN server is in between
 * @property {string} address of the engine
 * @property {number} port
 * @property {number | null} milliseconds there and back
 */

/** @type {readonly StepName[]} */
const names = ["browser", "answer", "path", "picture"];

/** What refusals of the engine have a sentence for. */
const knownRefusals = new Set([401, 404, 422, 503]);

/**
 * What a test of WebRTC has found: each step, and after a failure what to do. It is told what happens, and touches neither
 * network nor page. Event: `change`.
 */
export class WebRTCTest extends EventTarget {
    #host;
    /** @type {Candidate[]} */
    #candidates = [];

    /** @param {string} host by which this page was opened */
    constructor(host) {
        super();
        this.#host = host.replace(/[[\]]/g, "");
        /** @type {Step[]} */
        this.steps = names.map((name, index) => ({ name, state: index === 0 ? "running" : "waiting", sentence: null }));
        /** @type {Sentence[]} */
        this.advice = [];
    }

    /** @returns {"running" | "good" | "bad"} */
    get state() {
        if (this.steps.some(({ state }) => state === "bad")) return "bad";
        return this.steps.every(({ state }) => state === "good") ? "good" : "running";
    }

    /**
     * @param {boolean} hasWebRTC
     * @param {boolean} takesH264 whether it offers to
     */
    browserKnown(hasWebRTC, takesH264) {
        if (!hasWebRTC) this.#bad("browser", sentence("browser.none"), [sentence("advice.otherBrowser")]);
        else if (!takesH264) this.#bad("browser", sentence("browser.noH264"), [sentence("advice.noH264")]);
        else this.#good("browser", sentence("browser.good"));
    }

    /** @param {number | null} status of the engine's answer; null when there was none */
    refused(status) {
        const known = status !== null && knownRefusals.has(status);
        const found = status === null ? sentence("answer.none")
            : known ? sentence(`answer.${status}`) : sentence("answer.other", { status });
        this.#bad("answer", found, status === null ? [sentence("advice.engine")] : []);
    }

    /** @param {Candidate[]} candidates where the engine says that it is found */
    answered(candidates) {
        this.#candidates = candidates;
        if (candidates.length > 0) this.#good("answer", sentence("answer.good", { places: places(candidates) }));
        else this.#bad("answer", sentence("answer.noPlaces"), [sentence("advice.addHosts")]);
    }

    /** @param {Pair} pair */
    connected({ transport, isRelayed, address, port, milliseconds }) {
        const key = isRelayed ? "path.relayed" : "path.found";
        const where = { transport: transport.toUpperCase(), place: place({ address, port }) };
        this.#good("path", milliseconds === null
            ? sentence(key, where)
            : sentence(`${key}.timed`, { ...where, time: Math.max(1, Math.round(milliseconds)) }));
        if (transport !== "udp") this.advice = [...this.#openPort("udp", "advice.preferUDP")];
        this.#changed();
    }

    /** @param {boolean} checkPassed whether a check got through, and only what followed did not */
    notConnected(checkPassed) {
        if (checkPassed) {
            this.#bad("path", sentence("path.noHandshake"), [sentence("advice.handshake")]);
            return;
        }
        const hosts = [...new Set(this.#candidates.map(({ address }) => address))];
        const isTold = hosts.includes(this.#host);
        this.#bad("path", sentence("path.none"), [
            sentence("advice.reach", { hosts: hosts.join(", ") }),
            ...this.#openPort("udp", "advice.openUDP"),
            ...this.#openPort("tcp", "advice.openTCP"),
            ...(isTold ? [] : [sentence("advice.addHost", { host: this.#host })]),
        ]);
    }

    pictureCame() {
        this.#good("picture", sentence("picture.good"));
    }

    noPicture() {
        this.#bad("picture", sentence("picture.none"), [sentence("advice.stream")]);
    }

    /**
     * @param {string} transport
     * @param {string} key
     */
    #openPort(transport, key) {
        const ports = [...new Set(this.#candidates.filter((one) => one.transport === transport).map(({ port }) => port))];
        return ports.map((port) => sentence(key, { port }));
    }

    /**
     * @param {StepName} name
     * @param {Sentence} found
     */
    #good(name, found) {
        this.#set(name, "good", found);
        const next = this.steps[names.indexOf(name) + 1];
        if (next) next.state = "running";
        this.#changed();
    }

    /**
     * @param {StepName} name
     * @param {Sentence} found
     * @param {Sentence[]} advice
     */
    #bad(name, found, advice) {
        this.#set(name, "bad", found);
        this.advice = advice;
        this.#changed();
    }

    /**
     * @param {StepName} name
     * @param {StepState} state
     * @param {Sentence} found
     */
    #set(name, state, found) {
        Object.assign(this.steps[names.indexOf(name)], { state, sentence: found });
    }

    #changed() {
        this.dispatchEvent(new Event("change"));
    }
}

/**
 * @param {string} key
 * @param {Sentence["parameters"]} [parameters]
 * @returns {Sentence}
 */
function sentence(key, parameters = {}) {
    return { key: `webrtcTest.${key}`, parameters };
}

/** @param {{address: string, port: number}} where */
function place({ address, port }) {
    return `${address.includes(":") ? `[${address}]` : address}:${port}`;
}

/** @param {Candidate[]} candidates */
function places(candidates) {
    return candidates.map((one) => `${place(one)} (${one.transport.toUpperCase()})`).join(", ");
}

/**
 * The candidates in an answer (RFC 8839 §5.1).
 * @param {string} sdp
 * @returns {Candidate[]}
 */
export function answerCandidates(sdp) {
    return [...sdp.matchAll(/^a=candidate:\S+ \d+ (\S+) \d+ (\S+) (\d+) typ /gm)].map(([, transport, address, port]) => (
        { transport: transport.toLowerCase(), address, port: Number(port) }
    ));
}

/**
 * The pair of candidates that is in use.
 * @param {{values: () => Iterable<any>}} stats of a connection
 * @returns {Pair | null}
 */
export function selectedPair(stats) {
    const all = [...stats.values()];
    const byId = new Map(all.map((one) => [one.id, one]));
    const chosen = all.map((one) => one.type === "transport" && one.selectedCandidatePairId).find(Boolean);
    const pair = byId.get(chosen)
        // Firefox has no transport among them.
        ?? all.find((one) => one.type === "candidate-pair" && one.selected)
        ?? all.find((one) => one.type === "candidate-pair" && one.nominated && one.state === "succeeded");
    const [local, remote] = [byId.get(pair?.localCandidateId), byId.get(pair?.remoteCandidateId)];
    if (!local || !remote) return null;
    return {
        transport: remote.protocol,
        isRelayed: local.candidateType === "relay",
        address: remote.address ?? remote.ip,
        port: remote.port,
        milliseconds: typeof pair.currentRoundTripTime === "number" ? pair.currentRoundTripTime * 1000 : null,
    };
}
