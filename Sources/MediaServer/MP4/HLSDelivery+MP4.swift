import NIOCore
import StreamProtocols

/// A viewer's MP4 while it is sent. Whoever lets go of it has left the stream.
final class MP4Playback: Sendable {
    let contentType: String
    private let viewer: MP4Viewer
    private let attachment: HLSAttachment
    private let key: HLSSession.Key
    private let client: HLSClient
    private let delivery: HLSDelivery

    /// How often the session is told that its viewer is there.
    private static let touchInterval: Duration = .seconds(1)

    fileprivate init(
        _ viewer: MP4Viewer, contentType: String, _ attachment: HLSAttachment, key: HLSSession.Key,
        _ client: HLSClient, _ delivery: HLSDelivery
    ) {
        self.contentType = contentType
        self.viewer = viewer
        self.attachment = attachment
        self.key = key
        self.client = client
        self.delivery = delivery
    }

    /// Hands on what comes, each time after what was before has been taken, until the stream ends, the control API ends
    /// the session, or the viewer may read it no more.
    func send(_ write: ([ByteBuffer]) async throws -> Void) async throws {
        var lastTouch: Duration?
        var sent = 0
        while let pieces = try await viewer.next() {
            try await write(pieces)
            sent += pieces.reduce(0) { $0 + $1.readableBytes }
            let now = delivery.clock.now
            guard lastTouch.map({ now - $0 >= Self.touchInterval }) ?? true else { continue }
            guard await delivery.isWatched(key, by: client, byteCount: sent) else { return }
            (lastTouch, sent) = (now, 0)
        }
    }

    deinit {
        viewer.stop()
        // Ends at once: it only brings the end onto the engine's event loop.
        Task { [delivery, attachment, key] in await delivery.leave(attachment, key) }
    }
}

extension HLSDelivery {
    /// The whole stream for a viewer as one MP4, which begins with the current group of pictures. It is held until there is one.
    ///
    /// - Parameter eventLoop: that of the viewer's connection.
    func openMP4(
        path: String, codecs: MP4Codecs, client: HLSClient, eventLoop: any EventLoop
    ) async throws(HLSRefusal) -> MP4Playback {
        guard !isClosing else { throw .closing }
        try await authorizeMP4(path: path, client: client)
        let viewer = MP4Viewer(codecs: codecs, eventLoop: eventLoop, limits: await source.viewerLimits)
        do throws(HLSRefusal) {
            return try await open(viewer, path: path, client: client)
        } catch {
            viewer.stop()
            throw viewer.playsNothing ? .noCodec(path: path) : error
        }
    }

    private func open(
        _ viewer: MP4Viewer, path: String, client: HLSClient
    ) async throws(HLSRefusal) -> MP4Playback {
        let attachment = try await source.attachHLS(viewer, to: path)
        do throws(HLSRefusal) {
            guard let contentType = await viewer.contentType(within: settings.firstSegmentTimeout) else {
                throw .noPicture(path: path)
            }
            let key = HLSSession.Key(path: path, address: client.address, mark: .connection(attachment.id))
            let id = client.sessionID ?? Self.randomName() + Self.randomName()
            var session = newSession(id: id, key: key, client: client, provesAccess: true)
            session.isPlaying = true
            try insert(session)
            return MP4Playback(viewer, contentType: contentType, attachment, key: key, client, self)
        } catch {
            await source.detachHLS(attachment)
            throw error
        }
    }

    /// Lets a client in that may read the path.
    func authorizeMP4(path: String, client: HLSClient) async throws(HLSRefusal) {
        try await authorize(path: path, client: client, session: nil)
    }

    /// A viewer has taken something.
    ///
    /// - Returns: whether it may have more.
    fileprivate func isWatched(_ key: HLSSession.Key, by client: HLSClient, byteCount: Int) async -> Bool {
        guard let session = session(key), !session.isKicked else { return false }
        touch(key, byteCount: byteCount, isPlaying: true)
        guard !session.provesAccess else { return true }
        // First: users may change once more while this one is looked at.
        sessions.update(key) { $0.provesAccess = true }
        do throws(HLSRefusal) {
            try await authorizeMP4(path: key.path, client: client)
            return true
        } catch {
            return false
        }
    }

    fileprivate func leave(_ attachment: HLSAttachment, _ key: HLSSession.Key) async {
        sessions.remove(key)
        await source.detachHLS(attachment)
    }
}
