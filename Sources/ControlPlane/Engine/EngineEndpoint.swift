import StreamModel
import Synchronization

/// Where the engine that runs now is; shared by those who talk to it.
final class EngineEndpoint: Sendable {
    private let state = Mutex<State>(State())

    private struct State {
        var ports: EnginePorts?
        var lastPorts: EnginePorts?
        var client: EngineClient?
        var kind: EngineKind?
        var lastKind: EngineKind?
    }

    /// The ports of the engine that is ready; nil while none is.
    var ports: EnginePorts? { state.withLock { $0.ports } }
    /// Those of the engine that was ready last: most likely where it comes back.
    var lastPorts: EnginePorts? { state.withLock { $0.lastPorts } }
    /// Nil while no engine is ready.
    var client: EngineClient? { state.withLock { $0.client } }

    /// `builtin` or `mediamtx`; nil while no engine is ready.
    var kind: EngineKind? { state.withLock { $0.kind } }

    /// That of the engine that was ready last.
    var lastKind: EngineKind? { state.withLock { $0.lastKind } }

    func set(_ kind: EngineKind, ports: EnginePorts, client: EngineClient) {
        state.withLock { $0 = State(ports: ports, lastPorts: ports, client: client, kind: kind, lastKind: kind) }
    }

    func clear() { state.withLock { $0 = State(lastPorts: $0.lastPorts, lastKind: $0.lastKind) } }
}
