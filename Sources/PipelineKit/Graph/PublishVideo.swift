import MediaKit

/// `stream.publish_video`: writes frames, and the sound that belongs to them, into a transmission, as the writer `<pipeline>:<node>`.
struct PublishVideo: Operator {
    private let transmission: TransmissionState
    private let writerID: String
    private let priority: Int

    /// Opens the writer.
    init(transmission: TransmissionState, writerID: String, priority: Int) {
        self.transmission = transmission
        self.writerID = writerID
        self.priority = priority
        transmission.open(writerID, priority: priority)
    }

    mutating func process(_ frame: VideoFrame, emit: (VideoFrame) -> Void) {
        transmission.write(frame, by: writerID, priority: priority)
    }

    mutating func rest() {
        transmission.rest(writerID, priority: priority)
    }

    mutating func hear(_ signal: SoundSignal) {
        transmission.hear(signal, by: writerID)
    }

    mutating func finish() {
        transmission.close(writerID)
    }
}
