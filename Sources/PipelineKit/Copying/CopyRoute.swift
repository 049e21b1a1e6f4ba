import StreamModel

/// The way from a camera into a transmission on which nothing changes the picture, found in the configuration.
struct CopyRoute: Sendable, Equatable {
    var cameraID: String
    var pipelineID: String
    var writerID: String
    var priority: Int
    /// The least rate of the `core.fps_reducer`s on the way; nil without one.
    var reducerFPS: Double?
    /// `bypass_mode` is `force_on`: whoever encodes all the same says so.
    var isForced: Bool
}

/// Whether a transmission's pictures could come straight from a camera.
enum CopyPath: Sendable, Equatable {
    case direct(CopyRoute)
    /// Half a sentence that says why not.
    case none(CodedMessage)

    /// Nothing writes into the transmission.
    static let noPipeline = CopyPath.none(
        CodedMessage("copy_no_pipeline", "no pipeline shows a camera here"))

    var route: CopyRoute? {
        if case .direct(let route) = self { route } else { nil }
    }

    /// - Parameters:
    ///   - pipelines: those that run.
    ///   - cameras: by id.
    init(to transmissionID: String, pipelines: [Pipeline], cameras: [String: CameraSettings]) {
        let writers = pipelines.flatMap { pipeline in
            pipeline.graph.nodes.filter {
                $0.operator == PublishVideoConfig.operatorName
                    && PublishVideoConfig(of: $0).transmissionID == transmissionID
            }.map { (pipeline, $0) }
        }
        guard let (pipeline, sink) = writers.first else {
            self = .noPipeline
            return
        }
        guard writers.count == 1 else {
            self = .none(
                CodedMessage("copy_many_pipelines", "more than one pipeline writes into this transmission"))
            return
        }
        self = Self.follow(pipeline, from: sink, cameras: cameras)
    }

    /// Goes from the sink back to the camera.
    private static func follow(
        _ pipeline: Pipeline, from sink: PipelineNode, cameras: [String: CameraSettings]
    ) -> CopyPath {
        let config = PublishVideoConfig(of: sink)
        guard config.bypassMode != .forceOff else {
            return .none(CodedMessage("copy_forced_off", "the pipeline's bypass_mode is force_off"))
        }
        var route = CopyRoute(
            cameraID: "", pipelineID: pipeline.id, writerID: "\(pipeline.name):\(sink.id)",
            priority: config.writerPriority, reducerFPS: nil, isForced: config.bypassMode == .forceOn)
        var node = sink
        // The model has refused circles, so this ends.
        while true {
            let sources = pipeline.graph.edges.filter { $0.to.node == node.id }.map(\.from.node)
            guard sources.count == 1, let previous = pipeline.graph.nodes.first(where: { $0.id == sources[0] }) else {
                return .none(
                    CodedMessage("copy_many_steps", "more than one step of the pipeline feeds this transmission"))
            }
            switch previous.operator {
            case FPSReducerConfig.operatorName:
                let fps = FPSReducerConfig(of: previous).targetFPS
                route.reducerFPS = min(fps, route.reducerFPS ?? fps)
            case CameraSourceConfig.operatorName:
                route.cameraID = CameraSourceConfig(of: previous).cameraID
                guard let camera = cameras[route.cameraID] else {
                    return .none(CodedMessage("copy_no_camera", "the pipeline's camera does not exist"))
                }
                return camera.isDemo
                    ? .none(CodedMessage("copy_demo", "the demo draws its pictures itself")) : .direct(route)
            case MotionGateConfig.operatorName:
                return .none(CodedMessage("copy_motion_gate", "the pipeline looks for motion in the pictures"))
            case VisionDetectConfig.operatorName, VisionTrackConfig.operatorName:
                return .none(CodedMessage("copy_detection", "the pipeline looks for things in the pictures"))
            default:
                return .none(CodedMessage("copy_changed", "the pipeline changes the picture"))
            }
            node = previous
        }
    }
}
