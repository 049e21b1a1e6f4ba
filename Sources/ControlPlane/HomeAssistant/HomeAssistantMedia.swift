import AsyncHTTPClient
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import StreamModel
import Synchronization

/// Where workers read the cameras of Home Assistant: a port of this machine that passes on what Home Assistant sends.
///
/// Supervisor's token opens all of Home Assistant. So workers, which read what cameras send, never get it, and no redirect or
/// playlist can lead it to another place: it is added here, to requests for the few paths that streams have. A camera has the
/// same address as long as the server runs; whoever opens it anew is led to a new stream, as those of Home Assistant end when
/// nobody reads them.
final class HomeAssistantMedia: Sendable {
    fileprivate typealias Connection = NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>
    private typealias Writer = NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>

    /// Opened by ``listen()``, ended by ``serve()``.
    struct Listener: Sendable {
        fileprivate let channel: NIOAsyncChannel<Connection, Never>
    }

    private static let warmUpTimeout: Duration = .seconds(20)

    private let streams: HomeAssistantStreams
    private let logger: Logger
    private let key = RandomToken.hex(byteCount: 24)
    private let port = Mutex<Int?>(nil)

    init(_ supervisor: SupervisorClient, logger: Logger) {
        streams = HomeAssistantStreams(supervisor: supervisor)
        self.logger = logger
    }

    /// By a name by which logs know it for a secret.
    private var prefix: String { "/key=\(key)/" }

    /// What workers put before the entity of a camera; nil while nobody listens.
    var address: Secret? { port.withLock(\.self).map { Secret("http://127.0.0.1:\($0)\(prefix)") } }

    func listen() async throws -> Listener {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    return try Connection(wrappingChannelSynchronously: channel)
                }
            }
        port.withLock { $0 = channel.channel.localAddress?.port }
        return Listener(channel: channel)
    }

    /// Answers until the task is cancelled.
    func serve(_ listener: Listener) async {
        try? await listener.channel.executeThenClose { connections in
            try await withThrowingDiscardingTaskGroup { group in
                for try await connection in connections {
                    // A worker that leaves ends its own connection alone.
                    group.addTask { try? await self.serve(connection) }
                }
            }
        }
    }

    /// Makes Home Assistant start the stream of a camera, if it has one, and waits for its first playlist: a test of a camera has
    /// less time than that may take.
    func warmUp(_ entity: String) async throws(SupervisorError) {
        guard let path = try await streams.playlist(of: entity) else { return }
        try await streams.wait(for: path, within: Self.warmUpTimeout)
    }

    private func serve(_ connection: Connection) async throws {
        try await connection.executeThenClose { inbound, outbound in
            for try await case .head(let head) in inbound { try await answer(head, outbound) }
        }
    }

    private func answer(_ head: HTTPRequestHead, _ outbound: Writer) async throws {
        guard head.method == .GET, head.uri.hasPrefix(prefix) else { return try await write(.notFound, to: outbound) }
        let name = String(head.uri.dropFirst(prefix.utf8.count))
        do {
            if let path = HomeAssistantStreams.Path(name) {
                try await passOn(try await streams.open(path), to: outbound)
            } else if !HomeAssistantAddress.isEntity(name) {
                try await write(.notFound, to: outbound)
            } else if let path = try await streams.playlist(of: name) {
                try await write(.found, ["Location": prefix + path.text], to: outbound)
            } else {
                try await passOn(try await streams.openPictures(of: name), picturesOf: name, to: outbound)
            }
        } catch let error as SupervisorError {
            logger.notice("A camera of Home Assistant can't be read. \(error)")
            try await write(.badGateway, to: outbound)
        }
    }

    private func write(_ status: HTTPResponseStatus, _ headers: HTTPHeaders = [:], to outbound: Writer) async throws {
        var headers = headers
        headers.add(name: "Content-Length", value: "0")
        try await outbound.write(.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers)))
        try await outbound.write(.end(nil))
    }

    /// - Parameter entity: of which the answer holds the pictures; nil for a file.
    private func passOn(
        _ response: HTTPClientResponse, picturesOf entity: String? = nil, to outbound: Writer
    ) async throws {
        guard response.status == .ok else {
            return try await write(response.status == .notFound ? .notFound : .badGateway, to: outbound)
        }
        var headers = HTTPHeaders()
        for name in ["Content-Type", "Content-Length"] {
            for value in response.headers[name] { headers.add(name: name, value: value) }
        }
        try await outbound.write(.head(HTTPResponseHead(version: .http1_1, status: .ok, headers: headers)))
        do {
            if let entity {
                let pictures = RepeatedPictures(entity: entity, streams: streams, outbound: outbound)
                try await pictures.passOn(response)
            } else {
                for try await piece in response.body { try await outbound.write(.body(.byteBuffer(piece))) }
            }
        } catch {
            // The answer has begun, so that only its end can say that it is not whole.
            throw BrokenOff()
        }
        try await outbound.write(.end(nil))
    }

    private struct BrokenOff: Error {}
}
