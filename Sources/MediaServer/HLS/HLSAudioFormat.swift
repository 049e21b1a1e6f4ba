import StreamProtocols

/// The sound of a stream as containers and playlists need it.
struct HLSAudioFormat: Sendable, Equatable {
    /// With what its frames have told.
    var media: MediaFormat
    /// Of its times, Hz.
    let clockRate: UInt32
    let codecString: String

    /// nil for sound that the container does not carry.
    init?(_ format: RTPFormat, container: HLSSettings.Container) {
        guard format.media.kind == .audio, let codecString = format.media.codecString,
            container == .fmp4 || TSElementaryStream(format.media) != nil
        else { return nil }
        media = format.media
        clockRate = max(format.clockRate, 1)
        self.codecString = codecString
    }

    /// A time of its clock on the muxer's.
    func muxerTime(_ time: Int64) -> Int64 { Self.rescale(time, from: Int64(clockRate), to: HLSTimeline.clockRate) }

    /// A time of the muxer's clock on its own.
    func ownTime(_ time: Int64) -> Int64 { Self.rescale(time, from: HLSTimeline.clockRate, to: Int64(clockRate)) }

    /// In two parts, so that the product stays small.
    private static func rescale(_ time: Int64, from rate: Int64, to newRate: Int64) -> Int64 {
        let (seconds, rest) = time.quotientAndRemainder(dividingBy: rate)
        return seconds &* newRate &+ rest * newRate / rate
    }
}
