import MediaKit

/// An opened camera. Used by one thread; ended from another by the flag that it was opened with.
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
