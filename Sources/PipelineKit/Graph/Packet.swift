import MediaKit
import StreamModel

/// What goes from step to step of a pipeline: a picture of a camera, and what has been found in it so far.
struct Packet: Sendable {
    let frame: VideoFrame
    let cameraID: String
    var findings = PictureFindings()
    /// A step should have looked for things in it, and could not.
    var isUnseen = false
}
