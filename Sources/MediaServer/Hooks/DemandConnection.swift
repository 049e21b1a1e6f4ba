import EngineContract
import NIOCore
import NIOPosix

/// Our own command without a process of its own: the engine's connection to the server's socket.
final class DemandConnection: Hook {
    private let task: Task<Void, Never>

    /// - Parameter onExit: called once, when the connection is closed or could not be opened, with the reason.
    init(
        _ hook: DemandHook, path: String, eventLoop: any EventLoop, onExit: @escaping @Sendable (String) async -> Void
    ) {
        task = Task {
            await onExit(await Self.stay(at: hook.socket, path: path, eventLoop: eventLoop))
        }
    }

    func stop() { task.cancel() }

    func waitUntilExit() async { await task.value }

    private static func stay(at socket: String, path: String, eventLoop: any EventLoop) async -> String {
        do {
            let channel = try await ClientBootstrap(group: eventLoop).connect(unixDomainSocketPath: socket).get()
            return await withTaskCancellationHandler {
                channel.writeAndFlush(ByteBuffer(bytes: DemandHook.greeting(path: path)), promise: nil)
                try? await channel.closeFuture.get()
                return Task.isCancelled ? "it was stopped" : "the server closed the connection"
            } onCancel: {
                channel.close(promise: nil)
            }
        } catch {
            return "the server can't be reached at \(socket): \(error)"
        }
    }
}
