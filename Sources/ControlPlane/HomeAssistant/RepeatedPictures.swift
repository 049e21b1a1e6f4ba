import AsyncHTTPClient
import NIOCore
import NIOHTTPTypes
import Synchronization

/// Passes the pictures of a camera on, and says the last one again while none comes: Core leaves out a picture that is like
/// the one before, and silence would be taken for a camera that is away.
struct RepeatedPictures: Sendable {
    let entity: String
    let streams: HomeAssistantStreams
    /// Who knows when the camera's stream plays; nil for a camera that has none.
    let playing: PlayingStreams?
    let outbound: NIOAsyncChannelOutboundWriter<HTTPResponsePart>

    /// Less than what pipelines take for no signal.
    private static let silence: Duration = .seconds(1)

    /// Returns when Core ends them, or when the camera's stream plays: whoever opens the camera anew then gets that.
    /// - Throws: when the reader has gone.
    func passOn(_ first: HTTPClientResponse) async throws {
        let spoken = Spoken()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await passOnPieces(of: first, spoken) }
            group.addTask { try await breakSilence(spoken) }
            if let playing { group.addTask { try await playing.wait(for: entity) } }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func passOnPieces(of first: HTTPClientResponse, _ spoken: Spoken) async throws {
        var response = first
        while true {
            do {
                for try await piece in response.body {
                    spoken.note()
                    try await outbound.write(.body(piece))
                }
                return
            } catch let error as HTTPClientError where error == .readTimeout {
                response = try await streams.openPictures(of: entity)
            }
        }
    }

    private func breakSilence(_ spoken: Spoken) async throws {
        while true {
            try await Task.sleep(until: spoken.latest + Self.silence)
            guard spoken.latest + Self.silence <= .now else { continue }
            let still = await streams.still(of: entity)
            let isSilent = spoken.latest + Self.silence <= .now
            spoken.note()
            guard let still, isSilent else { continue }
            var part = ByteBuffer(
                string: "--frameboundary\r\nContent-Type: image/jpeg\r\nContent-Length: \(still.readableBytes)\r\n\r\n")
            part.writeImmutableBuffer(still)
            part.writeString("\r\n")
            try await outbound.write(.body(part))
        }
    }

    /// When something came last.
    private final class Spoken: Sendable {
        private let instant = Mutex(ContinuousClock.now)

        var latest: ContinuousClock.Instant { instant.withLock(\.self) }

        func note() { instant.withLock { $0 = .now } }
    }
}
