import MediaKit
import StreamProtocols

/// The built-in camera `demo:`: drawn pictures and a tone, in real time.
final class DemoPictures: PictureSource {
    static let width = 1280
    static let height = 720
    static let framesPerSecond = 25

    let codec = "demo"
    let frameRate: Double? = Double(DemoPictures.framesPerSecond)
    let sound: RTPFormat? = DemoTone.format

    private let source: DemoSource
    private let tone: DemoTone
    private let interrupt: InterruptFlag
    private let started = MonotonicInstant.now
    private var number = 0

    init(interrupt: InterruptFlag) throws(MediaError) {
        source = try DemoSource(width: Self.width, height: Self.height, framesPerSecond: Self.framesPerSecond)
        tone = try DemoTone(framesPerSecond: Self.framesPerSecond)
        self.interrupt = interrupt
    }

    func next() throws(MediaError) -> DrawnPicture {
        var due = started + .seconds(number) / Self.framesPerSecond
        if due.duration(to: .now) > .seconds(1) {
            // The machine slept or was overloaded: continue from now rather than draw pictures of the past.
            number = Int(started.duration(to: .now) / .seconds(1) * Double(Self.framesPerSecond))
            due = started + .seconds(number) / Self.framesPerSecond
        }
        guard !interrupt.wait(until: due) else {
            throw MediaError(kind: .interrupted, operation: "read", subject: "demo:", reason: "stopped")
        }
        defer { number += 1 }
        return DrawnPicture(
            frame: try source.frame(number: number, captureTime: due),
            sound: tone.sound(ofPicture: number, captureTime: due))
    }
}
