import Logging
import StreamProtocols

/// Announces by SAP (RFC 2974) the streams that run and that everybody may read.
///
/// Confined to the engine's event loop.
final class SAPAnnouncer {
    /// What it needs of the engine.
    struct Environment {
        var server: MulticastServer
        var clock: EngineClock
        var queues: ReaderQueues
        /// Bytes that may wait for room in the system, of one stream.
        var queueLimit: () -> Int
        /// Whether everybody may read a path.
        var isOpenToAll: (String) -> Bool
        /// Writes a line that is written time and again.
        var logRepeatable: (Logger.Level, String) -> Void
    }

    let environment: Environment
    /// By stream.
    private var announcements: [ObjectIdentifier: SAPAnnouncement] = [:]

    init(_ environment: Environment) { self.environment = environment }

    func streamBegan(_ stream: Stream) {
        announcements[ObjectIdentifier(stream)] = SAPAnnouncement(of: stream, by: self)
    }

    func streamEnded(_ stream: Stream) { announcements.removeValue(forKey: ObjectIdentifier(stream))?.end() }

    /// Others may read what they might not, or the other way round.
    func accessChanged() {
        for announcement in announcements.values { announcement.accessChanged() }
    }

    /// Names a description among those that are announced: two with one hash would be one to receivers.
    func messageIDHash(of description: SessionDescription) -> UInt16 {
        let taken = Set(announcements.values.compactMap(\.packet?.messageIDHash))
        var hash = SAPPacket.hash(of: description)
        while taken.contains(hash) { hash = hash == .max ? 1 : hash + 1 }
        return hash
    }

    /// When an announcement is to be repeated.
    var nextInterval: Duration {
        var generator = SystemRandomNumberGenerator()
        return SAPInterval.next(
            byteCount: announcements.values.reduce(0) { $0 + $1.byteCount }, using: &generator)
    }
}

/// The announcement of one stream, from its begin to its end. While it is announced, the stream is sent to its group, because who
/// plays by an announcement says nothing to the server.
final class SAPAnnouncement {
    /// After how long a stream is announced first: by then it has shown its parameters, and is no try.
    private static let delay: Duration = .seconds(1)
    /// Seconds from the epoch of NTP, whose times number versions (RFC 4566 §5.2), to that of Unix.
    private static let secondsToUnixEpoch = 2_208_988_800

    private let stream: Stream
    private unowned let announcer: SAPAnnouncer
    private var group: MulticastGroup?
    /// The description without its version; nil while nothing is announced.
    private var description: SessionDescription?
    /// What was sent last; nil while nothing is announced.
    private(set) var packet: SAPPacket?
    /// Of the packet.
    private(set) var byteCount = 0
    private var timer: LoopTimer?

    init(of stream: Stream, by announcer: SAPAnnouncer) {
        self.stream = stream
        self.announcer = announcer
        schedule(after: Self.delay)
    }

    private var environment: SAPAnnouncer.Environment { announcer.environment }

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
        } catch {
            withdraw()
            let reason = if case .noWay(let text) = error { text } else { "\(error)" }
            environment.logRepeatable(.warning, "path '\(stream.path)' can't be announced: \(reason)")
        }
    }

    private func announce() throws(MulticastError) {
        let group = try joinedGroup()
        let described = group.place.announcement(of: stream.sessionDescription)
        if described != description {
            // Under one origin there is one description at a time (RFC 2974 §5).
            delete()
            try announce(anew: described, of: group)
        }
        if let packet { group.announce(packet) }
    }

    private func announce(anew described: SessionDescription, of group: MulticastGroup) throws(MulticastError) {
        var versioned = described
        let seconds = Int(environment.clock.wallTime.millisecondsSinceEpoch / 1000) + Self.secondsToUnixEpoch
        versioned.origin.sessionVersion = String(seconds)
        let first = SAPPacket(
            announcing: versioned, from: group.place.source,
            messageIDHash: announcer.messageIDHash(of: versioned))
        let size = first.serialized().count
        guard size <= SAPPacket.byteLimit else {
            throw .noWay(
                reason: "its description takes \(size) bytes, and at most \(SAPPacket.byteLimit) are announced")
        }
        description = described
        packet = first
        byteCount = size
    }

    /// The stream's group, to which it is sent from now on.
    private func joinedGroup() throws(MulticastError) -> MulticastGroup {
        if let group { return group }
        let joined = try environment.server.group(of: stream)
        joined.join(self)
        joined.play(self, queueLimit: environment.queueLimit(), queues: environment.queues)
        group = joined
        return joined
    }

    /// Everybody is told that it is over.
    private func delete() {
        if let packet { group?.announce(packet.deletion) }
        description = nil
        packet = nil
        byteCount = 0
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
