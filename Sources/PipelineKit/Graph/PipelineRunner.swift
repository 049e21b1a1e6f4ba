import MediaKit
import StreamModel

/// A pipeline that runs: its steps, joined as its graph says.
final class PipelineRunner: Sendable {
    let pipeline: Pipeline
    private let nodes: [String: GraphNode]

    /// A `camera.source` of the graph and the steps that it feeds.
    struct Source: Sendable {
        let nodeID: String
        let cameraID: String
        let targets: [GraphNode]
    }

    let sources: [Source]

    /// - Parameters:
    ///   - transmissions: the transmissions that may be published into. A sink that names another one is left out: the control plane
    ///     has deleted its transmission and is about to say so.
    ///   - vision: has the models that steps look into pictures with.
    ///   - events: gets what the steps find.
    init(
        _ pipeline: Pipeline, transmissions: [String: TransmissionState], vision: VisionDesk = VisionDesk(),
        events: @escaping EventSink
    ) {
        self.pipeline = pipeline
        let graph = pipeline.graph
        var nodes: [String: GraphNode] = [:]
        // From the sinks backwards: a node is made when all that it feeds is there. The model has refused circles.
        var remaining = graph.nodes.filter { $0.operator != CameraSourceConfig.operatorName }
        while !remaining.isEmpty {
            let ready = remaining.filter { node in
                graph.targets(of: node.id).allSatisfy { id in !remaining.contains { $0.id == id } }
            }
            guard !ready.isEmpty else { break }
            for node in ready {
                let step = Self.makeOperator(
                    node, pipeline: pipeline, transmissions: transmissions, vision: vision, events: events)
                guard let step else { continue }
                nodes[node.id] = GraphNode(
                    step, name: node.id,
                    queueCapacity: graph.edges.filter { $0.to.node == node.id }.map(\.maxsize).max() ?? 1,
                    targets: graph.targets(of: node.id).compactMap { nodes[$0] })
            }
            remaining.removeAll { node in ready.contains { $0.id == node.id } }
        }
        self.nodes = nodes
        sources = graph.nodes.filter { $0.operator == CameraSourceConfig.operatorName }.map { node in
            Source(
                nodeID: node.id, cameraID: CameraSourceConfig(of: node).cameraID,
                targets: graph.targets(of: node.id).compactMap { nodes[$0] })
        }
    }

    /// Ends every step; writers are closed. Idempotent.
    func stop() {
        for node in nodes.values { node.finish() }
    }

    private static func makeOperator(
        _ node: PipelineNode, pipeline: Pipeline, transmissions: [String: TransmissionState], vision: VisionDesk,
        events: @escaping EventSink
    ) -> (any Operator)? {
        switch node.operator {
        case FPSReducerConfig.operatorName:
            return FPSReducer(config: FPSReducerConfig(of: node))
        case MotionGateConfig.operatorName:
            return MotionGate(
                config: MotionGateConfig(of: node),
                reporter: FindingReporter(pipelineID: pipeline.id, nodeID: node.id, events: events))
        case VisionDetectConfig.operatorName:
            return VisionDetect(
                config: VisionDetectConfig(of: node), desk: vision,
                reporter: FindingReporter(pipelineID: pipeline.id, nodeID: node.id, events: events))
        case VisionTrackConfig.operatorName:
            return VisionTrack(
                config: VisionTrackConfig(of: node),
                reporter: FindingReporter(pipelineID: pipeline.id, nodeID: node.id, events: events))
        case PublishVideoConfig.operatorName:
            let config = PublishVideoConfig(of: node)
            return transmissions[config.transmissionID].map {
                PublishVideo(
                    transmission: $0, writerID: "\(pipeline.name):\(node.id)", priority: config.writerPriority)
            }
        default:
            return nil
        }
    }
}

extension PipelineGraph {
    /// The ids of the nodes that edges lead to from a node.
    func targets(of id: String) -> [String] {
        edges.filter { $0.from.node == id }.map(\.to.node)
    }
}
