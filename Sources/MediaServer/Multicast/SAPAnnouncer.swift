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

    /// Seconds from the epoch of NTP, whose times number versions (RFC 4566 §5.2), to that of Unix.
    private static let secondsToUnixEpoch = 2_208_988_800

    let environment: Environment
    /// By stream.
    private var announcements: [ObjectIdentifier: SAPAnnouncement] = [:]
    private var lastVersion = 0

    init(_ environment: Environment) { self.environment = environment }

    func streamBegan(_ stream: Stream) {
        announcements[ObjectIdentifier(stream)] = SAPAnnouncement(of: stream, by: self)
    }

    func streamEnded(_ stream: Stream) { announcements.removeValue(forKey: ObjectIdentifier(stream))?.end() }

    /// Others may read what they might not, or the other way round.
    func accessChanged() {
        for announcement in announcements.values { announcement.accessChanged() }
    }

    /// Numbers a version of a description: a time, but more than any before, also where the clock was set back.
    func nextVersion() -> Int {
        let now = Int(environment.clock.wallTime.millisecondsSinceEpoch / 1000) + Self.secondsToUnixEpoch
        lastVersion = max(lastVersion + 1, now)
        return lastVersion
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
