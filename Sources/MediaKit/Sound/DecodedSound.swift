internal import CLibAV

/// Some milliseconds of decoded sound. Immutable, and cheap to share.
public final class DecodedSound: Sendable {
    /// Hz.
    public let sampleRate: Int
    public let channelCount: Int
    /// In each channel.
    public let sampleCount: Int
    /// Of the first sample, on the time line of what was decoded; nil when the decoder does not tell.
    public let presentationTime: MediaTime?

    let storage: FrameStorage
    let format: AVSampleFormat

    /// Takes over `frame`, which nobody else may write any more.
    init(adopting frame: UnsafeMutablePointer<AVFrame>, presentationTime: MediaTime?) {
        sampleRate = unsafe Int(frame.pointee.sample_rate)
        channelCount = unsafe Int(frame.pointee.ch_layout.nb_channels)
        sampleCount = unsafe Int(frame.pointee.nb_samples)
        format = unsafe AVSampleFormat(frame.pointee.format)
        self.presentationTime = presentationTime
        storage = unsafe FrameStorage(adopting: frame)
    }

    public var duration: Duration { .nanoseconds(Int64(sampleCount) * 1_000_000_000 / Int64(max(sampleRate, 1))) }
}
