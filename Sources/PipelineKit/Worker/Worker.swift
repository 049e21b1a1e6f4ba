import Foundation
import Logging
import MediaKit
import NIOCore
import NIOPosix
import StreamModel
import Synchronization

/// A worker process: runs one island of cameras, pipelines and transmissions as commands say, and reports events.
///
/// Commands are JSON lines on `input`, events JSON lines on `output` (see `WorkerCommand`, `WorkerEvent`).
public final class Worker: Sendable {
    /// The longest that ending takes: what hangs is left behind, and dies with the process.
    public static let stopTimeout: Duration = .seconds(2)

    /// How often it looks for cameras whose thread hangs.
    private static let watchInterval: Duration = .seconds(5)

    private let input: FileDescriptorInput
    private let output: Int32
    private let mediaRoots: MediaRoots
    private let logger: Logger
    private let stopRequest: AsyncStream<Void>
    private let stopContinuation: AsyncStream<Void>.Continuation

    /// - Parameters:
    ///   - input: the file descriptor that commands come from.
    ///   - output: the file descriptor that events go to. Nobody else may write to it.
    ///   - mediaRoots: where files are read from.
    public init(input: Int32 = 0, output: Int32 = 1, mediaRoots: MediaRoots, logger: Logger) {
        self.input = FileDescriptorInput(descriptor: input)
        self.output = output
        self.mediaRoots = mediaRoots
        self.logger = logger
        (stopRequest, stopContinuation) = AsyncStream.makeStream()
    }

    /// Makes ``run()`` return. Callable from anywhere, any number of times.
    public func stop() { stopContinuation.finish() }

    /// Runs until the input ends, the command `shutdown` comes, ``stop()`` is called, or a camera hangs; then everything has ended, or
    /// ``stopTimeout`` has passed.
    ///
    /// The process no longer ends by SIGPIPE after this: a reader of the events that has gone shows as an error of write(2).
    public func run() async {
        signal(SIGPIPE, SIG_IGN)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let writer = EventWriter(descriptor: output) { [stopContinuation] in stopContinuation.finish() }
        let island = Island(eventLoop: group.next(), mediaRoots: mediaRoots, logger: logger) { writer.send($0) }
        writer.send(.ready(pid: Int(ProcessInfo.processInfo.processIdentifier)))

        let commands = CommandReader.commands(from: input, logger: logger)
        await withTaskGroup { tasks in
            tasks.addTask { await self.obey(commands, island) }
            tasks.addTask { for await _ in self.stopRequest {} }
            tasks.addTask { await self.watch(island) }
            await tasks.next()
            tasks.cancelAll()
        }
        logger.debug("The worker ends.")
        await island.stop(within: Self.stopTimeout * 0.6)
        await writer.finish(within: Self.stopTimeout * 0.1)
        // Goodbyes to the engine are written in this time.
        _ = await finishes(within: Self.stopTimeout * 0.25) { try? await group.shutdownGracefully() }
    }

    /// Returns when a camera's thread hangs: only the end of the process ends it, and the server starts another worker.
    private func watch(_ island: Island) async {
        while (try? await Task.sleep(for: Self.watchInterval)) != nil {
            let hanging = await island.hangingCameras()
            guard hanging.isEmpty else {
                logger.error("A camera hangs its decoder. The worker ends.", metadata: ["cameras": "\(hanging)"])
                return
            }
        }
    }

    /// Returns when the input ends or says `shutdown`.
    private func obey(_ commands: AsyncStream<WorkerCommand>, _ island: Island) async {
        for await command in commands {
            switch command {
            case .configure(let configuration): await island.configure(configuration)
            case .demand(let renditions, let transmissions): await island.demand(renditions, transmissions)
            case .reachHomeAssistant(let address): await island.reachHomeAssistant(at: address)
            case .forceKeyframe(let rendition): await island.forceKeyframe(rendition)
            case .postMetadata(let transmissionID, let json): await island.post(json, to: transmissionID)
            case .testCamera(let requestID, let camera): await island.test(camera, requestID: requestID)
            case .takeStill(let requestID, let transmissionID, let maximumWidth):
                await island.takeStill(requestID, of: transmissionID, maximumWidth: maximumWidth)
            case .shutdown: return
            }
        }
    }
}
