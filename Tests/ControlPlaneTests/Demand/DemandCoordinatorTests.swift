import EngineContract
import Foundation
import Logging
import StreamModel
import Synchronization
import Testing

@testable import ControlPlane

/// Who asks for pictures, with an engine that answers when the test says so.
@Suite(.timeLimit(.minutes(3))) struct DemandCoordinatorTests {
    /// An engine whose lists wait.
    private final class Engine: Sendable {
        private struct State {
            var waiting: [CheckedContinuation<[ControlAPI.Path]?, Never>] = []
        }

        private let state = Mutex(State())

        var viewers: EngineViewers {
            EngineViewers(
                paths: { await withCheckedContinuation { next in self.state.withLock { $0.waiting.append(next) } } },
                kind: { .builtin })
        }

        var waitingCount: Int { state.withLock { $0.waiting.count } }

        /// Answers the request that has waited longest.
        func answer(_ paths: [String: [String]]) throws {
            let items = try paths.map { name, readers in
                let list = readers.map { #"{"type": "\#($0)", "id": "1"}"# }.joined(separator: ", ")
                let text = """
                    {"name": "\(name)", "confName": "\(name)", "source": null, "ready": true, "tracks": [],
                    "readers": [\(list)]}
                    """
                return try JSONDecoder().decode(ControlAPI.Path.self, from: Data(text.utf8))
            }
            state.withLock { $0.waiting.removeFirst() }.resume(returning: items)
        }

        func answerAll() {
            let waiting = state.withLock { state in
                defer { state.waiting = [] }
                return state.waiting
            }
            for next in waiting { next.resume(returning: nil) }
        }
    }

    private let engine = Engine()
    private let wanted = WantedPaths()

    private func coordinator() -> DemandCoordinator {
        DemandCoordinator(
            engine: engine.viewers, wanted: wanted,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }), onChange: {})
    }

    @Test func aListOfAnEngineThatWasStoppedMeanwhileSaysNothing() async throws {
        let coordinator = coordinator()
        await coordinator.handle(.opened(1, path: "door"))
        #expect(await eventually { engine.waitingCount == 1 })
        await coordinator.clear()
        #expect(wanted.current == [])
        try engine.answer(["door": ["rtspSession"]])
        // The answer is dealt with before the next question.
        await coordinator.handle(.opened(2, path: "yard"))
        #expect(await eventually { engine.waitingCount == 1 })
        #expect(wanted.current == ["yard"])
        #expect(await coordinator.viewers.isEmpty)
        await coordinator.stop()
        engine.answerAll()
    }
}
