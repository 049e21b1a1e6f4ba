import MediaKit
import StreamModel

/// A step of a pipeline: takes pictures and what has been found in them, and emits those that the next steps see.
///
/// A step is used by one thread at a time. What it emits shares the picture with what it took: frames are immutable.
protocol Operator: Sendable {
    /// Whether it takes so long that it must not hold up what feeds it: it then runs in a thread of its own, behind a
    /// queue that drops the oldest frame.
    static var needsOwnThread: Bool { get }

    mutating func process(_ packet: Packet, emit: (Packet) -> Void)

    /// Why the picture that was processed last was kept back: the steps after this one are told so. Nil where it was not.
    var restReason: RestReason? { get }

    /// A step before this one keeps frames back because there is nothing in them; told with each, so that it is known to be so still.
    mutating func rest(_ reason: RestReason)

    /// Takes the sound that belongs to the frames; the next steps get it whatever is done with it here. Not told to steps with a thread
    /// of their own.
    mutating func hear(_ signal: SoundSignal)

    /// The pipeline ends: no frame comes any more.
    mutating func finish()
}

extension Operator {
    static var needsOwnThread: Bool { false }
    var restReason: RestReason? { nil }
    mutating func rest(_ reason: RestReason) {}
    mutating func hear(_ signal: SoundSignal) {}
    mutating func finish() {}
}
