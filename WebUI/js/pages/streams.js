import { drawHeader } from "../components/app-header.js";
import { ConnectionBanner } from "../components/connection-banner.js";
import { toasts } from "../components/toasts.js";
import { ApiClient } from "../core/api.js";
import { loadTranslations } from "../core/i18n.js";
import { Poller } from "../core/poller.js";
import { ServerClock } from "../core/server-clock.js";
import { signInWhenAsked } from "../core/sign-in.js";
import { emptyState } from "../streams/empty-state.js";
import { EngineBanner } from "../streams/engine-banner.js";
import { StreamsView } from "../streams/streams-view.js";

await loadTranslations();

const api = new ApiClient();
api.addEventListener("warning", (event) => {
    toasts.show(/** @type {CustomEvent<string>} */ (event).detail, "bad");
});
signInWhenAsked(api, "index.html");
const clock = new ServerClock();
const view = new StreamsView(api, clock, () => void poller.now());
const empty = emptyState();
/** State that is about to change is asked for more often. */
const settlingMilliseconds = 1000;
const calmMilliseconds = 5000;
const poller = new Poller(refresh, () => view.isSettling ? settlingMilliseconds : calmMilliseconds);
const engine = new EngineBanner(api, () => void poller.now());

drawHeader("streams", ...view.tools);
document.querySelector("#main")?.replaceChildren(
    new ConnectionBanner(poller).element, engine.element, empty, view.stage);
poller.addEventListener("restored", () => view.retryNow());
let engineWasRunning = true;
void poller.start();

async function refresh() {
    const [transmissions, runtime, status] = await Promise.all(
        [api.transmissions(), observedRuntime(), api.engineStatus()],
    );
    const shown = transmissions.filter((transmission) => transmission.enabled);
    empty.hidden = shown.length > 0;
    view.stage.hidden = shown.length === 0;
    engine.update(status, shown.length > 0);
    view.update(shown, runtime.outputs);
    if (status.running && !engineWasRunning) view.retryNow();
    engineWasRunning = status.running;
}

async function observedRuntime() {
    const asked = Date.now();
    const runtime = await api.runtimeOutputs();
    clock.observe(asked, Date.now(), runtime.updated_at_unix);
    return runtime;
}
