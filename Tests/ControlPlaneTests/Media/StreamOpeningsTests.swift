import NIOCore
import Synchronization
import Testing

@testable import ControlPlane

@Suite(.timeLimit(.minutes(3))) struct StreamOpeningsTests {
    private let viewer = MediaToken.ViewerID()

    @Test func theEngineIsAskedOnceHoweverOftenAPlayerAsks() async throws {
        let openings = StreamOpenings(keeping: .seconds(60))
        let (answers, answer) = AsyncStream<ByteBuffer>.makeStream()
        let asked = Atomic(0)
        func ask() async throws -> ByteBuffer? {
            try await openings.playlist(for: viewer, within: .milliseconds(20)) { () throws(ControlPlaneError) in
                asked.add(1, ordering: .relaxed)
                for await answer in answers { return answer }
                throw .engineAway
            }
        }
        #expect(try await ask() == nil)
        #expect(try await ask() == nil)
        answer.yield(ByteBuffer(string: "playlist"))
        var got: ByteBuffer?
        while got == nil { got = try await ask() }
        #expect(got == ByteBuffer(string: "playlist"))
        #expect(try await ask() == got, "a browser looks at it before it plays")
        #expect(asked.load(ordering: .relaxed) == 1)
    }

    @Test func aRequestThatIsHeldIsAnsweredAtOnce() async throws {
        let openings = StreamOpenings()
        let got = try await openings.playlist(for: viewer, within: .seconds(50)) { () throws(ControlPlaneError) in
            try? await Task.sleep(for: .milliseconds(20))
            return ByteBuffer(string: "x")
        }
        #expect(got == ByteBuffer(string: "x"))
    }

    @Test func aFailureIsToldAndTriedAgain() async throws {
        let openings = StreamOpenings()
        await #expect(throws: ControlPlaneError.engineAway) {
            try await openings.playlist(for: viewer, within: .seconds(50)) { () throws(ControlPlaneError) in
                throw .engineAway
            }
        }
        let got = try await openings.playlist(for: viewer, within: .seconds(50)) { () throws(ControlPlaneError) in
            ByteBuffer(string: "x")
        }
        #expect(got == ByteBuffer(string: "x"))
    }

    @Test func aViewerThatLeavesIsLetGo() async throws {
        let openings = StreamOpenings()
        async let held = openings.playlist(for: viewer, within: .seconds(50)) { () throws(ControlPlaneError) in
            try? await Task.sleep(for: .seconds(50))
            throw .engineAway
        }
        // It may ask only after this, so it is said until it is heard.
        let forgetting = Task {
            while !Task.isCancelled {
                await openings.forget(viewer)
                try? await Task.sleep(for: .milliseconds(10))
            }
        }
        #expect(try await held == nil)
        forgetting.cancel()
    }
}
