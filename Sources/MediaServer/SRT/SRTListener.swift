import EngineContract
import Foundation
import Logging
import NIOCore

/// Where programs publish by SRT: one thread waits for all of them, as libsrt wants it, and gives what comes to the engine's event loop.
final class SRTListener: Sendable {
    let port: Int
    private let door: SRTDoor
    private let ended: EventLoopFuture<Void>

    /// Opens the port.
    ///
    /// - Throws: ``MediaServerError``
    init(
        _ configuration: EngineConfiguration, engine: MediaEngine, on eventLoop: any EventLoop, logger: Logger
    ) async throws {
        let settings = try SRTLine.Settings(configuration, logger: logger)
        let door = SRTDoor(engine, on: eventLoop)
        let opened = eventLoop.makePromise(of: Int.self)
        let ended = eventLoop.makePromise(of: Void.self)
        let thread = Thread {
            SRTListener.serve(settings, door, opened)
            ended.succeed(())
        }
        thread.name = "srt"
        thread.start()
        self.door = door
        self.ended = ended.futureResult
        do {
            port = try await opened.futureResult.get()
        } catch {
            // The event loop has to live for as long as the thread does.
            try? await ended.futureResult.get()
            throw error
        }
    }

    /// Everything that libsrt was asked for is gone when this returns.
    private static func serve(_ settings: SRTLine.Settings, _ door: SRTDoor, _ opened: EventLoopPromise<Int>) {
        let line: SRTLine
        do throws(MediaServerError) {
            line = try SRTLine(settings, door)
        } catch {
            opened.fail(error)
            return
        }
        opened.succeed(line.port)
        do throws(SRTFailure) {
            try line.run()
        } catch {
            settings.logger.error("Nothing is taken by SRT any more: \(error)")
        }
    }

    /// Takes no more callers, and ends those that there are.
    func close() async {
        door.stop()
        try? await ended.get()
    }
}
