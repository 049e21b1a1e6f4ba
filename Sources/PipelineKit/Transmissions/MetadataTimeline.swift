import MediaKit
import StreamProtocols

/// Which metadata goes with which picture of a transmission. A picture is known by when it was captured, be it coded or decoded, so
/// every rendition has the same metadata in the same picture.
struct MetadataTimeline: Sendable {
    /// How long what was posted waits for a picture, and what a picture has for being sent.
    static let retention: Duration = .seconds(2)
    /// Pictures whose metadata is kept: two seconds of the highest rate.
    static let limit = 120

    private var posted: (metadata: PictureMetadata, at: MonotonicInstant)?
    private var entries: [(captureTime: MonotonicInstant, metadata: PictureMetadata)] = []
    /// When the newest picture was captured.
    private var newest: MonotonicInstant?

    init() {}

    /// Metadata for the next picture, in place of what waits for that.
    mutating func post(_ metadata: PictureMetadata, at now: MonotonicInstant) { posted = (metadata, now) }

    /// A picture has come. That it has come before, decoded or coded, changes nothing.
    ///
    /// - Parameter own: what came in it; what was posted takes its place.
    mutating func pictureCame(
        capturedAt captureTime: MonotonicInstant, with own: PictureMetadata? = nil, now: MonotonicInstant
    ) {
        var metadata = own
        if newest.map({ captureTime > $0 }) ?? true {
            newest = captureTime
            if let posted, posted.at.duration(to: now) < Self.retention { metadata = posted.metadata }
            posted = nil
        }
        guard let metadata, !entries.contains(where: { $0.captureTime == captureTime }) else { return }
        entries.removeAll { $0.captureTime.duration(to: captureTime) > Self.retention }
        if entries.count >= Self.limit { entries.removeFirst() }
        entries.append((captureTime, metadata))
    }

    /// The metadata of the pictures that were captured after the one and up to the other instant; of several, the newest.
    func metadata(after start: MonotonicInstant, upTo end: MonotonicInstant) -> PictureMetadata? {
        entries.filter { $0.captureTime > start && $0.captureTime <= end }
            .max { $0.captureTime < $1.captureTime }?.metadata
    }
}
