import { drawHeader } from "../components/app-header.js";
import { ConnectionBanner } from "../components/connection-banner.js";
import { toasts } from "../components/toasts.js";
import { ApiClient } from "../core/api.js";
import { el } from "../core/dom.js";
import { loadTranslations, t } from "../core/i18n.js";
import { readHash } from "../core/page-hash.js";
import { Poller } from "../core/poller.js";
import { StateFeed } from "../core/state-feed.js";
import { signInWhenAsked, signOut } from "../core/sign-in.js";
import { AccessSection } from "../settings/access-section.js";
import { AddressSection } from "../settings/address-section.js";
import { CameraSection } from "../settings/camera-section.js";
import { DetectionSection } from "../settings/detection-section.js";
import { EngineSection } from "../settings/engine-section.js";
import { EventSection } from "../settings/event-section.js";
import { FirstRun } from "../settings/first-run.js";
import { languageSection } from "../settings/language-choice.js";
import { MaintenanceSection } from "../settings/maintenance-section.js";
import { MqttSection } from "../settings/mqtt-section.js";
import { NetworkSection } from "../settings/network-section.js";
import { PipelineSection } from "../settings/pipeline-section.js";
import { SettingsStore } from "../settings/settings-store.js";
import { TransmissionSection } from "../settings/transmission-section.js";

await loadTranslations();

const api = new ApiClient();
api.addEventListener("warning", (event) => {
    toasts.show(/** @type {CustomEvent<string>} */ (event).detail, "bad");
});
const feed = new StateFeed();
const store = new SettingsStore(api, feed);
/** While the server tells what changes, it is asked for nothing but the log of the engine. */
const followedMilliseconds = 60_000;
const calmMilliseconds = 5000;
const poller = new Poller(
    () => store.refresh(), () => feed.isLive && !engine.log.isOpen ? followedMilliseconds : calmMilliseconds,
);
feed.addEventListener("lost", () => void poller.now());
const firstRun = new FirstRun(api, store);
const cameras = new CameraSection(api, store);
const transmissions = new TransmissionSection(api, store);
const engine = new EngineSection(api, store);
engine.log.addEventListener("open", () => void poller.now());
const parts = [
    cameras.element,
    transmissions.element,
    new AddressSection(api, store).element,
    new PipelineSection(api, store).element,
    new DetectionSection(api, store).element,
    new EventSection(api, store).element,
    new MqttSection(api, store).element,
    engine.element,
    new NetworkSection(api, store).element,
    new AccessSection(api, store).element,
    new MaintenanceSection(api, store).element,
    languageSection(),
];

drawHeader("settings");
const content = el("div", { class: "settings-content", hidden: true }, firstRun.element, parts);
const loading = el("p", {
    class: "empty", role: "status",
}, el("span", { class: "spinner", "aria-hidden": "true" }), t("settings.loading"));
document.querySelector("#main")?.replaceChildren(
    new ConnectionBanner(poller).element,
    el("div", { class: "settings" },
        el("nav", { class: "settings-nav", "aria-label": t("settings.sections") },
            parts.map((part) => el("a", { href: `#${part.id}` }, part.querySelector("h2")?.textContent ?? ""))),
        loading,
        content));

store.addEventListener("change", () => {
    loading.remove();
    content.hidden = false;
    followHash();
}, { once: true });
window.addEventListener("hashchange", followHash);
signInWhenAsked(api, "settings.html");
const session = await api.accounts.session().catch(() => null);
if (session?.user?.role === "viewer") showToViewer(session.user.name, session.can_sign_out);
else {
    void poller.start();
    feed.start();
}

/**
 * Of the settings, a viewer has the language alone.
 * @param {string} name
 * @param {boolean} canSignOut whether somebody else can sign in instead
 */
function showToViewer(name, canSignOut) {
    const asAnother = canSignOut && el("button", {
        class: "button", type: "button", data: { testid: "sign-in-as-another" },
        onclick: async () => {
            try {
                await signOut(api, "settings.html");
            } catch (error) {
                toasts.showError(error);
            }
        },
    }, t("settings.signInAsAnother"));
    document.querySelector("#main")?.replaceChildren(el("div", { class: "settings for-viewer" },
        el("div", { class: "settings-content" },
            el("div", { class: "empty" }, el("p", {}, t("settings.needsAdmin", { name })), asAnother),
            languageSection())));
}

/** Goes to what the address asks for: a section, or a transmission's editor. */
function followHash() {
    const { name, value } = readHash(window.location.hash);
    if (name === "transmission" && value) void transmissions.edit(value);
    else if (name === "first-run" && store.cameras.length > 0) cameras.add();
    else if (name === "first-run") firstRun.focus();
    else if (name) document.getElementById(name)?.scrollIntoView();
}
