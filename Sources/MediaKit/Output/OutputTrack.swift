/// What a track of an output carries.
public enum OutputTrack: Sendable, Hashable {
    /// Pictures, by libav's short name of their codec; `extradata` holds the parameter sets behind start codes.
    case pictures(codec: String, width: Int, height: Int, extradata: [UInt8])
    case sound(SoundStreamInfo)
}
