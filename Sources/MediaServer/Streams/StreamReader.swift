/// Somebody who gets what a stream carries. Called on the engine's event loop.
protocol StreamReader: AnyObject {
    /// Whether it sends RTP packets: they are only made while such a reader is there.
    var readsPackets: Bool { get }

    /// Whether it wants what comes of a track.
    func reads(track: Int) -> Bool

    /// A publisher is there, the first or another one; its samples follow, from the last keyframe on.
    func streamStarted(_ stream: Stream)

    /// Takes the next sample; never waits, and may leave it out.
    func deliver(_ unit: StreamUnit)

    /// Takes an RTCP packet about a track.
    func deliver(report: [UInt8], track: Int)

    /// Sends what was handed to a socket that several viewers share.
    func flush()

    /// The stream has ended: nothing will follow.
    func streamEnded()
}
