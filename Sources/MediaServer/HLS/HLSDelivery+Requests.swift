import EngineContract
import NIOCore
import StreamProtocols

extension HLSDelivery {
    /// `index.m3u8` for a viewer. It is held until a player can begin.
    func multivariantPlaylist(path: String, client: HLSClient) async throws(HLSRefusal) -> String {
        let key = client.sessionKey(path: path)
        let known = session(key)
        try await authorize(path: path, client: client, session: known?.isKicked == true ? nil : known)
        let entry = try await readyMuxer(path: path)

        if let id = client.sessionID {
            // Opening the stream again is a new session, also for somebody whose session was closed.
            if session(key)?.isKicked != false {
                try insert(newSession(id: id, key: key, client: client, provesAccess: false))
            }
            touch(key, byteCount: 0, isPlaying: false)
            return entry.muxer.multivariantPlaylist(session: id)
        }
        let id = Self.randomName() + Self.randomName()
        let newKey = HLSSession.Key(path: path, address: client.address, mark: .identifier(id))
        try insert(newSession(id: id, key: newKey, client: client, provesAccess: true))
        return entry.muxer.multivariantPlaylist(session: id)
    }

    /// The media playlist for a viewer, which plays from now on.
    ///
    /// - Parameter directives: what it waits for, in low-latency HLS; else they are not looked at.
    func mediaPlaylist(
        path: String, client: HLSClient, _ directives: DeliveryDirectives = DeliveryDirectives()
    ) async throws(HLSRefusal) -> String {
        let key = client.sessionKey(path: path)
        try await authorize(path: path, client: client, session: try openSession(key))
        let entry = try await readyMuxer(path: path)

        if try openSession(key) == nil {
            // It has expired, or the viewer came without looking at index.m3u8.
            let id = client.sessionID ?? Self.randomName() + Self.randomName()
            try insert(newSession(id: id, key: key, client: client, provesAccess: false))
        }
        if let awaited = directives.awaited, entry.muxer.rhythm != nil {
            try await hold(entry, key, client, until: awaited)
        }
        let text = entry.muxer.mediaPlaylist(session: client.sessionID, maySkip: directives.maySkip)
        touch(key, byteCount: text.utf8.count, isPlaying: true)
        return text
    }

    /// A segment, a part or an initialization segment.
    func content(path: String, name: String, client: HLSClient) async throws(HLSRefusal) -> ByteBuffer {
        let key = client.sessionKey(path: path)
        try await authorize(path: path, client: client, session: try openSession(key))
        guard let entry = existingMuxer(path: path) else { throw .notFound }
        try await hold(entry, key, client, untilPart: name)
        guard let content = entry.muxer.content(named: name) else { throw .notFound }
        touch(key, byteCount: content.readableBytes, isPlaying: false)
        return content
    }

    // MARK: The control API

    /// The viewers, the oldest first.
    var playingSessions: [ControlAPI.HLSSession] {
        let paths = paths
        return sessions.playing(at: clock.now).filter { $0.isConnected || paths.contains($0.key.path) }.map { session in
            ControlAPI.HLSSession(
                id: session.id,
                created: session.created.description,
                remoteAddr: session.remoteAddress,
                path: session.key.path,
                bytesSent: session.bytesSent
            )
        }
    }

    /// Ends a viewer's session: it gets no more playlists and segments until it opens the stream again.
    ///
    /// - Returns: false when there is no such session.
    func kick(sessionID: String) -> Bool {
        guard let session = playingSessions.first(where: { $0.id == sessionID }) else { return false }
        sessions.updateAll { if $0.id == sessionID { $0.isKicked = true } }
        // It may be the one that waits.
        existingMuxer(path: session.path)?.resumeWaiters()
        closeUnwatchedMuxer(path: session.path)
        return true
    }

    /// Users or permissions have changed: everybody shows credentials again.
    func accessChanged() {
        sessions.updateAll { $0.provesAccess = false }
    }

    // MARK: Sessions

    /// Lets in a client that has shown credentials in this session before, else asks the engine.
    func authorize(path: String, client: HLSClient, session: HLSSession?) async throws(HLSRefusal) {
        guard session?.provesAccess != true else { return }
        try await source.authorizeHLS(path: path, address: client.address, credentials: client.credentials)
    }

    func session(_ key: HLSSession.Key) -> HLSSession? {
        sessions.session(key, at: clock.now)
    }

    /// The session of a key; throws when the control API ended it.
    private func openSession(_ key: HLSSession.Key) throws(HLSRefusal) -> HLSSession? {
        let found = session(key)
        guard found?.isKicked != true else { throw .sessionClosed }
        return found
    }

    func insert(_ session: HLSSession) throws(HLSRefusal) {
        guard sessions.insert(session, at: clock.now) else { throw .tooManyViewers }
    }

    func newSession(
        id: String,
        key: HLSSession.Key,
        client: HLSClient,
        provesAccess: Bool
    ) -> HLSSession {
        HLSSession(
            id: id,
            key: key,
            client: client.network,
            remoteAddress: client.remoteAddress,
            created: clock.wallTime,
            provesAccess: provesAccess,
            lastSeen: clock.now
        )
    }

    func touch(_ key: HLSSession.Key, byteCount: Int, isPlaying: Bool) {
        let now = clock.now
        sessions.update(key) { session in
            session.lastSeen = now
            session.bytesSent += byteCount
            session.isPlaying = session.isPlaying || isPlaying
        }
    }
}
