import MediaKit

/// Small drawn frames for tests that care about times, not about pictures.
enum TestFrames {
    static func frame(
        width: Int = 64, height: Int = 64, capturedAt instant: MonotonicInstant = .now
    ) throws -> VideoFrame {
        try PlaceholderImage.frame(width: width, height: height, colour: .gray, lines: [])
            .retimed(presentationTime: nil, captureTime: instant)
    }
}
