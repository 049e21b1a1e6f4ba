/// A step of a pipeline.
public struct PipelineNode: Hashable, Sendable {
    public var id: String
    /// The operator's name, such as `camera.source`.
    public var `operator`: String
    public var config: [String: JSONValue]

    public init(id: String, operator: String, config: [String: JSONValue]) {
        self.id = id
        self.operator = `operator`
        self.config = config
    }

    init(reading reader: ObjectReader) {
        id = reader.requiredString("id")
        `operator` = reader.requiredString("operator")
        config = reader.optionalObject("config")?.members ?? [:]
        reader.forbidUnknownMembers()
    }

    var json: JSONValue { ["id": .string(id), "operator": .string(`operator`), "config": .object(config)] }
}

/// One end of an edge.
public struct PipelinePort: Hashable, Sendable {
    public var node: String
    public var port: String

    init(node: String, port: String) {
        self.node = node
        self.port = port
    }

    init(reading reader: ObjectReader?, default port: String) {
        node = reader?.requiredString("node") ?? ""
        self.port = reader?.string("port", default: port) ?? port
        reader?.forbidUnknownMembers()
    }

    var json: JSONValue { ["node": .string(node), "port": .string(port)] }
}

/// What connects two steps: a bounded queue.
public struct PipelineEdge: Hashable, Sendable {
    public var from: PipelinePort
    public var to: PipelinePort
    /// How many frames wait at most, 1…64.
    public var maxsize: Int
    /// What happens when it is full: `drop_oldest`.
    public var dropPolicy: String

    public init(from: String, to: String, maxsize: Int) {
        self.from = PipelinePort(node: from, port: "out")
        self.to = PipelinePort(node: to, port: "in")
        self.maxsize = maxsize
        dropPolicy = Self.dropOldest
    }

    static let dropOldest = "drop_oldest"

    init(reading reader: ObjectReader) {
        if !reader.has("from") { reader.report(.missingField, at: "from", type: "missing") }
        if !reader.has("to") { reader.report(.missingField, at: "to", type: "missing") }
        from = PipelinePort(reading: reader.optionalObject("from"), default: "out")
        to = PipelinePort(reading: reader.optionalObject("to"), default: "in")
        maxsize = reader.integer("maxsize", in: 1...64, default: 2)
        dropPolicy = reader.string("drop_policy", default: Self.dropOldest)
        reader.forbidUnknownMembers()
        if dropPolicy != Self.dropOldest {
            reader.report(.notOneOf(["drop_oldest"]), at: "drop_policy", type: "literal_error")
        }
    }

    var json: JSONValue {
        ["from": from.json, "to": to.json, "maxsize": .integer(maxsize), "drop_policy": .string(dropPolicy)]
    }
}

/// The steps of a pipeline and what connects them (contract B.10).
public struct PipelineGraph: Hashable, Sendable {
    public var nodes: [PipelineNode]
    public var edges: [PipelineEdge]

    /// The version of the document that we read and write.
    public static let schemaVersion = 1
    /// Nodes and edges at most.
    public static let nodeLimit = 256
    public static let edgeLimit = 1024

    public init(nodes: [PipelineNode], edges: [PipelineEdge]) {
        self.nodes = nodes
        self.edges = edges
    }

    /// Reads and checks `nodes` and `edges`: ids are unique, edges join existing nodes, operators are known and their
    /// settings valid, nothing runs in a circle, and every node but a sink leads somewhere.
    init(reading reader: ObjectReader) {
        _ = reader.optionalInteger("schema_version", in: 1...Self.schemaVersion)
        let nodeReaders = reader.objects("nodes", limit: Self.nodeLimit)
        nodes = nodeReaders.map(PipelineNode.init(reading:))
        edges = reader.objects("edges", limit: Self.edgeLimit).map(PipelineEdge.init(reading:))
        for (node, nodeReader) in zip(nodes, nodeReaders) { OperatorCatalog.check(node, nodeReader) }
        checkStructure(reader)
    }

    private func checkStructure(_ reader: ObjectReader) {
        if nodes.isEmpty {
            reader.report(
                CodedMessage(
                    "graph_empty", "A pipeline needs at least a camera.source and a stream.publish_video."), at: "nodes"
            )
        }
        var ids: Set<String> = []
        for node in nodes where !ids.insert(node.id).inserted {
            reader.report(.graph("graph_node_twice", node.id, "The node id '\(node.id)' is used twice."), at: "nodes")
        }
        for edge in edges {
            for end in [edge.from.node, edge.to.node] where !ids.contains(end) {
                reader.report(
                    .graph("graph_node_missing", end, "An edge names the node '\(end)', which does not exist."),
                    at: "edges")
            }
        }
        let fed = Set(edges.map(\.to.node))
        let read = Set(edges.map(\.from.node))
        for node in nodes {
            let isSource = OperatorCatalog.isSource(node.operator)
            let isSink = OperatorCatalog.isSink(node.operator)
            if isSource, fed.contains(node.id) {
                reader.report(
                    .graph("graph_into_source", node.id, "'\(node.id)' is a source: no edge may lead into it."),
                    at: "edges")
            }
            if !isSource, !fed.contains(node.id) {
                reader.report(
                    .graph("graph_nothing_into", node.id, "Nothing leads into the node '\(node.id)'."), at: "edges")
            }
            if isSink, read.contains(node.id) {
                reader.report(
                    .graph("graph_out_of_sink", node.id, "'\(node.id)' is a sink: no edge may lead out of it."),
                    at: "edges")
            }
            if !isSink, !read.contains(node.id) {
                reader.report(
                    .graph("graph_leads_nowhere", node.id, "The node '\(node.id)' leads nowhere."), at: "edges")
            }
        }
        let edgesInto = Dictionary(grouping: edges, by: \.to.node)
        for node in nodes where node.operator == VisionTrackConfig.operatorName {
            let before = operators(before: node.id, edgesInto)
            guard !before.contains(VisionDetectConfig.operatorName) || before.contains(node.operator) else { continue }
            reader.report(
                .graph(
                    "graph_follows_nothing", node.id,
                    "'\(node.id)' follows what a vision.detect finds: put one before it, and no other vision.track."),
                at: "edges")
        }
        if hasCycle { reader.report(CodedMessage("graph_circle", "The edges run in a circle."), at: "edges") }
    }

    /// Those of all steps from which edges lead to a node, by whichever way.
    private func operators(before id: String, _ edgesInto: [String: [PipelineEdge]]) -> Set<String> {
        var reached: Set<String> = []
        var next = [id]
        while let id = next.popLast() {
            next += (edgesInto[id] ?? []).map(\.from.node).filter { reached.insert($0).inserted }
        }
        return Set(nodes.filter { reached.contains($0.id) }.map(\.operator))
    }

    /// Takes away nodes into which nothing leads, again and again (Kahn, 1962): what is left then is in a circle, or behind
    /// one.
    private var hasCycle: Bool {
        var edgesInto: [String: Int] = [:]
        var next: [String: [String]] = [:]
        for edge in edges {
            edgesInto[edge.to.node, default: 0] += 1
            next[edge.from.node, default: []].append(edge.to.node)
        }
        let ids = Set(nodes.map(\.id)).union(next.keys)
        var free = ids.filter { edgesInto[$0] == nil }.sorted()
        while let id = free.popLast() {
            for target in next.removeValue(forKey: id) ?? [] {
                edgesInto[target, default: 0] -= 1
                if edgesInto[target] == 0 { free.append(target) }
            }
        }
        return !next.isEmpty
    }

    /// The transmissions that it publishes into.
    public var transmissionIDs: Set<String> { Set(publishers.map(\.transmissionID)) }

    /// The cameras that it reads.
    public var cameraIDs: Set<String> {
        Set(nodes.filter { OperatorCatalog.isSource($0.operator) }.compactMap { $0.config["camera_id"]?.stringValue })
    }

    /// Whether a step looks into pictures with a model.
    public var looksIntoPictures: Bool { nodes.contains { OperatorCatalog.looksIntoPictures($0.operator) } }

    /// The models that its steps name.
    public var modelIDs: Set<String> {
        Set(
            nodes.filter { OperatorCatalog.looksIntoPictures($0.operator) }.compactMap {
                $0.config["model_id"]?.stringValue
            })
    }

    /// The settings of its sinks.
    public var publishers: [PublishVideoConfig] {
        nodes.filter { $0.operator == PublishVideoConfig.operatorName }.map(PublishVideoConfig.init(of:))
    }

    var members: [String: JSONValue] {
        [
            "schema_version": .integer(Self.schemaVersion), "nodes": .array(nodes.map(\.json)),
            "edges": .array(edges.map(\.json)),
        ]
    }
}

extension CodedMessage {
    fileprivate static func graph(_ code: String, _ node: String, _ text: String) -> Self {
        Self(code, text, ["node": .string(node)])
    }
}
