import Foundation
import StreamModel
import StreamProtocols

/// `stream.publish_video`: writes frames, what has been found in them, and the sound that belongs to them, into a transmission, as the
/// writer `<pipeline>:<node>`.
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

    mutating func process(_ packet: Packet, emit: (Packet) -> Void) {
        transmission.write(
            packet.frame, with: PictureMetadata(packet.findings), by: writerID, priority: priority)
    }

    mutating func rest(_ reason: RestReason) {
        transmission.rest(writerID, because: reason, priority: priority)
    }

    mutating func hear(_ signal: SoundSignal) {
        transmission.hear(signal, by: writerID)
    }

    mutating func finish() {
        transmission.close(writerID)
    }
}

extension PictureMetadata {
    /// Nil where nothing was looked for. Where more was found than a picture can carry, the least sure is left out.
    init?(_ findings: PictureFindings) {
        var findings = findings
        // A point takes up to 16 bytes: more of them than that can't fit, and needn't be tried.
        if let count = findings.vision?.tracks?.count, count > 0 {
            findings.vision?.keepTrails(of: Self.byteLimit / 16 / count)
        }
        while !findings.isEmpty, let json = try? JSONEncoder().encode(findings) {
            if json.count <= Self.byteLimit {
                self.init(json: json)
                return
            }
            guard findings.vision?.thin() == true else { return nil }
        }
        return nil
    }
}

extension VisionFinding {
    /// - Parameter limit: places of each thing; the oldest go.
    fileprivate mutating func keepTrails(of limit: Int) {
        tracks = tracks?.map { track in
            guard track.trail.count > limit else { return track }
            var track = track
            track.trail.removeFirst(track.trail.count - limit)
            return track
        }
    }

    /// Leaves out what matters least: where things were, then those that are least sure. False where nothing is left.
    fileprivate mutating func thin() -> Bool {
        let trails = tracks ?? []
        if trails.contains(where: { !$0.trail.isEmpty }) {
            keepTrails(of: (trails.map(\.trail.count).max() ?? 0) / 2)
            return true
        }
        let count = max(detections.count, trails.count)
        guard count > 0 else { return false }
        let kept = count - (count + 3) / 4
        detections = Array(detections.prefix(kept))
        tracks = tracks.map { Array($0.prefix(kept)) }
        return true
    }
}
