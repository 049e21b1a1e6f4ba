import NIOCore

extension WebRTCSender {
    /// What the control API tells of what is sent.
    struct Figures: Sendable {
        var byteCount = 0
        var packetCount = 0
        var resentCount = 0
        /// As the viewer reports, and as it asks for packets again.
        var lostCount = 0
        /// Of its pictures where it has any, in units of their clock.
        var jitter: UInt32 = 0
        var sentControlCount = 0
        var roundTrip: Duration?
        var bitsPerSecond = 0
        var lineBitsPerSecond: Int?
        /// Pictures that it did not get because they would have been late.
        var leftOutCount = 0
    }

    /// Those of many: each event loop is asked once for all that it has.
    static func figures(of senders: [WebRTCSender]) async -> [ObjectIdentifier: Figures] {
        let futures = Dictionary(grouping: senders) { ObjectIdentifier($0.eventLoop) }.values.map { senders in
            senders[0].eventLoop.submit { senders.map { (ObjectIdentifier($0), $0.currentFigures) } }
        }
        var all: [ObjectIdentifier: Figures] = [:]
        for future in futures { all.merge((try? await future.get()) ?? []) { $1 } }
        return all
    }
}
