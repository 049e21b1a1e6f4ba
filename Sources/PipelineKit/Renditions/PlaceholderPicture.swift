import Foundation
import MediaKit
import StreamModel

/// Draws what a rendition shows while there is no signal, and keeps it until its text changes. Used by one thread.
struct PlaceholderPicture {
    /// For so long a transmission that never had a picture counts as one that is just starting.
    static let startingTime: Duration = .seconds(5)

    private var width: Int
    private var height: Int
    private var colour = PictureColour.bt709
    private let showsText: Bool
    private let started: MonotonicInstant
    private let startedAt: Date
    private var drawn: (content: Content, frame: VideoFrame)?

    /// Everything that makes two placeholders differ.
    struct Content: Equatable {
        var style: PlaceholderStyle
        var lines: [String]
    }

    init(width: Int, height: Int, showsText: Bool = true, now: MonotonicInstant = .now) {
        self.width = width
        self.height = height
        self.showsText = showsText
        started = now
        startedAt = Date()
    }

    /// Takes on what the pictures have that it stands in for.
    mutating func follow(width: Int, height: Int, colour: PictureColour) {
        guard (width, height, colour) != (self.width, self.height, self.colour) else { return }
        (self.width, self.height, self.colour) = (width, height, colour)
        drawn = nil
    }

    /// The picture, stamped with the time it is shown at.
    mutating func frame(
        _ presentation: TransmissionState.Presentation, at now: MonotonicInstant
    ) throws(MediaError) -> VideoFrame {
        let content = content(presentation, at: now)
        if let drawn, drawn.content == content {
            return drawn.frame.retimed(presentationTime: nil, captureTime: now)
        }
        let frame = try PlaceholderImage.frame(
            width: width, height: height, colour: content.style == .black ? .black : .gray, lines: content.lines,
            encodedAs: colour)
        drawn = (content, frame)
        return frame.retimed(presentationTime: nil, captureTime: now)
    }

    /// Since when there has been no signal; nil while it may still come for the first time.
    func signalLost(_ presentation: TransmissionState.Presentation, at now: MonotonicInstant) -> Date? {
        presentation.signalLost ?? (started.duration(to: now) >= Self.startingTime ? startedAt : nil)
    }

    func content(_ presentation: TransmissionState.Presentation, at now: MonotonicInstant) -> Content {
        guard showsText else { return Content(style: presentation.placeholder, lines: []) }
        let lost = signalLost(presentation, at: now)
        let waiting = presentation.hasPipeline ? "connecting" : "no pipeline yet"
        let text =
            switch presentation.rest {
            case .nothingMoves: "nothing moves"
            case .nothingDetected: "nothing detected"
            case .cannotDetect: "detection does not work"
            case nil: lost.map { "no signal since \(Self.timeOfDay($0))" } ?? waiting
            }
        return Content(
            style: presentation.placeholder, lines: presentation.name.isEmpty ? [text] : [presentation.name, text])
    }

    /// `hh:mm:ss`, in the time zone of the machine.
    private static func timeOfDay(_ date: Date) -> String {
        let parts = Calendar.current.dateComponents([.hour, .minute, .second], from: date)
        return [parts.hour, parts.minute, parts.second].map { number in
            let digits = String(number ?? 0)
            return digits.count < 2 ? "0" + digits : digits
        }.joined(separator: ":")
    }
}
