import MediaKit
import StreamModel

/// Takes the pictures and the sounds of a rendition somewhere. It frames them itself for whoever gets them.
///
/// Nothing that it is told blocks: what can't be sent as fast as it comes is dropped, whole pictures up to the next keyframe, so that
/// one sink never slows another down.
protocol Sink: Sendable {
    func send(_ units: [PublishedUnit])

    /// Something else is to be heard there from the next keyframe on.
    func follow(_ sound: PathSound)

    /// Says goodbye and ends, soon after. Idempotent.
    func stop()

    /// Ends when the goodbye has been said; nil where an event loop says it.
    var thread: DedicatedThread? { get }
}
