import MediaKit
import StreamProtocols

/// A frame of sound on its way from a camera, or from an encoder, to the renditions that pass it on.
struct CameraSound: Sendable {
    var bytes: ArraySlice<UInt8>
    var format: RTPFormat
    var version = SoundVersion.copied
    /// On a line of the camera's own, or of the encoder's, in units of the format's clock: the distances of frames are exact.
    var presentationTime: Int64
    /// The same on the clock of the pictures.
    var captureTime: MonotonicInstant
    /// How much later it was really recorded, as far as is known: a line that is copied is brought to it slowly, and who encodes
    /// can be there at once.
    var lag: Duration = .zero
}

extension CameraSound {
    /// As it came, where a camera's clock puts it.
    init(_ frame: SoundFrame, of format: RTPFormat, at place: CameraClock.Place) {
        self.init(
            bytes: frame.bytes, format: format, presentationTime: place.presentationTime,
            captureTime: place.captureTime, lag: place.lag)
    }
}

/// What is known of a camera's sound.
enum KnownSound: Sendable, Equatable {
    /// It was never opened.
    case unknown
    /// It has none, or none that is passed on.
    case none
    case format(RTPFormat)

    init(_ format: RTPFormat?) { self = format.map { .format($0) } ?? .none }

    var format: RTPFormat? {
        if case .format(let format) = self { format } else { nil }
    }
}

/// What a camera's sound tells those that run on it.
enum SoundSignal: Sendable {
    /// The camera has been opened, and has this sound.
    case known(KnownSound)
    case frame(CameraSound)
}
