import MediaKit

/// What the world wants of a camera at the moment.
struct CameraNeeds: Sendable, Equatable {
    /// Decoded pictures.
    var frames = true
    /// Coded pictures, to be passed on as they are.
    var packets = false
}

/// An opened camera. Used by one thread; ended from another by the flag that it was opened with.
enum OpenedCamera {
    case coded(any PacketSource)
    case drawn(any PictureSource)
}

/// A camera that gives pictures without coding them. Used by one thread; reading blocks.
protocol PictureSource {
    /// What the camera says about its pictures.
    var codec: String { get }
    /// Frames a second as announced; nil when the camera does not say.
    var frameRate: Double? { get }

    /// Waits for the next picture.
    ///
    /// - Throws: `MediaError` when no more come; `.endOfStream` when the camera ended the stream.
    func nextFrame() throws(MediaError) -> VideoFrame
}
