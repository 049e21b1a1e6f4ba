import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket
import StreamModel

/// A conversation with Home Assistant by its WebSocket API, which gives names to what its HTTP API makes, and the streams of
/// its cameras.
struct CoreSocket {
    private typealias Frames = NIOAsyncChannel<WebSocketFrame, WebSocketFrame>

    let supervisor: SupervisorClient

    /// Bytes of a message at most.
    private static let messageLimit = 256 << 10
    private static let frameCountLimit = 64
    /// Messages that are none of the answers, such as events, at most.
    private static let messageCountLimit = 32
    private static let connectTimeout: TimeAmount = .seconds(3)
    /// From the connection to the last answer. Home Assistant asks a camera for its stream for 10 s.
    private static let timeout: TimeAmount = .seconds(15)
    private static let defaultPort = 80

    /// Says a list of commands, one after the other.
    /// - Returns: what came of each: its `result`, or nil when it was refused.
    func send(_ commands: [[String: JSONValue]]) async throws(SupervisorError) -> [JSONValue?] {
        do {
            guard let frames = try await open() else { throw CoreSocketFailure() }
            return try await frames.executeThenClose { inbound, outbound in
                var dialogue = Dialogue(messages: inbound.makeAsyncIterator(), outbound: outbound)
                return try await dialogue.run(commands, token: supervisor.token)
            }
        } catch {
            // Not by its description, which may hold what was sent.
            throw SupervisorError(
                message: CodedMessage("home_assistant_no_socket", "Home Assistant does not answer by its WebSocket."))
        }
    }

    /// - Returns: nil when Supervisor offers no WebSocket.
    private func open() async throws -> Frames? {
        guard let url = URLComponents(string: supervisor.baseURL), let host = url.host else {
            throw CoreSocketFailure()
        }
        let port = url.port ?? Self.defaultPort
        let head = HTTPRequestHead(
            version: .http1_1, method: .GET, uri: url.path + "/core/websocket",
            headers: ["Host": URLAuthority.text(host, port: port)])
        return try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(Self.connectTimeout)
            .connect(host: host, port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    // Whatever is waited for then ends: what a channel promises does not heed a task's cancellation.
                    let end = channel.eventLoop.scheduleTask(in: Self.timeout) { channel.close(promise: nil) }
                    channel.closeFuture.whenComplete { _ in end.cancel() }
                    var configuration = NIOUpgradableHTTPClientPipelineConfiguration(
                        upgradeConfiguration: Self.upgrade(head))
                    // Home Assistant speaks first, often in the same packet as the answer to the upgrade.
                    configuration.leftOverBytesStrategy = .forwardBytes
                    return try channel.pipeline.syncOperations.configureUpgradableHTTPClientPipeline(
                        configuration: configuration)
                }
            }.get()
    }

    private static func upgrade(_ head: HTTPRequestHead) -> NIOTypedHTTPClientUpgradeConfiguration<Frames?> {
        let upgrader = NIOTypedWebSocketClientUpgrader<Frames?>(maxFrameSize: messageLimit) { channel, _ in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(
                    NIOWebSocketFrameAggregator(
                        minNonFinalFragmentSize: 1, maxAccumulatedFrameCount: frameCountLimit,
                        maxAccumulatedFrameSize: messageLimit))
                return try Frames(wrappingChannelSynchronously: channel)
            }
        }
        return NIOTypedHTTPClientUpgradeConfiguration(
            upgradeRequestHead: head, upgraders: [upgrader],
            notUpgradingCompletionHandler: { channel in channel.close().map { nil } })
    }

    /// What is said after the WebSocket is open.
    private struct Dialogue {
        var messages: NIOAsyncChannelInboundStream<WebSocketFrame>.AsyncIterator
        let outbound: NIOAsyncChannelOutboundWriter<WebSocketFrame>

        mutating func run(_ commands: [[String: JSONValue]], token: Secret) async throws -> [JSONValue?] {
            _ = try await message { $0["type"] == "auth_required" }
            try await say(["type": "auth", "access_token": .string(token.exposed)])
            guard try await message({ $0["type"] != nil })["type"] == "auth_ok" else { throw CoreSocketFailure() }
            var results: [JSONValue?] = []
            for (index, command) in commands.enumerated() {
                let id = JSONValue.integer(index + 1)
                try await say(command.merging(["id": id]) { $1 })
                let result = try await message { $0["type"] == "result" && $0["id"] == id }
                results.append(result["success"] == true ? .some(result["result"] ?? .null) : .none)
            }
            return results
        }

        private func say(_ message: [String: JSONValue]) async throws {
            try await outbound.write(
                WebSocketFrame(
                    fin: true, opcode: .text, maskKey: .random(),
                    data: ByteBuffer(bytes: JSONValue.object(message).data)))
        }

        /// The next message that is what is waited for.
        private mutating func message(_ isWanted: (JSONValue) -> Bool) async throws -> JSONValue {
            for _ in 0..<CoreSocket.messageCountLimit {
                guard let frame = try await messages.next() else { break }
                guard frame.opcode == .text,
                    let json = try? JSONValue(parsing: Data(frame.unmaskedData.readableBytesView)), isWanted(json)
                else { continue }
                return json
            }
            throw CoreSocketFailure()
        }
    }
}

/// The conversation did not come to its end.
private struct CoreSocketFailure: Error {}
