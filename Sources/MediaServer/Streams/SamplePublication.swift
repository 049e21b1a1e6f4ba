import StreamProtocols

/// What a publisher that sends no packets puts into its path. All its tracks have one clock.
struct SamplePublication {
    private let path: Path
    private let stream: Stream
    private let formats: [RTPFormat]

    init(of tracks: [MediaFormat], at path: Path, by publisher: any PathPublisher) throws(PathError) {
        // Dynamic payload types begin at 96 (RFC 3551 §3).
        let formats = tracks.enumerated().map { RTPFormat($1, payloadType: UInt8(96 + $0)) }
        stream = try path.publish(publisher, formats: formats)
        self.formats = formats
        self.path = path
    }

    /// Its time is in units of the track's clock, and is reported as RTP's are: so all tracks are put on one line from the first
    /// sample on.
    func receive(_ sample: Sample, track: Int) {
        guard formats.indices.contains(track) else { return }
        let time = Duration(ticks: sample.presentationTime, ofRate: Int64(max(formats[track].clockRate, 1)))
        stream.receive(
            report: RTCPSenderReport(
                ssrc: UInt32(track), ntpTimestamp: NTPTimestamp(sinceUnixEpoch: time),
                rtpTimestamp: UInt32(truncatingIfNeeded: sample.presentationTime), packetCount: 0, octetCount: 0),
            track: track)
        stream.receive(sample, track: track, byteCount: sample.byteCount)
    }

    /// The publisher sends no more.
    func end(_ publisher: any PathPublisher) { path.publisherLeft(publisher) }
}
