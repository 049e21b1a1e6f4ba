/// A viewer of a stream that gets RTP packets.
protocol StreamReader: AnyObject {
    /// Takes the next unit; never waits, and may leave it out.
    func deliver(_ batch: MediaBatch)

    /// Takes an RTCP packet about a track.
    func deliver(report: [UInt8], track: Int)

    /// Sends what was handed to a socket that several viewers share.
    func flush()

    /// The stream has ended: nothing will follow.
    func streamEnded()
}

extension StreamReader {
    func flush() {}
}

/// A part of the engine that gets a stream's access units (HLS). Called on the engine's event loop.
protocol StreamConsumer: AnyObject {
    /// A publisher is there; see ``HLSStreamConsumer/streamStarted(format:backlog:)``.
    func streamStarted(_ stream: Stream)
    func receive(_ output: StreamTrack.Output)
    func streamEnded()
}
