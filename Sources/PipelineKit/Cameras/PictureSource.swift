import MediaKit
import StreamModel

/// What the world wants of a camera at the moment.
struct CameraNeeds: Sendable, Equatable {
    /// Decoded pictures.
    var frames = true
    /// Coded pictures, to be passed on as they are.
    var packets = false
}

/// What an opened camera gives.
enum CameraOutput: Sendable {
    case frame(VideoFrame)
    case packet(CameraPacket)
}

/// An opened camera. Used by one thread; ended from another by the flag that it was opened with.
protocol PictureSource {
    /// What the camera says about its pictures.
    var codec: String { get }
    /// Frames a second as announced; nil when the camera does not say.
    var frameRate: Double? { get }
    /// How the camera is read; nil when it is drawn.
    var access: CameraAccess? { get }
    /// Since it was opened; nil where nobody counts.
    var losses: CameraLosses? { get }

    /// Waits for what comes next. A camera that is not coded gives frames whatever is needed.
    ///
    /// - Throws: `MediaError` when no more come; `.endOfStream` when the camera ended the stream.
    func next(_ needs: CameraNeeds) throws(MediaError) -> CameraOutput
}

extension PictureSource {
    var access: CameraAccess? { nil }
    var losses: CameraLosses? { nil }
}
