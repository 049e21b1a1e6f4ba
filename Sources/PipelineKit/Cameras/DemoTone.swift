import MediaKit
import StreamProtocols

/// The sound of the built-in camera: a quiet tone of 1 kHz while its lamp is lit.
struct DemoTone {
    static let format = RTPFormat(.g711(.mu, sampleRate: UInt32(sampleRate), channelCount: 1), payloadType: 0)
    private static let sampleRate = 8000
    /// A period of the tone, a tenth as loud as it could be.
    private static let wave: [Float] = [0, 0.0707, 0.1, 0.0707, 0, -0.0707, -0.1, -0.0707]
    /// In which it grows and fades, or it would click.
    private static let rampSamples = 80

    /// Each picture's part of a second.
    private let parts: [ArraySlice<UInt8>]

    init(framesPerSecond: Int) throws(MediaError) {
        let lit = Self.sampleRate * DemoSource.litPictures(framesPerSecond: framesPerSecond) / framesPerSecond
        let samples = (0..<Self.sampleRate).map { number -> Float in
            let ramp = Float(min(number, lit - number, Self.rampSamples)) / Float(Self.rampSamples)
            return Self.wave[number % Self.wave.count] * max(ramp, 0)
        }
        let encoder = try SoundEncoder(
            SoundEncoderSettings(codec: .muLaw, sampleRate: Self.sampleRate, channelCount: 1))
        let second = try encoder.encode(samples).flatMap(\.bytes)
        let length = Self.sampleRate / framesPerSecond
        parts = (0..<framesPerSecond).map { second[($0 * length)..<(($0 + 1) * length)] }
    }

    /// What is heard while a picture is shown.
    func sound(ofPicture number: Int, captureTime: MonotonicInstant) -> CameraSound {
        CameraSound(
            bytes: parts[number % parts.count], format: Self.format,
            presentationTime: Int64(number) * Int64(Self.sampleRate / parts.count), captureTime: captureTime)
    }
}
