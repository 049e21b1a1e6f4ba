import Foundation
import NIOCore
import NIOPosix
import StreamModel
import Synchronization

/// The Unix socket that the engine's hooks connect to. A connection's life is the life of the demand for the path that it
/// names in its first line: `{"path": "front-door"}`.
final class DemandSocket: Sendable {
    enum Event: Hashable, Sendable {
        case opened(Int, path: String)
        case closed(Int)
    }

    private let channel: any Channel
    private let connections: ConnectionTable
    let path: String

    /// Listens.
    /// - Parameter onEvent: is called on an event loop, in order for each connection.
    init(path: String, onEvent: @escaping @Sendable (Event) -> Void) async throws {
        let table = ConnectionTable()
        unsafe unlink(path)
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard let id = table.add(channel) else { throw TooManyHooks() }
                    try channel.pipeline.syncOperations.addHandler(HookHandler(id: id, table: table, onEvent: onEvent))
                }
            }
            .bind(unixDomainSocketPath: path).get()
        unsafe chmod(path, 0o600)
        connections = table
        self.path = path
    }

    /// Ends all connections: their engine is gone.
    func dropConnections() {
        for channel in connections.all { channel.close(promise: nil) }
    }

    func close() async {
        try? await channel.close()
        dropConnections()
        unsafe unlink(path)
    }
}

private struct TooManyHooks: Error {}

/// The connections that are open.
private final class ConnectionTable: Sendable {
    private let state = Mutex<(next: Int, open: [Int: any Channel])>((0, [:]))

    static let limit = 1024

    func add(_ channel: any Channel) -> Int? {
        state.withLock { state in
            guard state.open.count < Self.limit else { return nil }
            state.next += 1
            state.open[state.next] = channel
            return state.next
        }
    }

    func remove(_ id: Int) { state.withLock { $0.open[id] = nil } }

    var all: [any Channel] { state.withLock { Array($0.open.values) } }
}

/// Reads the line, and tells when the connection ends.
private final class HookHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private struct Greeting: Decodable { var path: String }

    private let id: Int
    private let table: ConnectionTable
    private let onEvent: @Sendable (DemandSocket.Event) -> Void
    private var lines = LineSplitter(byteLimit: 4096)
    private var hasPath = false

    init(id: Int, table: ConnectionTable, onEvent: @escaping @Sendable (DemandSocket.Event) -> Void) {
        self.id = id
        self.table = table
        self.onEvent = onEvent
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        for case .complete(let line) in lines.append(buffer.readableBytesView) where !hasPath {
            guard let greeting = try? JSONDecoder().decode(Greeting.self, from: Data(line)) else {
                context.close(promise: nil)
                return
            }
            hasPath = true
            onEvent(.opened(id, path: greeting.path))
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        table.remove(id)
        if hasPath { onEvent(.closed(id)) }
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
