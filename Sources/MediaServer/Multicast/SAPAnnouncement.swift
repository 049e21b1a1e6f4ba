import Logging
import StreamProtocols

/// The announcement of one stream, from its begin to its end. While it is announced, the stream is sent to its group, because who
/// plays by an announcement says nothing to the server.
///
/// Confined to the engine's event loop.
final class SAPAnnouncement {
    /// After how long a stream is announced first: by then it has shown its parameters, and is no try. Streams that begin together are
    /// not announced all at once.
    private static var delay: Duration { .milliseconds(Int.random(in: 1000..<2000)) }

    private let stream: Stream
    private unowned let announcer: SAPAnnouncer
    private var group: MulticastGroup?
    /// What was sent last; nil while nothing is announced.
    private var sent: (packet: SAPPacket, bytes: [UInt8], unversioned: SessionDescription)?
    /// Why it could not be announced, as the log has it already.
    private var failure: String?
    private var timer: LoopTimer?

    init(of stream: Stream, by announcer: SAPAnnouncer) {
        self.stream = stream
        self.announcer = announcer
        schedule(after: Self.delay)
    }

    private var environment: SAPAnnouncer.Environment { announcer.environment }

    /// nil while nothing is announced.
    var packet: SAPPacket? { sent?.packet }

    /// Of the packet.
    var byteCount: Int { sent?.bytes.count ?? 0 }

    private func schedule(after delay: Duration) {
        timer = environment.clock.schedule(after: delay) { [weak self] in
            guard let self else { return }
            takeTurn()
            schedule(after: announcer.nextInterval)
        }
    }

    private func takeTurn() {
        guard environment.isOpenToAll(stream.path) else { return withdraw() }
        do throws(MulticastError) {
            try announce()
            failure = nil
        } catch {
            withdraw()
            guard failure != error.reason else { return }
            failure = error.reason
            environment.logRepeatable(.warning, "path '\(stream.path)' can't be announced: \(error.reason)")
        }
    }

    private func announce() throws(MulticastError) {
        let place = try environment.server.place(of: stream)
        let described = place.announcement(of: stream.sessionDescription)
        // Before the group is joined: of what can't be announced nothing is sent.
        let next = if let sent, sent.unversioned == described { sent } else { try newPacket(of: described, at: place) }
        let current = try environment.server.group(of: stream)
        if current !== group {
            withdraw()
            current.join(self)
            current.play(self, queueLimit: environment.queueLimit(), queues: environment.queues)
            group = current
        } else if next.packet != packet {
            // RFC 2974 §6: of what is modified, the old version is deleted.
            delete()
        }
        sent = next
        current.announce(next.bytes)
    }

    private func newPacket(
        of described: SessionDescription, at place: MulticastPlace
    ) throws(MulticastError) -> (packet: SAPPacket, bytes: [UInt8], unversioned: SessionDescription) {
        var versioned = described
        versioned.origin.sessionVersion = String(announcer.nextVersion())
        // What is the same but for its version keeps its name: VLC, which heeds no deletion, would list it twice.
        let packet = SAPPacket(
            announcing: versioned, from: place.source, messageIDHash: announcer.messageIDHash(of: described))
        let bytes = packet.serialized()
        guard bytes.count <= SAPPacket.byteLimit else {
            throw .noWay(
                reason: "its description takes \(bytes.count) bytes, and at most \(SAPPacket.byteLimit) are announced")
        }
        return (packet, bytes, described)
    }

    /// Everybody is told that it is over.
    private func delete() {
        if let packet { group?.announce(packet.deletion.serialized()) }
        sent = nil
    }

    /// It is announced and sent no more.
    private func withdraw() {
        delete()
        group?.leave(self)
        group = nil
    }

    func accessChanged() {
        guard environment.isOpenToAll(stream.path) else { return withdraw() }
        guard packet == nil else { return }
        timer?.cancel()
        schedule(after: Self.delay)
    }

    func end() {
        timer?.cancel()
        timer = nil
        withdraw()
    }
}
