import EngineContract
import StreamModel

/// What the engine that runs knows of viewers.
struct EngineViewers: Sendable {
    /// Its paths with their readers; nil when no engine answers.
    var paths: @Sendable () async -> [ControlAPI.Path]?
    /// Which engine it is; nil while none is ready.
    var kind: @Sendable () -> EngineKind?

    init(
        paths: @escaping @Sendable () async -> [ControlAPI.Path]?, kind: @escaping @Sendable () -> EngineKind?
    ) {
        self.paths = paths
        self.kind = kind
    }

    init(_ endpoint: EngineEndpoint) {
        self.init(
            paths: { try? await endpoint.client?.paths() },
            kind: { endpoint.kind })
    }
}
