import Testing

@testable import MediaKit

/// Outputs to servers of this machine that say nothing, and to none.
@Suite(.timeLimit(.minutes(1)))
struct StreamOutputTests {
    private static func rtmp(_ port: UInt16) -> OutputAddress {
        OutputAddress(
            url: "rtmp://127.0.0.1:\(port)/app", container: .flv, options: ["rtmp_playpath": "live-key"],
            host: "127.0.0.1", description: "rtmp://127.0.0.1:\(port)/app")
    }

    @Test func whoSaysNothingIsGivenUpAfterAWhile() throws {
        let server = try LocalServer { $0.waitForClose() }
        let begin = MonotonicInstant.now
        let error = #expect(throws: MediaError.self) {
            _ = try StreamOutput(to: Self.rtmp(server.port), timeout: .milliseconds(300), interrupt: InterruptFlag())
        }
        #expect(error?.kind == .timedOut)
        #expect(begin.duration(to: .now) >= .milliseconds(300))
        #expect(error?.description.contains("live-key") == false)
    }

    @Test func aStopEndsWhatIsWaitedFor() throws {
        let server = try LocalServer { $0.waitForClose() }
        let interrupt = InterruptFlag()
        let stopper = DedicatedThread(name: "stopper") {
            // The connection is there, and the answer is what is waited for.
            _ = server.accepted.wait(until: .now + .seconds(60))
            interrupt.interrupt()
        }
        let error = #expect(throws: MediaError.self) {
            _ = try StreamOutput(to: Self.rtmp(server.port), timeout: .seconds(600), interrupt: interrupt)
        }
        #expect(error?.kind == .interrupted)
        stopper.join()
    }

    @Test func whatLibavWritesOfASecretIsMasked() {
        MediaKit.conceal("live-key-77")
        MediaKit.conceal("abc")
        #expect(LogForwarder.concealing("path = /app/live-key-77, abc") == "path = /app/••••, abc")
    }
}
