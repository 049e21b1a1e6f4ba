import MediaKit
import StreamModel
import StreamProtocols

/// Puts together what comes over the connection to an RTSP camera.
struct Reception {
    enum Element {
        /// The picture's track is 0.
        case sample(Sample, track: Int, arrival: MonotonicInstant)
        case report(RTCPSenderReport, track: Int)
    }

    /// The slices of a picture follow each other faster than this, and pictures mostly more slowly.
    private static let sliceInterval: Duration = .milliseconds(20)

    private let connection: RTSPCameraConnection
    private var depacketizers: [any RTPDepacketizer]
    /// When the last packet of the picture came.
    private var lastPicturePacket = MonotonicInstant.now

    /// - Parameter tracks: of which the first is the picture.
    init(_ connection: RTSPCameraConnection, _ tracks: [RTPFormat]) {
        self.connection = connection
        depacketizers = tracks.map { $0.makeDepacketizer(trustsMarker: false) }
    }

    /// Packets of all tracks count, of samples the pictures: a frame of sound is one packet, or nearly.
    var losses: CameraLosses {
        CameraLosses(
            packets: Int(clamping: depacketizers.reduce(0) { $0 &+ $1.lostPacketCount }),
            pictures: Int(clamping: depacketizers.first?.droppedSampleCount ?? 0))
    }

    /// Waits for something to come, and gives what that completes, which may be nothing.
    mutating func receive(until deadline: MonotonicInstant) throws(MediaError) -> [Element] {
        let awaitsProof = depacketizers.first?.awaitsProof ?? false
        // Sound that comes meanwhile does not make the picture wait for longer.
        let patience = awaitsProof ? min(deadline, lastPicturePacket + Self.sliceInterval) : deadline
        do throws(MediaError) {
            return try connection.receive(until: patience).flatMap { take($0) }
        } catch {
            guard error.kind == .timedOut, awaitsProof else { throw error }
            return depacketizers[0].finishAwaited().map { .sample($0, track: 0, arrival: .now) }
        }
    }

    private mutating func take(_ delivery: RTSPCameraConnection.Delivery) -> [Element] {
        switch delivery.content {
        case .report(let report): return [.report(report, track: delivery.track)]
        case .packet(let packet):
            let arrival = MonotonicInstant.now
            if delivery.track == 0 { lastPicturePacket = arrival }
            // A damaged packet costs its picture, as a lost one does.
            let samples = (try? depacketizers[delivery.track].depacketize(packet)) ?? []
            return samples.map { .sample($0, track: delivery.track, arrival: arrival) }
        }
    }
}
