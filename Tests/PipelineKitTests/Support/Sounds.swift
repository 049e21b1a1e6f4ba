import MediaKit
import StreamProtocols

@testable import PipelineKit

enum Sounds {
    static let format = RTPFormat(.g711(.mu, sampleRate: 8000, channelCount: 1), payloadType: 0)

    static func frame(
        _ bytes: [UInt8], at captureTime: MonotonicInstant, _ presentationTime: Int64 = 0, _ format: RTPFormat = format
    ) -> CameraSound {
        CameraSound(
            bytes: bytes[...], format: format, presentationTime: presentationTime, captureTime: captureTime)
    }
}
