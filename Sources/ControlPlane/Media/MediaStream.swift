import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// An output as one MP4 without an end, while it comes from the engine.
public struct MediaStream: Sendable {
    /// `video/mp4` with the codecs.
    public var contentType: String
    /// Letting go of the body ends the engine's transfer, and letting go of the transfer makes room for another.
    private let body: HTTPClientResponse.Body
    private let transfer: MediaTransfer

    init(_ response: HTTPClientResponse, _ transfer: MediaTransfer) {
        contentType = response.headers.first(name: "content-type") ?? "video/mp4"
        body = response.body
        self.transfer = transfer
    }

    /// Hands on each part, until the stream ends or the task is cancelled.
    ///
    /// - Parameter headroom: see ``MP4Splitter/init(headroom:)``.
    public func parts(headroom: Int, _ take: (MP4Part) -> Void) async throws {
        var splitter = MP4Splitter(headroom: headroom)
        for try await piece in body {
            for part in try splitter.append(piece) { take(part) }
        }
        withExtendedLifetime(transfer) {}
    }
}
