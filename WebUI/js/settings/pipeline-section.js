import { confirmAction } from "../components/confirm-dialog.js";
import { IconButton } from "../components/icon-button.js";
import { KeyedList } from "../components/keyed-list.js";
import { Switch } from "../components/switch.js";
import { toasts } from "../components/toasts.js";
import { el, fill, setText } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { t } from "../core/i18n.js";
import { cameraOf, motionStepOf, transmissionOf } from "./pipeline-facts.js";
import { MotionSheet } from "./motion-sheet.js";
import { pipelineGraph } from "./pipeline-graph.js";
import { PipelineSheet } from "./pipeline-sheet.js";
import { section } from "./section.js";

/** @typedef {import("../types/cameras.js").Pipeline} Pipeline */

/** What carries pictures from the cameras to the transmissions. */
export class PipelineSection {
    #api;
    #store;

    /**
     * @param {import("../core/api.js").ApiClient} api
     * @param {import("./settings-store.js").SettingsStore} store
     */
    constructor(api, store) {
        this.#api = api;
        this.#store = store;
        const list = el("div", { class: "card list", data: { testid: "pipelines" } });
        const empty = el("p", { class: "card soft", hidden: true }, t("pipelines.empty"));
        const rows = new KeyedList(
            list, (/** @type {Pipeline} */ pipeline) => pipeline.id, (pipeline) => this.#row(pipeline),
        );
        this.element = section({
            id: "pipelines", title: t("pipelines.title"), text: t("pipelines.text"),
            actions: [el("button", {
                class: "button small", type: "button", data: { testid: "pipeline-add" },
                onclick: () => new PipelineSheet(api, store),
            }, icon("add"), t("pipelines.add"))],
        }, list, empty);
        store.addEventListener("change", () => {
            rows.update(store.pipelines);
            list.hidden = store.pipelines.length === 0;
            empty.hidden = !list.hidden;
        });
    }

    /** @param {Pipeline} pipeline */
    #row(pipeline) {
        let current = pipeline;
        const title = el("span", { class: "row-title mono" });
        const way = el("span", { class: "row-text way" });
        const enabled = new Switch({
            label: t("pipeline.enabled"), labelHidden: true, checked: pipeline.enabled, testId: "pipeline-enabled",
        },
            (checked) => void this.#change(current, { enabled: checked }));
        const run = el("select", {
            class: "select small", "aria-label": t("pipeline.run"), data: { testid: "pipeline-run" },
            onchange: () => void this.#change(current, { run: /** @type {Pipeline["run"]} */ (run.value) }),
        }, ["on_demand", "always"].map((value) => el("option", { value }, t(`pipeline.run.${value}`))));
        const remove = new IconButton("trash", "pipeline-delete", () => void this.#delete(current), t("action.delete"));
        const motion = new IconButton("eye", "pipeline-motion", () => {
            const step = motionStepOf(current);
            if (step) new MotionSheet(this.#api, this.#store, current, step);
        }, t("motion.set"));
        const graph = el("div", { class: "graph-place", tabIndex: 0 });
        const drawing = el("details", {
            class: "disclosure row-graph", data: { testid: "pipeline-graph" },
            ontoggle: () => {
                if (drawing.open) fill(graph, pipelineGraph(current, (node) => this.#subject(node)));
            },
        }, el("summary", {}, t("pipeline.graph")), graph);
        const element = el("div", { class: "row", data: { testid: "pipeline", pipeline: pipeline.id } },
            el("span", { class: "row-icon" }, icon("flow")),
            el("div", { class: "row-main" }, way, title),
            el("div", { class: "row-actions" }, motion.element, run, enabled.element, remove.element),
            drawing);
        return {
            element,
            update: (/** @type {Pipeline} */ changed) => {
                current = changed;
                setText(title, changed.name);
                motion.element.hidden = !motionStepOf(changed);
                const ends = [this.#cameraName(changed), this.#transmissionName(changed)];
                if (way.dataset.ends !== ends.join("→")) {
                    way.dataset.ends = ends.join("→");
                    fill(way, el("span", {}, ends[0]), icon("chevronRight"), el("span", {}, ends[1]));
                }
                enabled.checked = changed.enabled;
                if (document.activeElement !== run) run.value = changed.run;
                element.classList.toggle("off", !changed.enabled);
            },
        };
    }

    /**
     * What a node of a drawing is about.
     * @param {import("../types/cameras.js").PipelineNode} node
     */
    #subject(node) {
        const {
            camera_id: camera, transmission_id: transmission, target_fps: fps, hold_seconds: hold,
        } = node.config ?? {};
        if (typeof camera === "string") return this.#store.camera(camera)?.name ?? t("pipeline.cameraGone");
        if (typeof transmission === "string") {
            const known = this.#store.transmission(transmission);
            return known ? known.name || known.path : t("pipeline.transmissionGone");
        }
        if (typeof hold === "number") return t("pipeline.motion.held", { seconds: hold });
        return typeof fps === "number" ? t("fact.fps", { fps }) : "";
    }

    /** @param {Pipeline} pipeline */
    #cameraName(pipeline) {
        const id = cameraOf(pipeline);
        return (id && this.#store.camera(id)?.name) || t("pipeline.cameraGone");
    }

    /** @param {Pipeline} pipeline */
    #transmissionName(pipeline) {
        const id = transmissionOf(pipeline);
        const transmission = id ? this.#store.transmission(id) : null;
        return transmission ? transmission.name || transmission.path : t("pipeline.transmissionGone");
    }

    /**
     * @param {Pipeline} pipeline
     * @param {Partial<Pipeline>} changes
     */
    async #change(pipeline, changes) {
        try {
            const changed = await this.#api.changePipeline(pipeline.id, changes);
            const key = "enabled" in changes
                ? `pipeline.saved.${changed.enabled ? "on" : "off"}`
                : `pipeline.saved.${changed.run}`;
            toasts.show(t(key, { name: changed.name }));
        } catch (error) {
            toasts.showError(error);
        }
        await this.#store.refresh();
    }

    /** @param {Pipeline} pipeline */
    async #delete(pipeline) {
        const confirmed = await confirmAction({
            title: t(
                "pipeline.delete.title", { name: pipeline.name },
            ), text: t("pipeline.delete.text"), action: t("action.delete"),
        });
        if (!confirmed) return;
        try {
            await this.#api.deletePipeline(pipeline.id);
            toasts.show(t("pipeline.deleted", { name: pipeline.name }));
            await this.#store.refresh();
        } catch (error) {
            toasts.showError(error);
        }
    }
}
