extension MediaFormat {
    /// A frame of this format in which nothing is heard; nil where none is known.
    public var silentFrame: ArraySlice<UInt8>? {
        switch self {
        case .aac(let configuration): configuration.silentFrame
        case .opus: OpusPacket.silence[...]
        case .mp3(let format): format?.silentFrame
        case .h264, .h265, .g711, .generic: nil
        }
    }
}
