extension Encoder {
    /// What pictures are encoded as.
    public enum Codec: Sendable, Hashable {
        case h264
        /// On the CPU only.
        case h265

        /// libav's name of the encoder, as users see it.
        public func encoderName(_ backend: EncoderBackend) -> String {
            switch self {
            case .h264: backend.codecName
            case .h265: "libx265"
            }
        }

        /// libav's short name, for errors.
        var subject: String {
            switch self {
            case .h264: "h264"
            case .h265: "hevc"
            }
        }

        func options(_ settings: EncoderSettings, _ backend: EncoderBackend) -> OptionDictionary {
            switch self {
            case .h264: settings.hardwareOptions(backend)
            case .h265: settings.x265Options
            }
        }
    }
}
