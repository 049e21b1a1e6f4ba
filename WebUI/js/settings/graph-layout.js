/** @typedef {import("../types/cameras.js").PipelineNode} PipelineNode */
/** @typedef {{from: {node: string}, to: {node: string}}} GraphEdge */
/** @typedef {{node: PipelineNode, column: number, row: number}} PlacedNode */

/**
 * Places nodes in columns, each to the right of all that lead to it, and in rows in the order in which they stand.
 * @param {PipelineNode[]} nodes
 * @param {GraphEdge[]} edges
 * @returns {PlacedNode[]}
 */
export function graphLayout(nodes, edges) {
    /** @type {Map<string, number>} */
    const columns = new Map(nodes.map((node) => [node.id, 0]));
    // As many passes as there are nodes reach the end of the longest way; a circle, which there may not be, ends there too.
    for (let pass = 0; pass < nodes.length; pass += 1) {
        for (const { from, to } of edges) {
            const [before, after] = [columns.get(from.node), columns.get(to.node)];
            if (before !== undefined && after !== undefined && after <= before && before + 1 < nodes.length) {
                columns.set(to.node, before + 1);
            }
        }
    }
    /** @type {Map<number, number>} */
    const rows = new Map();
    return nodes.map((node) => {
        const column = columns.get(node.id) ?? 0;
        const row = rows.get(column) ?? 0;
        rows.set(column, row + 1);
        return { node, column, row };
    });
}
