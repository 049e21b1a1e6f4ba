import MediaKit
import NIOCore
import NIOPosix
import Testing

@testable import PipelineKit

@Suite(.timeLimit(.minutes(1)))
struct CameraDoorTests {
    private let eventLoop = MultiThreadedEventLoopGroup.singleton.next()

    /// Default ports: RFC 2326 §3.2 and RFC 7826 §4.2 for RTSP, RFC 9110 §4.2 for HTTP.
    @Test(arguments: [
        ("rtsp://192.168.1.20/stream1", "192.168.1.20", 554), ("rtsp://192.168.1.20:8554/a?b=c", "192.168.1.20", 8554),
        ("rtsps://10.0.0.1/", "10.0.0.1", 322), ("http://10.0.0.1/video.mjpg", "10.0.0.1", 80),
        ("https://[fe80::1]:8443/", "fe80::1", 8443),
    ])
    func theAddressIsTheCameras(_ url: String, _ host: String, _ port: Int) throws {
        #expect(CameraDoor(url: url)?.address == (try SocketAddress(ipAddress: host, port: port)))
    }

    @Test(arguments: ["demo:", "file:///clip.mp4", "/dev/video0", "rtsp://camera.local/1", ""])
    func whatHasNoAddressHasNoDoor(_ url: String) {
        #expect(CameraDoor(url: url) == nil)
    }

    @Test func somebodyWhoAnswersEndsTheWait() async throws {
        let server = try await ServerBootstrap(group: eventLoop).bind(host: "127.0.0.1", port: 0).get()
        let door = try #require(CameraDoor(url: "rtsp://127.0.0.1:\(server.localAddress?.port ?? 0)/"))
        let start = ContinuousClock.now
        let thread = DedicatedThread(name: "test") {
            door.waitUntilOpen(deadline: start + .seconds(50), interrupt: InterruptFlag(), eventLoop: eventLoop)
        }
        await thread.completion()
        #expect(start.duration(to: .now) < .seconds(40))
        try await server.close()
    }

    @Test func nobodyIsWaitedForUntilTheDeadlineOrAnInterrupt() async throws {
        // Nothing listens on port 1.
        let door = try #require(CameraDoor(url: "rtsp://127.0.0.1:1/"))
        let deadline = ContinuousClock.now + .milliseconds(700)
        let waits = DedicatedThread(name: "test") {
            door.waitUntilOpen(deadline: deadline, interrupt: InterruptFlag(), eventLoop: eventLoop)
        }
        await waits.completion()
        #expect(ContinuousClock.now >= deadline)

        let interrupt = InterruptFlag()
        let interrupted = DedicatedThread(name: "test") {
            door.waitUntilOpen(deadline: .now + .seconds(3600), interrupt: interrupt, eventLoop: eventLoop)
        }
        interrupt.interrupt()
        await interrupted.completion()
    }
}
