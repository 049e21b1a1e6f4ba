import { hasText, t } from "../core/i18n.js";
import { graphLayout } from "./graph-layout.js";

/** @typedef {import("../types/cameras.js").Pipeline} Pipeline */
/** @typedef {import("../types/cameras.js").PipelineNode} PipelineNode */

const namespace = "http://www.w3.org/2000/svg";
const size = { width: 172, height: 56, gapX: 44, gapY: 16 };

/**
 * A drawing of what a pipeline does, from left to right.
 * @param {Pipeline} pipeline
 * @param {(node: PipelineNode) => string} describe what a node is about, such as the camera's name
 * @returns {SVGSVGElement}
 */
export function pipelineGraph(pipeline, describe) {
    const placed = graphLayout(pipeline.nodes, pipeline.edges ?? []);
    const places = new Map(placed.map(({ node, column, row }) => [node.id, {
        x: 1 + column * (size.width + size.gapX), y: 1 + row * (size.height + size.gapY),
    }]));
    const width = 2 + Math.max(...[...places.values()].map(({ x }) => x)) + size.width;
    const height = 2 + Math.max(...[...places.values()].map(({ y }) => y)) + size.height;
    const label = placed.map(({ node }) => [operatorName(node), describe(node)].filter(Boolean).join(": ")).join(" → ");
    const svg = make("svg", {
        viewBox: `0 0 ${width} ${height}`, width, height, class: "pipeline-graph", role: "img", "aria-label": label,
    });
    for (const { from, to } of pipeline.edges ?? []) {
        const [start, end] = [places.get(from.node), places.get(to.node)];
        if (start && end) svg.append(make("path", { class: "graph-edge", d: curve(start, end) }));
    }
    for (const { node } of placed) svg.append(box(node, places.get(node.id) ?? { x: 0, y: 0 }, describe(node)));
    return /** @type {SVGSVGElement} */ (svg);
}

/**
 * @param {{x: number, y: number}} start
 * @param {{x: number, y: number}} end
 */
function curve(start, end) {
    const [x1, y1] = [start.x + size.width, start.y + size.height / 2];
    const [x2, y2] = [end.x, end.y + size.height / 2];
    const middle = (x1 + x2) / 2;
    return `M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}M${x2 - 6} ${y2 - 4}L${x2} ${y2}L${x2 - 6} ${y2 + 4}`;
}

/**
 * @param {PipelineNode} node
 * @param {{x: number, y: number}} place
 * @param {string} subject
 */
function box(node, { x, y }, subject) {
    const group = make("g", { class: "graph-node" });
    group.append(
        make("rect", { x, y, width: size.width, height: size.height, rx: 8 }),
        text(x + 12, y + 23, "graph-operator", operatorName(node)),
        text(x + 12, y + 42, "graph-subject", subject));
    return group;
}

/** @param {PipelineNode} node */
function operatorName(node) {
    const key = `operator.${node.operator}`;
    return hasText(key) ? t(key) : node.operator;
}

/**
 * @param {number} x
 * @param {number} y
 * @param {string} className
 * @param {string} content
 */
function text(x, y, className, content) {
    const element = make("text", { x, y, class: className });
    element.textContent = content.length > 22 ? `${content.slice(0, 21)}…` : content;
    return element;
}

/**
 * @param {string} name
 * @param {Record<string, string | number>} attributes
 */
function make(name, attributes) {
    const element = document.createElementNS(namespace, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
    return element;
}
