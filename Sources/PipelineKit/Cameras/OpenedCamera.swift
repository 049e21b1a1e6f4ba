import MediaKit
import StreamProtocols

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
    /// What comes with them; nil without sound.
    var sound: RTPFormat? { get }

    /// Waits for the next picture.
    ///
    /// - Throws: `MediaError` when no more come; `.endOfStream` when the camera ended the stream.
    func next() throws(MediaError) -> DrawnPicture
}

/// A picture that was never coded, and what is heard while it is shown.
struct DrawnPicture {
    var frame: VideoFrame
    var sound: CameraSound?
}
