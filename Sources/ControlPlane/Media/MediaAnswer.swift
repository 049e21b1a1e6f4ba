import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// What an engine answers, to be passed on while it comes.
public struct MediaAnswer: Sendable {
    public var status: Int
    /// Those that mean something to a player, by lower-case names.
    public var headers: [(name: String, value: String)]
    /// Nil when the engine does not say it ahead.
    public var contentLength: Int?
    private let content: Content

    private enum Content: Sendable {
        case whole(ByteBuffer)
        /// Letting go of the body ends the engine's transfer, and letting go of the transfer makes room for another.
        case coming(HTTPClientResponse.Body, MediaTransfer)
    }

    /// An answer that is there as a whole.
    init(status: Int, headers: [(name: String, value: String)], _ body: ByteBuffer) {
        self.status = status
        self.headers = headers
        contentLength = body.readableBytes
        content = .whole(body)
    }

    init(_ response: HTTPClientResponse, headers: [(name: String, value: String)], _ transfer: MediaTransfer) {
        status = Int(response.status.code)
        self.headers = headers
        contentLength = response.headers.first(name: "content-length").flatMap { Int($0) }
        content = .coming(response.body, transfer)
    }

    /// The body of an answer that is there as a whole; empty for one that comes yet.
    var text: String {
        if case .whole(let body) = content { String(buffer: body) } else { "" }
    }

    /// Hands the body on, piece by piece, each after the one before was taken. A failing `write` ends it.
    public func write(to write: (ByteBuffer) async throws -> Void) async throws {
        switch content {
        case .whole(let body): try await write(body)
        case .coming(let body, let transfer):
            for try await piece in body { try await write(piece) }
            withExtendedLifetime(transfer) {}
        }
    }
}
