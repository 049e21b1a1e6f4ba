/// Finds out whether an encoder works here, by encoding a picture.
public enum EncoderProbe {
    /// Pictures that an encoder may keep before the first comes out.
    private static let patience = 16

    /// Blocks, with a broken driver perhaps for ever: call it on a thread of its own.
    ///
    /// Throws the reason as half a sentence in ``MediaError/reason``.
    public static func run(_ backend: EncoderBackend) throws(MediaError) {
        if let missing = backend.missingDevice {
            throw MediaError(
                kind: .unsupported, operation: "open encoder", subject: backend.codecName, reason: missing)
        }
        // A size that every hardware encoder takes.
        let settings = EncoderSettings(width: 640, height: 360, fps: 25, bitrateKbps: 1000)
        let encoder = try Encoder(settings: settings, backend: backend)
        let picture = try PlaceholderImage.frame(width: settings.width, height: settings.height, colour: .gray)
        for number in 0..<patience {
            let time = MediaTime(ticks: Int64(number) * 3600, timeBase: .mpeg)
            let packets = try encoder.encode(picture, presentationTime: time)
            if let first = packets.first {
                if first.isKeyframe { return }
                break
            }
        }
        throw MediaError(
            kind: .other, operation: "encode", subject: backend.codecName, reason: "it gave no keyframe")
    }
}
