import { drawHeader } from "../components/app-header.js";
import { ConnectionBanner } from "../components/connection-banner.js";
import { toasts } from "../components/toasts.js";
import { ApiClient } from "../core/api.js";
import { loadTranslations } from "../core/i18n.js";
import { Poller } from "../core/poller.js";
import { StateFeed } from "../core/state-feed.js";
import { ServerClock } from "../core/server-clock.js";
import { signInWhenAsked } from "../core/sign-in.js";
import { EmptyState } from "../streams/empty-state.js";
import { EventsButton } from "../streams/events-button.js";
import { isKiosk } from "../core/kiosk.js";
import { readHash } from "../core/page-hash.js";
import { GroupChoice } from "../streams/group-choice.js";
import { EngineBanner } from "../streams/engine-banner.js";
import { StreamsView } from "../streams/streams-view.js";

await loadTranslations();

const api = new ApiClient();
api.addEventListener("warning", (event) => {
    toasts.show(/** @type {CustomEvent<string>} */ (event).detail, "bad");
});
signInWhenAsked(api, "index.html");
const clock = new ServerClock();
const view = new StreamsView(clock, () => {
    if (!feed.isLive) void poller.now();
});
// Without an answer, pictures of streams with a password stay away.
api.accounts.session().then(({ access, user }) => {
    view.showsProtected = access === "account";
    if (user?.role !== "viewer") return;
    empty.showToViewer();
    engine.mayChange = false;
    events.mayChange = false;
    if (last) draw(...last);
}, () => {});
const empty = new EmptyState();
const events = new EventsButton(api);
/** State that is about to change is asked for more often. */
const settlingMilliseconds = 1000;
const calmMilliseconds = 5000;
/** While the server tells what changes, it is asked for nothing but its clock. */
const followedMilliseconds = 60_000;
const feed = new StateFeed();
const poller = new Poller(refresh, () => {
    if (feed.isLive) return followedMilliseconds;
    return view.isSettling ? settlingMilliseconds : calmMilliseconds;
});
const engine = new EngineBanner(api, () => void poller.now());

const groups = new GroupChoice(() => {
    if (last) draw(...last);
});

document.body.classList.toggle("kiosk", isKiosk());
drawHeader("streams", groups.element, events.element, ...view.tools);
document.querySelector("#main")?.replaceChildren(
    new ConnectionBanner(poller).element, engine.element, empty.element, view.stage);
poller.addEventListener("restored", () => view.retryNow());
let engineWasRunning = true;
/** @type {Parameters<typeof draw> | null} what was drawn last */
let last = null;
/** @type {import("../types/outputs.js").Transmission[]} */
let transmissions = [];
/** @type {number | null} of the transmissions, as far as the feed knows */
let revision = null;
feed.addEventListener("change", () => {
    events.update(feed.state?.events ?? null);
    if (feed.state?.revision !== revision) void poller.now();
    else if (feed.state.engine) draw(feed.state.engine, feed.state.outputs);
});
feed.addEventListener("lost", () => void poller.now());
void poller.start();
feed.start();

/** Asks for what the feed does not tell. What was stored meanwhile is asked for again. */
async function refresh() {
    do {
        const asked = feed.state?.revision ?? null;
        const [list, runtime, status] = await Promise.all(
            [api.transmissions(), observedRuntime(), api.engineStatus()],
        );
        transmissions = list;
        revision = asked;
        const told = feed.newerThan(runtime.updated_at_unix);
        draw(told?.engine ?? status, told?.outputs ?? runtime.outputs);
    } while (feed.isLive && feed.state?.revision !== revision);
}

/**
 * @param {import("../types/engine.js").EngineStatus} status
 * @param {import("../types/runtime.js").RuntimeOutput[]} outputs
 */
function draw(status, outputs) {
    last = [status, outputs];
    const { name, value } = readHash(window.location.hash);
    const shown = groups.filter(
        transmissions.filter((transmission) => transmission.enabled), name === "stream" ? value : "",
    );
    empty.element.hidden = shown.length > 0;
    view.stage.hidden = shown.length === 0;
    engine.update(status, shown.length > 0);
    view.update(shown, outputs);
    if (status.running && !engineWasRunning) view.retryNow();
    engineWasRunning = status.running;
}

async function observedRuntime() {
    const asked = Date.now();
    const runtime = await api.runtimeOutputs();
    clock.observe(asked, Date.now(), runtime.updated_at_unix);
    return runtime;
}
