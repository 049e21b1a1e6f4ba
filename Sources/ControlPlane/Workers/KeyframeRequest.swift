/// What became of the wish for a keyframe.
enum KeyframeRequest: Hashable, Sendable {
    /// The encoder was asked.
    case made
    /// Nothing is encoded at the moment.
    case notRunning
    /// The camera's coded pictures are passed on, and nobody here can make a keyframe.
    case cameraDecides
}
