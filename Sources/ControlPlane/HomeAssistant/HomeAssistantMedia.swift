import AsyncHTTPClient
import ConnectionLimits
import HTTPTypes
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import NIOPosix
import StreamModel
import Synchronization

/// Where workers read the cameras of Home Assistant: a port of this machine that passes on what Home Assistant sends.
///
/// Supervisor's token opens all of Home Assistant. So workers, which read what cameras send, never get it, and no redirect or
/// playlist can lead it to another place: it is added here, to requests for the few paths that streams have. A camera has the
/// same address as long as the server runs; whoever opens it anew is led to a new stream, as those of Home Assistant end when
/// nobody reads them, and to stills while the stream gives nothing.
final class HomeAssistantMedia: Sendable {
    fileprivate typealias Connection = NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>
    private typealias Writer = NIOAsyncChannelOutboundWriter<HTTPResponsePart>

    /// Opened by ``listen()``, ended by ``serve()``.
    struct Listener: Sendable {
        fileprivate let channel: NIOAsyncChannel<Connection, Never>
    }

    /// Until a camera's stream plays: a test has less time than that may take.
    private static let warmUpLimit: Duration = .seconds(20)

    private let streams: HomeAssistantStreams
    private let playing: PlayingStreams
    private let connections: ConnectionCounter
    private let logger: Logger
    private let key = RandomToken.hex(byteCount: 24)
    private let port = Mutex<Int?>(nil)

    /// - Parameter connectionLimit: a worker reads a camera by a few connections at most.
    init(_ supervisor: SupervisorClient, connectionLimit: Int = 512, logger: Logger) {
        streams = HomeAssistantStreams(supervisor: supervisor)
        playing = PlayingStreams(streams)
        connections = ConnectionCounter(
            "the cameras of Home Assistant", total: connectionLimit, perNetwork: connectionLimit,
            logger: logger)
        self.logger = logger
    }

    /// By a name by which logs know it for a secret.
    private var prefix: String { "/key=\(key)/" }

    /// What workers put before the entity of a camera; nil while nobody listens.
    var address: Secret? { port.withLock(\.self).map { Secret("http://127.0.0.1:\($0)\(prefix)") } }

    func listen() async throws -> Listener {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0) { [connections] channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.configureHTTPServerPipeline()
                    try pipeline.addHandler(HTTP1ToHTTPServerCodec(secure: false))
                    try pipeline.addHandler(HTTPConnectionLimits(counter: connections))
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

    /// Makes Home Assistant start the stream of a camera, if it has one, and waits until it plays.
    /// - Throws: when there is no still instead either.
    func warmUp(_ entity: String) async throws(SupervisorError) {
        guard case .silent = try await playing.stream(of: entity, within: Self.warmUpLimit) else { return }
        guard await streams.still(of: entity) != nil else { throw .noAnswer }
    }

    private func serve(_ connection: Connection) async throws {
        try await connection.executeThenClose { inbound, outbound in
            for try await case .head(let request) in inbound { try await answer(request, outbound) }
        }
    }

    private func answer(_ request: HTTPRequest, _ outbound: Writer) async throws {
        guard request.method == .get, let path = request.path, path.hasPrefix(prefix) else {
            return try await write(.notFound, to: outbound)
        }
        let name = String(path.dropFirst(prefix.utf8.count))
        do {
            if let file = HomeAssistantStreams.Path(name) {
                try await passOn(try await streams.open(file), to: outbound)
            } else if HomeAssistantAddress.isEntity(name) {
                try await answer(for: name, outbound)
            } else {
                try await write(.notFound, to: outbound)
            }
        } catch let error as SupervisorError {
            logger.notice("A camera of Home Assistant can't be read. \(error)")
            try await write(.badGateway, to: outbound)
        }
    }

    private func answer(for entity: String, _ outbound: Writer) async throws {
        let answer = try await playing.stream(of: entity)
        if case .playing(let path) = answer {
            return try await write(.found, [.location: prefix + path.text], to: outbound)
        }
        if answer == .silent {
            logger.info("The stream of a camera of Home Assistant gives nothing; its stills are shown until it plays.")
        }
        let pictures = RepeatedPictures(
            entity: entity, streams: streams, playing: answer == .silent ? playing : nil, outbound: outbound)
        try await passOn(try await streams.openPictures(of: entity), to: outbound, body: pictures.passOn)
    }

    private func write(_ status: HTTPResponse.Status, _ headers: HTTPFields = [:], to outbound: Writer) async throws {
        var headers = headers
        headers[.contentLength] = "0"
        try await outbound.write(.head(HTTPResponse(status: status, headerFields: headers)))
        try await outbound.write(.end(nil))
    }

    private func passOn(
        _ response: HTTPClientResponse, to outbound: Writer,
        body write: ((HTTPClientResponse) async throws -> Void)? = nil
    ) async throws {
        guard response.status == .ok else {
            return try await self.write(response.status == .notFound ? .notFound : .badGateway, to: outbound)
        }
        var headers = HTTPFields()
        for (name, value) in response.headers(named: ["content-type", "content-length"]) {
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
        try await outbound.write(.head(HTTPResponse(status: .ok, headerFields: headers)))
        do {
            if let write {
                try await write(response)
            } else {
                for try await piece in response.body { try await outbound.write(.body(piece)) }
            }
        } catch {
            // The answer has begun, so that only its end can say that it is not whole.
            throw BrokenOff()
        }
        try await outbound.write(.end(nil))
    }

    private struct BrokenOff: Error {}
}
