import Foundation

/// When a pipeline runs.
public enum PipelineRunMode: String, CaseIterable, Codable, Sendable {
    /// Only while somebody watches what it publishes.
    case onDemand = "on_demand"
    case always
}

/// A named graph that turns cameras into transmissions: the graph document of contract B.10 plus `name`, `enabled`, `run`.
public struct Pipeline: JSONModel, Identifiable {
    public var id: String
    /// Unique; with a node's id it names a writer (`pipeline:node`).
    public var name: String
    public var enabled: Bool
    public var run: PipelineRunMode
    public var graph: PipelineGraph
    public var createdAt: Date
    public var updatedAt: Date
    public var unknownFields: [String: JSONValue]

    public init(id: String = UUID().uuidString.lowercased(), name: String, enabled: Bool = true, graph: PipelineGraph) {
        self.id = id
        self.name = name
        self.enabled = enabled
        self.graph = graph
        run = .onDemand
        createdAt = Timestamp.now()
        updatedAt = createdAt
        unknownFields = [:]
    }

    public init(reading reader: ObjectReader) {
        id = reader.optionalID() ?? UUID().uuidString.lowercased()
        name = reader.requiredString("name").trimmed
        enabled = reader.bool("enabled", default: true)
        run = reader.choice("run", default: .onDemand)
        graph = PipelineGraph(reading: reader)
        createdAt = reader.optionalString("created_at").flatMap(Timestamp.parse) ?? Timestamp.now()
        updatedAt = reader.optionalString("updated_at").flatMap(Timestamp.parse) ?? Timestamp.now()
        unknownFields = reader.unknownMembers
        reader.checkName(name)
        if name.isEmpty, reader.has("name") {
            reader.report(CodedMessage("pipeline_unnamed", "Give the pipeline a name."), at: "name")
        }
    }

    public var json: JSONValue {
        var members = unknownFields.merging(graph.members) { $1 }
        members["id"] = .string(id)
        members["name"] = .string(name)
        members["enabled"] = .bool(enabled)
        members["run"] = .string(run.rawValue)
        members["created_at"] = .string(Timestamp.format(createdAt))
        members["updated_at"] = .string(Timestamp.format(updatedAt))
        return .object(members)
    }
}
